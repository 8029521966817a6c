#include "src/pool/changing_placement.h"

#include <algorithm>

namespace memcache_session {

ChangingPlacement::ChangingPlacement(HashFunction hash_function, const std::vector<Server>& servers)
    : Placement(servers.size()), ring_({Strategy::kConsistent, hash_function, false}, servers) {
    for (const Server& server : servers) {
        Endpoint place = server.endpoint;
        place.host = server.address.empty() ? place.host : server.address;
        marks_.push_back(hash(HashFunction::kFnv, place.name()) | kLockMarkMin);
    }
}

void ChangingPlacement::first_servers(std::string_view key, size_t count,
                                      std::vector<uint32_t>* out) const {
    count = std::min(count, server_count());
    ring_.owners(key, out);
    if (out->size() < count) {
        std::vector<uint32_t> others;
        ring_.first_servers(key, server_count(), &others);
        for (const uint32_t server : others) {
            if (std::find(out->begin(), out->end(), server) == out->end()) {
                out->push_back(server);
            }
        }
    }
    out->resize(count);
}

}  // namespace memcache_session
