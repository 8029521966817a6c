#include "src/pool/placement.h"

#include "src/pool/bucket_placement.h"
#include "src/pool/libmemcached_placement.h"

namespace memcache_session {

Result<std::unique_ptr<Placement>> Placement::create(const PlacementSettings& settings,
                                                     const std::vector<PlacedServer>& servers) {
    if (servers.empty()) {
        return Status(Code::kInvalidArgument, "there is no server");
    }
    if (servers.size() > kPlacedServersMax) {
        return Status(Code::kInvalidArgument, std::to_string(servers.size()) +
                                                  " servers are too many, the limit is " +
                                                  std::to_string(kPlacedServersMax));
    }
    for (const PlacedServer& server : servers) {
        if (server.weight == 0) {
            return Status(Code::kInvalidArgument,
                          "server " + server.host + " has weight 0, at least 1 is needed");
        }
    }
    switch (settings.strategy) {
        case Strategy::kConsistent:
        case Strategy::kStandard:
            break;
        case Strategy::kKetama:
        case Strategy::kKetamaUnweighted:
        case Strategy::kModula:
            return create_libmemcached_placement(settings.strategy, servers);
    }
    return std::unique_ptr<Placement>(std::make_unique<BucketPlacement>(settings, servers));
}

}  // namespace memcache_session
