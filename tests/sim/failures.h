// Which servers are failed for which session, as docs/protocol.md defines it. The failure of a
// server begins when one client cannot use it, or it loses items. It ends when all of this is true:
//
// - The server answers all clients.
// - No down mark on it is left that is not in doubt, and no request that was opened under one.
// - It has run all bytes that were sent to it earlier.
// - A commit of that session has reached it.
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
          existing_(settings.sessions, false),
          was_failed_(settings.sessions, false) {}

    // The clients that may be unable to use a server.
    void watch(const Client* client) { clients_.push_back(client); }

    // Whether fewer than R servers would be failed for every session if the fault began now.
    bool may_begin(const Event& fault) const;
    void begins(const Event& fault);

    // The same for a change of the pool. Servers that some clients use and others do not are
    // failed. If all machines change at once and no request runs, only the removed servers are
    // failed.
    bool may_change_pool(const Event& change, const std::deque<Machine>& machines,
                         const Pool& next) const;
    void pool_changes(uint32_t servers);

    // The same for the start of a change with Settings::changing. A server that takes the place of
    // another counts as one with it.
    bool may_begin_change(uint32_t leaving, uint32_t joining) const;
    void change_begins(uint32_t leaving, uint32_t joining);
    // All agree again.
    void change_ends();
    // Whether all machines, and all requests that run, have the same pool.
    bool all_agree() const;

    // A client could not use the server, or found it marked down.
    void missed(uint32_t server);

    // Somebody stores the session: from now on there is something to lose.
    void store_begins(uint32_t session);

    // A commit was acknowledged. Bit s of `servers`: server s has it. `everywhere`: each of the
    // first R servers has it, so that it outvotes the copies of all other servers.
    void committed(uint32_t session, uint32_t servers, bool everywhere);

    // Bit s: server s is failed.
    uint32_t failed(uint32_t session) const;

    // Whether the server answers all clients, has no mark and has run all that was sent to it. Also
    // no request leaves it out, and it is in every pool or in none.
    bool is_well(uint32_t server) const;

private:
    uint32_t failed_max() const;
    uint32_t count(uint32_t session, uint32_t failed) const;
    uint32_t has_copy(uint32_t session, uint32_t servers) const;
    bool may_leave_half_a_commit(uint32_t leaving) const;
    bool leaves_half_a_commit(uint32_t leaving) const;
    bool items_moved_in_a_request() const;
    bool is_in_pool(uint32_t server) const;
    bool is_in_every_pool(uint32_t server) const;

    const Settings& settings_;
    Cluster& cluster_;
    const std::vector<Server>& servers_;
    std::vector<const Client*> clients_;
    std::vector<uint32_t> stale_;  // of each session, bit s: no commit has reached server s since
    // The time at which such a commit of the session reached the server. A request that asked the
    // server before that time still builds upon another commit.
    std::vector<std::vector<SimTime>> healed_;
    std::vector<bool> existing_;
    // The servers of the latest change (Settings::changing).
    uint32_t leaving_ = 0;
    uint32_t joining_ = 0;
    // Whether the joining server had been removed before, and the session not been stored since.
    std::vector<bool> was_failed_;
};

}  // namespace memcache_session::sim
