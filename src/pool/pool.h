// The servers of a save_path, and where keys belong on them.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "src/net/server.h"
#include "src/pool/placement.h"

namespace memcache_session {

// Immutable once made: another list of servers is another Pool, and whoever has opened a session
// with this one keeps it until the session is closed.
struct Pool {
    std::vector<Server> servers;  // at least one, in the order of the save_path
    std::shared_ptr<const Placement> placement;
    // Differs from that of every other pool which the same source has given. 0: of a fixed list.
    uint64_t revision = 0;

    // Every server, as positions, in the order in which it is preferred for a session.
    // `key`: the prefix of the keys and `sid`.
    std::vector<uint32_t> preference_list(std::string_view sid, std::string_view key) const {
        std::vector<uint32_t> order;
        placement->preference_list(placement->hashes_prefix() ? key : sid, &order);
        return order;
    }

    // Whether the servers are proxies (Server::proxy): all are, or none.
    bool is_proxied() const {
        assert(!servers.empty());
        assert(std::all_of(servers.begin(), servers.end(), [this](const Server& server) {
            return server.proxy == servers.front().proxy;
        }));
        return servers.front().proxy;
    }
};

}  // namespace memcache_session
