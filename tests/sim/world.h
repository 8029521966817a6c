// One history: a scenario played to its end or to the first broken promise.
#pragma once

#include <cstdint>
#include <cstdio>

#include "tests/sim/checker.h"
#include "tests/sim/scenario.h"

namespace memcache_session::sim {

struct Outcome {
    Violation violation;
    uint64_t successes = 0;  // reads, writes and destroys that succeeded
    uint64_t steps = 0;
    uint32_t faults = 0;  // those that happened; one that would fail R servers at once does not
    SimTime ended_at = 0;
};

// Plays `scenario`. Writes a line to `trace` for each event, unless it is null. The same scenario
// has the same outcome.
Outcome play(const Scenario& scenario, std::FILE* trace);

}  // namespace memcache_session::sim
