#include "src/pool/server_list.h"

#include <string>
#include <utility>

namespace memcache_session {

Status ServerList::add(Server server) {
    if (servers_.size() == kServersMax) {
        return {Code::kInvalidArgument,
                "the list has more than " + std::to_string(kServersMax) + " servers"};
    }
    if (server.weight < 1 || server.weight > kWeightMax) {
        return {Code::kInvalidArgument,
                "the weight is a whole number from 1 to " + std::to_string(kWeightMax)};
    }
    if (!servers_.empty() && server.proxy != servers_.front().proxy) {
        return {Code::kInvalidArgument, "proxy=1 is given for all servers or for none"};
    }
    // One address is one server, however it is spoken to.
    Endpoint address = server.endpoint;
    address.access.clear();
    address.transport = address.is_tls() ? Endpoint::Transport::kTcp : address.transport;
    if (!seen_.insert(std::move(address)).second) {
        return {Code::kInvalidArgument, "this server is given twice"};
    }
    servers_.push_back(std::move(server));
    return {};
}

}  // namespace memcache_session
