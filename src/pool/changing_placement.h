// The placement of a pool that changes by itself, so that web servers may have different views of
// it for a while. protocol.md, "Pools with different views".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/pool/bucket_placement.h"
#include "src/pool/placement.h"

namespace memcache_session {

// The servers of a key follow each other on the ring of kConsistent, whose first server is theirs.
// So two pools that differ by one server share, for each key, all but one of the first servers.
// This holds for up to BucketPlacement::kSuccessorsMax of them.
class ChangingPlacement final : public Placement {
public:
    // REQUIRES: that of Placement::create().
    ChangingPlacement(HashFunction hash_function, const std::vector<Server>& servers);

    void first_servers(std::string_view key, size_t count,
                       std::vector<uint32_t>* out) const override;

    uint32_t lock_mark(uint32_t server) const override { return marks_[server]; }

private:
    BucketPlacement ring_;
    std::vector<uint32_t> marks_;  // of each server
};

}  // namespace memcache_session
