// What one session needs to know of the settings, read when it is opened.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/clock.h"

namespace memcache_session {

enum class LockFailure {
    kFail,      // who waited in vain gets no session
    kReadOnly,  // who waited in vain may read it, and its changes are refused
};

struct SessionOptions {
    std::string key_prefix;
    uint32_t redundancy = 2;  // copies; at least 1, more than there are servers means all of them
    bool allow_failover = true;
    uint32_t failover_attempts_max = 20;  // stand-ins tried in one opening

    bool locking = true;
    LockFailure lock_failure = LockFailure::kFail;
    Duration lock_timeout{15000000};  // the lease; at least kLeaseMin is used
    Duration lock_wait{30000000};     // zero: never wait
    uint32_t lock_waiters_max = 0;    // requests of one session that may wait at once; 0: all

    uint32_t compress_threshold = 20000;  // bytes; longer values are compressed. 0: never

    // For the lock item: who we are.
    int64_t pid = 0;
    std::string request_path;
};

// A lease of one second may end at once: memcached counts expiry in whole seconds.
constexpr Duration kLeaseMin{2000000};

inline Duration lease(const SessionOptions& options) {
    return options.lock_timeout < kLeaseMin ? kLeaseMin : options.lock_timeout;
}

}  // namespace memcache_session
