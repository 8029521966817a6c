#include "src/pool/bucket_placement.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cassert>
#include <string>
#include <tuple>

namespace memcache_session {
namespace {

using ServerSet = std::bitset<kServersMax>;

constexpr uint32_t kRingBuckets = 1024;
constexpr uint32_t kRingBucketWidth = 0xffffffff / kRingBuckets;
constexpr uint32_t kPointsPerWeight = 160;
constexpr uint16_t kNoServer = UINT16_MAX;

constexpr size_t kSuccessorsMax = BucketPlacement::kSuccessorsMax;

// kStandard uses 15 bits of the hash, so it cannot hit a bucket beyond these.
constexpr size_t kStandardBucketsMax = 0x8000;

// Ends the walk when some servers own almost no bucket. That happens only in pools with weights
// thousandfold apart, where pecl/memcache may walk for ever.
constexpr uint32_t kAttemptsMax = 50000;

// The most buckets of a key whose earlier owners are searched.
constexpr uint32_t kVisitedMax = 64;

// The text that pecl/memcache hashes for a server. It is Endpoint::name() except for a Unix socket.
std::string ring_name(const Endpoint& endpoint) {
    return endpoint.is_unix() ? "unix://" + endpoint.host + ":0" : endpoint.name();
}

// The hashes of `<key>-0`, `<key>-1` and so on.
class NumberedHashes {
public:
    NumberedHashes(HashFunction function, std::string_view key) : key_(function) {
        assert(key.find('\0') == std::string_view::npos);
        key_.add(key);
        key_.add('-');
        beginning_ = key_;
    }

    // Ten texts at a time have all digits but the last in common.
    uint32_t next() {
        if (count_ % 10 == 0 && count_ > 0) {
            beginning_ = key_;
            beginning_.add(std::to_string(count_ / 10));
        }
        Hash text = beginning_;
        text.add(static_cast<char>('0' + count_++ % 10));
        return text.value();
    }

    uint32_t count() const { return count_; }

private:
    Hash key_;
    Hash beginning_ = key_;
    uint32_t count_ = 0;
};

// The lowest points of a bucket, each of another server, in ascending order.
class LowestPoints {
public:
    void add(uint32_t value, uint16_t server) {
        const Point point{value, server};
        Point* const end = points_.data() + count_;
        if (count_ == points_.size() && !(point < end[-1])) {
            return;
        }
        Point* const at = std::lower_bound(points_.data(), end, point);
        const auto is_same = [server](const Point& other) { return other.server == server; };
        if (std::any_of(points_.data(), at, is_same)) {
            return;
        }
        Point* gap = std::find_if(at, end, is_same);
        if (gap == end) {
            count_ += count_ < points_.size() ? 1 : 0;
            gap = points_.data() + count_ - 1;
        }
        std::move_backward(at, gap, gap + 1);
        *at = point;
    }

    // Sets `servers`, of kSuccessorsMax places, to those of the points and then of `next`, each
    // once. kNoServer fills the rest.
    void list(const uint16_t* next, uint16_t* servers) const {
        std::array<uint16_t, kSuccessorsMax> listed;
        size_t count = 0;
        for (size_t i = 0; i < count_; ++i) {
            listed[count++] = points_[i].server;
        }
        for (size_t i = 0; i < kSuccessorsMax && count < kSuccessorsMax; ++i) {
            if (std::find(listed.data(), listed.data() + count, next[i]) == listed.data() + count) {
                listed[count++] = next[i];
            }
        }
        std::fill(listed.begin() + static_cast<std::ptrdiff_t>(count), listed.end(), kNoServer);
        std::copy(listed.begin(), listed.end(), servers);
    }

private:
    struct Point {
        uint32_t value;
        uint16_t server;

        // If two servers have a point, the earlier server owns it.
        bool operator<(const Point& other) const {
            return std::tie(value, server) < std::tie(other.value, other.server);
        }
    };

