// Why a server gave no usable reply.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"

namespace memcache_session {

enum class FailureKind : uint8_t {
    kNone,
    kResolve,         // the host name has no address; system_error is getaddrinfo's code
    kConnect,         // connecting failed; system_error is errno
    kConnectTimeout,  // no connection within the server's timeout
    kTimeout,         // connected, but replies are missing after the server's timeout
    kClosed,          // the server closed the connection before its last reply
    kBroken,          // sending or receiving failed; system_error is errno
    kMalformed,       // the bytes are no reply of memcached, or none to the command
    kServerError,     // SERVER_ERROR to a command that sessions need
    kCutShort,        // no reply in the part of the timeout that the call had left
    kOutOfTime,       // the same, and the part was so short that it shows nothing
    kOutOfMemory,     // the server has no memory for a store, and evicts nothing
    kStuck,           // some of several commands were answered, and no other within the timeout
    kUnknownCommand,  // ERROR to a command that sessions need
    kNoCas,           // the server gives no cas numbers, or cannot compare them
    kTooLarge,        // the reply, with those of the other servers, is more than this process may
                      // receive: see ReceiveBudget
    kTooLong,         // the reply is longer than the command allows: Command::reply_max
    kWantsAuthentication,  // memcached -Y, before a user and a password
    kSpeaksTls,            // not memcached's plain text, but TLS; the same for those below
    kSpeaksHttp,
    kSpeaksSsh,
    kSpeaksRedis,
    kHandshakeTimeout,  // the TLS handshake was not finished within the server's timeout
    kHandshakeClosed,   // the server closed the connection during the TLS handshake
    kSpeaksPlainText,   // not TLS
    kTlsAlert,          // the server refused the TLS connection; system_error is the alert
    kTlsProtocol,       // bytes that are no good TLS; system_error is OpenSSL's reason, 0, or
                        // less than 0: see tls_failure.h
    kCertificate,       // that of the server is not trusted; system_error is OpenSSL's code
    kCaFile,            // the file cannot be used; system_error is errno, or less than 0: see
    kCaPath,            // file.h and tls_failure.h; the same for those below
    kLocalCert,
    kLocalKey,
    kPassphraseFile,
    kPasswordFile,
    kCiphers,             // OpenSSL knows none of them
    kTlsVersion,          // OpenSSL, or this system's policy, allows none from min_version on
    kLoginRefused,        // a wrong user or password
    kMarkedDown,          // found down before, for a reason that is not known any more
    kTooManyConnections,  // the server said so, and closed the new connection
    kConnectionLost,  // no reply, because the connection to which the request was bound is closed;
                      // the server may have run the commands
};

struct Failure {
    FailureKind kind = FailureKind::kNone;
    int32_t system_error = 0;
    // kTooLarge, kTooLong: the length of the reply that the server announced, and the limit. Bytes.
    uint32_t reply_size = 0;
    uint32_t reply_size_max = 0;

    explicit operator bool() const { return kind != FailureKind::kNone; }
};

// Whom the failure of a server concerns.
enum class Reach : uint8_t {
    kNothing,  // nobody: this process is short of something, or the failure tells nothing of it
    kProcess,  // other processes may be able to use the server: rights, paths, names
    kNewConnections,  // nobody can make a connection; one that was made before may be good
    kServer,          // everybody
};

// `on_new_connection`: no connection was made, or it was made for this request.
Reach reach_of(Failure failure, bool on_new_connection);
// Whether the server works, and only this request cannot take its reply. The connection is closed
// within the reply.
constexpr bool is_too_large(Failure failure) {
    return failure.kind == FailureKind::kTooLarge || failure.kind == FailureKind::kTooLong;
}

// A server that could not be used, and why.
struct ServerFailure {
    uint32_t server = 0;  // position in the pool
    Failure failure;
    bool asked = true;       // false: it was marked down before, because of `failure`
    std::string words = {};  // of the server, as words_of() shows them; empty: unknown, or none
};

using Failures = std::vector<ServerFailure>;

// Describes the failure in a message: "connection refused", "no answer within 1 s". `timeout` is
// the timeout of the server. `words` are its own, printable; empty if there are none.
std::string describe(Failure failure, Duration timeout, std::string_view words = {});

// The failure of a server that had `waited` to reply: of a timeout, kCutShort or kOutOfTime if it
// was less than `timeout`. A server that is well replies much sooner than in a third of it.
Failure after_waiting(Failure failure, Duration waited, Duration timeout);

// Whether a proxy that understands only one command at a time, or only some commands, fails like
// this: see Server::proxy.
bool is_typical_of_proxies(Failure failure);

// Whether the server closed the connection. So do servers that expect TLS or the binary protocol.
bool is_closing(Failure failure);

}  // namespace memcache_session
