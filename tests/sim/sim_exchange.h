// The Exchange of a simulated process: behaves as exchange.h says, over the simulated cluster.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/time_budget.h"
#include "src/lock/lock_item.h"
#include "src/net/exchange.h"
#include "src/net/health.h"
#include "src/net/server.h"
#include "tests/sim/cluster.h"
#include "tests/sim/process.h"

namespace memcache_session::sim {

class SimExchange final : public Exchange, private TripOwner {
public:
    SimExchange(const std::vector<Server>& servers, Cluster& cluster, Timeline& timeline,
                Process& process, const Clock& clock, HealthTable& health, const TimeBudget& budget,
                Trace& trace);

    void run(Purpose purpose, Request* requests, size_t count) override;
    bool usable(uint32_t server) override;
    bool had_outage(uint32_t server) const override { return health_.had_outage(servers_[server]); }
    void mark_down(uint32_t server, Failure failure) override;

    // A request of PHP begins. The seed decides what the network does to it.
    void begin_request(uint64_t seed);
    // A request ends: connections are closed unless they are kept.
    void end_request(bool keep_connections);
    // The process has died.
    void die();

    // The process will be killed in phase `phase` of this request (from 1), after it has sent to
    // `sends` servers.
    void set_death(uint32_t phase, uint32_t sends) {
        death_phase_ = phase;
        death_sends_ = sends;
    }

    // When the latest phase began.
    SimTime last_phase_begin() const { return last_phase_begin_; }
    // `on_missed` is called with each server that this process could not use.
    void set_on_missed(std::function<void(uint32_t)> on_missed) {
        on_missed_ = std::move(on_missed);
    }

    // Since when a request of PHP runs; kNever if none does.
    SimTime request_since() const { return request_since_; }
    // Phases of this request.
    uint32_t phases() const { return phases_; }
    // Bit s: server s failed in this request, or was left out because it was marked down.
    uint32_t troubled() const { return troubled_; }
    // Since when the present phase waits for the server; kNever if it does not.
    SimTime waits_since(uint32_t server) const;
    // Bit s: since clear_answers() server s answered a gets of `key`.
    uint32_t answered(const std::string& key) const;
    bool saw_tombstone(const std::string& key) const;
    // Whether a lock was seen since clear_answers() whose holder names no second server and belongs
    // to another machine. If that request has ended, the lock lasts until it expires.
    bool saw_lone_lock() const { return saw_lone_lock_; }
    void clear_answers() {
        seen_.clear();
        saw_lone_lock_ = false;
        timed_out_ = timed_out_twice_ = 0;
    }
    // Bit s: server s was asked in this request.
    uint32_t asked() const { return asked_; }
    // Bit s: server s did not answer in time since clear_answers(), for the second time.
    uint32_t timed_out_twice() const { return timed_out_twice_; }
    // How many requests failed since the request of PHP began.
    uint32_t failures() const { return failures_; }
    // The token of the locks that were last asked for; 0 if none.
    LockToken token() const { return token_; }
    // The REQUIRES of Exchange that a caller broke; empty if none.
    const std::string& misuse() const { return misuse_; }

private:
    void on_connected(Trip* trip, ConnectionId connection) override;
    void on_connect_failed(Trip* trip, Failure failure) override;
    void on_answers(Trip* trip, const Message& message, size_t count) override;
    void on_closed(Trip* trip) override;

    void begin(Trip* trip, Request* request, uint64_t seed);
    void connect(Trip* trip);
    void lost(Trip* trip);
    void finish(Trip* trip, Failure failure);
    void close(Trip* trip);
    void settle(const Trip& trip);
    void missed(uint32_t server);
    void mark(uint32_t server, Failure failure, Reach reach);
    bool check(const Request* requests, size_t count);
    void note(uint32_t server, const std::string& key, const Reply& reply);
    std::string who() const;

    // A probe of a server that is marked down, beside the phases. As in probes.h, its result is
    // noted when a phase begins or ends.
    struct Probe {
        Trip trip;
        Request request;
        TimePoint began;
        SimTime gives_up_at = 0;
    };
    void begin_probe(uint32_t server);
    void start_probe(uint32_t server);
    bool is_probing(uint32_t server) const;
    bool is_well_after_all(uint32_t server);
    void probe_ended(Trip* trip);
    void look_at_probes();
    Probe* probe_of(const Trip* trip);

    struct Seen {
        std::string key;
        uint32_t server;
        bool tombstone;
    };

    const std::vector<Server>& servers_;
    Cluster& cluster_;
    Timeline& timeline_;
    Process& process_;
    const Clock& clock_;
    HealthTable& health_;
    const TimeBudget& budget_;
    Trace& trace_;

    std::vector<ConnectionId> kept_;  // of each server; 0 if none
    std::deque<Trip> trips_;
    std::deque<Probe> probes_;
    // The values in the replies of the latest phase. They are kept for the whole request where the
    // rule reread_after_wait is off.
    std::deque<std::string> values_;
    size_t first_value_ = 0;
    size_t values_in_use_ = 0;
    size_t pending_ = 0;
    bool waiting_ = false;

    uint64_t seed_ = 0;
    SimTime request_since_ = kNever;
    uint32_t phases_ = 0;
    SimTime doubts_end_ = kNever;  // until then this request waits for probes
    bool waits_for_probe_ = false;
    SimTime last_phase_begin_ = 0;
    TimePoint phase_began_;  // the same, by the client's clock
    Duration phase_max_{0};  // how long it may take
    uint32_t troubled_ = 0;
    uint32_t failures_ = 0;
    uint32_t timed_out_ = 0;
    uint32_t asked_ = 0;
    uint32_t timed_out_twice_ = 0;
    uint32_t death_phase_ = 0;
    uint32_t death_sends_ = 0;
    std::vector<Seen> seen_;
    bool saw_lone_lock_ = false;
    std::function<void(uint32_t)> on_missed_;
    LockToken token_ = 0;
    std::string misuse_;
};

}  // namespace memcache_session::sim
