#include "src/pool/placement.h"

#include <algorithm>
#include <cassert>

#include "src/pool/bucket_placement.h"
#include "src/pool/libmemcached_placement.h"

namespace memcache_session {

Result<std::unique_ptr<Placement>> Placement::create(const PlacementSettings& settings,
                                                     const std::vector<Server>& servers) {
    assert(!servers.empty() && servers.size() <= kServersMax);
    assert(std::all_of(servers.begin(), servers.end(),
                       [](const Server& server) { return server.weight >= 1; }));
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
