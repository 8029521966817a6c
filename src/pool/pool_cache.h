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

    // The pool for these settings, made now if it is not in the cache. Otherwise the status says
    // why the settings cannot be used. Failures are not cached.
    Result<std::shared_ptr<const Pool>> get(const PoolSettings& settings);

    size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string save_path;
        uint64_t save_path_id;  // under which it was asked for last
        uint16_t default_port;
        PlacementSettings placement;
        std::shared_ptr<const Pool> pool;

        bool is_for(const PoolSettings& settings) const;
    };

    std::vector<Entry> entries_;  // the one used last comes first
};

}  // namespace memcache_session
