// Who listens where. Connections, health marks and the entries of a save_path belong to the same
// server when their endpoints are equal.
#pragma once

#include <cstdint>
#include <string>

namespace memcache_session {

struct Endpoint {
    enum class Transport : uint8_t { kTcp, kUnix, kTls };

    Transport transport = Transport::kTcp;
    // A host name or address (IPv6 without brackets); for a Unix socket, its absolute path.
    std::string host;
    uint16_t port = 0;  // 0 for a Unix socket
    // What else must be the same before two pools may share a connection: the text of the server's
    // settings for TLS and its user, and Server::address. Has no secret. Empty without any.
    std::string access = {};

    static Endpoint tcp(std::string host, uint16_t port);
    static Endpoint unix_socket(std::string path);

    bool is_unix() const { return transport == Transport::kUnix; }
    bool is_tls() const { return transport == Transport::kTls; }

    // Host names are equal whatever the case of their letters; paths are not. Names are not
    // resolved: a name and its address are two endpoints.
    bool operator==(const Endpoint& other) const;
    bool operator!=(const Endpoint& other) const { return !(*this == other); }

    // Equal endpoints have equal hashes, in every process that runs this build.
    uint64_t hash() const;

    // The name in messages: "10.0.0.1:11211", "[::1]:11211", "/run/memcached.sock".
    std::string name() const;
};

}  // namespace memcache_session
