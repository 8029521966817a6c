// One memcached server, as the operator wrote it down.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/base/clock.h"
#include "src/net/endpoint.h"

namespace memcache_session {

struct Server {
    Endpoint endpoint;

    bool persistent = false;  // keep the connection for the life of the process
    // Not memcached itself but a program in front of it, which is sent one command at a time and no
    // others than add, get, set and delete. All servers of a pool are proxies, or none.
    bool proxy = false;
    uint32_t weight = 1;                         // 1 to kWeightMax: share of the ring
    Duration timeout = std::chrono::seconds(1);  // bounds connecting and answering together
    // How long a server that was found down is left alone. Zero: it is asked by every request.
    Duration retry_interval = std::chrono::seconds(15);

    std::string name() const { return endpoint.name(); }
};

constexpr uint32_t kWeightMax = 1000;
constexpr size_t kServersMax = 1024;

}  // namespace memcache_session
