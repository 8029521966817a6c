// Bytes over a connected socket, plain or encrypted.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "src/base/clock.h"
#include "src/net/failure.h"
#include "src/net/socket.h"

namespace memcache_session {

// How long a stream waits by itself.
constexpr Duration kReceiveWait = std::chrono::milliseconds(5);

// Blocks in receive_waiting() only. Owns its socket, and closes it at the end without a word to the
// server: the child of a fork does so too, while its parent goes on using the connection. One owner
// at a time.
class Stream {
public:
    enum class Direction { kSend, kReceive };
    enum class Step { kPending, kDone, kFailed };

    // REQUIRES: `socket` is connected, non-blocking and has no other owner.
    explicit Stream(SocketHandle socket);
    virtual ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    SocketHandle socket() const { return socket_; }

    // Goes on with what must come before the first send() or receive(), as far as it can without
    // waiting: the handshake of an encrypted stream, which verifies the peer. While it is pending,
    // the next call waits for interest(kReceive). why_broken(0) tells why it failed.
    virtual Step establish() { return Step::kDone; }

    // Takes the front of the pieces, as much as goes without waiting: kBytes says how much.
    // Never returns kClosed. REQUIRES: 1 <= count.
    virtual Transfer send(const std::string_view* pieces, size_t count) = 0;

    // Receives what is there without waiting. REQUIRES: 1 <= size.
    virtual Transfer receive(char* space, size_t size) = 0;

    // Whether receive_waiting() can be called. It takes the place of poll() and receive() when
    // nothing else is waited for. Costs some system calls the first time.
    virtual bool can_wait() { return false; }

    // As receive(), but waits for bytes, for kReceiveWait or some milliseconds more. REQUIRES:
    // can_wait() has returned true.
    virtual Transfer receive_waiting(char* space, size_t size) { return receive(space, size); }

    // The events of poll() that the next send() or receive() waits for: POLLOUT and POLLIN, except
    // where an encrypted stream must write in order to read, or read in order to write. A stream
    // that has taken bytes and not yet passed them on waits for POLLOUT in order to receive, and
    // passes them on in receive(). An error on the socket concerns both directions.
    virtual short interest(Direction direction) const = 0;

    // Whether receive() has bytes that poll() does not report, because the socket has delivered
    // them already. False once receive() has handed them out.
    virtual bool has_pending() const = 0;

    // How many of the bytes that send() took have not been acknowledged by the other system, which
    // does so at once even if its program hangs. Nothing where this system does not tell.
    virtual std::optional<size_t> unacknowledged() const = 0;

    // The failure behind the error of a transfer that is kBroken.
    virtual Failure why_broken(int error) const { return {FailureKind::kBroken, error}; }

private:
    SocketHandle socket_;
};

// The bytes as they are. send() and receive() are one system call each.
class PlainStream final : public Stream {
public:
    using Stream::Stream;

    Transfer send(const std::string_view* pieces, size_t count) override;
    Transfer receive(char* space, size_t size) override;
    short interest(Direction direction) const override;
    bool has_pending() const override { return false; }
    std::optional<size_t> unacknowledged() const override;
    bool can_wait() override;
    Transfer receive_waiting(char* space, size_t size) override;

private:
    enum class Waiting { kUnknown, kPossible, kImpossible };
    Waiting waiting_ = Waiting::kUnknown;
};

}  // namespace memcache_session
