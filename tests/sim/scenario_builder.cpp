#include "tests/sim/scenario_builder.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace memcache_session::sim {

ScenarioBuilder::ScenarioBuilder(uint64_t seed) : dice_(seed * 0x9e3779b97f4a7c15ULL + 1) {
    scenario_.seed = seed;
}

Event ScenarioBuilder::make_event(EventKind kind, SimTime at) const {
    Event event;
    event.kind = kind;
    event.at = at;
    event.number = static_cast<uint32_t>(scenario_.events.size()) + 1;
    return event;
}

Event ScenarioBuilder::add(const Event& event) {
    scenario_.events.push_back(event);
    return event;
}

Event ScenarioBuilder::add_use(SimTime at, uint32_t process, Operation operation, SimTime think) {
    Event event = make_event(EventKind::kRequest, at);
    event.process = process;
    event.operation = operation;
    event.think = think;
    return add(event);
}

void ScenarioBuilder::add_death_at(const Event& request, uint32_t phase, uint32_t sends) {
    Event event = make_event(EventKind::kDeath, request.at);
    event.request = request.number;
    event.phase = phase;
    event.sends = sends;
    add(event);
}

void ScenarioBuilder::add_fault_at(SimTime at, FaultKind kind, uint32_t server, SimTime length,
                                   uint32_t machines) {
    Event event = make_event(EventKind::kFault, at);
    event.fault = kind;
    event.server = server;
    event.length = length;
    event.machines = machines;
    add(event);
}

std::vector<Event> ScenarioBuilder::events_of(EventKind kind) const {
    std::vector<Event> found;
    std::copy_if(scenario_.events.begin(), scenario_.events.end(), std::back_inserter(found),
                 [kind](const Event& event) { return event.kind == kind; });
    return found;
}

Scenario ScenarioBuilder::take() {
    std::stable_sort(scenario_.events.begin(), scenario_.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    return std::move(scenario_);
}

}  // namespace memcache_session::sim
