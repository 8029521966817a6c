#include "src/worker/setting_values.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace memcache_session {
namespace {

bool equals(std::string_view text, std::string_view word) {
    const auto lower = [](char byte) {
        return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    };
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [lower](char a, char b) { return lower(a) == b; });
}

bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

template <class Value>
struct Word {
    std::string_view word;  // in small letters
    Value value;
};

template <class Value, size_t count>
std::optional<Value> parse_word(std::string_view text, const Word<Value> (&words)[count]) {
    for (const Word<Value>& candidate : words) {
        if (equals(text, candidate.word)) {
            return candidate.value;
        }
    }
    return std::nullopt;
}

constexpr Word<bool> kSwitches[] = {{"on", true},  {"yes", true},    {"true", true}, {"off", false},
                                    {"no", false}, {"false", false}, {"", false}};

constexpr Word<Strategy> kStrategies[] = {{"consistent", Strategy::kConsistent},
                                          {"standard", Strategy::kStandard},
                                          {"ketama", Strategy::kKetama},
                                          {"ketama_unweighted", Strategy::kKetamaUnweighted},
                                          {"modula", Strategy::kModula}};

constexpr Word<HashFunction> kHashFunctions[] = {{"crc32", HashFunction::kCrc32},
                                                 {"fnv", HashFunction::kFnv}};

constexpr Word<LockFailure> kLockFailures[] = {{"fail", LockFailure::kFail},
                                               {"readonly", LockFailure::kReadOnly}};

}  // namespace

std::optional<uint32_t> parse_number(std::string_view text) {
    int32_t number = 0;
    const char* const end = text.data() + text.size();
    if (text.empty() || !is_digit(text.front())) {
        return std::nullopt;
    }
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || rest != end) {
        return std::nullopt;
    }
    return static_cast<uint32_t>(number);
}

std::optional<uint32_t> parse_positive(std::string_view text) {
    const std::optional<uint32_t> number = parse_number(text);
    return number.value_or(0) > 0 ? number : std::nullopt;
}

std::optional<uint32_t> parse_waiters(std::string_view text) {
    const std::optional<uint32_t> number = parse_number(text);
    return number.value_or(0) <= kLockWaitersMax ? number : std::nullopt;
}

std::optional<uint16_t> parse_port(std::string_view text) {
    const uint32_t number = parse_number(text).value_or(0);
    if (number == 0 || number > std::numeric_limits<uint16_t>::max()) {
        return std::nullopt;
    }
    return static_cast<uint16_t>(number);
}

std::optional<bool> parse_switch(std::string_view text) {
    if (const std::optional<uint32_t> number = parse_number(text)) {
        return *number != 0;
    }
    return parse_word(text, kSwitches);
}

std::optional<Duration> parse_seconds(std::string_view text) {
    constexpr int64_t second = Duration(std::chrono::seconds(1)).count();
    const size_t point = std::min(text.find('.'), text.size());
    const std::optional<uint32_t> whole = parse_number(text.substr(0, point));
    if (!whole || point + 1 == text.size()) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(std::min(point + 1, text.size()));
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) {
        return std::nullopt;
    }
    int64_t microseconds = int64_t{*whole} * second;
    int64_t unit = second / 10;
    for (const char digit : digits) {
        microseconds += unit * (digit - '0');
        unit /= 10;
    }
    return Duration(microseconds);
}

std::optional<Strategy> parse_strategy(std::string_view text) {
    return parse_word(text, kStrategies);
}

std::optional<HashFunction> parse_hash_function(std::string_view text) {
    return parse_word(text, kHashFunctions);
}

std::optional<LockFailure> parse_lock_failure(std::string_view text) {
    return parse_word(text, kLockFailures);
}

std::optional<std::string_view> parse_static_key(std::string_view text) {
    const auto is_refused = [](unsigned char byte) { return byte <= ' ' || byte == 127; };
    if (text.size() > kStaticKeyMax || std::any_of(text.begin(), text.end(), is_refused)) {
        return std::nullopt;
    }
    return text;
}

}  // namespace memcache_session
