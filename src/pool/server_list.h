// The servers of a pool, in their order, with the rules that a pool needs.
#pragma once

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "src/base/status.h"
#include "src/net/endpoint.h"
#include "src/net/server.h"
#include "src/pool/source.h"

namespace memcache_session {

// Every list is valid, however short it still is: at most kServersMax servers, each different from
// the others, all of them proxies or none, each with a weight from 1 to kWeightMax. A list may also
// name sources, whose servers are not known here.
class ServerList {
public:
    static constexpr size_t kSourcesMax = 8;

    // Appends the server. Otherwise the list stays as it is, and kInvalidArgument says which rule
    // the server breaks.
    Status add(Server server);

    // Appends a source, or a server if its kind is kNone.
    Status add(Source source);

    // Whether the list has a server at the same address.
    bool has(const Server& server) const;

    // Appends the server unless the list has it. For a server that a source gives, which may be in
    // two sources. False: the list is full.
    bool add_unless_known(const Server& server);

    const std::vector<Server>& servers() const { return servers_; }
    size_t size() const { return servers_.size(); }
    bool empty() const { return servers_.empty(); }

    struct PlacedSource {
        size_t place;  // how many servers of the list come before
        Source source;
    };
    const std::vector<PlacedSource>& sources() const { return sources_; }

private:
    struct EndpointHash {
        size_t operator()(const Endpoint& endpoint) const {
            return static_cast<size_t>(endpoint.hash());
        }
    };

    Status check(const Server& server) const;

    std::vector<Server> servers_;
    std::vector<PlacedSource> sources_;
    std::unordered_set<Endpoint, EndpointHash> seen_;
};

}  // namespace memcache_session
