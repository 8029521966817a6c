#include "src/lock/lock_wait.h"

#include <algorithm>

namespace memcache_session {

LockWait::~LockWait() {
    if (began_ && parts_.totals != nullptr) {
        parts_.totals->raiser().measure_time(Measure::kLockWait, slept_);
    }
}

LockWait::End LockWait::run(ContendedLock* lock, Duration sleep_min) {
    const TimePoint run_began = parts_.clock.now();
    if (!began_) {
        began_ = run_began;
    }
    const End end = wait(lock, sleep_min);
    slept_ += parts_.clock.now() - run_began;
    if (end == End::kTimedOut) {
        parts_.count(Event::kGaveUp);
    } else if (end == End::kRoomFull) {
        parts_.count(Event::kWaitersRefused);
    }
    return end;
}

LockWait::End LockWait::wait(ContendedLock* lock, Duration sleep_min) {
    WaitSchedule schedule(parts_.clock.now(), sleep_min);
    bool asked_at_once = false;  // never twice in a row
    for (bool first_try = true;; first_try = false) {
        const TimePoint turn_began = parts_.clock.now();
        const bool take_over =
            lock->seen().state == LockSeen::State::kFree ||
            (lock->seen().is_taken() && lock->may_take_over(schedule.hold_age(turn_began)));
        if (!first_try && parts_.clock.now() >= gives_up_at()) {
            return End::kTimedOut;
        }
        const bool at_once = !asked_at_once && (take_over || !lock->seen().is_taken());
        if (!at_once) {
            if (const auto end = sleep(*lock, schedule)) {
                return *end;
            }
        }
        asked_at_once = at_once;
        exclude(turn_began);
        const TimePoint asked = parts_.clock.now();
        const LockToken holder = lock->seen().holder.token;
        switch (lock->ask(take_over)) {
            case ContendedLock::Try::kGranted:
                return End::kGranted;
            case ContendedLock::Try::kServerFailed:
                return End::kServerFailed;
            case ContendedLock::Try::kRefused:
                exclude(asked);
                break;
        }
        if (!same_token(lock->seen().holder.token, holder)) {
            schedule.holder_changed(parts_.clock.now());
        }
    }
}

// Returns nothing if it slept, or else why the wait has ended instead.
std::optional<LockWait::End> LockWait::sleep(const ContendedLock& lock,
                                             const WaitSchedule& schedule) {
    const TimePoint now = parts_.clock.now();
    if (now >= gives_up_at()) {
        return End::kTimedOut;
    }
    if (policy_.waiters_max > 0) {
        if (!room_.enter(lock.server(), policy_.waiters_max, gives_up_at() - now)) {
            return End::kRoomFull;
        }
        if (places_.silent()) {
            return End::kServerFailed;
        }
    }
    parts_.clock.sleep_until(
        std::min(now + schedule.next_sleep(now, parts_.random), gives_up_at()));
    return std::nullopt;
}

// The time since `from` was spent waiting: it does not count in the budget of the call, as far as
// the limit of the wait allows. An ask that fails counts.
void LockWait::exclude(TimePoint from) {
    if (!policy_.counts_in_budget) {
        const Duration time =
            std::min(parts_.clock.now() - from, std::max(Duration(0), policy_.limit - excluded_));
        excluded_ += time;
        parts_.budget.exclude(time);
    }
}

Duration LockWait::waited() const {
    return began_ ? parts_.clock.now() - *began_ : Duration(0);
}

}  // namespace memcache_session
