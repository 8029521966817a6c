#include "src/pool/libmemcached_placement.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string>

#include "src/pool/md5.h"

namespace memcache_session {
namespace {

using Point = LibmemcachedPlacement::Point;

constexpr uint16_t kPortLeftOut = 11211;
constexpr uint32_t kUnweightedTexts = 100;
constexpr uint32_t kPointsPerServer = 160;
constexpr uint32_t kPointsPerText = 4;

// So many servers that may have been the first for a key are known, as with kConsistent.
constexpr size_t kEarlierMax = 15;

// Bob Jenkins's hash of one byte at a time. libmemcached takes bytes as signed, as x86 does.
uint32_t one_at_a_time(std::string_view text) {
    uint32_t hash = 0;
    for (const char byte : text) {
        hash += static_cast<uint32_t>(static_cast<signed char>(byte));
        hash += hash << 10;
        hash ^= hash >> 6;
    }
    hash += hash << 3;
    hash ^= hash >> 11;
    return hash + (hash << 15);
}

// What precedes the number in the texts of a server.
std::string beginning_of(const Endpoint& endpoint) {
    std::string text = endpoint.host;
    if (endpoint.is_unix()) {
        text += ":0";
    } else if (endpoint.port != kPortLeftOut) {
        text += ":" + std::to_string(endpoint.port);
    }
    return text + "-";
}

// The value of a float is stored, so that no machine computes with more digits. A server could
// have one text more or less by that.
float rounded(float value) {
    const volatile float stored = value;
    return stored;
}

// How many texts a server has in kKetama, in the floating-point steps of libmemcached.
uint32_t weighted_texts(uint32_t weight, uint64_t total_weight, size_t server_count) {
    const float share = rounded(static_cast<float>(weight) / static_cast<float>(total_weight));
    const float points = rounded(share * static_cast<float>(kPointsPerServer));
    const float texts =
        rounded(rounded(points / kPointsPerText) * static_cast<float>(server_count));
    return static_cast<uint32_t>(rounded(static_cast<float>(texts + 0.0000000001)));
}

std::vector<Point> weighted_ring(const std::vector<Server>& servers) {
    uint64_t total_weight = 0;
    for (const Server& server : servers) {
        total_weight += server.weight;
    }
    std::vector<Point> ring;
    ring.reserve(servers.size() * kPointsPerServer);
    for (uint32_t server = 0; server < servers.size(); ++server) {
        const std::string beginning = beginning_of(servers[server].endpoint);
        const uint32_t count = weighted_texts(servers[server].weight, total_weight, servers.size());
        for (uint32_t n = 0; n < count; ++n) {
            for (const uint32_t value : md5_of(beginning + std::to_string(n))) {
                ring.push_back({value, server});
            }
        }
    }
    return ring;
}

std::vector<Point> unweighted_ring(const std::vector<Server>& servers) {
    std::vector<Point> ring;
    ring.reserve(servers.size() * kUnweightedTexts);
    for (uint32_t server = 0; server < servers.size(); ++server) {
        const std::string beginning = beginning_of(servers[server].endpoint);
        for (uint32_t n = 0; n < kUnweightedTexts; ++n) {
            ring.push_back({one_at_a_time(beginning + std::to_string(n)), server});
        }
    }
    return ring;
}

std::vector<Point> ring_of(Strategy strategy, const std::vector<Server>& servers) {
    std::vector<Point> ring;
    if (strategy != Strategy::kModula) {
        ring = strategy == Strategy::kKetama ? weighted_ring(servers) : unweighted_ring(servers);
        std::sort(ring.begin(), ring.end());
    }
    return ring;
}

}  // namespace

LibmemcachedPlacement::LibmemcachedPlacement(Strategy strategy, const std::vector<Server>& servers)
    : Placement(servers.size()), strategy_(strategy), ring_(ring_of(strategy, servers)) {
    assert(strategy == Strategy::kModula || !ring_.empty());
}

uint32_t LibmemcachedPlacement::hash_of(std::string_view key) const {
    return strategy_ == Strategy::kKetama ? md5_of(key)[0] : one_at_a_time(key);
}

// REQUIRES: there is a ring.
std::vector<Point>::const_iterator LibmemcachedPlacement::point_of(uint32_t hash) const {
    assert(!ring_.empty());
    const auto at = std::lower_bound(ring_.begin(), ring_.end(), Point{hash, 0});
    return at != ring_.end() ? at : ring_.begin();
}

void LibmemcachedPlacement::first_servers(std::string_view key, size_t count,
                                          std::vector<uint32_t>* out) const {
    out->clear();
    count = std::min(count, server_count());
    const uint32_t hash = hash_of(key);
    const size_t first =
        strategy_ == Strategy::kModula ? hash % server_count() : point_of(hash)->server;
    for (size_t i = 0; i < count; ++i) {
        out->push_back(static_cast<uint32_t>((first + i) % server_count()));
    }
}

// Those that would be the first server if the ones before had not joined: the latest first.
std::vector<uint32_t> LibmemcachedPlacement::earlier_firsts(std::string_view key) const {
    std::vector<uint32_t> owners;
    auto at = ring_.empty() ? ring_.begin() : point_of(hash_of(key));
    const size_t wanted = std::min(server_count(), kEarlierMax + 1);
    for (size_t step = 0; step < ring_.size() && owners.size() < wanted; ++step) {
        if (std::find(owners.begin(), owners.end(), at->server) == owners.end()) {
            owners.push_back(at->server);
        }
        at = std::next(at) != ring_.end() ? std::next(at) : ring_.begin();
    }
    owners.erase(owners.begin(), owners.begin() + (owners.empty() ? 0 : 1));
    return owners;
}

void LibmemcachedPlacement::search_list(std::string_view key, size_t redundancy, size_t count,
                                        std::vector<uint32_t>* out) const {
    count = std::min(count, server_count());
    redundancy = std::min(redundancy, server_count());
    std::vector<uint32_t> candidates;
    const auto add_with_followers = [&](size_t server, size_t begin) {
        for (size_t i = begin; i < redundancy; ++i) {
            candidates.push_back(static_cast<uint32_t>((server + i) % server_count()));
        }
    };
    first_servers(key, 2 * redundancy - 1, &candidates);
    const std::vector<uint32_t> earlier = earlier_firsts(key);
    if (!earlier.empty()) {
        add_with_followers(server_count() - 1, 1);  // they followed the last server before
        add_with_followers(earlier.front(), 0);
        candidates.insert(candidates.end(), earlier.begin(), earlier.end());
        for (const uint32_t server : earlier) {
            add_with_followers(server, 1);
        }
    }
    first_servers(key, count, out);
    candidates.insert(candidates.end(), out->begin(), out->end());
    out->clear();
    for (auto one = candidates.begin(); out->size() < count; ++one) {
        if (std::find(out->begin(), out->end(), *one) == out->end()) {
            out->push_back(*one);
        }
    }
}

}  // namespace memcache_session
