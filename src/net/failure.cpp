#include "src/net/failure.h"

#include <cerrno>

#include "src/base/text.h"
#include "src/net/socket.h"
#include "src/net/tls_failure.h"

namespace memcache_session {

namespace {

// Makes "Connection refused" "connection refused", as it is written within a sentence, and leaves
// "I/O error" as it is.
std::string in_sentence(std::string text) {
    const auto is_upper = [&text](size_t at) {
        return text.size() > at && text[at] >= 'A' && text[at] <= 'Z';
    };
    const auto is_lower = [&text](size_t at) {
        return text.size() > at && text[at] >= 'a' && text[at] <= 'z';
    };
    if (is_upper(0) && (is_lower(1) || (text.size() > 1 && text[1] == ' '))) {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
}

Reach reach_of_system_error(Failure failure, bool on_new_connection) {
    const bool connects = failure.kind == FailureKind::kConnect;
    switch (failure.system_error) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
            return Reach::kNothing;
        case EINVAL:
            // poll() refuses more sockets than this process may have descriptors. A connect that
            // fails so concerns the address of the server.
            return connects ? Reach::kProcess : Reach::kNothing;
        case EACCES:
        case EPERM:
        case ENOENT:
        case ENAMETOOLONG:
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
            return Reach::kProcess;
        default:
            return connects || on_new_connection ? Reach::kNewConnections : Reach::kServer;
    }
}

std::string cause(Failure failure, Duration timeout) {
    switch (failure.kind) {
        case FailureKind::kNone:
            return "no failure";
        case FailureKind::kResolve:
            return "the host name was not resolved: " +
                   in_sentence(resolver_error_text(failure.system_error));
        case FailureKind::kConnect:
        case FailureKind::kBroken:
            return in_sentence(socket_error_text(failure.system_error));
        case FailureKind::kConnectTimeout:
            return "no connection within " + seconds_text(timeout);
        case FailureKind::kTimeout:
            return "no answer within " + seconds_text(timeout);
        case FailureKind::kClosed:
            return "the server closed the connection before it replied";
        case FailureKind::kMalformed:
            return "the reply is not one that memcached gives to this command";
        case FailureKind::kServerError:
            return "the server reported an error of its own";
        case FailureKind::kCutShort:
            return "no answer in the time that other servers had left for it";
        case FailureKind::kOutOfTime:
            return "other servers had left no time for its answer";
        case FailureKind::kOutOfMemory:
            return "the server is out of memory: give it more (memcached -m), or let it evict "
                   "(without -M)";
        case FailureKind::kStuck:
            return "only the first of several commands was answered within " +
                   seconds_text(timeout);
        case FailureKind::kUnknownCommand:
            return "the server replied ERROR to a command that sessions need";
        case FailureKind::kNoCas:
            return "the server gives no cas numbers (it runs with -C, or is no memcached), and "
                   "without them one request could overwrite another: start it without -C, or give "
                   "proxy=1 among the parameters in the save_path";
        case FailureKind::kWantsAuthentication:
            return "the server wants a user and a password first (memcached -Y): give user= and "
                   "password_file= among the parameters in the save_path";
        case FailureKind::kSpeaksTls:
            return "the server expects TLS, and plain text is sent: write tls:// in place of "
                   "tcp:// in the save_path";
        case FailureKind::kSpeaksHttp:
            return "a web server (HTTP) listens there, not memcached: correct the address in "
                   "the save_path";
        case FailureKind::kSpeaksSsh:
            return "an SSH server listens there, not memcached: correct the address in "
                   "the save_path";
        case FailureKind::kSpeaksRedis:
            return "a Redis server listens there, not memcached: name a memcached in "
                   "the save_path, or choose a save handler for Redis";
        case FailureKind::kTooLarge:
            return "its reply of " + std::to_string(failure.reply_size) +
                   " bytes does not fit into the " + std::to_string(failure.reply_size_max) +
                   " bytes that memory_limit leaves this request for the replies of all servers";
        case FailureKind::kTooLong:
            return "its reply of " + std::to_string(failure.reply_size) +
                   " bytes is longer than a lock can be, which is at most " +
                   std::to_string(failure.reply_size_max) + " bytes";
        case FailureKind::kMarkedDown:
            return "it was found down before";
        case FailureKind::kTooManyConnections:
            return "it has as many connections as it may have: raise its limit (memcached -c), or "
                   "lower the number of PHP workers";
        case FailureKind::kConnectionLost:
            return "the connection of this session was lost";
        default:
            return tls_failure_text(failure, timeout);
    }
}

}  // namespace

std::string describe(Failure failure, Duration timeout, std::string_view words) {
    const std::string text = cause(failure, timeout);
    return words.empty() ? text : "it said \"" + std::string(words) + "\": " + text;
}

Failure after_waiting(Failure failure, Duration waited, Duration timeout) {
    const bool is_timeout =
        failure.kind == FailureKind::kTimeout || failure.kind == FailureKind::kConnectTimeout ||
        failure.kind == FailureKind::kHandshakeTimeout || failure.kind == FailureKind::kStuck;
    const Duration nearly_all = timeout - timeout / 10;
    if (!is_timeout || waited >= nearly_all) {
        return failure;
    }
    return {waited >= timeout / 3 ? FailureKind::kCutShort : FailureKind::kOutOfTime, 0};
}

Reach reach_of(Failure failure, bool on_new_connection) {
    switch (failure.kind) {
        case FailureKind::kConnectionLost:
        case FailureKind::kTooLarge:
        case FailureKind::kTooLong:
        case FailureKind::kOutOfTime:
            return Reach::kNothing;
        case FailureKind::kResolve:
        case FailureKind::kCaFile:
        case FailureKind::kCaPath:
        case FailureKind::kLocalCert:
        case FailureKind::kLocalKey:
        case FailureKind::kPassphraseFile:
        case FailureKind::kPasswordFile:
        case FailureKind::kCiphers:
        case FailureKind::kTlsVersion:
            return Reach::kProcess;
        case FailureKind::kConnect:
        case FailureKind::kBroken:
            return reach_of_system_error(failure, on_new_connection);
        case FailureKind::kConnectTimeout:
        case FailureKind::kTooManyConnections:
        case FailureKind::kHandshakeTimeout:
        case FailureKind::kHandshakeClosed:
        case FailureKind::kSpeaksPlainText:
        case FailureKind::kTlsAlert:
        case FailureKind::kTlsProtocol:
        case FailureKind::kCertificate:
        case FailureKind::kLoginRefused:
            return Reach::kNewConnections;
        case FailureKind::kTimeout:
        case FailureKind::kCutShort:
        case FailureKind::kClosed:
            // A server that has as many connections as it may have does not accept another, though
            // its system does. It may also close it at once.
            return on_new_connection ? Reach::kNewConnections : Reach::kServer;
        default:
            return Reach::kServer;
    }
}

bool is_typical_of_proxies(Failure failure) {
    switch (failure.kind) {
        case FailureKind::kClosed:
        case FailureKind::kBroken:
        case FailureKind::kMalformed:
        case FailureKind::kStuck:
        case FailureKind::kUnknownCommand:
            return true;
        default:
            return false;
    }
}

bool is_closing(Failure failure) {
    return failure.kind == FailureKind::kClosed || failure.kind == FailureKind::kBroken;
}

}  // namespace memcache_session
