#include "src/worker/status_report.h"

#include "src/base/text.h"

namespace memcache_session {

std::vector<ServerReport> server_reports(const Pool& pool, const PoolStatus& status,
                                         const ServerCounters& counters, TimePoint now) {
    std::vector<ServerReport> reports(pool.servers.size());
    for (size_t i = 0; i < reports.size(); ++i) {
        const Endpoint& endpoint = pool.servers[i].endpoint;
        ServerReport& report = reports[i];
        report.status = status.servers[i];
        report.transport = endpoint.transport;
        if (report.status.state != ServerState::kUp) {
            report.reason = printable(describe(report.status.reason, report.status.timeout));
        }
        report.figures = counters.read(endpoint.hash(), now);
        report.failed_ago = now - report.figures.last_failure;
    }
    return reports;
}

}  // namespace memcache_session
