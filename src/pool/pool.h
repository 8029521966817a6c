// The servers of a save_path, and where keys belong on them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/net/server.h"
#include "src/pool/placement.h"
#include "src/pool/preference_list.h"
#include "src/pool/server_list.h"

namespace memcache_session {

// Immutable once made: another list of servers is another Pool, and a session that was opened with
// this one keeps it until the session is closed.
struct Pool {
    std::vector<Server> servers;                     // those of a ServerList, at least one
    Duration timeout_max = std::chrono::seconds(1);  // the largest of their timeouts
    std::shared_ptr<const Placement> placement;
    // Differs from that of every other pool of the same sources. 0: the list is fixed.
    uint64_t revision = 0;

    // The servers, as positions, in the order in which they are preferred for a session.
    // `key`: the prefix of the keys and `sid`. `wanted`: how many are surely needed. Pool and texts
    // must outlive the list.
    PreferenceList preference_list(std::string_view sid, std::string_view key,
                                   size_t wanted = 1) const;

    // Whether the servers are proxies (Server::proxy): all are, or none.
    bool is_proxied() const;
};

// The pool of these servers. kInvalidArgument: the list is empty. `revision`: Pool::revision.
Result<std::shared_ptr<const Pool>> make_pool(const ServerList& list,
                                              const PlacementSettings& settings,
                                              uint64_t revision = 0);

}  // namespace memcache_session
