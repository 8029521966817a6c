// A scenario under construction, and the dice that make its choices.
#pragma once

#include <vector>

#include "tests/sim/scenario.h"

namespace memcache_session::sim {

class ScenarioBuilder {
public:
    explicit ScenarioBuilder(uint64_t seed);

    Dice& dice() { return dice_; }
    Settings& settings() { return scenario_.settings; }
    const Settings& settings() const { return scenario_.settings; }
    uint64_t seed() const { return scenario_.seed; }
    std::vector<Event> events_of(EventKind kind) const;

    // An event with the next number, which is still to be filled in and added.
    Event make_event(EventKind kind, SimTime at) const;
    Event add(const Event& event);

    Event add_use(SimTime at, uint32_t process, Operation operation, SimTime think);
    void add_death_at(const Event& request, uint32_t phase, uint32_t sends);
    void add_fault_at(SimTime at, FaultKind kind, uint32_t server, SimTime length,
                      uint32_t machines = ~0U);

    // The scenario, with its events in the order of their times. The last call.
    Scenario take();

private:
    Dice dice_;
    Scenario scenario_;
};

}  // namespace memcache_session::sim
