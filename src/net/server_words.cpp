#include "src/net/server_words.h"

#include <algorithm>

#include "src/base/text.h"

namespace memcache_session {
namespace {

constexpr std::string_view kCut = "...";

// So many bytes of a key tell it from other words, even if the server has cut it.
constexpr size_t kKeyFrontSize = 8;

struct Sign {
    std::string_view front;
    FailureKind kind;
};

// A TLS server that reads plain text sends an alert: the record type 21, and the major version 3.
// A Redis server replies to a read with the length of a value, which is -1 for none.
constexpr Sign kSigns[] = {
    {"\x15\x03", FailureKind::kSpeaksTls},
    {"HTTP/", FailureKind::kSpeaksHttp},
    {"SSH-", FailureKind::kSpeaksSsh},
    {"-ERR ", FailureKind::kSpeaksRedis},
    {"-NOAUTH ", FailureKind::kSpeaksRedis},
    {"-DENIED ", FailureKind::kSpeaksRedis},
    {"$-1", FailureKind::kSpeaksRedis},
    {"ERROR Too many open", FailureKind::kTooManyConnections},
};

constexpr std::string_view kUnauthenticated = "unauthenticated";

bool is_word_byte(char byte) {
    return is_digit(byte) || (to_lower(byte) >= 'a' && to_lower(byte) <= 'z');
}

// Where `words` repeat `key`, or npos. It must begin a word. A short key must be a whole word.
size_t find_key(std::string_view words, std::string_view key) {
    const std::string_view front = key.substr(0, kKeyFrontSize);
    for (size_t at = words.find(front); at != std::string_view::npos;
         at = words.find(front, at + 1)) {
        const size_t end = at + front.size();
        const bool begins = at == 0 || !is_word_byte(words[at - 1]);
        const bool ends = end == words.size() || !is_word_byte(words[end]);
        if (begins && (ends || front.size() == kKeyFrontSize)) {
            return at;
        }
    }
    return std::string_view::npos;
}

// The first error among the replies, or null.
const Reply* first_error(const Request& request) {
    const Reply* const end = request.replies.data() + request.answered;
    const Reply* const error = std::find_if(request.replies.data(), end, is_error);
    return error == end ? nullptr : error;
}

}  // namespace

std::string_view first_line(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find_first_of("\r\n"));
    return starts_with(line, "VALUE ") ? std::string_view() : line;
}

FailureKind kind_of_service(std::string_view said, FailureKind failed) {
    for (const Sign& sign : kSigns) {
        if (starts_with(said, sign.front)) {
            return sign.kind;
        }
    }
    return failed;
}

FailureKind kind_told_by(std::string_view said, FailureKind failed) {
    if (said.find(kUnauthenticated) != std::string_view::npos) {
        return FailureKind::kWantsAuthentication;
    }
    return kind_of_service(said, failed);
}

std::string words_of(const Request& request) {
    std::string_view said = request.said;
    if (said.empty()) {
        const Reply* const error = first_error(request);
        said = error != nullptr ? error->value : std::string_view();
    }
    if (said.empty() || said == "ERROR") {
        return {};
    }
    bool is_cut = false;
    for (size_t i = 0; i < request.command_count; ++i) {
        const size_t at = find_key(said, request.commands[i].key);
        is_cut = is_cut || at != std::string_view::npos;
        said = said.substr(0, at);
    }
    const std::string shown = printable(said);
    const std::string_view whole = whole_characters(shown, kWordsShownMax - kCut.size());
    is_cut = is_cut || shown.size() > kWordsShownMax;
    return is_cut ? std::string(whole).append(kCut) : shown;
}

}  // namespace memcache_session
