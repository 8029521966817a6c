#include "src/pool/server_list.h"

#include <algorithm>
#include <string>
#include <utility>

namespace memcache_session {
namespace {

// One address is one server, however it is spoken to.
Endpoint address_of(const Server& server) {
    Endpoint address = server.endpoint;
    address.access.clear();
    address.transport = address.is_tls() ? Endpoint::Transport::kTcp : address.transport;
    return address;
}

bool is_same(const Source& a, const Source& b) {
    return a.kind == b.kind && address_of(a.server) == address_of(b.server);
}

}  // namespace

Status ServerList::check(const Server& server) const {
    if (server.weight < 1 || server.weight > kWeightMax) {
        return {Code::kInvalidArgument,
                "the weight is a whole number from 1 to " + std::to_string(kWeightMax)};
    }
    const Server* const other = !servers_.empty()   ? &servers_.front()
                                : !sources_.empty() ? &sources_.front().source.server
                                                    : nullptr;
    if (other != nullptr && server.proxy != other->proxy) {
        return {Code::kInvalidArgument, "proxy=1 is given for all servers or for none"};
    }
    return {};
}

Status ServerList::add(Server server) {
    if (servers_.size() == kServersMax) {
        return {Code::kInvalidArgument,
                "the list has more than " + std::to_string(kServersMax) + " servers"};
    }
    if (Status wrong = check(server); !wrong.ok()) {
        return wrong;
    }
    if (!seen_.insert(address_of(server)).second) {
        return {Code::kInvalidArgument, "this server is given twice"};
    }
    servers_.push_back(std::move(server));
    return {};
}

Status ServerList::add(Source source) {
    if (source.kind == SourceKind::kNone) {
        return add(std::move(source.server));
    }
    if (sources_.size() == kSourcesMax) {
        return {Code::kInvalidArgument, "the list has more than " + std::to_string(kSourcesMax) +
                                            " names whose servers are asked for"};
    }
    if (Status wrong = check(source.server); !wrong.ok()) {
        return wrong;
    }
    if (std::any_of(sources_.begin(), sources_.end(),
                    [&](const PlacedSource& placed) { return is_same(placed.source, source); })) {
        return {Code::kInvalidArgument, "this name is given twice"};
    }
    sources_.push_back({servers_.size(), std::move(source)});
    return {};
}

bool ServerList::has(const Server& server) const {
    return seen_.count(address_of(server)) != 0;
}

bool ServerList::add_unless_known(const Server& server) {
    if (servers_.size() == kServersMax) {
        return false;
    }
    if (seen_.insert(address_of(server)).second) {
        servers_.push_back(server);
    }
    return true;
}

}  // namespace memcache_session
