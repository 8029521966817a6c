// What may stand in a setting. Each function gives nothing for a text that is not allowed; none
// takes blanks around a value, signs, other bases than ten, or numbers that do not fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/clock.h"
#include "src/pool/placement.h"
#include "src/session/options.h"

namespace memcache_session {

// 0 to 2^31-1, which is as far as pecl/memcache's numbers go everywhere.
std::optional<uint32_t> parse_number(std::string_view text);

// 1 to 2^31-1.
std::optional<uint32_t> parse_positive(std::string_view text);

// 0 to kLockWaitersMax.
constexpr uint32_t kLockWaitersMax = 1000;
std::optional<uint32_t> parse_waiters(std::string_view text);

// 1 to 65535.
std::optional<uint16_t> parse_port(std::string_view text);

// As PHP writes its own switches, empty being off; and like pecl/memcache any number but 0 for on.
std::optional<bool> parse_switch(std::string_view text);

// Seconds, perhaps with a fraction, whose digits beyond the sixth are cut.
std::optional<Duration> parse_seconds(std::string_view text);

// Words, in any case of letters.
std::optional<Strategy> parse_strategy(std::string_view text);
std::optional<HashFunction> parse_hash_function(std::string_view text);
std::optional<LockFailure> parse_lock_failure(std::string_view text);

// A part of a key, up to kStaticKeyMax bytes. pecl/memcache allows no dot in it; php-memcached's
// prefix, `memc.sess.key.`, has three.
constexpr size_t kStaticKeyMax = 200;
std::optional<std::string_view> parse_static_key(std::string_view text);

}  // namespace memcache_session
