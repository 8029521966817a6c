// The shortest scenario that still breaks the same promise.
#pragma once

#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

namespace memcache_session::sim {

// REQUIRES: playing `scenario` leads to `violation`.
Scenario shrink(Scenario scenario, const Violation& violation);

}  // namespace memcache_session::sim
