// Who listens where. Equality, hash and name are here alone: they decide which connections, health
// marks and entries of a save_path are of one server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace memcache_session {

struct Endpoint {
    enum class Transport : uint8_t { kTcp, kUnix };

    Transport transport = Transport::kTcp;
    std::string host;   // a name or address, IPv6 without brackets; of a Unix socket the path
    uint16_t port = 0;  // 0 for a Unix socket

    bool is_unix() const { return transport == Transport::kUnix; }

    // Names are compared as they are written, but for the case of letters: "localhost" and
    // "127.0.0.1" are two endpoints.
    bool operator==(const Endpoint& other) const;
    bool operator!=(const Endpoint& other) const { return !(*this == other); }

    // Equal for equal endpoints, in every process.
    uint64_t hash() const;

    // As in messages: "10.0.0.1:11211", "[::1]:11211", "/run/memcached.sock".
    std::string name() const;
};

// For containers.
struct EndpointHash {
    size_t operator()(const Endpoint& endpoint) const {
        return static_cast<size_t>(endpoint.hash());
    }
};

}  // namespace memcache_session
