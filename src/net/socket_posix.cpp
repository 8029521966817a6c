#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "src/net/socket.h"

namespace memcache_session {

namespace {

#ifdef MSG_DONTWAIT
constexpr int kDontWait = MSG_DONTWAIT;
constexpr bool kCanWait = true;
#else
constexpr int kDontWait = 0;  // the socket is non-blocking
constexpr bool kCanWait = false;
#endif

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL | kDontWait;
#else
constexpr int kSendFlags = kDontWait;  // SO_NOSIGPIPE has the same effect
#endif

Transfer failed_transfer(int error) {
    if (would_block(error)) {
        return {};
    }
    return {Transfer::State::kBroken, 0, error};
}

// The outcome of recv().
Transfer received_transfer(ssize_t received) {
    if (received > 0) {
        return {Transfer::State::kBytes, static_cast<size_t>(received), 0};
    }
    return received == 0 ? Transfer{Transfer::State::kClosed, 0, 0} : failed_transfer(errno);
}

}  // namespace

void prepare_sockets() {}

SocketHandle open_socket(int family, int* error) {
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
    const int opened = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    const int opened = ::socket(family, SOCK_STREAM, 0);
    if (opened >= 0) {
        fcntl(opened, F_SETFD, FD_CLOEXEC);
        fcntl(opened, F_SETFL, O_NONBLOCK);
    }
#endif
    if (opened < 0) {
        *error = errno;
        return kNoSocket;
    }
    const int on = 1;
    if (family != AF_UNIX) {
        // A failure would cost time only.
        setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
#ifdef SO_NOSIGPIPE
    setsockopt(opened, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return opened;
}

void keep_alive(SocketHandle socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
    const int idle_s = 60;
    const int interval_s = 10;
    const int probes = 3;
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
#endif
}

std::optional<size_t> unacknowledged(SocketHandle socket) {
    int count = 0;
#if defined(__linux__)
    const int failed = ioctl(socket, TIOCOUTQ, &count);
#elif defined(SO_NWRITE)
    socklen_t length = sizeof count;
    const int failed = getsockopt(socket, SOL_SOCKET, SO_NWRITE, &count, &length);
#elif defined(FIONWRITE)
    const int failed = ioctl(socket, FIONWRITE, &count);
#else
    const int failed = -1;
#endif
    if (failed != 0 || count < 0) {
        return std::nullopt;
    }
    return static_cast<size_t>(count);
}

void forget_unacknowledged(SocketHandle socket) {
    const linger none{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

void close_socket(SocketHandle socket) {
    ::close(socket);
}

int connect_socket(SocketHandle socket, const sockaddr* address, socklen_t length) {
    if (::connect(socket, address, length) == 0) {
        return 0;
    }
    return errno == EINTR ? EINPROGRESS : errno;  // a signal does not stop the connecting
}

int take_socket_error(SocketHandle socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

Transfer send_pieces(SocketHandle socket, const std::string_view* pieces, size_t count) {
    std::array<iovec, kSendPiecesMax> vectors;
    count = std::min(count, vectors.size());
    for (size_t i = 0; i < count; ++i) {
        // sendmsg() declares its bytes not const, and does not write to them.
        vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
    for (;;) {
        const ssize_t sent = sendmsg(socket, &message, kSendFlags);
        if (sent >= 0) {
            return {Transfer::State::kBytes, static_cast<size_t>(sent), 0};
        }
        if (errno != EINTR) {
            return failed_transfer(errno);
        }
    }
}

Transfer receive_some(SocketHandle socket, char* space, size_t size) {
    for (;;) {
        const ssize_t received = recv(socket, space, size, kDontWait);
        if (received >= 0 || errno != EINTR) {
            return received_transfer(received);
        }
    }
}

bool allow_waiting(SocketHandle socket, Duration longest) {
    constexpr Duration second = std::chrono::seconds(1);
    timeval time{};
    time.tv_sec = static_cast<decltype(time.tv_sec)>(longest / second);
    time.tv_usec = static_cast<decltype(time.tv_usec)>((longest % second).count());
    const int flags = kCanWait ? fcntl(socket, F_GETFL) : -1;
    return flags >= 0 && setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0 &&
           fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

Transfer receive_waiting(SocketHandle socket, char* space, size_t size) {
    const ssize_t received = recv(socket, space, size, 0);
    return received < 0 && errno == EINTR ? Transfer() : received_transfer(received);
}

int poll_sockets(pollfd* sockets, size_t count, int timeout_ms) {
    return poll(sockets, static_cast<nfds_t>(count), timeout_ms);
}

std::string socket_error_text(int error) {
    return std::generic_category().message(error);  // strerror() need not be safe in threads
}

std::string resolver_error_text(int error) {
    return gai_strerror(error);
}

}  // namespace memcache_session
