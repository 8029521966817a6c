#include "src/net/endpoint.h"

#include "src/base/text.h"

namespace memcache_session {
namespace {

// FNV-1a, 64 bit.
uint64_t add_to_hash(uint64_t hash, uint64_t number) {
    return (hash ^ number) * 0x100000001b3ULL;
}

}  // namespace

bool Endpoint::operator==(const Endpoint& other) const {
    return port == other.port && transport == other.transport &&
           (is_unix() ? host == other.host : equals_ignoring_case(host, other.host));
}

uint64_t Endpoint::hash() const {
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char byte : host) {
        hash = add_to_hash(hash, static_cast<unsigned char>(is_unix() ? byte : to_lower(byte)));
    }
    hash = add_to_hash(hash, port);
    return add_to_hash(hash, static_cast<uint64_t>(transport));
}

std::string Endpoint::name() const {
    if (is_unix()) {
        return host;
    }
    const bool has_colons = host.find(':') != std::string::npos;
    return (has_colons ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace memcache_session
