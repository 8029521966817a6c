#include "src/worker/pool_status.h"

#include "src/base/text.h"

namespace memcache_session {
namespace {

ServerStatus server_status(const Server& server, const HealthTable::Snapshot& health) {
    ServerStatus status;
    status.name = printable(server.name());
    if (health.down) {
        status.state = ServerState::kDown;
        status.reason = health.failure;
        status.timeout = server.timeout;
        status.down_for = health.down_for;
        status.left_alone_for = health.left_alone_for;
    }
    return status;
}

}  // namespace

PoolStatus pool_status(const Pool& pool, const HealthTable& health, TimePoint now) {
    PoolStatus status;
    status.servers.reserve(pool.servers.size());
    for (const Server& server : pool.servers) {
        status.servers.push_back(server_status(server, health.snapshot(server, now)));
    }
    return status;
}

std::string state_text(const ServerStatus& server) {
    if (server.state == ServerState::kUp) {
        return "up";
    }
    return printable("down for " + seconds_text(server.down_for) + ": " +
                     describe(server.reason, server.timeout) + "; left alone for another " +
                     seconds_text(server.left_alone_for));
}

}  // namespace memcache_session
