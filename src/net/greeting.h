// The dialogue that a new connection begins with.
#pragma once

#include "src/net/failure.h"
#include "src/net/stream.h"

namespace memcache_session {

// A TLS handshake, a user and a password: all that must succeed before the first command is sent.
// One object per new connection. It shares the deadline of connecting, and is not repeated when a
// kept connection is used again.
class Greeting {
public:
    enum class State { kPending, kDone, kFailed };

    virtual ~Greeting() = default;

    // Goes on as far as it can without waiting. While it returns kPending, `stream` has nothing
    // pending. It takes no byte from `stream` that belongs to the reply to a command.
    virtual State advance(Stream& stream) = 0;

    // The events of poll() that the next advance() waits for. REQUIRES: the state is kPending.
    virtual short interest(const Stream& stream) const = 0;

    // Why it failed. REQUIRES: the state is kFailed.
    virtual Failure failure() const = 0;

    // The failure if no time is left. REQUIRES: the state is kPending.
    virtual Failure on_timeout() const { return {FailureKind::kTimeout, 0}; }
};

}  // namespace memcache_session
