#include "src/pool/pool_cache.h"

#include <algorithm>

#include "src/pool/save_path.h"

namespace memcache_session {
namespace {

// Structured bindings name every field, so a field that is added does not compile until it is here.
bool are_same(const PlacementSettings& a, const PlacementSettings& b) {
    const auto& [strategy, hash_function] = a;
    return strategy == b.strategy && hash_function == b.hash_function;
}

Result<std::shared_ptr<const Pool>> pool_of(const PoolSettings& settings) {
    const Result<ServerList> list = parse_save_path(settings.save_path, settings.default_port);
    return list.ok() ? make_pool(list.value(), settings.placement) : list.status();
}

}  // namespace

bool PoolCache::Entry::is_for(const PoolSettings& settings) const {
    const auto& [wanted_path, wanted_id, wanted_port, wanted_placement] = settings;
    return default_port == wanted_port && are_same(placement, wanted_placement) &&
           ((wanted_id != 0 && save_path_id == wanted_id) || save_path == wanted_path);
}

Result<std::shared_ptr<const Pool>> PoolCache::get(const PoolSettings& settings) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.is_for(settings); });
    if (found != entries_.end()) {
        found->save_path_id = settings.save_path_id;
        std::rotate(entries_.begin(), found, found + 1);
        return entries_.front().pool;
    }
    Result<std::shared_ptr<const Pool>> pool = pool_of(settings);
    if (pool.ok()) {
        if (entries_.size() >= kPoolsMax) {
            entries_.pop_back();
        }
        entries_.insert(entries_.begin(),
                        Entry{std::string(settings.save_path), settings.save_path_id,
                              settings.default_port, settings.placement, pool.value()});
    }
    return pool;
}

}  // namespace memcache_session
