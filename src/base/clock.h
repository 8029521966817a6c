// The time, and waiting for it, behind an interface that a simulation replaces.
#pragma once

#include <chrono>
#include <cstdint>

namespace memcache_session {

using Duration = std::chrono::microseconds;

// Monotonic time since an arbitrary start. The same in all processes of one machine.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
public:
    virtual ~Clock() = default;

    virtual TimePoint now() const = 0;

    // Seconds since 1970, UTC.
    virtual int64_t unix_time() const = 0;

    // Returns at `until` or later, at once when it has passed.
    virtual void sleep_until(TimePoint until) = 0;
};

// The clock of the machine. It has no state, so one object serves every thread.
class SystemClock final : public Clock {
public:
    TimePoint now() const override;
    int64_t unix_time() const override;
    void sleep_until(TimePoint until) override;
};

}  // namespace memcache_session
