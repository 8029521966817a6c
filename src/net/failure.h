// Why a server gave no usable answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/clock.h"

namespace memcache_session {

enum class FailureKind : uint8_t {
    kNone,
    kResolve,         // the host name has no address; system_error is getaddrinfo's code
    kConnect,         // connecting failed; system_error is errno
    kConnectTimeout,  // no connection within the server's timeout
    kTimeout,         // connected, but not (fully) answered within the server's timeout
    kClosed,          // the server closed the connection before it had answered all
    kBroken,          // sending or receiving failed; system_error is errno
    kMalformed,       // the answer is not memcached's, or not the answer to what was asked
    kServerError,     // SERVER_ERROR to a command without which the server is of no use
    kStuck,           // some of several commands were answered, and then none within the timeout
    kUnknownCommand,  // ERROR to a command without which the server is of no use
    kMarkedDown,      // found down a moment ago; why is not known any more
    kConnectionLost,  // no answer: the connection on which the request depends is gone; what was
                      // sent on it may have been run
};

struct Failure {
    FailureKind kind = FailureKind::kNone;
    int32_t system_error = 0;

    explicit operator bool() const { return kind != FailureKind::kNone; }
};

// A server that a request would have used but for a failure.
struct ServerFailure {
    uint32_t server = 0;  // position in the pool
    Failure failure;
    bool asked = true;  // false: it stood marked down, and `failure` is why
};

using Failures = std::vector<ServerFailure>;

// What happened, for a message: "connection refused", "no answer within 1 s".
// `timeout` is that of the server.
std::string describe(Failure failure, Duration timeout);

// Whether it is what is seen of proxies that understand one command at a time, or not all commands:
// see Server::proxy.
bool is_typical_of_proxies(Failure failure);

}  // namespace memcache_session
