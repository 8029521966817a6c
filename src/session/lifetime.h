// How long sessions and their tombstones are kept. All in seconds.
#pragma once

#include <cstdint>

namespace memcache_session {

// How long a tombstone is kept where sessions themselves never expire.
constexpr int64_t kTombstoneLifetimeMax = 60 * 60 * 24 * 30;

// A request may hold a session for longer than its lifetime, and a server may be away as long: the
// tombstone outlives both. `session_lifetime`: 0 for ever.
constexpr int64_t tombstone_lifetime(int64_t session_lifetime) {
    return session_lifetime > 0 && session_lifetime < kTombstoneLifetimeMax / 2
               ? 2 * session_lifetime
               : kTombstoneLifetimeMax;
}

}  // namespace memcache_session
