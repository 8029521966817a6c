// Something that knows the servers of a pool, as a save_path names it. docs/protocol.md, "Pools
// that change".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "src/base/clock.h"
#include "src/net/server.h"

namespace memcache_session {

enum class SourceKind : uint8_t {
    kNone,         // a server that is written itself
    kAddresses,    // dns+: each address of a name is a server
    kServices,     // srv+: each SRV record of a name
    kElastiCache,  // elasticache+: each node of a cluster, as its configuration endpoint tells
};

// Whether the system's resolver can be asked for SRV records.
#ifdef MEMCACHE_SESSION_SRV
constexpr bool kAsksForServices = true;
#else
constexpr bool kAsksForServices = false;
#endif

constexpr Duration kRefreshMin = std::chrono::seconds(1);
constexpr Duration kRefreshMax = std::chrono::seconds(300);

// An entry of a save_path. With a kind other than kNone its server has the name and the port that
// are asked for, and the parameters of every server that the source gives.
struct Source {
    SourceKind kind = SourceKind::kNone;
    Server server;
    Duration refresh = std::chrono::seconds(10);  // how often it is asked

    // The name in messages: "dns+tcp://memcached.example:11211". It has no parameters, so no path
    // and no user.
    std::string name() const;
};

}  // namespace memcache_session
