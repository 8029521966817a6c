// Virtual time, and the actions that are due in it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/sim/sim_server.h"

namespace memcache_session::sim {

constexpr SimTime kNever = INT64_MAX;

class Timeline {
public:
    SimTime now() const { return now_; }

    // Runs `action` at `time`, or now if that has passed. Actions of one moment run in the order in
    // which they were given.
    void at(SimTime time, std::function<void()> action);

    // Runs the next action. False if there is none.
    bool step();

private:
    struct Entry {
        SimTime time;
        uint64_t order;
        std::function<void()> action;
    };
    static bool later(const Entry& a, const Entry& b) {
        return a.time != b.time ? a.time > b.time : a.order > b.order;
    }

    SimTime now_ = 0;
    uint64_t last_order_ = 0;
    std::vector<Entry> heap_;
};

}  // namespace memcache_session::sim
