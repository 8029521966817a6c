#include "src/pool/pool_cache.h"

#include <algorithm>
#include <utility>

#include "src/pool/save_path.h"

namespace memcache_session {
namespace {

// Structured bindings name every field, so a field that is added does not compile until it is here.
bool are_same(const PlacementSettings& a, const PlacementSettings& b) {
    const auto& [strategy, hash_function, changing] = a;
    return strategy == b.strategy && hash_function == b.hash_function && changing == b.changing;
}

}  // namespace

bool PoolCache::Entry::is_for(const PoolSettings& settings) const {
    const auto& [wanted_path, wanted_id, wanted_port, wanted_placement] = settings;
    return default_port == wanted_port && are_same(placement, wanted_placement) &&
           ((wanted_id != 0 && save_path_id == wanted_id) || save_path == wanted_path);
}

// Sets what the cache keeps for these settings.
Status PoolCache::fill(const PoolSettings& settings, Entry* entry) const {
    const Result<ServerList> list = parse_save_path(settings.save_path, settings.default_port);
    if (!list.ok()) {
        return list.status();
    }
    if (list.value().sources().empty()) {
        Result<std::shared_ptr<const Pool>> pool = make_pool(list.value(), settings.placement);
        entry->pool = pool.ok() ? std::move(pool.value()) : nullptr;
        return pool.ok() ? Status() : pool.status();
    }
    if (changing_ == nullptr) {
        return {Code::kUnsupported, "the servers of this save_path cannot be asked for here"};
    }
    Result<std::unique_ptr<ChangingPool>> made = changing_->make(list.value(), settings.placement);
    entry->changing = made.ok() ? std::move(made.value()) : nullptr;
    return made.ok() ? Status() : made.status();
}

Result<std::shared_ptr<const Pool>> PoolCache::get(const PoolSettings& settings) {
    has_last_ = true;
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.is_for(settings); });
    if (found != entries_.end()) {
        found->save_path_id = settings.save_path_id;
        std::rotate(entries_.begin(), found, found + 1);
        return pool_of(entries_.front());
    }
    Entry entry{std::string(settings.save_path),
                settings.save_path_id,
                settings.default_port,
                settings.placement,
                nullptr,
                nullptr};
    if (Status status = fill(settings, &entry); !status.ok()) {
        has_last_ = false;
        return status;
    }
    if (entries_.size() >= kPoolsMax) {
        entries_.pop_back();
    }
    entries_.insert(entries_.begin(), std::move(entry));
    return pool_of(entries_.front());
}

}  // namespace memcache_session
