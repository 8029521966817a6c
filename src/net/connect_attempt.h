// The way to a new connection.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <vector>

#include "src/base/clock.h"
#include "src/net/address.h"
#include "src/net/connection.h"
#include "src/net/dialect.h"
#include "src/net/failure.h"
#include "src/net/greeting.h"
#include "src/net/server.h"
#include "src/net/socket.h"

namespace memcache_session {

// Tries the addresses of a server one after another. Each gets an equal share of the remaining
// time, so an address that swallows packets does not use up all of it. The first connection that is
// made is greeted; if that fails, so does the attempt.
class ConnectAttempt {
public:
    enum class State { kPending, kConnected, kFailed };

    // Both must outlive the object.
    ConnectAttempt(const Clock& clock, const Dialect& dialect) : clock_(clock), dialect_(dialect) {}
    ~ConnectAttempt() { abandon(); }
    ConnectAttempt(const ConnectAttempt&) = delete;
    ConnectAttempt& operator=(const ConnectAttempt&) = delete;

    // Resolves the name and begins with the first address. The resolver may block, if
    // `may_resolve`. Its time does not count: it puts off the deadline. `server` must live as long
    // as the attempt.
    State start(const Server& server, TimePoint deadline, bool may_resolve = true);

    // Gives up in any state. Harmless when repeated, and after take().
    void abandon();

    // The socket is ready for events(), or has failed.
    // REQUIRES: the latest state is kPending, and socket() is not kNoSocket.
    State on_ready();

    // wake_at() has come. REQUIRES: the latest state is kPending.
    State on_time();

    // How long the resolver of start() has blocked.
    Duration blocked() const { return blocked_; }

    // Puts off the deadline by the time that the resolver of another attempt has taken.
    void allow(Duration more);

    // Lets the attempt last at least until then.
    void extend_to(TimePoint until);

    // The socket and the events for poll(), and the time for on_time(). With kNoSocket the attempt
    // waits for the time only.
    SocketHandle socket() const;
    short events() const {
        return greeting_ ? greeting_->interest(connection_->stream()) : POLLOUT;
    }
    TimePoint wake_at() const { return retries() ? retry_at_ : give_up_at_; }

    // REQUIRES: the latest state is kFailed.
    Failure failure() const {
        assert(failure_);
        return failure_;
    }

    // REQUIRES: the latest state is kConnected, and this was not called since.
    std::unique_ptr<Connection> take();

private:
    bool retries() const { return retry_at_ != TimePoint{}; }
    State try_addresses();
    State try_address(const SocketAddress& address, TimePoint now);
    State on_connected();
    State greet();

    const Clock& clock_;
    const Dialect& dialect_;
    const Server* server_ = nullptr;
    TimePoint deadline_;
    Duration blocked_{0};
    TimePoint give_up_at_;  // for the present address
    TimePoint retry_at_;    // when a Unix socket whose queue is full is asked again; zero: never
    std::vector<SocketAddress> addresses_;
    size_t next_address_ = 0;
    SocketHandle socket_ = kNoSocket;
    std::unique_ptr<Connection> connection_;  // null until the socket is connected
    std::unique_ptr<Greeting> greeting_;      // null before it begins, and when it is done
    Failure failure_;
};

}  // namespace memcache_session
