// The time that one call may take, however many phases it has.
#pragma once

#include <algorithm>
#include <cassert>

#include "src/base/clock.h"

namespace memcache_session {

// Each phase may take half of what is left. So the first one has half of the whole, each later one
// leaves time for another, and all together end in time, whatever their number. One thread.
class TimeBudget {
public:
    // Without limit until begin(). `clock` outlives the object.
    explicit TimeBudget(const Clock& clock) : clock_(clock) {}

    // A call begins, which may take `whole`. REQUIRES: whole > 0.
    void begin(Duration whole) {
        assert(whole > Duration(0));
        whole_ = whole;
        began_ = clock_.now();
        phase_ended_ = began_;
        ends_at_ = began_ + whole;
        resolving_ = Duration(0);
    }
    TimePoint began() const { return began_; }

    // A phase of the call has ended.
    void phase_ended(TimePoint now) { phase_ended_ = now; }

    // How long the call has taken until its latest phase ended. Zero without any.
    Duration taken() const { return phase_ended_ - began_; }

    // So much of the time that has passed does not count, because the call waited for a lock.
    void exclude(Duration waited) {
        if (is_limited()) {
            ends_at_ += waited;
        }
    }

    // So much of it the resolver has blocked, which nothing can interrupt. That does not count
    // either, but it has a limit of its own: twice the whole. Afterwards no other name is resolved.
    void exclude_resolver(Duration blocked) {
        resolving_ += blocked;
        exclude(blocked);
    }
    bool may_resolve() const { return !is_limited() || resolving_ < kResolverTimes * whole_; }

    // How long a phase that begins `now` may take. Not negative.
    Duration phase_max(TimePoint now) const {
        return is_limited() ? std::max(Duration(0), ends_at_ - now) / 2 : Duration::max();
    }

    // Whether an eighth of the time is used, so that a slow phase is to blame. From now on the call
    // tries in one phase what it would try one after another if it had time.
    bool is_short() const {
        return is_limited() && ends_at_ - clock_.now() < whole_ - whole_ / kShortParts;
    }

private:
    static constexpr int kShortParts = 8;
    static constexpr int kResolverTimes = 2;

    bool is_limited() const { return whole_ > Duration(0); }

    const Clock& clock_;
    Duration whole_{0};
    TimePoint began_{};
    TimePoint phase_ended_{};
    TimePoint ends_at_{};
    Duration resolving_{0};
};

}  // namespace memcache_session
