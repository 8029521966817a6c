// One memcached server with its settings.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/net/endpoint.h"
#include "src/net/security.h"

namespace memcache_session {

struct Server {
    Endpoint endpoint;

    // Where the endpoint's host is, as a numeric address; empty: the host itself is resolved. Two
    // servers that differ in this must have different Endpoint::access, too.
    std::string address = {};

    bool persistent = false;  // keep the connection for the life of the process
    // The server is a program in front of memcached. It is sent one command at a time, and only
    // add, get, set and delete. All servers of a pool are proxies, or none.
    bool proxy = false;
    uint32_t weight = 1;                         // 1 to kWeightMax: share of the ring
    Duration timeout = std::chrono::seconds{1};  // for connecting and all replies together
    // A server that was found down is probed this often, but at least each second. A name that was
    // not resolved is tried again this often. Zero: marks are ignored, and every request asks it.
    Duration retry_interval = std::chrono::seconds{15};

    std::shared_ptr<const TlsSettings> tls;  // null unless the endpoint's transport is TLS
    std::shared_ptr<const Login> login;      // null: the server wants no user

    std::string name() const { return endpoint.name(); }
};

constexpr uint32_t kWeightMax = 1000;
constexpr size_t kServersMax = 1024;

}  // namespace memcache_session
