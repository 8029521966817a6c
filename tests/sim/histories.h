// Many histories, one for each seed of a range.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/rule_table.h"
#include "tests/sim/world.h"

namespace memcache_session::sim {

struct Failed {
    uint64_t seed = 0;
    Violation violation;
};

struct Tally {
    uint64_t histories = 0;
    uint64_t steps = 0;
    uint64_t successes = 0;
    uint64_t faults = 0;
    std::vector<Failed> failed;  // in the order of their seeds
};

// Plays the histories of `count` seeds from `first` on, in `jobs` processes at a time. Writes its
// progress to stderr, and each seed that fails as soon as it does.
Tally play_range(uint64_t first, uint64_t count, unsigned jobs);

// The same with `rule` switched off, until a history (in each process) breaks the promise that the
// rule keeps, and passes with it. The tally's failed ones are these.
Tally play_without(const NamedRule& rule, uint64_t first, uint64_t count, unsigned jobs);

}  // namespace memcache_session::sim
