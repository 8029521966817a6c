// A stream to one server: made without blocking, and usable by one owner at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/net/address.h"
#include "src/net/endpoint.h"
#include "src/net/exchange.h"
#include "src/net/failure.h"
#include "src/net/server.h"
#include "src/net/socket.h"

namespace memcache_session {

// An open socket and whom it leads to. Closes it at the end, without a word to the server: that is
// also right in the child of a fork, whose parent still holds the same connection.
class Connection {
public:
    // REQUIRES: `socket` is connected to `endpoint`, non-blocking and of no other owner.
    Connection(SocketHandle socket, const Endpoint& endpoint);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ConnectionId id() const { return id_; }
    SocketHandle socket() const { return socket_; }

    const Endpoint& endpoint() const { return endpoint_; }

    // Sends what goes without waiting, in one system call.
    Transfer send(const std::string_view* pieces, size_t count) {
        return send_pieces(socket_, pieces, count);
    }

    // Receives what is there without waiting, in one system call.
    Transfer receive(char* space, size_t size) { return receive_some(socket_, space, size); }

private:
    SocketHandle socket_;
    ConnectionId id_;
    Endpoint endpoint_;
};

// The way to a connection: tries the addresses of a server one after another. Each gets an equal
// share of the time that is left, so one that swallows packets does not use up all of it.
class ConnectAttempt {
public:
    enum class State { kPending, kConnected, kFailed };

    ConnectAttempt() = default;
    ~ConnectAttempt() { abandon(); }
    ConnectAttempt(const ConnectAttempt&) = delete;
    ConnectAttempt& operator=(const ConnectAttempt&) = delete;

    // Resolves the name, which may block, and begins with the first address. The time of the
    // resolver is not counted: it puts off the deadline. `clock` is read, and like `server` must
    // live as long as the attempt.
    State start(const Server& server, TimePoint deadline, const Clock& clock);

    // Gives up, whatever it has come to. Harmless when repeated, and after take().
    void abandon();

    // Call when poll() reports the socket writable or failed.
    State on_ready();

    // Call when wake_at() has come.
    State on_time();

    // How long the resolver of start() has blocked.
    Duration blocked() const { return blocked_; }

    // Gives it more time, which somebody else's resolver has taken.
    void allow(Duration more);

    // What to poll for POLLOUT, or kNoSocket: only the time is waited for.
    SocketHandle socket() const { return retry_at_ == TimePoint{} ? socket_ : kNoSocket; }
    TimePoint wake_at() const { return retry_at_ == TimePoint{} ? give_up_at_ : retry_at_; }

    // REQUIRES: kFailed was returned.
    Failure failure() const { return failure_; }

    // REQUIRES: kConnected was returned, and this was not called since.
    std::unique_ptr<Connection> take();

private:
    State try_addresses();

    const Server* server_ = nullptr;
    const Clock* clock_ = nullptr;
    TimePoint deadline_;
    Duration blocked_{0};
    TimePoint give_up_at_;  // on the present address
    TimePoint retry_at_;    // a Unix socket whose queue is full is asked again; zero: not so
    std::vector<SocketAddress> addresses_;
    size_t next_address_ = 0;
    SocketHandle socket_ = kNoSocket;
    Failure failure_;
};

}  // namespace memcache_session
