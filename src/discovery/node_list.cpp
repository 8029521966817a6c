#include "src/discovery/node_list.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "src/base/text.h"
#include "src/net/endpoint.h"
#include "src/net/socket.h"
#include "src/pool/host.h"

namespace memcache_session {
namespace {

constexpr size_t kSummaryMax = 8;  // nodes
constexpr std::string_view kNoName = "-";

// An address as a number: IPv4 before IPv6.
struct AddressNumber {
    bool is_ipv6 = false;
    std::array<unsigned char, sizeof(in6_addr)> bytes{};

    bool operator<(const AddressNumber& other) const {
        return std::tie(is_ipv6, bytes) < std::tie(other.is_ipv6, other.bytes);
    }
};

AddressNumber number_of(const std::string& address) {
    AddressNumber number;
    number.is_ipv6 = address.find(':') != std::string::npos;
    inet_pton(number.is_ipv6 ? AF_INET6 : AF_INET, address.c_str(), number.bytes.data());
    return number;
}

bool is_before(const Node& a, const Node& b) {
    if (a.name.empty() != b.name.empty()) {
        return b.name.empty();
    }
    if (!a.name.empty()) {
        return std::tie(a.name, a.port, a.address) < std::tie(b.name, b.port, b.address);
    }
    const AddressNumber first = number_of(a.address);
    const AddressNumber second = number_of(b.address);
    return std::tie(first, a.port) < std::tie(second, b.port);
}

bool is_same(const Node& a, const Node& b) {
    return a.name == b.name && a.port == b.port && (!a.name.empty() || a.address == b.address);
}

// Cuts the piece before `end` off the front of `rest`; nothing if `end` does not follow.
std::optional<std::string_view> take(std::string_view* rest, char end) {
    const size_t at = rest->find(end);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view piece = rest->substr(0, at);
    rest->remove_prefix(at + 1);
    return piece;
}

std::optional<Node> take_node(std::string_view* rest) {
    const auto name = take(rest, ' ');
    const auto address = name ? take(rest, ' ') : std::nullopt;
    const auto port = address ? take(rest, '\n') : std::nullopt;
    const auto number = port ? parse_whole_number(*port, UINT16_MAX) : std::nullopt;
    if (!number || *number == 0 || numeric_address(*address) != address) {
        return std::nullopt;
    }
    if (*name != kNoName && node_name(*name) != name) {
        return std::nullopt;
    }
    return Node{*name == kNoName ? std::string() : std::string(*name), std::string(*address),
                static_cast<uint16_t>(*number)};
}

}  // namespace

std::optional<std::string> numeric_address(std::string_view text) {
    char shown[INET6_ADDRSTRLEN] = {};
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    const std::string copy(text);
    for (const int family : {AF_INET, AF_INET6}) {
        if (inet_pton(family, copy.c_str(), bytes.data()) == 1 && copy.size() == text.size() &&
            inet_ntop(family, bytes.data(), shown, sizeof shown) != nullptr) {
            return shown;
        }
    }
    return std::nullopt;
}

std::optional<std::string> node_name(std::string_view text) {
    if (text.size() > 1 && text.back() == '.') {
        text.remove_suffix(1);
    }
    if (!is_host_name(text) || is_ipv4(text)) {
        return std::nullopt;
    }
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    return name;
}

NodeList::NodeList(std::vector<Node> nodes, uint64_t version)
    : nodes_(std::move(nodes)), version_(version) {
    std::sort(nodes_.begin(), nodes_.end(), is_before);
    nodes_.erase(std::unique(nodes_.begin(), nodes_.end(), is_same), nodes_.end());
}

std::string NodeList::text() const {
    std::string text;
    for (const Node& node : nodes_) {
        text.append(node.name.empty() ? kNoName : node.name).append(" ");
        text.append(node.address).append(" ").append(std::to_string(node.port)).append("\n");
    }
    return text;
}

std::optional<NodeList> NodeList::from_text(std::string_view text, uint64_t version) {
    std::vector<Node> nodes;
    while (!text.empty()) {
        std::optional<Node> node = take_node(&text);
        if (!node || nodes.size() == kNodesMax) {
            return std::nullopt;
        }
        nodes.push_back(std::move(*node));
    }
    return NodeList(std::move(nodes), version);
}

std::string NodeList::summary() const {
    std::string summary;
    for (size_t i = 0; i < std::min(nodes_.size(), kSummaryMax); ++i) {
        const Node& node = nodes_[i];
        const std::string& host = node.name.empty() ? node.address : node.name;
        summary.append(i > 0 ? ", " : "").append(Endpoint::tcp(host, node.port).name());
    }
    if (nodes_.size() > kSummaryMax) {
        summary.append(" and ").append(std::to_string(nodes_.size() - kSummaryMax)).append(" more");
    }
    return printable(summary);
}

}  // namespace memcache_session
