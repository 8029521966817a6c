// The servers that a source gives, in the one order that all web servers know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memcache_session {

struct Node {
    std::string name;     // a host name in small letters; empty: the source gives addresses only
    std::string address;  // numeric, as inet_ntop() writes it
    uint16_t port = 0;

    bool operator==(const Node& other) const {
        return name == other.name && address == other.address && port == other.port;
    }
};

class NodeList {
public:
    static constexpr size_t kNodesMax = 1024;
    // The longest text(), in bytes.
    static constexpr size_t kTextMax = size_t{64} << 10;

    // In any order; a node that equals another in name and port, or in address and port if it has
    // no name, is dropped. `version`: of an ElastiCache cluster; 0: the source has none.
    NodeList() = default;
    explicit NodeList(std::vector<Node> nodes, uint64_t version = 0);

    // Nodes with names are ordered by name and port. The others follow by address, as a number, and
    // port: IPv4 before IPv6. So the order does not depend on that of an answer, and a node that
    // has another address than before keeps its place.
    const std::vector<Node>& nodes() const { return nodes_; }
    uint64_t version() const { return version_; }

    // One line for each node. from_text() reads it again, and nothing else.
    std::string text() const;
    static std::optional<NodeList> from_text(std::string_view text, uint64_t version);

    // The names for people, printable: "a:11211, b:11211 and 3 more".
    std::string summary() const;

private:
    std::vector<Node> nodes_;
    uint64_t version_ = 0;
};

// The address in the form of Node::address: "::1" for "0:0::1". Nothing if it is none.
std::optional<std::string> numeric_address(std::string_view text);

// A host name in the form of Node::name: in small letters and without a dot at its end. Nothing if
// it is none, or an address.
std::optional<std::string> node_name(std::string_view text);

}  // namespace memcache_session
