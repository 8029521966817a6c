// The marks of the servers of one pool, as one session sets and reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/net/connection_pool.h"
#include "src/net/exchange.h"
#include "src/net/failure.h"
#include "src/net/health.h"
#include "src/net/probes.h"
#include "src/net/server.h"
#include "src/net/server_counters.h"

namespace memcache_session {

// This process was the first to notice that a server went down or came back: one line in a log.
struct HealthEvent {
    uint32_t server = 0;  // position in the pool
    bool down = false;
    Failure failure;         // why, when down
    Duration outage{0};      // how long it was down, when back
    std::string words = {};  // of the server, when down, as words_of() shows them
};

// Servers are named by their positions in the pool. One thread.
class ServerMarks {
public:
    // All of these outlive the object. `probes`: null if nobody probes. `counters`:
    // null if nothing is counted.
    ServerMarks(const std::vector<Server>& servers, HealthTable& health, const Clock& clock,
                Probes* probes, ServerCounters* counters = nullptr)
        : servers_(servers), health_(health), clock_(clock), probes_(probes), counters_(counters) {}

    // Whether to ask the server. One that takes no new connections is asked only if `kept` has a
    // connection to it. One that is marked is probed, if it is this process's turn or the mark is
    // in doubt. Then this waits for the probe, once in the life of the object.
    bool is_usable(uint32_t server, ConnectionPool& kept);

    // Why the server is marked down, as far as known.
    Failure why_down(uint32_t server) const;

    bool had_outage(uint32_t server) const { return health_.had_outage(servers_[server]); }

    // A phase begins.
    void begin_phase(TimePoint began);

    // Goes on with the probes, without waiting.
    void look_at_probes() {
        if (probes_ != nullptr) {
            probes_->look();
        }
    }

    struct Outcome {
        Purpose purpose;
        bool on_new_connection;
        uint64_t endpoint;  // of the server: Endpoint::hash()
        TimePoint now;
        Duration time;  // that the server took; ServerCounters::kNotMeasured: unknown
    };
    // The request has ended in this phase: counts it, and marks its server.
    void note(const Request& request, const Outcome& outcome);

    // The server cannot be used, as one of its replies shows. Counts that, too.
    void mark_down(uint32_t server, Failure failure);

    // The events since the last call, usually none.
    std::vector<HealthEvent> take_events();

private:
    struct Words {
        uint32_t server;
        std::string text;
    };

    bool is_well_after_all(const Server& marked);
    void mark_down(uint32_t server, Failure failure, Reach reach, TimePoint now);
    void mark_up(const Request& request, const Outcome& outcome);
    void note_trouble(const Request& request, const Outcome& outcome);
    uint64_t pool_hash() const;
    std::string words_of_phase(uint32_t server) const;

    const std::vector<Server>& servers_;
    HealthTable& health_;
    const Clock& clock_;
    Probes* probes_;
    ServerCounters* counters_;
    TimePoint phase_began_;
    TimePoint doubts_end_{};    // until then this waits for probes; zero: it has not begun to
    std::vector<Words> words_;  // that servers said in this phase in place of usable replies
    std::vector<HealthEvent> events_;
};

}  // namespace memcache_session
