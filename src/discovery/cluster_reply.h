// The reply of an ElastiCache cluster to the question for its nodes: bytes only.
//
//     CONFIG cluster 0 <length>\r\n          (to `config get cluster`)
//     VALUE AmazonElastiCache:cluster 0 <length>\r\n        (to `get` of that, before 1.4.14)
//     <version>\n
//     <host>|<address>|<port> <host>|<address>|<port> ...\n
//     \r\n
//     END\r\n
//
// as "Adding auto discovery to your client library" in Amazon's guide describes it. An address may
// be empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/discovery/node_list.h"

namespace memcache_session {

constexpr std::string_view kClusterCommand = "config get cluster\r\n";
constexpr std::string_view kOldClusterCommand = "get AmazonElastiCache:cluster\r\n";

struct ClusterReply {
    enum class State {
        kIncomplete,  // more bytes must come
        kNodes,
        kNone,       // END: the server keeps no such list
        kRefused,    // an error: the server does not know the command
        kMalformed,  // no such reply, or one that is too long
    };
    State state = State::kIncomplete;
    uint64_t version = 0;
    std::vector<Node> nodes;  // an address may be empty, and the order is that of the reply
};

// The longest reply, in bytes.
constexpr size_t kClusterReplyMax = size_t{128} << 10;

// Reads the reply that `input` begins with.
ClusterReply parse_cluster_reply(std::string_view input);

}  // namespace memcache_session
