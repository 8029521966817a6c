#include "tests/sim/timeline.h"

#include <algorithm>
#include <utility>

namespace memcache_session::sim {

void Timeline::at(SimTime time, std::function<void()> action) {
    heap_.push_back({std::max(time, now_), ++last_order_, std::move(action)});
    std::push_heap(heap_.begin(), heap_.end(), later);
}

bool Timeline::step() {
    if (heap_.empty()) {
        return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry next = std::move(heap_.back());
    heap_.pop_back();
    now_ = next.time;
    next.action();
    return true;
}

}  // namespace memcache_session::sim
