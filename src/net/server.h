// One memcached server, as the operator wrote it down.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/clock.h"

namespace memcache_session {

struct Server {
    // A host name or address (IPv6 without brackets), or for a Unix socket its absolute path.
    std::string host;
    uint16_t port = 0;  // 0 for a Unix socket
    bool is_unix = false;

    bool persistent = false;  // keep the connection for the life of the process
    // Not memcached itself but a program in front of it, which is sent one command at a time and no
    // others than add, get, set and delete. All servers of a pool are proxies, or none.
    bool proxy = false;
    uint32_t weight = 1;        // 1 to kWeightMax: share of the ring
    Duration timeout{1000000};  // bounds connecting and answering together
    // How long a server that was found down is left alone. Zero: it is asked by every request.
    Duration retry_interval{15000000};

    // As in messages: "10.0.0.1:11211", "[::1]:11211", "/run/memcached.sock".
    std::string name() const;
};

constexpr uint32_t kWeightMax = 1000;
constexpr size_t kServersMax = 1024;

}  // namespace memcache_session
