#include "src/lock/wait_schedule.h"

#include <algorithm>

namespace memcache_session {

Duration WaitSchedule::next_sleep(TimePoint now, Random& random) const {
    const Duration age = hold_age(now);
    const Duration longest = std::max(kSleepMax, age / 100);
    const Duration sleep = std::clamp(age / kAgePerSleep, sleep_min_, longest);
    const double jitter = 0.75 + 0.5 * random.fraction();
    return std::chrono::duration_cast<Duration>(sleep * jitter);
}

}  // namespace memcache_session
