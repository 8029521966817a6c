#include "src/worker/setting_values.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "src/base/text.h"

namespace memcache_session {
namespace {

constexpr uint32_t kNumberMax = std::numeric_limits<int32_t>::max();

// Whatever follows the point of the largest number is still allowed.
constexpr Duration kSecondsMax = std::chrono::seconds(int64_t{kNumberMax} + 1) - Duration(1);

constexpr Word<Strategy> kStrategies[] = {{"consistent", Strategy::kConsistent},
                                          {"standard", Strategy::kStandard},
                                          {"ketama", Strategy::kKetama},
                                          {"ketama_unweighted", Strategy::kKetamaUnweighted},
                                          {"modula", Strategy::kModula}};

constexpr Word<HashFunction> kHashFunctions[] = {{"crc32", HashFunction::kCrc32},
                                                 {"fnv", HashFunction::kFnv}};

constexpr Word<LockFailure> kLockFailures[] = {{"fail", LockFailure::kFail},
                                               {"readonly", LockFailure::kReadOnly}};

// PHP gives the empty text for an `off` without quotes in php.ini.
constexpr Word<Merging> kMergings[] = {{"off", Merging::kOff},
                                       {"", Merging::kOff},
                                       {"fail", Merging::kFail},
                                       {"last", Merging::kLast}};

constexpr Word<bool> kMeta[] = {{"auto", true}, {"off", false}, {"", false}};

constexpr Word<SessionIds> kSessionIds[] = {{"any", SessionIds::kAny}, {"php", SessionIds::kPhp}};

std::optional<std::string_view> part_of_key(std::string_view text, size_t size_max) {
    const auto is_refused = [](char byte) { return byte == ' ' || is_control(byte); };
    if (text.size() > size_max || std::any_of(text.begin(), text.end(), is_refused)) {
        return std::nullopt;
    }
    return text;
}

}  // namespace

std::optional<uint32_t> parse_number(std::string_view text) {
    const std::optional<uint64_t> number = parse_whole_number(text, kNumberMax);
    return number ? std::optional<uint32_t>(static_cast<uint32_t>(*number)) : std::nullopt;
}

std::optional<uint32_t> parse_positive(std::string_view text) {
    const std::optional<uint32_t> number = parse_number(text);
    return number.value_or(0) > 0 ? number : std::nullopt;
}

std::optional<uint32_t> parse_waiters(std::string_view text) {
    const std::optional<uint32_t> number = parse_number(text);
    return number.value_or(0) <= kLockWaitersMax ? number : std::nullopt;
}

std::optional<uint32_t> parse_search(std::string_view text) {
    const std::optional<uint32_t> number = parse_number(text);
    return number.value_or(0) <= kServersMax ? number : std::nullopt;
}

std::optional<uint16_t> parse_port(std::string_view text) {
    const uint64_t number =
        parse_whole_number(text, std::numeric_limits<uint16_t>::max()).value_or(0);
    return number > 0 ? std::optional<uint16_t>(static_cast<uint16_t>(number)) : std::nullopt;
}

std::optional<bool> parse_ini_switch(std::string_view text) {
    if (text.empty()) {
        return false;
    }
    if (const std::optional<uint32_t> number = parse_number(text)) {
        return *number != 0;
    }
    return parse_switch_word(text);
}

std::optional<Duration> parse_ini_seconds(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') {
        return std::nullopt;
    }
    return parse_seconds(text, kSecondsMax);
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

std::optional<SessionIds> parse_session_ids(std::string_view text) {
    return parse_word(text, kSessionIds);
}

std::optional<Merging> parse_merging(std::string_view text) {
    return parse_word(text, kMergings);
}

std::optional<bool> parse_meta(std::string_view text) {
    return parse_word(text, kMeta);
}

std::optional<std::string_view> parse_static_key(std::string_view text) {
    return part_of_key(text, kStaticKeyMax);
}

std::optional<std::string_view> parse_prefix_separator(std::string_view text) {
    return part_of_key(text, kPrefixSeparatorMax);
}

}  // namespace memcache_session
