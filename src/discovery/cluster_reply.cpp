#include "src/discovery/cluster_reply.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "src/base/text.h"

namespace memcache_session {
namespace {

using State = ClusterReply::State;

constexpr size_t kLineMax = 256;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kEnd = "END\r\n";

// A line without its end, which is \n or \r\n. Nothing if there is no end.
std::optional<std::string_view> take_line(std::string_view* rest) {
    const size_t at = rest->find('\n');
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view line = rest->substr(0, at);
    rest->remove_prefix(at + 1);
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

// The length in bytes that the first line announces; nothing if the line is no such line.
std::optional<uint64_t> announced_length(std::string_view line) {
    for (const std::string_view begin : {std::string_view("CONFIG cluster "),
                                         std::string_view("VALUE AmazonElastiCache:cluster ")}) {
        if (!starts_with(line, begin)) {
            continue;
        }
        line.remove_prefix(begin.size());
        const size_t blank = line.find(' ');
        if (blank != std::string_view::npos &&
            parse_whole_number(line.substr(0, blank), UINT32_MAX)) {
            return parse_whole_number(line.substr(blank + 1), kClusterReplyMax);
        }
    }
    return std::nullopt;
}

// host|address|port
std::optional<Node> parse_node(std::string_view text) {
    const size_t first = text.find('|');
    const size_t second = first == std::string_view::npos ? first : text.find('|', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view host = text.substr(0, first);
    const std::string_view address = text.substr(first + 1, second - first - 1);
    const auto port = parse_whole_number(text.substr(second + 1), UINT16_MAX);
    const auto number = address.empty() ? std::optional(std::string()) : numeric_address(address);
    const auto name = node_name(host);
    const auto host_number = numeric_address(host);
    if (!port || *port == 0 || !number || (!name && !host_number)) {
        return std::nullopt;
    }
    // A host that is an address is a node without name.
    return Node{name.value_or(std::string()), name ? *number : *host_number,
                static_cast<uint16_t>(*port)};
}

std::optional<std::vector<Node>> parse_nodes(std::string_view line) {
    std::vector<Node> nodes;
    while (!line.empty()) {
        const std::string_view text = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(text.size() + 1, line.size()));
        if (text.empty()) {
            continue;
        }
        std::optional<Node> node = parse_node(text);
        if (!node || nodes.size() == NodeList::kNodesMax) {
            return std::nullopt;
        }
        nodes.push_back(std::move(*node));
    }
    return nodes;
}

ClusterReply parse_value(std::string_view value) {
    ClusterReply reply;
    reply.state = State::kMalformed;
    const auto version = take_line(&value);
    const auto number = version ? parse_whole_number(*version, INT64_MAX) : std::nullopt;
    const auto line = number ? take_line(&value) : std::nullopt;
    if (!line || value.find_first_not_of(kLineEnd) != std::string_view::npos) {
        return reply;
    }
    if (std::optional<std::vector<Node>> nodes = parse_nodes(*line)) {
        reply.state = State::kNodes;
        reply.version = *number;
        reply.nodes = std::move(*nodes);
    }
    return reply;
}

// The reply if it is one line; nothing if that announces a value.
std::optional<State> state_of_line(std::string_view line) {
    if (line == "END") {
        return State::kNone;
    }
    if (line == "ERROR" || starts_with(line, "CLIENT_ERROR") || starts_with(line, "SERVER_ERROR")) {
        return State::kRefused;
    }
    return announced_length(line) ? std::nullopt : std::optional(State::kMalformed);
}

}  // namespace

ClusterReply parse_cluster_reply(std::string_view input) {
    std::string_view rest = input;
    const auto line = take_line(&rest);
    if (!line || line->size() > kLineMax) {
        return {input.size() > kLineMax ? State::kMalformed : State::kIncomplete, 0, {}};
    }
    if (const std::optional<State> state = state_of_line(*line)) {
        return {*state, 0, {}};
    }
    const size_t length = *announced_length(*line);
    if (rest.size() < length + kLineEnd.size() + kEnd.size()) {
        const std::string_view tail = rest.substr(std::min(length, rest.size()));
        const std::string end = std::string(kLineEnd).append(kEnd);
        return {starts_with(end, tail) ? State::kIncomplete : State::kMalformed, 0, {}};
    }
    if (rest.substr(length) != std::string(kLineEnd).append(kEnd)) {
        return {State::kMalformed, 0, {}};
    }
    return parse_value(rest.substr(0, length));
}

}  // namespace memcache_session
