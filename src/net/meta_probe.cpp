#include "src/net/meta_probe.h"

#include <array>
#include <optional>

#include "src/base/text.h"
#include "src/wire/line.h"

namespace memcache_session {

namespace {

using State = ParsedReply::State;

// memcached 1.6.12 answers EX to an `md` with the right cas.
constexpr std::array<uint64_t, 3> kFirstVersion = {1, 6, 13};

// The pools of a process have far fewer servers.
constexpr size_t kEntriesMax = 4096;

constexpr std::string_view kErrorWords[] = {"ERROR", "CLIENT_ERROR", "SERVER_ERROR"};

bool is_error_line(std::string_view line) {
    for (const std::string_view word : kErrorWords) {
        if (line == word || (starts_with(line, word) && line[word.size()] == ' ')) {
            return true;
        }
    }
    return false;
}

// Removes the digits up to the next point, and the point, from the front of `text`.
std::optional<uint64_t> take_number(std::string_view* text) {
    const std::string_view digits = text->substr(0, text->find_first_not_of("0123456789"));
    text->remove_prefix(digits.size());
    if (starts_with(*text, ".")) {
        text->remove_prefix(1);
    }
    return parse_number(digits, UINT32_MAX);
}

// `text`: behind "VERSION ", for example "1.6.18" or "1.6.24_beta1".
bool is_recent(std::string_view text) {
    for (const uint64_t first : kFirstVersion) {
        const std::optional<uint64_t> number = take_number(&text);
        if (!number || *number != first) {
            return number && *number > first;
        }
    }
    return true;
}

}  // namespace

ProbeReply parse_probe_reply(std::string_view input) {
    constexpr std::string_view version_word = "VERSION ";
    const FrontLine meta = front_line(input);
    if (meta.state != State::kComplete) {
        return {meta.state};
    }
    const bool is_known = meta.text == "MN";
    const bool is_unknown = meta.text == "EN" || is_error_line(meta.text);
    if (has_control(meta.text) || !(is_known || is_unknown)) {
        return {State::kMalformed};
    }
    const FrontLine version = front_line(input.substr(meta.total));
    if (version.state != State::kComplete) {
        return {version.state};
    }
    const bool has_version = starts_with(version.text, version_word);
    if (has_control(version.text) || !(has_version || is_error_line(version.text))) {
        return {State::kMalformed};
    }
    const bool speaks_meta =
        is_known && has_version && is_recent(version.text.substr(version_word.size()));
    const bool has_text = is_unknown && meta.text.find(' ') != std::string_view::npos;
    return {State::kComplete, meta.total + version.total, speaks_meta, has_text};
}

MetaServers::Speaks MetaServers::spoken(const Server& server) const {
    const auto found = entries_.find(server.endpoint.hash());
    return found == entries_.end() ? Speaks::kUnknown : found->second;
}

void MetaServers::note(const Server& server, Speaks speaks) {
    if (entries_.size() >= kEntriesMax) {
        entries_.clear();
    }
    entries_[server.endpoint.hash()] = speaks;
}

}  // namespace memcache_session
