// The servers of a pool, in their order, with the rules that a pool needs.
#pragma once

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "src/base/status.h"
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
    std::vector<Server> servers_;
    std::set<std::pair<std::string, uint16_t>> seen_;  // hosts in small letters
};

}  // namespace memcache_session
