// How long sessions and their tombstones are kept. All in seconds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace memcache_session {

// A longer lifetime counts as this one, because memcached's clock has 31 bits.
constexpr int64_t kLifetimeMax = INT32_MAX;

// How long a tombstone is kept where sessions themselves never expire.
constexpr int64_t kTombstoneLifetimeMax = 60 * 60 * 24 * 30;

// memcached counts whole seconds, by a clock of its own: an item may expire so much before its
// lifetime.
constexpr int64_t kExpiryMargin = 2;

// The shortest, however short the sessions are: twice the default of session.gc_maxlifetime.
constexpr int64_t kTombstoneLifetimeMin = 2 * 1440;

// A request may hold a session for longer than its lifetime, and a server may be away as long: the
// tombstone outlives both. `session_lifetime`: 0 for ever.
constexpr int64_t tombstone_lifetime(int64_t session_lifetime) {
    return session_lifetime > 0 ? std::clamp(2 * std::min(session_lifetime, kTombstoneLifetimeMax),
                                             kTombstoneLifetimeMin, kTombstoneLifetimeMax)
                                : kTombstoneLifetimeMax;
}

// The tombstone of a destroy is certain to exist for so long after it. An unchanged request that
// has not noticed the destroy touches the tombstone, and gives it the lifetime of a session.
constexpr int64_t certain_tombstone_lifetime(int64_t session_lifetime) {
    const int64_t longest = tombstone_lifetime(session_lifetime);
    return (session_lifetime > 0 ? std::min(session_lifetime, longest) : longest) - kExpiryMargin;
}

}  // namespace memcache_session
