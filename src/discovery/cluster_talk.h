// The dialogue with the configuration endpoint of an ElastiCache cluster.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "src/discovery/ask_failure.h"
#include "src/discovery/node_list.h"
#include "src/net/server.h"

namespace memcache_session {

struct ClusterTalk {
    AskFailure failure;
    uint64_t version = 0;
    std::vector<Node> nodes;  // of ClusterReply
};

// Connects to one of the addresses, greets as the parameters of the server say, and asks for the
// nodes, in both ways if need be. Blocks for at most the server's timeout, and not much longer than
// until `stop`.
ClusterTalk talk_to_cluster(const Server& server, const std::vector<std::string>& addresses,
                            const std::atomic<bool>& stop);

}  // namespace memcache_session
