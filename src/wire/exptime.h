// Converts lifetimes to memcached's exptime.
#pragma once

#include <cstdint>
#include <limits>

#include "src/base/clock.h"

namespace memcache_session {

// The longest relative exptime, in seconds. memcached reads a larger one as seconds since 1970.
constexpr int64_t kRelativeExptimeMax = 60 * 60 * 24 * 30;

// `lifetime` is in seconds from now; zero and less mean for ever. A lifetime of more than 30 days
// becomes a date, at most in January 2038, where memcached's own clock ends, and at least 30 days
// from now. A date is right only if our clock and the server's agree: see dated_exchange.h.
constexpr int32_t exptime_of(int64_t lifetime, int64_t unix_now) {
    if (lifetime <= 0) {
        return 0;
    }
    if (lifetime <= kRelativeExptimeMax) {
        return static_cast<int32_t>(lifetime);
    }
    constexpr int64_t last = std::numeric_limits<int32_t>::max();
    if (unix_now >= last - kRelativeExptimeMax) {
        return static_cast<int32_t>(kRelativeExptimeMax);
    }
    return static_cast<int32_t>(lifetime >= last - unix_now ? last : unix_now + lifetime);
}

// Fractions of a second are rounded up.
constexpr int32_t exptime_of(Duration lifetime, int64_t unix_now) {
    return exptime_of((lifetime.count() + 999999) / 1000000, unix_now);
}

}  // namespace memcache_session
