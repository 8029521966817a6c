// Keeps the pools that requests use again and again, so that a request parses no save_path and
// builds no ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/status.h"
#include "src/pool/changing_pool.h"
#include "src/pool/pool.h"

namespace memcache_session {

// The settings that define a pool.
struct PoolSettings {
    std::string_view save_path;
    // Not 0: this text, and no other, has the number. Then the texts need not be compared, which
    // costs much for a thousand servers.
    uint64_t save_path_id = 0;
    uint16_t default_port = 0;
    PlacementSettings placement;
};

// One thread only.
class PoolCache {
public:
    // A process serves a few sites, each with its own save_path. Beyond this number, the pool that
    // was not used for the longest time is dropped from the cache. Sessions that use it keep it
    // alive.
    static constexpr size_t kPoolsMax = 16;

    // `changing` makes the pools of save_paths with sources, and outlives the object; null: they
    // are refused.
    explicit PoolCache(ChangingPools* changing = nullptr) : changing_(changing) {}

    // The pool for these settings, made now if it is not in the cache. Otherwise the status says
    // why the settings cannot be used, which is not cached, or why there is no list of servers yet.
    Result<std::shared_ptr<const Pool>> get(const PoolSettings& settings);

    // The states of the sources of the pool that get() was asked for last.
    std::vector<SourceState> sources(TimePoint now) const {
        return has_last_ && entries_.front().changing ? entries_.front().changing->sources(now)
                                                      : std::vector<SourceState>();
    }

    size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string save_path;
        uint64_t save_path_id;  // under which it was asked for last
        uint16_t default_port;
        PlacementSettings placement;
        std::shared_ptr<const Pool> pool;        // null: it changes
        std::unique_ptr<ChangingPool> changing;  // null: it does not

        bool is_for(const PoolSettings& settings) const;
    };

    Status fill(const PoolSettings& settings, Entry* entry) const;
    static Result<std::shared_ptr<const Pool>> pool_of(const Entry& entry) {
        return entry.changing ? entry.changing->current() : entry.pool;
    }

    ChangingPools* changing_;
    bool has_last_ = false;       // the latest get() was for the first of the entries
    std::vector<Entry> entries_;  // the one used last comes first
};

}  // namespace memcache_session
