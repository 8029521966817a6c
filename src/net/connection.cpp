#include "src/net/connection.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/base/process.h"

namespace memcache_session {

namespace {

// Linux answers EAGAIN when the queue of a Unix socket is full, and tells nobody when it no longer
// is: the connect is repeated after this time.
constexpr Duration kUnixRetryDelay{1000};

// Non-blocking, closed on exec, quiet on a broken pipe. -1 with errno set on failure.
int open_socket(int family) {
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
    const int opened = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    const int opened = ::socket(family, SOCK_STREAM, 0);
    if (opened >= 0) {
        fcntl(opened, F_SETFD, FD_CLOEXEC);
        fcntl(opened, F_SETFL, O_NONBLOCK);
    }
#endif
    const int on = 1;
    if (opened >= 0 && family != AF_UNIX) {
        // Failure would cost time, not correctness.
        setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
#ifdef SO_NOSIGPIPE
    if (opened >= 0) {
        setsockopt(opened, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    }
#endif
    return opened;
}

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;  // SO_NOSIGPIPE does it
#endif

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

Connection::Connection(int socket, const Server& server)
    : socket_(socket),
      id_(process_unique_number()),
      host_(server.host),
      port_(server.port),
      is_unix_(server.is_unix) {}

Connection::~Connection() {
    ::close(socket_);
}

ssize_t Connection::send(iovec* pieces, size_t count) {
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
    for (;;) {
        const ssize_t sent = sendmsg(socket_, &message, kSendFlags);
        if (sent >= 0) {
            return sent;
        }
        if (would_block(errno)) {
            return 0;
        }
        if (errno != EINTR) {
            return -1;
        }
    }
}

Connection::Received Connection::receive(char* space, size_t size) {
    for (;;) {
        const ssize_t received = recv(socket_, space, size, 0);
        if (received > 0) {
            return {Received::State::kBytes, static_cast<size_t>(received), 0};
        }
        if (received == 0) {
            return {Received::State::kClosed, 0, 0};
        }
        if (would_block(errno)) {
            return {Received::State::kNothingYet, 0, 0};
        }
        if (errno != EINTR) {
            return {Received::State::kBroken, 0, errno};
        }
    }
}

void ConnectAttempt::close_socket() {
    if (socket_ >= 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

ConnectAttempt::State ConnectAttempt::start(const Server& server, TimePoint deadline,
                                            const Clock& clock) {
    close_socket();
    server_ = &server;
    clock_ = &clock;
    deadline_ = deadline;
    next_address_ = 0;
    failure_ = {};
    addresses_ = resolve(server, &failure_);
    return try_addresses();
}

ConnectAttempt::State ConnectAttempt::try_addresses() {
    for (; next_address_ < addresses_.size(); ++next_address_) {
        close_socket();
        retry_at_ = {};
        const TimePoint now = clock_->now();
        if (now >= deadline_ && next_address_ > 0) {
            break;  // the failure of the addresses before says more than a timeout
        }
        const SocketAddress& address = addresses_[next_address_];
        socket_ = open_socket(address.family());
        if (socket_ >= 0 && ::connect(socket_, address.get(), address.length) == 0) {
            return State::kConnected;
        }
        const int error = errno;
        const auto addresses_left = static_cast<int64_t>(addresses_.size() - next_address_);
        give_up_at_ = now + std::max(Duration(0), deadline_ - now) / addresses_left;
        if (socket_ >= 0 && (error == EINPROGRESS || error == EINTR)) {
            return State::kPending;
        }
        if (socket_ >= 0 && address.family() == AF_UNIX && would_block(error) && now < deadline_) {
            retry_at_ = std::min(deadline_, now + kUnixRetryDelay);
            failure_ = {FailureKind::kConnectTimeout, 0};
            return State::kPending;
        }
        if (!(address.family() == AF_UNIX && would_block(error))) {
            failure_ = {FailureKind::kConnect, error};
        }
    }
    close_socket();
    return State::kFailed;
}

ConnectAttempt::State ConnectAttempt::on_ready() {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
        error = errno;
    }
    if (error == 0) {
        return State::kConnected;
    }
    failure_ = {FailureKind::kConnect, error};
    ++next_address_;
    return try_addresses();
}

ConnectAttempt::State ConnectAttempt::on_time() {
    if (retry_at_ == TimePoint{}) {
        failure_ = {FailureKind::kConnectTimeout, 0};
        ++next_address_;
    }
    return try_addresses();
}

std::unique_ptr<Connection> ConnectAttempt::take() {
    return std::make_unique<Connection>(std::exchange(socket_, -1), *server_);
}

}  // namespace memcache_session
