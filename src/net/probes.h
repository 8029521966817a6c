// Finds out whether servers that are marked down are well again, beside the requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/net/dialect.h"
#include "src/net/exchange.h"
#include "src/net/health.h"
#include "src/net/server.h"
#include "src/net/server_counters.h"
#include "src/net/server_trip.h"
#include "src/net/socket.h"

namespace memcache_session {

// A probe is a connection of its own, and a read of a key that nobody stores. (Of a server that
// gave no cas numbers it is the store and the read of an item.) A host name is resolved when it
// begins, which can block. It runs beside the phases of this process, from request to request, and
// is looked at when a phase begins or ends. Nobody waits for it, but for a moment if the mark is in
// doubt. If this process has no more phases, another one probes after an interval. One thread. The
// child of a fork forgets the probes of its parent.
class Probes {
public:
    // The most that are under way in one process.
    static constexpr size_t kPendingMax = 8;

    // All of these outlive the object.
    Probes(HealthTable& health, const Clock& clock, const Dialect& dialect = kDefaultDialect)
        : health_(health), clock_(clock), dialect_(dialect) {}

    // A request has no use of the server, because it is marked down. Begins to probe it if it is
    // this process's turn. `counters`: where that is counted, or null. They outlive the object.
    void consider(const Server& server, ServerCounters* counters = nullptr);

    // Probes a server if its mark is in doubt, unless a probe of this process is under way.
    void begin(const Server& server, ServerCounters* counters = nullptr);

    // Waits for the probe of the server, until a time. Returns whether the server is well. It is
    // not if this process does not probe it.
    bool wait_for(const Server& server, TimePoint until);

    // Goes on with the probes under way, as far as that needs no wait. A server that has answered
    // is marked up.
    void look() { look(Duration(0)); }

    struct Recovered {
        std::string server;  // its name
        Duration outage{0};
    };
    // The servers whose outage a probe has ended since the last call, as far as it is news.
    std::vector<Recovered> take_recovered();

private:
    struct Probe {
        Probe(const Server& probed, const Clock& clock, const Dialect& dialect)
            : server(probed), trip(clock, dialect, receive_budget) {}
        Server server;  // a copy: its pool may end before the probe
        Request request;
        ReceiveBudget receive_budget;
        ServerTrip trip;
        TimePoint began;
        ServerCounters* counters = nullptr;
    };

    void drop_inherited();
    void start(const Server& server, ServerCounters* counters);
    bool is_probing(const Server& server) const;
    void look(Duration wait_max);
    void end(Probe* probe, TimePoint now);
    static void count(const Probe& probe, TimePoint now);

    HealthTable& health_;
    const Clock& clock_;
    const Dialect& dialect_;
    std::vector<std::unique_ptr<Probe>> pending_;
    std::vector<Recovered> recovered_;
    std::vector<pollfd> polled_;  // kept for its memory
    uint32_t generation_ = 0;     // of the process that began the pending ones
};

}  // namespace memcache_session
