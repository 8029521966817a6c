// The part of a phase that concerns one server: commands are sent, replies are received. It goes on
// when it is told that its socket is ready or that its time has come, and never waits itself.
#pragma once

#include <cassert>
#include <memory>

#include "src/base/clock.h"
#include "src/net/connect_attempt.h"
#include "src/net/connection.h"
#include "src/net/dialect.h"
#include "src/net/exchange.h"
#include "src/net/incoming.h"
#include "src/net/meta_probe.h"
#include "src/net/outgoing.h"
#include "src/net/server.h"
#include "src/wire/protocol.h"

namespace memcache_session {

// One object serves phase after phase, so that the memory for replies is kept. One thread. Call
// 1. begin(),
// 2. connect() if needs_connection(),
// 3. on_pending(), on_ready(), on_spare_ready() and on_time() as waits_for() says, until is_done(),
// 4. take_connection().
class ServerTrip {
public:
    // All must outlive the object.
    ServerTrip(const Clock& clock, const Dialect& dialect, ReceiveBudget& budget)
        : attempt_(clock, dialect), incoming_(budget) {}
    ServerTrip(const ServerTrip&) = delete;
    ServerTrip& operator=(const ServerTrip&) = delete;

    struct Terms {
        TimePoint started;
        Duration timeout{0};          // bounds the trip
        MetaServers* meta = nullptr;  // null: the meta protocol is not spoken
    };

    // Resets the replies of `request`, and sends its commands if they may be sent on `kept`.
    // Otherwise the trip is done, or needs_connection().
    // `request`, `server` and `terms.meta` must live until the trip is done.
    void begin(Request* request, const Server& server, const Terms& terms,
               std::unique_ptr<Connection> kept);

    bool needs_connection() const { return state_ == State::kUnconnected; }

    // Begins to connect. If it `may_resolve`, the resolver may block; otherwise a host name counts
    // as not resolved. REQUIRES: needs_connection().
    void connect(bool may_resolve);

    bool is_done() const { return state_ == State::kDone; }

    // As given to begin().
    Duration timeout() const { return timeout_; }

    // Whether the request was sent on a connection that was made for it, or found none.
    // REQUIRES: is_done().
    bool is_on_new_connection() const {
        assert(is_done());
        return !kept_;
    }

    // Whether everything is sent, and only replies are missing.
    bool only_receives() const { return state_ == State::kTalking && outgoing_.is_sent(); }

    // The events that poll() should wait for, and until when. With kNoSocket the trip waits for the
    // time only. `spare` is a second socket, or kNoSocket.
    struct Wait {
        SocketHandle socket = kNoSocket;
        short events = 0;
        TimePoint until;
        SocketHandle spare = kNoSocket;
        short spare_events = 0;
    };
    Wait waits_for() const;

    // Whether bytes are there that poll() does not report: call on_pending() before poll().
    bool has_pending() const {
        return state_ == State::kTalking && connection_->stream().has_pending();
    }
    void on_pending();

    // Whether wait_and_receive() can take the place of poll() and on_ready(): the replies are all
    // that this trip waits for, on a connection that is kept, and its time does not come soon.
    // Otherwise the preparation of the connection would cost more than it saves.
    bool can_wait(TimePoint now);
    void wait_and_receive() { receive(Receive::kWaiting); }

    // The socket is ready for some of waits_for(), or has failed; `events` are poll()'s.
    void on_ready(short events);
    void on_spare_ready();

    // The time of waits_for() has come. All bytes that had arrived must have been received.
    void on_time();

    // Lets the trip last at least until then, because this process could not run for a while.
    // REQUIRES: !is_done().
    void extend_to(TimePoint until);

    // Ends the trip: it cannot be waited for any longer. REQUIRES: !is_done().
    void fail(Failure failure) {
        assert(!is_done());
        finish(incoming_.has_all_replies() ? Failure{} : failure);
    }

    // How long the resolver has blocked this thread since the last allow().
    Duration blocked() const { return blocked_; }

    // Puts off the deadline by the time that the resolvers of all trips have taken.
    void allow(Duration blocked_in_all);

    // Returns the connection if it is in step, so that it may be used again. Else closes it, and
    // returns null. REQUIRES: is_done().
    std::unique_ptr<Connection> take_connection();

    // Forgets the replies, and frees their memory if they were long. REQUIRES: is_done().
    void trim() {
        assert(is_done());
        incoming_.trim();
    }

private:
    enum class State { kUnconnected, kConnecting, kTalking, kDone };

    void after_connect(ConnectAttempt::State state);
    void prepare();
    void send();
    enum class Receive { kAtOnce, kWaiting };
    void receive(Receive first = Receive::kAtOnce);
    void after_receive(Incoming::Progress progress);
    bool is_unacknowledged() const;
    ConnectAttempt::State start_attempt();
    void look_at_connection();
    void after_spare(ConnectAttempt::State state);
    void lost(Failure failure);
    bool may_resend_without_probe() const;
    void note_protocol();
    void finish(Failure failure);

    MetaServers* meta_ = nullptr;
    State state_ = State::kDone;
    Request* request_ = nullptr;
    const Server* server_ = nullptr;
    TimePoint deadline_;
    Duration timeout_{0};
    bool may_resolve_ = true;
    TimePoint look_at_;       // when to look whether the connection is dead; max: never
    ConnectAttempt attempt_;  // greets the new connection, too
    bool has_spare_ = false;  // kTalking: attempt_ may replace connection_
    Duration blocked_{0};
    std::unique_ptr<Connection> connection_;
    bool kept_ = false;           // the connection is older than this trip
    bool probes_ = false;         // the commands were sent behind kMetaProbe
    bool gave_up_probe_ = false;  // the server closed a connection on which that was sent
    bool in_step_ = false;        // kDone: the connection may be used again
    Outgoing outgoing_;
    Incoming incoming_;
};

}  // namespace memcache_session
