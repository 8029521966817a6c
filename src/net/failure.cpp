#include "src/net/failure.h"

#include "src/base/text.h"
#include "src/net/socket.h"

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

}  // namespace

std::string describe(Failure failure, Duration timeout) {
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
        case FailureKind::kStuck:
            return "only the first of several commands was answered within " +
                   seconds_text(timeout);
        case FailureKind::kUnknownCommand:
            return "the server replied ERROR to a command that sessions need";
        case FailureKind::kNoCas:
            return "the server gives no cas numbers (it runs with -C, or is no memcached), and "
                   "without them one request could overwrite another: start it without -C, or give "
                   "proxy=1 among the parameters in session.save_path";
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
        case FailureKind::kConnectionLost:
            return "the connection of this session was lost";
    }
    return "unknown failure";
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

}  // namespace memcache_session
