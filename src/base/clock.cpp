#include "src/base/clock.h"

#include <thread>

namespace memcache_session {

TimePoint SystemClock::now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

int64_t SystemClock::unix_time() const {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void SystemClock::sleep_until(TimePoint until) {
    std::this_thread::sleep_until(until);
}

}  // namespace memcache_session
