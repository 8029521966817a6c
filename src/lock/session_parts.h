// The parts that a session and its lock use, directly or behind a proxy.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/base/time_budget.h"
#include "src/lock/process_table.h"
#include "src/net/event_totals.h"
#include "src/net/exchange.h"
#include "src/pool/pool.h"

namespace memcache_session {

// All of it belongs to the caller and outlives the session.
struct SessionParts {
    const Pool& pool;
    Exchange& exchange;
    Clock& clock;
    Random& random;
    ProcessTable& processes;
    TimeBudget& budget;             // of the call that runs
    EventTotals* totals = nullptr;  // null: nothing is counted

    void count(Event event, uint64_t times = 1) const {
        if (totals != nullptr) {
            totals->add(event, times);
        }
    }
};

// memcached counts expiry in whole seconds, so a lease of one second may end at once.
constexpr Duration kLeaseMin = std::chrono::seconds(2);

// How to take a lock and how to wait for it.
struct LockOptions {
    Duration timeout = std::chrono::seconds(15);  // memcache.lock_timeout; lease() is used
    Duration wait = std::chrono::seconds(30);     // zero: never wait
    uint32_t waiters_max = 0;  // requests of one session that may wait at once; 0: no limit

    // Our identity in the lock item.
    int64_t pid = 0;
    std::string request_path;

    // A lock expires by itself after so long.
    Duration lease() const { return timeout < kLeaseMin ? kLeaseMin : timeout; }
};

}  // namespace memcache_session
