// One simulated process, a PHP worker: a fiber that sleeps in virtual time and may be killed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/lock/process_table.h"
#include "tests/sim/fiber.h"
#include "tests/sim/timeline.h"

namespace memcache_session::sim {

// Thrown in the fiber of a process that is killed, to unwind its stack.
struct Killed {};

class Process {
public:
    Process(Timeline& timeline, uint32_t slot, uint32_t machine)
        : timeline_(timeline), slot_(slot), machine_(machine) {}

    // Runs `body` in the process, from now on.
    void start(std::function<void()> body);

    // In the process: returns when wake() was called, or at `until`.
    void wait(SimTime until);

    // From outside: ends wait().
    void wake();

    // From outside: the process unwinds and ends.
    void end();

    bool is_running() const { return fiber_ && !fiber_->done(); }

    // After a kill the next process of the same slot has another id.
    void renew_pid() { ++generation_; }
    int64_t pid() const { return (slot_ + 1) * kPidsPerSlot + generation_; }
    static uint32_t slot_of(int64_t pid) { return static_cast<uint32_t>(pid / kPidsPerSlot) - 1; }

    uint32_t slot() const { return slot_; }
    uint32_t machine() const { return machine_; }

private:
    static constexpr int64_t kPidsPerSlot = 1000;

    Timeline& timeline_;
    uint32_t slot_;
    uint32_t machine_;
    int64_t generation_ = 0;
    uint64_t wait_number_ = 0;
    bool waiting_ = false;
    bool ending_ = false;
    std::unique_ptr<Fiber> fiber_;
};

// The clock of a machine, as one of its processes sees it.
class SimClock final : public Clock {
public:
    // `offset`: the machine counts from another moment. `skew`: its date is wrong by so many
    // seconds.
    SimClock(Timeline& timeline, Process& process, SimTime offset, int64_t skew)
        : timeline_(timeline), process_(process), offset_(offset), skew_(skew) {}

    TimePoint now() const override { return TimePoint(Duration(timeline_.now() + offset_)); }
    int64_t unix_time() const override {
        return kUnixTimeAtBegin + timeline_.now() / kSecond + skew_;
    }
    void sleep_until(TimePoint until) override {
        process_.wait(until.time_since_epoch().count() - offset_);
    }

private:
    Timeline& timeline_;
    Process& process_;
    SimTime offset_;
    int64_t skew_;
};

}  // namespace memcache_session::sim
