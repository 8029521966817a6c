// A PHP worker in the simulation: serves requests one after another, each with the real Session.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/random.h"
#include "src/net/health.h"
#include "src/session/session.h"
#include "tests/sim/pool.h"
#include "tests/sim/process.h"
#include "tests/sim/scenario.h"
#include "tests/sim/sim_exchange.h"

namespace memcache_session::sim {

class Checker;

// What all clients of a history share.
struct ClientParts {
    const Scenario& scenario;
    const std::vector<Server>& servers;
    Cluster& cluster;
    Timeline& timeline;
    Trace& trace;
    Checker& checker;
};

// What the processes of one machine share.
struct Machine {
    HealthTable health{HealthTable::Memory::kPrivate};
    ProcessTable* processes = nullptr;
    const Pool* pool = nullptr;  // at present
    bool all_agree = true;       // on the pool; otherwise no process is killed
    SimTime clock_offset = 0;
    int64_t clock_skew = 0;
};

class Client {
public:
    Client(const ClientParts& parts, uint32_t slot, uint32_t machine_number, Machine& machine);

    // Serves the requests of this process in the order of their times, from now on.
    void start();
    // Ends the process, whatever it is doing.
    void end() { process_.end(); }

    const Process& process() const { return process_; }
    SimExchange& exchange() { return exchange_; }
    const SimExchange& exchange() const { return exchange_; }
    // Whether this machine has marked the server down, and does not doubt it.
    bool believes_mark(const Server& server) const {
        return machine_.health.state(server) != HealthTable::State::kUp &&
               !machine_.health.is_doubtful(server, clock_.now());
    }
    const Machine& machine() const { return machine_; }
    // The pool of the request that runs; null if none does.
    const Pool* pool() const { return pool_; }
    const Clock& clock() const { return clock_; }
    // Whether a request that runs or is yet to come will be killed.
    bool may_die_later() const;
    // Whether one that runs will be.
    bool may_die_now() const { return pool_ != nullptr && may_die_now_; }

private:
    struct Use;  // one request

    void serve(const Event& event);
    void serve_with(Session& session, Use& use);
    void serve_as_pecl(Use& use);
    bool lock_as_pecl(SimServer& server, const std::string& lock);
    bool read(Session& session, Use& use);
    void think(Use& use);
    void write(Session& session, Use& use, bool too_large);
    void touch(Session& session, Use& use);
    void destroy(Session& session, Use& use);
    void look_up(Session& session, Use& use);
    void close(Session& session, Use& use);
    bool is_foreign() const;
    bool merges() const;
    void arm_death(const Event& request);
    void report(const std::string& what, Answer answer, const Session& session) const;
    SimTime timeline_now() const;

    const ClientParts& parts_;
    Machine& machine_;
    Process process_;
    SimClock clock_;
    TimeBudget budget_;
    SimExchange exchange_;
    Random random_;
    const Pool* pool_ = nullptr;
    bool dies_thinking_ = false;
    bool may_die_now_ = false;
    SimTime served_at_ = -1;  // the planned begin of the latest request
};

}  // namespace memcache_session::sim
