// The servers of a pool, in their order, with the rules that a pool needs.
#pragma once

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "src/base/status.h"
#include "src/net/endpoint.h"
#include "src/net/server.h"

namespace memcache_session {

// Every list is valid, however short it still is: at most kServersMax servers, each different from
// the others, all of them proxies or none, each with a weight from 1 to kWeightMax.
class ServerList {
public:
    // Appends the server. Otherwise the list stays as it is, and kInvalidArgument says which rule
    // the server breaks.
    Status add(Server server);

    const std::vector<Server>& servers() const { return servers_; }
    size_t size() const { return servers_.size(); }
    bool empty() const { return servers_.empty(); }

private:
    struct EndpointHash {
        size_t operator()(const Endpoint& endpoint) const {
            return static_cast<size_t>(endpoint.hash());
        }
    };

    std::vector<Server> servers_;
    std::unordered_set<Endpoint, EndpointHash> seen_;
};

}  // namespace memcache_session
