// The Exchange of production: phases over real sockets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/small_vector.h"
#include "src/base/time_budget.h"
#include "src/net/connection_pool.h"
#include "src/net/dialect.h"
#include "src/net/exchange.h"
#include "src/net/health.h"
#include "src/net/meta_probe.h"
#include "src/net/probes.h"
#include "src/net/server.h"
#include "src/net/server_counters.h"
#include "src/net/server_marks.h"
#include "src/net/server_trips.h"
#include "src/net/socket.h"

namespace memcache_session {

// How many phases one exchange has run for each purpose.
struct PhaseCounts {
    std::array<uint32_t, kPurposes> by_purpose{};

    uint32_t of(Purpose purpose) const { return by_purpose[static_cast<size_t>(purpose)]; }
    void add(Purpose purpose) { ++by_purpose[static_cast<size_t>(purpose)]; }
};

// One object serves one session, from opening to closing. It owns the memory of the replies, so
// they live until its next run(). One thread.
//
// Connections to servers with persistent = 1 are taken from the thread's pool for the length of a
// run() and given back. Other connections belong to this object, and are closed with it. After
// fork() the child drops the inherited connections and makes new ones, so a request of the child
// that is bound to an inherited connection fails with kConnectionLost.
//
// Details of the contract in exchange.h:
// - Bytes that are no reply to the command make the failure kMalformed with answered = 0. So do
//   bytes after the last reply, because it is unknown which of the replies are out of step.
// - ERROR or CLIENT_ERROR to a command with a data block counts as a reply, and ends the request:
//   the server may have run the block as commands, so the connection is closed. If more commands
//   follow, the failure is kMalformed, and `answered` includes that reply.
// - kConnectionLost does not prove that no command was run: a server may run the commands, and
//   close the connection before it replies.
// - A server whose replies are no errors is marked up, but not by a release: memcached -C carries
//   one out, too, and cannot keep sessions. An error leaves the mark as it is. Otherwise a caller
//   who marks the server down for the error would begin and end an outage each time. A store for
//   which the server has no memory is no such error: nobody marks the server for it.
// - A failure marks the server down as far as it reaches: reach_of() in failure.h. A server that
//   takes no new connections stays usable for those who have kept one. A reply that is too large
//   for this process marks nothing.
// - A process that was stopped looks once more at its sockets before it calls a server silent.
// - Servers that are marked down are probed beside the phases: probes.h.
// - A host name is resolved for a new connection only, and the resolver blocks. Its time is added
//   to the timeout of every server, and to the time of the call, up to TimeBudget::may_resolve().
//   Beyond that a name counts as not resolved.
// - A server that had less than its timeout because the call was short of time fails with
//   kCutShort, or with kOutOfTime, which marks nothing.
// - A new connection to a server that is no proxy begins with kMetaProbe, in the same write as the
//   commands. From the next run() on its commands are meta's if the server speaks it. A server that
//   closes the connection before any byte, and was never heard to speak meta, is connected to once
//   more and sent the commands alone.
// - A kept connection is replaced when no byte of the request was acknowledged after a third of the
//   timeout, and a new connection can be made. The old one counts as closed before a byte of a
//   reply.
class SocketExchange final : public Exchange {
public:
    // All of these must outlive the object; `pool` and `probes` belong to this thread. `probes`:
    // null: nobody finds out in this way whether a server is well again. `budget`: of the calls
    // that the phases belong to; null: without limit. `meta`: null: no server is spoken to in the
    // meta protocol. `trips`: no other exchange uses them at the same time; null: the object makes
    // its own. `counters`: of the servers; null: nothing is counted.
    SocketExchange(const std::vector<Server>& servers, ConnectionPool& pool, HealthTable& health,
                   const Clock& clock, const Dialect& dialect = kDefaultDialect,
                   Probes* probes = nullptr, TimeBudget* budget = nullptr,
                   MetaServers* meta = nullptr, ServerTrips* trips = nullptr,
                   ServerCounters* counters = nullptr);
    ~SocketExchange() override { trips_.trim(); }
    SocketExchange(const SocketExchange&) = delete;
    SocketExchange& operator=(const SocketExchange&) = delete;

    void run(Purpose purpose, Request* requests, size_t count) override;
    bool usable(uint32_t server) override;
    Failure why_down(uint32_t server) const override { return marks_.why_down(server); }
    bool had_outage(uint32_t server) const override { return marks_.had_outage(server); }
    void mark_down(uint32_t server, Failure failure) override { marks_.mark_down(server, failure); }

    // The most that all replies of a phase may take of this process's memory, in bytes beyond the
    // first kReceiveSize of each server: kReceiveMax at first, and never more. A reply that goes
    // beyond fails with kTooLarge.
    void set_receive_max(size_t bytes) { trips_.receive_budget().set_max(bytes); }

    const PhaseCounts& phase_counts() const { return phase_counts_; }

    // The events since the last call, usually none.
    std::vector<HealthEvent> take_events() { return marks_.take_events(); }

private:
    // When the last server of a phase was done, and when all were.
    struct Ends {
        TimePoint last_server = TimePoint::max();
        TimePoint phase;
    };

    ConnectionPool& pool_of(const Server& server);
    void begin(Request* requests, size_t count);
    void wait_for_last();
    bool wait_for(ServerTrip* trip);
    Ends wait_for_all();
    TimePoint collect_waits();
    void make_up_for_standstill(TimePoint now);
    void wait_for_ready();
    void allow_for_resolver();
    bool is_pending() const;
    void note_resolver(Duration blocked);
    Duration timeout_of(const Server& server) const;
    void end(Purpose purpose, Request& request, ServerTrip& trip, const Ends& ends);

    const std::vector<Server>& servers_;
    ConnectionPool& shared_pool_;
    ConnectionPool own_pool_;
    const Clock& clock_;
    MetaServers* const meta_;
    TimeBudget* time_budget_;
    ServerMarks marks_;
    PhaseCounts phase_counts_;

    std::unique_ptr<ServerTrips> own_trips_;  // null if trips_ are another's
    ServerTrips& trips_;
    size_t trip_count_ = 0;  // the requests of the present phase
    TimePoint began_;        // when the latest phase began
    Duration phase_max_{0};  // how long it may take
    TimePoint
        runs_again_by_;  // when this process runs again if it is not stopped; max: had its grace
    SmallVector<pollfd, 8> polled_;
    SmallVector<ServerTrip*, 8> waiting_;  // of each of polled_
};

}  // namespace memcache_session
