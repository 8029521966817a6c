// Plots: what goes wrong only if several things happen in one order, which seldom comes by chance.
#pragma once

#include "tests/sim/scenario_builder.h"

namespace memcache_session::sim {

// Adds one plot from `time` on, and changes the settings to those that it needs. Chance still
// chooses the plot and the servers that it strikes. Returns the time at which the plot is over.
SimTime add_plot(ScenarioBuilder* builder, SimTime time);

}  // namespace memcache_session::sim
