// An exchange for a look at servers that belongs to no session.
#pragma once

#include "src/base/time_budget.h"
#include "src/net/socket_exchange.h"
#include "src/pool/pool.h"
#include "src/worker/opened_session.h"

namespace memcache_session {

struct LookExchange {
    // Has the time of one call, from now on. Nothing is counted, and no server is probed, because
    // what a probe finds out would not be counted either. `pool` and `parts` outlive the object.
    // `meta`: memcache.session_meta.
    LookExchange(const Pool& pool, const WorkerParts& parts, bool meta)
        : budget(parts.clock),
          exchange(pool.servers, parts.connections, parts.health, parts.clock, parts.dialect,
                   nullptr, &budget, meta ? &parts.meta_servers : nullptr) {
        budget.begin(2 * pool.timeout_max);
    }

    TimeBudget budget;
    SocketExchange exchange;
};

}  // namespace memcache_session
