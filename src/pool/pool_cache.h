// The pools of servers that requests use again and again, so that a request parses nothing and
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

// Everything on which a pool depends.
struct PoolSettings {
    std::string_view save_path;
    uint16_t default_port = 0;
    PlacementSettings placement;
};

// One thread only.
class PoolCache {
public:
    // A process serves a few sites, each with its own save_path; beyond this the pool that was not
    // used for longest is dropped from here, and lives on as long as somebody holds it.
    static constexpr size_t kPoolsMax = 16;

    // The pool for these settings, made now if it is not here. Otherwise the status says what is
    // wrong with them; failures are not kept.
    Result<std::shared_ptr<const Pool>> get(const PoolSettings& settings);

    size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string save_path;
        uint16_t default_port;
        PlacementSettings placement;
        std::shared_ptr<const Pool> pool;

        bool is_for(const PoolSettings& settings) const;
    };

    std::vector<Entry> entries_;  // used last comes first
};

}  // namespace memcache_session
