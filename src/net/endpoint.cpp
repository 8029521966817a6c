#include "src/net/endpoint.h"

#include <utility>

#include "src/base/text.h"

namespace memcache_session {

namespace {

// The constants of FNV-1a with 64 bits.
constexpr uint64_t kHashSeed = 0xcbf29ce484222325ULL;
constexpr uint64_t kHashFactor = 0x100000001b3ULL;

constexpr uint64_t mixed_in(uint64_t hash, uint64_t number) {
    return (hash ^ number) * kHashFactor;
}

}  // namespace

Endpoint Endpoint::tcp(std::string host, uint16_t port) {
    return {Transport::kTcp, std::move(host), port};
}

Endpoint Endpoint::unix_socket(std::string path) {
    return {Transport::kUnix, std::move(path), 0};
}

bool Endpoint::operator==(const Endpoint& other) const {
    if (transport != other.transport || port != other.port) {
        return false;
    }
    return is_unix() ? host == other.host : equals_ignoring_case(host, other.host);
}

uint64_t Endpoint::hash() const {
    uint64_t hash = mixed_in(mixed_in(kHashSeed, static_cast<uint64_t>(transport)), port);
    for (const char c : host) {
        hash = mixed_in(hash, static_cast<unsigned char>(is_unix() ? c : to_lower(c)));
    }
    return hash;
}

std::string Endpoint::name() const {
    if (is_unix()) {
        return host;
    }
    const bool has_colons = host.find(':') != std::string::npos;
    return (has_colons ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace memcache_session
