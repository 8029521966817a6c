#include "tests/sim/shrink.h"

#include <algorithm>
#include <utility>

namespace memcache_session::sim {

namespace {

bool still_fails(const Scenario& scenario, const Violation& violation) {
    return play(scenario, nullptr).violation.promise == violation.promise;
}

// Removes `count` events at a time, wherever the promise is broken without them too.
bool drop_events(Scenario* scenario, size_t count, const Violation& violation) {
    bool dropped = false;
    for (size_t begin = 0; begin < scenario->events.size();) {
        Scenario shorter = *scenario;
        const auto first = shorter.events.begin() + static_cast<std::ptrdiff_t>(begin);
        const size_t rest = shorter.events.size() - begin;
        shorter.events.erase(first, first + static_cast<std::ptrdiff_t>(std::min(count, rest)));
        if (still_fails(shorter, violation)) {
            *scenario = std::move(shorter);
            dropped = true;
        } else {
            begin += count;
        }
    }
    return dropped;
}

// Makes the scenario plainer. A change is kept if the promise is still broken.
template <class Change>
void try_change(Scenario* scenario, const Violation& violation, Change change) {
    Scenario changed = *scenario;
    change(&changed);
    if (still_fails(changed, violation)) {
        *scenario = std::move(changed);
    }
}

void simplify(Scenario* scenario, const Violation& violation) {
    try_change(scenario, violation,
               [](Scenario* s) { s->settings.read_only_on_lock_failure = false; });
    try_change(scenario, violation, [](Scenario* s) { s->settings.lock_waiters = 0; });
    try_change(scenario, violation, [](Scenario* s) { s->settings.lifetime = 1440; });
    try_change(scenario, violation, [](Scenario* s) { s->settings.search = 14; });
    try_change(scenario, violation, [](Scenario* s) { s->settings.persistent = true; });
    try_change(scenario, violation, [](Scenario* s) { s->settings.meta_servers = 0; });
    try_change(scenario, violation, [](Scenario* s) { s->settings.last_wins = false; });
    for (size_t i = 0; i < scenario->events.size(); ++i) {
        const auto event = [i](Scenario* s) -> Event& { return s->events[i]; };
        try_change(scenario, violation, [&](Scenario* s) { event(s).think = 0; });
        try_change(scenario, violation, [&](Scenario* s) { event(s).strict = false; });
        try_change(scenario, violation, [&](Scenario* s) { event(s).within_commands = 0; });
        try_change(scenario, violation, [&](Scenario* s) { event(s).variant = false; });
        try_change(scenario, violation, [&](Scenario* s) { event(s).second_variant = false; });
        if (scenario->events[i].kind == EventKind::kRequest) {
            try_change(scenario, violation,
                       [&](Scenario* s) { event(s).operation = Operation::kAbort; });
            try_change(scenario, violation,
                       [&](Scenario* s) { event(s).operation = Operation::kWrite; });
        }
    }
}

}  // namespace

Scenario shrink(Scenario scenario, const Violation& violation) {
    const auto drop_all = [&] {
        for (size_t count = std::max<size_t>(1, scenario.events.size() / 2); count > 0;
             count /= 2) {
            while (drop_events(&scenario, count, violation) && count == 1) {
            }
        }
    };
    drop_all();
    simplify(&scenario, violation);
    drop_all();
    return scenario;
}

}  // namespace memcache_session::sim
