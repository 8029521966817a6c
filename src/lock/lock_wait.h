// Waiting for a lock that another request holds: the one loop, for memcached servers and proxies.
#pragma once

#include <cstdint>
#include <optional>

#include "src/lock/session_lock.h"
#include "src/lock/wait_schedule.h"
#include "src/lock/waiting_room.h"

namespace memcache_session {

// A lock that was refused, as one way of keeping sessions asks for it again.
class ContendedLock {
public:
    virtual ~ContendedLock() = default;

    enum class Try {
        kGranted,  // or the server has no memory for it, and nobody holds it
        kRefused,
        kServerFailed,  // the server gave no usable reply, and is not asked again
    };

    // The server that refused it.
    virtual uint32_t server() const = 0;

    // The lock as it was last seen.
    virtual const LockSeen& seen() const = 0;

    // Whether a lock that is held may be taken from its holder: protocol.md, "Taking over a lock".
    // `hold_age`: for how long this holder has been seen.
    virtual bool may_take_over(Duration hold_age) = 0;

    // Asks for the lock once; takes it over if `take_over`. REQUIRES: if so, the lock was seen to
    // be kFree, or may_take_over() was true for it.
    virtual Try ask(bool take_over) = 0;
};

// The waits of one opening, which share one limit of time and one place among the waiters.
class LockWait {
public:
    struct Policy {
        Duration limit{0};              // zero: never wait
        uint32_t waiters_max = 0;       // 0: no limit
        bool counts_in_budget = false;  // of the call: at a closing, not at an opening
    };

    LockWait(const SessionParts& parts, WaitingPlaces& places, Policy policy)
        : parts_(parts), policy_(policy), places_(places), room_(parts, places) {}
    // Counts the waits as one.
    ~LockWait();
    LockWait(const LockWait&) = delete;
    LockWait& operator=(const LockWait&) = delete;

    enum class End {
        kGranted,
        kServerFailed,  // that of the lock, or that of the waiting place: places.silent()
        kTimedOut,      // the limit of the policy was reached
        kRoomFull,      // as many requests wait already as the policy allows
    };

    // protocol.md, "Waiting for a lock".
    End run(ContendedLock* lock, Duration sleep_min);

    // Gives the place among the waiters back.
    void leave() { room_.leave(); }

    // The time since the first wait began; zero before.
    Duration waited() const;

    const Policy& policy() const { return policy_; }

private:
    End wait(ContendedLock* lock, Duration sleep_min);
    std::optional<End> sleep(const ContendedLock& lock, const WaitSchedule& schedule);
    void exclude(TimePoint from);
    TimePoint gives_up_at() const { return *began_ + policy_.limit; }

    const SessionParts& parts_;
    Policy policy_;
    WaitingPlaces& places_;
    WaitingRoom room_;
    std::optional<TimePoint> began_;
    Duration slept_{0};     // and asked, in all runs
    Duration excluded_{0};  // from the time budget so far
};

}  // namespace memcache_session
