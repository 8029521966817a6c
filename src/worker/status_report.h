// What memcache_session_status() shows, as values. docs/status.md has the meaning of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/net/statistics.h"
#include "src/worker/asked_servers.h"
#include "src/worker/pool_status.h"

namespace memcache_session {

struct ServerReport {
    ServerStatus status;
    Endpoint::Transport transport = Endpoint::Transport::kTcp;
    std::string reason;  // printable; empty if the server is up
    ServerFigures figures;
    Duration failed_ago{0};            // since ServerFigures::last_failure, if there is one
    std::optional<AskedServer> asked;  // nothing: it was not to be asked
};

struct StatusReport {
    std::string problem;  // printable: why there are no servers. Empty: there are
    std::vector<ServerReport> servers;
    std::vector<SourceState> sources;
    bool is_shared = false;
    int64_t since = 0;  // Unix times
    int64_t now = 0;
    Figures figures;
    std::vector<EventTotals::Minute> minutes;
};

// The reports of the servers of `pool`. `status`: of the same.
std::vector<ServerReport> server_reports(const Pool& pool, const PoolStatus& status,
                                         const ServerCounters& counters, TimePoint now);

}  // namespace memcache_session
