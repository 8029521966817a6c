#include "src/pool/placement.h"

#include <algorithm>
#include <cassert>

#include "src/pool/bucket_placement.h"
#include "src/pool/changing_placement.h"
#include "src/pool/libmemcached_placement.h"

namespace memcache_session {

std::unique_ptr<Placement> Placement::create(const PlacementSettings& settings,
                                             const std::vector<Server>& servers) {
    assert(!servers.empty() && servers.size() <= kServersMax);
    assert(std::all_of(servers.begin(), servers.end(),
                       [](const Server& server) { return server.weight >= 1; }));
    if (settings.changing) {
        assert(settings.strategy == Strategy::kConsistent);
        return std::make_unique<ChangingPlacement>(settings.hash_function, servers);
    }
    switch (settings.strategy) {
        case Strategy::kConsistent:
        case Strategy::kStandard:
            break;
        case Strategy::kKetama:
        case Strategy::kKetamaUnweighted:
        case Strategy::kModula:
            return std::make_unique<LibmemcachedPlacement>(settings.strategy, servers);
    }
    return std::make_unique<BucketPlacement>(settings, servers);
}

}  // namespace memcache_session