    std::array<Point, kSuccessorsMax> points_{};
    size_t count_ = 0;
};

// Buckets begin at equal distances. Each belongs to the first point at or after its beginning, or
// to the first point of all if no point follows. Returns for each bucket its owner, and then those
// who would own it without the ones before: kSuccessorsMax places, in which kNoServer follows the
// last one. The ring itself is never built, because it has 160,000 points for a thousand servers.
std::vector<uint16_t> ring_buckets(HashFunction function, const std::vector<Server>& servers) {
    std::vector<LowestPoints> points(kRingBuckets);
    for (size_t server = 0; server < servers.size(); ++server) {
        NumberedHashes texts(function, ring_name(servers[server].endpoint));
        const uint32_t count = servers[server].weight * kPointsPerWeight;
        while (texts.count() < count) {
            const uint32_t point = texts.next();
            points[std::min(point / kRingBucketWidth, kRingBuckets - 1)].add(
                point, static_cast<uint16_t>(server));
        }
    }
    std::vector<uint16_t> owners(kRingBuckets * kSuccessorsMax, kNoServer);
    // Twice around, because after the last bucket comes the first one.
    for (size_t step = 2 * kRingBuckets; step-- > 0;) {
        const size_t bucket = step % kRingBuckets;
        const size_t next = (bucket + 1) % kRingBuckets;
        points[bucket].list(&owners[next * kSuccessorsMax], &owners[bucket * kSuccessorsMax]);
    }
    return owners;
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
    const size_t step = settings.strategy == Strategy::kConsistent ? kSuccessorsMax : 1;
    for (size_t i = 0; i < buckets_.size(); i += step) {
        reachable.set(buckets_[i]);
    }
    reachable_count_ = reachable.count();
    for (const Server& server : servers) {
        total_weight_ += server.weight;
    }
}

size_t BucketPlacement::bucket_of(uint32_t hash) const {
    if (settings_.strategy == Strategy::kConsistent) {
        return hash % kRingBuckets * kSuccessorsMax;
    }
    const uint32_t bits = (hash >> 16) & (kStandardBucketsMax - 1);
    return (bits != 0 ? bits : 1) % total_weight_;
}

void BucketPlacement::first_servers(std::string_view key, size_t count,
                                    std::vector<uint32_t>* out) const {
    out->clear();
    count = std::min(count, server_count());
    out->reserve(count);
    const size_t by_walk = std::min(count, reachable_count_);
    ServerSet met;
    NumberedHashes attempts(settings_.hash_function, key);
    while (attempts.count() < kAttemptsMax && out->size() < by_walk) {
        const uint32_t server = buckets_[bucket_of(attempts.next())];
        if (!met.test(server)) {
            met.set(server);
            out->push_back(server);
        }
    }
    for (uint32_t server = 0; out->size() < count; ++server) {
        if (!met.test(server)) {
            out->push_back(server);
        }
    }
}

void BucketPlacement::owners(std::string_view key, std::vector<uint32_t>* out) const {
    assert(settings_.strategy == Strategy::kConsistent);
    const uint16_t* const owners =
        &buckets_[bucket_of(NumberedHashes(settings_.hash_function, key).next())];
    out->assign(owners, std::find(owners, owners + kSuccessorsMax, kNoServer));
}

// Without the servers that joined the pool, the bucket of an attempt would belong to a later one of
// its list. So the lists of all attempts that choose the first choices are read side by side.
void BucketPlacement::search_list(std::string_view key, size_t redundancy, size_t count,
                                  std::vector<uint32_t>* out) const {
    count = std::min(count, server_count());
    redundancy = std::min(redundancy, server_count());
    first_servers(key, std::min(count, 2 * redundancy - 1), out);
    ServerSet listed;
    const auto add = [&](uint32_t server) {
        if (out->size() < count && !listed.test(server)) {
            listed.set(server);
            out->push_back(server);
        }
    };
    for (const uint32_t server : *out) {
        listed.set(server);
    }
    if (settings_.strategy == Strategy::kConsistent) {
        const std::vector<size_t> buckets = buckets_of_first(key, redundancy);
        for (size_t later = 1; later < kSuccessorsMax && out->size() < count; ++later) {
            for (const size_t bucket : buckets) {
                if (buckets_[bucket + later] != kNoServer) {
                    add(buckets_[bucket + later]);
                }
            }
        }
    }
    if (out->size() < count) {
        std::vector<uint32_t> rest;
        first_servers(key, count, &rest);
        std::for_each(rest.begin(), rest.end(), add);
    }
}

// The buckets that the walk visits until it has met so many servers.
std::vector<size_t> BucketPlacement::buckets_of_first(std::string_view key, size_t count) const {
    std::vector<size_t> buckets;
    ServerSet met;
    NumberedHashes attempts(settings_.hash_function, key);
    while (attempts.count() < kVisitedMax && met.count() < std::min(count, reachable_count_)) {
        buckets.push_back(bucket_of(attempts.next()));
        met.set(buckets_[buckets.back()]);
    }
    return buckets;
}

}  // namespace memcache_session
