// pecl/memcache's placement of sessions. Every fact here was read in pecl/memcache 4.0.5.2 and 8.0
// and is compared in a test with what the Debian package php8.2-memcache does.
//
// - The n-th attempt for a key hashes the text `<key>-<n>`, n = 0, 1, 2 ...: its session code does
//   so for the first server too, other than its Memcache class. The hash chooses a bucket, the
//   bucket names a server. A server met again is passed over. Servers that own no bucket are never
//   met, and pecl/memcache never ends looking for them; here they come last, in save_path order.
// - The session item and its lock `<key>.lock` stand on the same servers: the hashed key is that
//   of the session.
// - memcache.max_failover_attempts does not move a copy: beyond that many attempts
//   pecl/memcache no longer passes over servers it has met, stores on them again, and still goes
//   on until it has met as many as it needs.
// - A dead server keeps its place in the list and counts as a copy; nobody stands in for it.
#pragma once

#include <cstdint>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {

// kConsistent and kStandard.
class BucketPlacement final : public Placement {
public:
    // REQUIRES: what Placement::create() checks.
    BucketPlacement(const PlacementSettings& settings, const std::vector<PlacedServer>& servers);

    void first_servers(std::string_view key, size_t count,
                       std::vector<uint32_t>* out) const override;

private:
    uint32_t server_of(uint32_t hash) const;

    PlacementSettings settings_;
    std::vector<uint16_t> buckets_;  // the server of each bucket
    uint64_t total_weight_ = 0;
    size_t reachable_count_ = 0;  // servers that own a bucket
};

}  // namespace memcache_session
