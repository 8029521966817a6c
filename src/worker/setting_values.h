// The values that each kind of setting allows. A function returns nothing for a text that is not
// allowed. None allows blanks around a value, signs, bases other than ten, or numbers out of range.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/clock.h"
#include "src/pool/placement.h"
#include "src/session/options.h"

namespace memcache_session {

// 0 to 2^31-1, the largest number that pecl/memcache takes on every machine.
std::optional<uint32_t> parse_number(std::string_view text);

// 1 to 2^31-1.
std::optional<uint32_t> parse_positive(std::string_view text);

// 0 to kLockWaitersMax.
constexpr uint32_t kLockWaitersMax = 1000;
std::optional<uint32_t> parse_waiters(std::string_view text);

// 0 to kServersMax.
std::optional<uint32_t> parse_search(std::string_view text);

// 1 to 65535.
std::optional<uint16_t> parse_port(std::string_view text);

// Switches as php.ini and pecl/memcache take them: a word (parse_switch_word()), nothing for off,
// or any number, of which only 0 is off. A switch in a save_path is stricter: it must be a word, 0
// or 1.
std::optional<bool> parse_ini_switch(std::string_view text);

// Decimal seconds from 0, as in "2" or "0.25"; digits beyond the microsecond are dropped. A digit
// is needed on each side of a point, unlike in a save_path, which has always taken ".5" and "2.".
std::optional<Duration> parse_ini_seconds(std::string_view text);

// Words, in any case of letters.
std::optional<Strategy> parse_strategy(std::string_view text);
std::optional<HashFunction> parse_hash_function(std::string_view text);
std::optional<LockFailure> parse_lock_failure(std::string_view text);
std::optional<SessionIds> parse_session_ids(std::string_view text);
std::optional<Merging> parse_merging(std::string_view text);
std::optional<bool> parse_meta(std::string_view text);  // auto: true; off: false

// A part of a key: up to kStaticKeyMax bytes without blanks and control characters. pecl/memcache
// allows no dot either, but php-memcached's prefix, `memc.sess.key.`, has three.
constexpr size_t kStaticKeyMax = 200;
std::optional<std::string_view> parse_static_key(std::string_view text);

// The same, up to kPrefixSeparatorMax bytes.
constexpr size_t kPrefixSeparatorMax = 16;
std::optional<std::string_view> parse_prefix_separator(std::string_view text);

}  // namespace memcache_session
