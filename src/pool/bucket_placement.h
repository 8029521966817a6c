// pecl/memcache's placement of sessions. Every fact here was read in pecl/memcache 4.0.5.2 and 8.0,
// and a test compares it with the Debian package php8.2-memcache.
//
// - The n-th attempt for a key hashes the text `<key>-<n>`, n = 0, 1, 2 ... pecl/memcache's session
//   code does so for the first server too, unlike its Memcache class. The hash chooses a bucket and
//   the bucket names a server. A server that was met before is passed over. Servers that own no
//   bucket are never met, and pecl/memcache looks for them for ever. Here they come last, in the
//   order of the save_path.
// - The session item and its lock `<key>.lock` are on the same servers, because the hashed key
//   is that of the session.
// - memcache.max_failover_attempts does not move a copy. Beyond that many attempts pecl/memcache
//   stores again on servers that it has met, and continues until it has met as many different
//   servers as it needs.
// - A dead server keeps its place in the list and counts as a copy. No other server replaces it.
#pragma once

#include <cstdint>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {

// kConsistent and kStandard.
class BucketPlacement final : public Placement {
public:
    // REQUIRES: that of Placement::create(), and one of these two strategies.
    BucketPlacement(const PlacementSettings& settings, const std::vector<Server>& servers);

    void first_servers(std::string_view key, size_t count,
                       std::vector<uint32_t>* out) const override;

    // How many owners of a bucket are known: the one, and those before as many servers joined.
    static constexpr size_t kSuccessorsMax = 16;

    // Sets `out` to the owner of the key's first bucket, and then to those that would own it
    // without the servers before. REQUIRES: kConsistent.
    void owners(std::string_view key, std::vector<uint32_t>* out) const;

    // kConsistent knows the first choices before up to 15 servers joined the pool.
    void search_list(std::string_view key, size_t redundancy, size_t count,
                     std::vector<uint32_t>* out) const override;

private:
    size_t bucket_of(uint32_t hash) const;
    std::vector<size_t> buckets_of_first(std::string_view key, size_t count) const;

    PlacementSettings settings_;
    // The server of each bucket. kConsistent: the places of ring_buckets().
    std::vector<uint16_t> buckets_;
    uint64_t total_weight_ = 0;
    size_t reachable_count_ = 0;  // servers that own a bucket
};

}  // namespace memcache_session
