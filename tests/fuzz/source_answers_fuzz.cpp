// libFuzzer entry: any answer of a source is read within its bounds, or refused. A list that is
// read is in the one order, and its text is read again. The first byte chooses the kind of answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/discovery/cluster_reply.h"
#include "src/discovery/dns_answer.h"
#include "src/discovery/node_list.h"
#include "tests/fuzz/require.h"

using memcache_session::ClusterReply;
using memcache_session::Node;
using memcache_session::node_name;
using memcache_session::NodeList;
using memcache_session::numeric_address;
using memcache_session::fuzz::require;

namespace {

void check_name(const std::string& name) {
    require(node_name(name) == name, "a name is in its one form");
}

void check_list(std::vector<Node> nodes, uint64_t version) {
    for (Node& node : nodes) {
        // As ask.cpp does for a name without an address.
        node.address = node.address.empty() ? "10.0.0.1" : node.address;
    }
    std::vector<Node> reversed(nodes.rbegin(), nodes.rend());
    const NodeList list(std::move(nodes), version);
    const auto read = NodeList::from_text(list.text(), version);
    require(read && read->nodes() == list.nodes() && read->version() == version,
            "a list is read again");
    require(NodeList(std::move(reversed), version).nodes() == list.nodes(),
            "the order of an answer does not matter");
    require(list.nodes().empty() == list.summary().empty(), "a list has a summary");
}

void check_cluster(std::string_view input) {
    const ClusterReply reply = memcache_session::parse_cluster_reply(input);
    require(reply.state == ClusterReply::State::kNodes || reply.nodes.empty(),
            "another reply has no nodes");
    require(reply.nodes.size() <= NodeList::kNodesMax, "a reply is bounded");
    for (const Node& node : reply.nodes) {
        require(node.port != 0 && !(node.name.empty() && node.address.empty()),
                "a node is somewhere");
        require(node.address.empty() || numeric_address(node.address) == node.address,
                "an address is in its one form");
        if (!node.name.empty()) {
            check_name(node.name);
        }
    }
    check_list(reply.nodes, reply.version);
    if (reply.state == ClusterReply::State::kNodes) {
        // A reply is not complete before its last byte.
        const auto cut = memcache_session::parse_cluster_reply(input.substr(0, input.size() - 1));
        require(cut.state == ClusterReply::State::kIncomplete, "a reply has one end");
    }
}

void check_records(std::string_view input) {
    const auto records = memcache_session::parse_service_records(input);
    if (!records) {
        return;
    }
    require(records->size() <= NodeList::kNodesMax, "an answer is bounded");
    std::vector<Node> nodes;
    for (const auto& record : *records) {
        check_name(record.target);
        require(record.port != 0, "a record has a port");
        nodes.push_back({record.target, "", record.port});
    }
    check_list(std::move(nodes), 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        check_cluster(input);
    } else {
        check_records(input);
    }
    static_cast<void>(NodeList::from_text(input, 0));
    return 0;
}
