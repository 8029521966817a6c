// Phases over real sockets: the Exchange of production.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "src/base/clock.h"
#include "src/net/connection_pool.h"
#include "src/net/dialect.h"
#include "src/net/exchange.h"
#include "src/net/health.h"
#include "src/net/server.h"
#include "src/net/server_trip.h"
#include "src/net/socket.h"

namespace memcache_session {

// A server went down or came back, as first noticed by this process: for one line in a log.
struct HealthEvent {
    uint32_t server = 0;  // position in the pool
    bool down = false;
    Failure failure;     // why, when down
    Duration outage{0};  // how long it was down, when back
};

// How many phases one exchange has run for each purpose.
struct PhaseCounts {
    std::array<uint32_t, kPurposes> by_purpose{};

    uint32_t of(Purpose purpose) const { return by_purpose[static_cast<size_t>(purpose)]; }
    void add(Purpose purpose) { ++by_purpose[static_cast<size_t>(purpose)]; }
};

// One object serves one session, from opening to closing. It owns the memory of the replies, so
// they live until its next run(), whatever else the thread does. One thread.
//
// Connections to servers with persistent = 1 are taken from the thread's pool for the length of a
// run() and given back; the others are this object's own and live as long as it does. After fork()
// the child drops what it inherited and makes its own, so a bound_to from before is lost to it.
//
// What exchange.h leaves open:
// - Whatever is not the answer to what was asked makes the failure kMalformed with answered = 0,
//   bytes after the last expected reply included: it is not known since when they are out of step.
// - ERROR or CLIENT_ERROR to a command with a data block counts as a reply, and ends the exchange
//   with that server, which may have run the block as commands. The connection is closed. If more
//   commands follow, the failure is kMalformed with `answered` up to and including that reply.
// - kConnectionLost does not prove that nothing was run: a server may run the commands and close
//   before a byte of its answer.
// - A server that answers all without an error is marked up. An error of any kind leaves its mark
//   alone, so that a caller who marks it down for that does not open and close an outage each time.
// - Want of local means (descriptors, memory) is a failure, but no mark: the server is not at
//   fault.
// - A host name is resolved for a new connection only, and the resolver blocks. Its time is not
//   counted: every server has its timeout besides.
// - A kept connection on which not a byte of the request was acknowledged after a third of the
//   timeout counts as closed before a byte of an answer, if a new one can be made.
class SocketExchange final : public Exchange {
public:
    // All of these must outlive the object; `pool` belongs to this thread.
    SocketExchange(const std::vector<Server>& servers, ConnectionPool& pool, HealthTable& health,
                   const Clock& clock, const Dialect& dialect = kDefaultDialect);

    void run(Purpose purpose, Request* requests, size_t count) override;
    bool usable(uint32_t server) override;
    Failure why_down(uint32_t server) const override;
    void mark_down(uint32_t server, Failure failure) override;

    const PhaseCounts& phase_counts() const { return phase_counts_; }

    // What changed since the last call. Usually empty.
    std::vector<HealthEvent> take_events();

private:
    ConnectionPool& pool_of(const Server& server);
    void begin(Request* requests, size_t count);
    void wait_for_last();
    TimePoint collect_waits();
    void wait_for_ready();
    void allow_for_resolver();
    size_t pending_count() const;
    void end(Request& request, ServerTrip& trip);

    const std::vector<Server>& servers_;
    ConnectionPool& shared_pool_;
    ConnectionPool own_pool_;
    HealthTable& health_;
    const Clock& clock_;
    const Dialect& dialect_;
    std::vector<HealthEvent> events_;
    PhaseCounts phase_counts_;

    std::deque<ServerTrip> trips_;  // one for each request, and those of larger phases before
    size_t trip_count_ = 0;         // of the phase that runs
    TimePoint began_;               // the latest phase
    std::vector<pollfd> polled_;    // kept for its memory
    std::vector<ServerTrip*> waiting_;
};

}  // namespace memcache_session
