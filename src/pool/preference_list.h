// The preference list of one key, computed as far as somebody asks for it: in a pool of a thousand
// servers a request usually wants the first few.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {

// Empty, or of a placement and a key, which must outlive it. One thread.
class PreferenceList {
public:
    PreferenceList() = default;
    // `key`: as Placement::first_servers() takes it. `wanted`: so many are computed at first. A
    // longer beginning is computed from the start.
    PreferenceList(const Placement& placement, std::string_view key, size_t wanted = 1)
        : placement_(&placement), key_(key), wanted_(wanted) {}

    // The servers of the pool.
    size_t size() const { return placement_ != nullptr ? placement_->server_count() : 0; }

    // The server at a position, which costs more the later the position is.
    // REQUIRES: position < size().
    uint32_t operator[](size_t position) const;

    // Placement::lock_mark(). REQUIRES: server < size().
    uint32_t lock_mark(uint32_t server) const {
        assert(server < size());
        return placement_->lock_mark(server);
    }

    // The first min(count, size()) servers of Placement::search_list().
    std::vector<uint32_t> search_list(size_t redundancy, size_t count) const;

private:
    const Placement* placement_ = nullptr;
    std::string_view key_;
    size_t wanted_ = 0;
    mutable std::vector<uint32_t> known_;  // the beginning of the list
};

}  // namespace memcache_session
