#include "src/pool/pool_cache.h"

#include <algorithm>

#include "src/pool/save_path.h"

namespace memcache_session {
namespace {

Result<std::shared_ptr<const Pool>> make_pool(const PoolSettings& settings) {
    Result<std::vector<Server>> servers =
        parse_save_path(settings.save_path, settings.default_port);
    if (!servers.ok()) {
        return servers.status();
    }
    std::vector<PlacedServer> placed;
    placed.reserve(servers.value().size());
    for (const Server& server : servers.value()) {
        const Endpoint& endpoint = server.endpoint;
        placed.push_back({endpoint.host, endpoint.port, endpoint.is_unix(), server.weight});
    }
    Result<std::unique_ptr<Placement>> placement = Placement::create(settings.placement, placed);
    if (!placement.ok()) {
        return placement.status();
    }
    auto pool = std::make_shared<Pool>();
    pool->servers = std::move(servers.value());
    pool->placement = std::move(placement.value());
    return std::shared_ptr<const Pool>(std::move(pool));
}

}  // namespace

bool PoolCache::Entry::is_for(const PoolSettings& settings) const {
    return save_path == settings.save_path && default_port == settings.default_port &&
           placement.strategy == settings.placement.strategy &&
           placement.hash_function == settings.placement.hash_function;
}

Result<std::shared_ptr<const Pool>> PoolCache::get(const PoolSettings& settings) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.is_for(settings); });
    if (found != entries_.end()) {
        std::rotate(entries_.begin(), found, found + 1);
        return entries_.front().pool;
    }
    Result<std::shared_ptr<const Pool>> pool = make_pool(settings);
    if (pool.ok()) {
        if (entries_.size() >= kPoolsMax) {
            entries_.pop_back();
        }
        entries_.insert(entries_.begin(),
                        Entry{std::string(settings.save_path), settings.default_port,
                              settings.placement, pool.value()});
    }
    return pool;
}

}  // namespace memcache_session
