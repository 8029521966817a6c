// How long to sleep between two tries for a lock that another request holds.
#pragma once

#include "src/base/clock.h"
#include "src/base/random.h"

namespace memcache_session {

// Sleeps grow with the age of the present hold, not with the wait. A short hold is noticed soon
// after its end, and a long one costs the server little. protocol.md, "Waiting for a lock".
class WaitSchedule {
public:
    static constexpr Duration kSleepMin{1000};
    static constexpr Duration kSleepMax{50000};  // or a hundredth of the hold's age, if more
    static constexpr int kAgePerSleep = 10;

    // If we hold the locks of earlier servers, a living holder is refused there and gives this lock
    // back within a round trip.
    static constexpr Duration kSleepMinBehindOurs{200};

    explicit WaitSchedule(TimePoint now, Duration sleep_min = kSleepMin)
        : hold_seen_(now), sleep_min_(sleep_min) {}

    // Another request has got the lock meanwhile.
    void holder_changed(TimePoint now) { hold_seen_ = now; }

    // The time since this holder was first seen.
    Duration hold_age(TimePoint now) const { return now - hold_seen_; }

    // Has a quarter of jitter to each side.
    Duration next_sleep(TimePoint now, Random& random) const;

private:
    TimePoint hold_seen_;
    Duration sleep_min_;
};

}  // namespace memcache_session
