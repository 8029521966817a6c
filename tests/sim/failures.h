// Which servers are failed for which session, as the promises define it: from the moment at which
// one client cannot use a server, or it loses items, until it answers all clients again, every down
// mark on it and every request opened under such a mark has ended, bytes sent to it earlier have
// run, and a commit of that session has reached it.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "src/net/server.h"
#include "tests/sim/client.h"
#include "tests/sim/cluster.h"
#include "tests/sim/scenario.h"

namespace memcache_session::sim {

class Failures {
public:
    Failures(const Settings& settings, Cluster& cluster, const std::vector<Server>& servers)
        : settings_(settings),
          cluster_(cluster),
          servers_(servers),
          stale_(settings.sessions, 0),
          healed_(settings.sessions, std::vector<SimTime>(settings.servers, -1)),
          existing_(settings.sessions, false) {}

    // All that can keep a server failed.
    void watch(const Client* client) { clients_.push_back(client); }

    // Whether fewer than R servers would be failed for every session if the fault began now.
    bool may_begin(const Event& fault) const;
    void begins(const Event& fault);

    // The same for a change of the pool: servers that some clients use and others do not are
    // failed. Unless all machines change at once and no request runs: then only those that are
    // removed are.
    bool may_change_pool(const Event& change, const std::deque<Machine>& machines,
                         const Pool& next) const;
    void pool_changes(uint32_t servers);

    // A client could not use the server, or found it marked down.
    void missed(uint32_t server);

    // Somebody stores the session: from now on there is something to lose.
    void store_begins(uint32_t session);

    // A commit was acknowledged; bit s of `servers`: it stands on server s. `everywhere`: on each
    // of the first R, so that what other servers hold is outvoted whatever they do.
    void committed(uint32_t session, uint32_t servers, bool everywhere);

    // Bit s: server s is failed.
    uint32_t failed(uint32_t session) const;

    // Answers all clients, bears no mark, is passed over by no request, and has run everything; and
    // it is in every pool, or in none.
    bool is_well(uint32_t server) const;

private:
    uint32_t failed_max() const;
    bool is_in_pool(uint32_t server) const;
    bool is_in_every_pool(uint32_t server) const;

    const Settings& settings_;
    Cluster& cluster_;
    const std::vector<Server>& servers_;
    std::vector<const Client*> clients_;
    std::vector<uint32_t> stale_;  // of each session, bit s: no commit has reached server s since
    // Of each session and server, when such a commit reached it: a request that asked it before
    // still counts on another.
    std::vector<std::vector<SimTime>> healed_;
    std::vector<bool> existing_;
};

}  // namespace memcache_session::sim
