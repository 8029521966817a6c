// Everything that is counted: docs/status.md.
#pragma once

#include "src/net/event_totals.h"
#include "src/net/server_counters.h"

namespace memcache_session {

// Made before the processes that share it are forked. Thread-safe.
struct Statistics {
    EventTotals totals;
    ServerCounters servers;
};

}  // namespace memcache_session
