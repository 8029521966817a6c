// The state of each server of a pool, as far as it is known without asking a server.
#pragma once

#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/net/failure.h"
#include "src/net/health.h"
#include "src/net/meta_probe.h"
#include "src/pool/changing_pool.h"
#include "src/pool/pool.h"

namespace memcache_session {

enum class ServerState {
    kUp,      // no failure is known
    kClosed,  // marked down for new connections; kept ones are used
    kDown,    // marked down
};

struct ServerStatus {
    std::string name;  // Server::name(), printable
    ServerState state = ServerState::kUp;
    MetaServers::Speaks speaks = MetaServers::Speaks::kUnknown;

    // Set unless kUp:
    Failure reason;        // the latest failure
    Duration timeout{0};   // the server's, of which some reasons speak
    Duration down_for{0};  // since the outage began
};

struct PoolStatus {
    std::string problem;  // printable: why there is no pool. Empty: there is one
    std::vector<ServerStatus> servers;
    std::vector<SourceState> sources;  // which gave some of these servers
    std::vector<std::string> files;    // that the servers' parameters name
};

PoolStatus pool_status(const Pool& pool, const HealthTable& health, const MetaServers& meta_servers,
                       TimePoint now);

// Printable: "up", or "down for 2 s: connection refused; left alone until it is well again".
std::string state_text(const ServerStatus& server);

// Printable: "3 servers, asked 4 s ago, unchanged for 600 s".
std::string state_text(const SourceState& source);

// The protocol that the server spoke last to this process; empty if that is unknown.
const char* protocol_text(const ServerStatus& server);

}  // namespace memcache_session
