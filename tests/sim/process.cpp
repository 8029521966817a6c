#include "tests/sim/process.h"

#include <utility>

namespace memcache_session::sim {

void Process::start(std::function<void()> body) {
    fiber_ = std::make_unique<Fiber>([this, body = std::move(body)] {
        try {
            body();
        } catch (const Killed&) {
        }
    });
    fiber_->resume();
}

void Process::wait(SimTime until) {
    const uint64_t number = ++wait_number_;
    timeline_.at(until, [this, number] {
        if (waiting_ && wait_number_ == number) {
            wake();
        }
    });
    waiting_ = true;
    fiber_->suspend();
    waiting_ = false;
    if (ending_) {
        throw Killed();
    }
}

void Process::wake() {
    if (waiting_) {
        fiber_->resume();
    }
}

void Process::end() {
    ending_ = true;
    if (is_running()) {
        fiber_->resume();
    }
}

}  // namespace memcache_session::sim
