#include "src/pool/bucket_placement.h"

#include <algorithm>
#include <bitset>
#include <cassert>
#include <string>

namespace memcache_session {
namespace {

using ServerSet = std::bitset<kServersMax>;

constexpr uint32_t kRingBuckets = 1024;
constexpr uint32_t kRingBucketWidth = 0xffffffff / kRingBuckets;
constexpr uint32_t kPointsPerWeight = 160;
constexpr uint64_t kNoPoint = UINT64_MAX;

// kStandard uses 15 bits of the hash, so it cannot hit a bucket beyond these.
constexpr size_t kStandardBucketsMax = 0x8000;

// Ends the walk when some servers own almost no bucket. That happens only in pools with weights
// thousandfold apart, where pecl/memcache may walk for ever.
constexpr uint32_t kAttemptsMax = 50000;

// The text that pecl/memcache hashes for a server. It is Endpoint::name() except for a Unix socket.
std::string ring_name(const Endpoint& endpoint) {
    return endpoint.is_unix() ? "unix://" + endpoint.host + ":0" : endpoint.name();
}

// Buckets begin at equal distances. Each belongs to the first point at or after its beginning, or
// to the first point of all if no point follows. If two servers have a point, the earlier server
// owns it. The ring itself is never built, because only the lowest point between two beginnings can
// own a bucket.
std::vector<uint16_t> ring_buckets(HashFunction function, const std::vector<Server>& servers) {
    std::vector<uint64_t> lowest_point(kRingBuckets, kNoPoint);
    std::vector<uint16_t> owner(kRingBuckets, 0);

    for (size_t server = 0; server < servers.size(); ++server) {
        Hash name(function);
        name.add(ring_name(servers[server].endpoint));
        name.add('-');
        const uint64_t points = uint64_t{servers[server].weight} * kPointsPerWeight;
        for (uint64_t i = 0; i < points; ++i) {
            Hash text = name;
            text.add(std::to_string(i));
            const uint32_t point = text.value();
            const uint32_t bucket = std::min(point / kRingBucketWidth, kRingBuckets - 1);
            if (point < lowest_point[bucket]) {
                lowest_point[bucket] = point;
                owner[bucket] = static_cast<uint16_t>(server);
            }
        }
    }

    const auto first = std::find_if(lowest_point.begin(), lowest_point.end(),
                                    [](uint64_t point) { return point != kNoPoint; });
    uint16_t next = owner[static_cast<size_t>(first - lowest_point.begin())];
    for (size_t bucket = kRingBuckets; bucket-- > 0;) {
        if (lowest_point[bucket] == kNoPoint) {
            owner[bucket] = next;
        }
        next = owner[bucket];
    }
    return owner;
}

std::vector<uint16_t> standard_buckets(const std::vector<Server>& servers) {
    std::vector<uint16_t> buckets;
    for (size_t server = 0; server < servers.size(); ++server) {
        const size_t room = kStandardBucketsMax - buckets.size();
        buckets.insert(buckets.end(), std::min<size_t>(servers[server].weight, room),
                       static_cast<uint16_t>(server));
    }
    return buckets;
}

}  // namespace

BucketPlacement::BucketPlacement(const PlacementSettings& settings,
                                 const std::vector<Server>& servers)
    : Placement(servers.size()),
      settings_(settings),
      buckets_(settings.strategy == Strategy::kConsistent
                   ? ring_buckets(settings.hash_function, servers)
                   : standard_buckets(servers)) {
    ServerSet reachable;
    for (const uint16_t server : buckets_) {
        reachable.set(server);
    }
    reachable_count_ = reachable.count();
    for (const Server& server : servers) {
        total_weight_ += server.weight;
    }
}

uint32_t BucketPlacement::server_of(uint32_t hash) const {
    if (settings_.strategy == Strategy::kConsistent) {
        return buckets_[hash % kRingBuckets];
    }
    const uint32_t bits = (hash >> 16) & (kStandardBucketsMax - 1);
    return buckets_[(bits != 0 ? bits : 1) % total_weight_];
}

void BucketPlacement::first_servers(std::string_view key, size_t count,
                                    std::vector<uint32_t>* out) const {
    assert(key.find('\0') == std::string_view::npos);
    out->clear();
    count = std::min(count, server_count());
    out->reserve(count);
    const size_t by_walk = std::min(count, reachable_count_);
    ServerSet met;

    Hash text(settings_.hash_function);
    text.add(key);
    text.add('-');
    // Ten attempts at a time have all digits but the last in common.
    for (uint32_t tens = 0; tens < kAttemptsMax / 10 && out->size() < by_walk; ++tens) {
        Hash beginning = text;
        if (tens != 0) {
            beginning.add(std::to_string(tens));
        }
        for (char digit = '0'; digit <= '9' && out->size() < by_walk; ++digit) {
            Hash attempt = beginning;
            attempt.add(digit);
            const uint32_t server = server_of(attempt.value());
            if (!met.test(server)) {
                met.set(server);
                out->push_back(server);
            }
        }
    }
    for (uint32_t server = 0; out->size() < count; ++server) {
        if (!met.test(server)) {
            out->push_back(server);
        }
    }
}

}  // namespace memcache_session
