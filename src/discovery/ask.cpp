#include "src/discovery/ask.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/discovery/cluster_talk.h"
#include "src/discovery/dns_answer.h"

namespace memcache_session {
namespace {

using Problem = AskFailure::Problem;

Answer failed(AskFailure failure) {
    return {{}, failure};
}

Answer ask_for_addresses(const Source& source, const Resolver& resolver) {
    std::vector<std::string> addresses;
    const AskFailure failure = resolver.addresses(source.server.endpoint.host, &addresses);
    if (failure) {
        return failed(failure);
    }
    std::vector<Node> nodes;
    for (std::string& address : addresses) {
        nodes.push_back({"", std::move(address), source.server.endpoint.port});
    }
    return {NodeList(std::move(nodes)), {}};
}

// The address that the server of this name has in the list; empty if it has none.
std::string address_in(const NodeList& known, const Node& node) {
    const auto found = std::find_if(
        known.nodes().begin(), known.nodes().end(),
        [&](const Node& other) { return other.name == node.name && other.port == node.port; });
    return found == known.nodes().end() ? std::string() : found->address;
}

// Resolves the names of the nodes that have no address. One of several addresses is taken, by its
// number, so that the order of the answer does not matter. A name that has none at the moment keeps
// the address that it had. It is not waited for again and again if the resolver itself fails.
AskFailure resolve_all(const Resolver& resolver, const NodeList& known, std::vector<Node>* nodes,
                       const std::atomic<bool>& stop) {
    for (Node& node : *nodes) {
        if (!node.address.empty()) {
            continue;
        }
        if (stop) {
            return {Problem::kStopped, {}};
        }
        std::vector<std::string> addresses;
        const AskFailure failure = resolver.addresses(node.name, &addresses);
        if (!failure) {
            std::vector<Node> found;
            for (std::string& address : addresses) {
                found.push_back({"", std::move(address), node.port});
            }
            node.address = NodeList(std::move(found)).nodes().front().address;
        } else if (is_answer(failure)) {
            node.address = address_in(known, node);
        }
        if (node.address.empty()) {
            return {Problem::kUnresolved, failure.failure};
        }
    }
    return {};
}

Answer ask_for_services(const Source& source, const Resolver& resolver, const NodeList& known,
                        const std::atomic<bool>& stop) {
    std::string message;
    AskFailure failure = resolver.service_records(source.server.endpoint.host, &message);
    if (failure) {
        return failed(failure);
    }
    const std::optional<std::vector<ServiceRecord>> records = parse_service_records(message);
    if (!records) {
        return failed({Problem::kMalformed, {}});
    }
    std::vector<Node> nodes;
    for (const ServiceRecord& record : *records) {
        nodes.push_back({record.target, "", record.port});
    }
    failure = resolve_all(resolver, known, &nodes, stop);
    return failure ? failed(failure) : Answer{NodeList(std::move(nodes)), {}};
}

Answer ask_cluster(const Source& source, const Resolver& resolver, const NodeList& known,
                   const std::atomic<bool>& stop) {
    std::vector<std::string> addresses;
    AskFailure failure = resolver.addresses(source.server.endpoint.host, &addresses);
    if (failure) {
        return failed(failure);
    }
    ClusterTalk talk = talk_to_cluster(source.server, addresses, stop);
    if (talk.failure) {
        return failed(talk.failure);
    }
    failure = resolve_all(resolver, known, &talk.nodes, stop);
    return failure ? failed(failure) : Answer{NodeList(std::move(talk.nodes), talk.version), {}};
}

}  // namespace

Answer ask(const Source& source, const Resolver& resolver, const NodeList& known,
           const std::atomic<bool>& stop) {
    switch (source.kind) {
        case SourceKind::kAddresses:
            return ask_for_addresses(source, resolver);
        case SourceKind::kServices:
            return ask_for_services(source, resolver, known, stop);
        case SourceKind::kElastiCache:
            return ask_cluster(source, resolver, known, stop);
        case SourceKind::kNone:
            break;
    }
    return failed({Problem::kMalformed, {}});
}

}  // namespace memcache_session
