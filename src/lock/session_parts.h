// What a session and its lock work with, whatever the way in which they are kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/lock/process_table.h"
#include "src/net/exchange.h"
#include "src/pool/pool.h"

namespace memcache_session {

// All of it belongs to the caller and outlives the session.
struct SessionParts {
    const Pool& pool;
    Exchange& exchange;
    Clock& clock;
    Random& random;
    const ProcessTable& processes;
};

// memcached counts expiry in whole seconds, so a lease of one second may end at once.
constexpr Duration kLeaseMin = std::chrono::seconds(2);

// How a lock is taken and waited for.
struct LockOptions {
    Duration timeout = std::chrono::seconds(15);  // memcache.lock_timeout; lease() is used
    Duration wait = std::chrono::seconds(30);     // zero: never wait
    uint32_t waiters_max = 0;  // requests of one session that may wait at once; 0: no limit

    // Who we are, for the lock item.
    int64_t pid = 0;
    std::string request_path;

    // How long a lock is held before it expires by itself.
    Duration lease() const { return timeout < kLeaseMin ? kLeaseMin : timeout; }
};

}  // namespace memcache_session
