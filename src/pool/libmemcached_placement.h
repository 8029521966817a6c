// The places that libmemcached chooses, computed without it, so that every build agrees with every
// client that uses it: docs/protocol.md, "The rings of libmemcached".
// tests/unit/libmemcached_placement_test.cpp compares each point with those of the library.
#pragma once

#include <cstdint>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {

// kKetama is MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, which is php-memcached's OPT_LIBKETAMA_COMPATIBLE.
// Its sessions call it sess_consistent_hash_type=ketama_weighted.
// kKetamaUnweighted is MEMCACHED_BEHAVIOR_KETAMA, which is sess_consistent_hash_type=ketama, its
// default. kModula is the default of libmemcached, and of php-memcached with
// sess_consistent_hash=0. Only kKetama uses weights.
//
// The first server is the one that libmemcached names. The others follow it in the order of the
// save_path, the first server after the last, because libmemcached puts replicas there
// (MEMCACHED_BEHAVIOR_NUMBER_OF_REPLICAS).
class LibmemcachedPlacement final : public Placement {
public:
    struct Point {
        uint32_t value;
        uint32_t server;  // its position in the pool

        // If servers share a value, the first of them in the pool owns it.
        bool operator<(const Point& other) const {
            return value != other.value ? value < other.value : server < other.server;
        }
    };

    // REQUIRES: that of Placement::create(), and one of these three strategies.
    LibmemcachedPlacement(Strategy strategy, const std::vector<Server>& servers);

    // php-memcached hands its sess_prefix to libmemcached as MEMCACHED_CALLBACK_PREFIX_KEY, which
    // leaves it out of the hash.
    bool hashes_prefix() const override { return false; }

    void first_servers(std::string_view key, size_t count,
                       std::vector<uint32_t>* out) const override;

    // Without the servers that joined the pool, later points of the ring would have been the first.
    void search_list(std::string_view key, size_t redundancy, size_t count,
                     std::vector<uint32_t>* out) const override;

    // In ascending order. kModula has none.
    const std::vector<Point>& ring() const { return ring_; }

private:
    uint32_t hash_of(std::string_view key) const;
    std::vector<Point>::const_iterator point_of(uint32_t hash) const;
    std::vector<uint32_t> earlier_firsts(std::string_view key) const;

    Strategy strategy_;
    std::vector<Point> ring_;
};

}  // namespace memcache_session
