#include "src/pool/pool.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace memcache_session {

PreferenceList Pool::preference_list(std::string_view sid, std::string_view key,
                                     size_t wanted) const {
    return {*placement, placement->hashes_prefix() ? key : sid, wanted};
}

bool Pool::is_proxied() const {
    assert(!servers.empty());
    return servers.front().proxy;
}

Result<std::shared_ptr<const Pool>> make_pool(const ServerList& list,
                                              const PlacementSettings& settings,
                                              uint64_t revision) {
    if (list.empty()) {
        return Status(Code::kInvalidArgument, "there is no server");
    }
    auto pool = std::make_shared<Pool>();
    pool->servers = list.servers();
    pool->timeout_max =
        std::max_element(list.servers().begin(), list.servers().end(),
                         [](const Server& a, const Server& b) { return a.timeout < b.timeout; })
            ->timeout;
    pool->placement = Placement::create(settings, list.servers());
    pool->revision = revision;
    return std::shared_ptr<const Pool>(std::move(pool));
}

}  // namespace memcache_session
