// How long sessions and their tombstones are kept. All in seconds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace memcache_session {

// A longer lifetime counts as this one, because memcached's clock has 31 bits.
constexpr int64_t kLifetimeMax = INT32_MAX;

// How long a tombstone is kept where sessions themselves never expire.
constexpr int64_t kTombstoneLifetimeMax = 60 * 60 * 24 * 30;

// The shortest, however short the sessions are: twice the default of session.gc_maxlifetime.
constexpr int64_t kTombstoneLifetimeMin = 2 * 1440;

// A request may hold a session for longer than its lifetime, and a server may be away as long: the
// tombstone outlives both. `session_lifetime`: 0 for ever.
constexpr int64_t tombstone_lifetime(int64_t session_lifetime) {
    return session_lifetime > 0 ? std::clamp(2 * std::min(session_lifetime, kTombstoneLifetimeMax),
                                             kTombstoneLifetimeMin, kTombstoneLifetimeMax)
                                : kTombstoneLifetimeMax;
}

}  // namespace memcache_session
