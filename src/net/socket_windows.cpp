#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

#include "src/net/socket.h"

namespace memcache_session {

namespace {

// Winsock has its own numbers for the errors of <cerrno>, and the C library of MinGW has no texts
// for them.
struct SocketError {
    int winsock;
    int number;
    const char* text;
};
constexpr SocketError kSocketErrors[] = {
    {WSAEACCES, EACCES, "permission denied"},
    {WSAEADDRINUSE, EADDRINUSE, "address already in use"},
    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL, "cannot assign requested address"},
    {WSAEAFNOSUPPORT, EAFNOSUPPORT, "address family not supported"},
    {WSAECONNABORTED, ECONNABORTED, "software caused connection abort"},
    {WSAECONNREFUSED, ECONNREFUSED, "connection refused"},
    {WSAECONNRESET, ECONNRESET, "connection reset by peer"},
    {WSAEHOSTUNREACH, EHOSTUNREACH, "no route to host"},
    {WSAEMFILE, EMFILE, "too many open files"},
    {WSAENETDOWN, ENETDOWN, "network is down"},
    {WSAENETRESET, ENETRESET, "network dropped connection on reset"},
    {WSAENETUNREACH, ENETUNREACH, "network is unreachable"},
    {WSAENOBUFS, ENOBUFS, "no buffer space available"},
    {WSAENOTCONN, ENOTCONN, "socket is not connected"},
    {WSAESHUTDOWN, EPIPE, "broken pipe"},
    {WSAETIMEDOUT, ETIMEDOUT, "connection timed out"},
    {WSAEWOULDBLOCK, EWOULDBLOCK, "resource temporarily unavailable"},
};

// An error that is not listed keeps its number, which no error of <cerrno> has.
int to_errno(int winsock) {
    for (const SocketError& error : kSocketErrors) {
        if (error.winsock == winsock) {
            return error.number;
        }
    }
    return winsock;
}

Transfer failed_transfer(int winsock) {
    if (winsock == WSAEWOULDBLOCK) {
        return {};
    }
    return {Transfer::State::kBroken, 0, to_errno(winsock)};
}

// The lengths of Winsock are narrower than size_t. The rest is sent or received by the next call.
template <class Length>
Length as_length(size_t size) {
    constexpr auto kMax = static_cast<size_t>(std::numeric_limits<int>::max());
    return static_cast<Length>(std::min(size, kMax));
}

}  // namespace

void prepare_sockets() {
    // PHP has called it already; a second call only counts. The tests have no other caller.
    static const bool started = [] {
        WSADATA ignored;
        return WSAStartup(MAKEWORD(2, 2), &ignored) == 0;
    }();
    static_cast<void>(started);
}

SocketHandle open_socket(int family, int* error) {
    const SOCKET opened = WSASocketW(family, SOCK_STREAM, 0, nullptr, 0,
                                     WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    u_long non_blocking = 1;
    if (opened == INVALID_SOCKET || ioctlsocket(opened, FIONBIO, &non_blocking) != 0) {
        *error = to_errno(WSAGetLastError());
        if (opened != INVALID_SOCKET) {
            closesocket(opened);
        }
        return kNoSocket;
    }
    if (family != AF_UNIX) {
        // A failure would cost time only.
        const BOOL on = 1;
        setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
    }
    return opened;
}

void keep_alive(SocketHandle socket) {
    const BOOL on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, reinterpret_cast<const char*>(&on), sizeof on);
}

std::optional<size_t> unacknowledged(SocketHandle) {
    return std::nullopt;
}

void forget_unacknowledged(SocketHandle socket) {
    const linger none{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&none), sizeof none);
}

void close_socket(SocketHandle socket) {
    closesocket(socket);
}

int connect_socket(SocketHandle socket, const sockaddr* address, socklen_t length) {
    if (::connect(socket, address, length) == 0) {
        return 0;
    }
    const int error = WSAGetLastError();
    return error == WSAEWOULDBLOCK ? EINPROGRESS : to_errno(error);
}

int take_socket_error(SocketHandle socket) {
    int error = 0;
    socklen_t length = sizeof error;
    const int failed =
        getsockopt(socket, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &length);
    return to_errno(failed == 0 ? error : WSAGetLastError());
}

bool would_block(int error) {
    return error == EWOULDBLOCK || error == EAGAIN;
}

Transfer send_pieces(SocketHandle socket, const std::string_view* pieces, size_t count) {
    std::array<WSABUF, kSendPiecesMax> buffers;
    count = std::min(count, buffers.size());
    for (size_t i = 0; i < count; ++i) {
        const auto length = as_length<ULONG>(pieces[i].size());
        // WSASend() declares its bytes not const, and does not write to them.
        buffers[i] = {length, const_cast<char*>(pieces[i].data())};
        if (length < pieces[i].size()) {
            count = i + 1;
        }
    }
    DWORD sent = 0;
    if (WSASend(socket, buffers.data(), static_cast<DWORD>(count), &sent, 0, nullptr, nullptr) !=
        0) {
        return failed_transfer(WSAGetLastError());
    }
    return {Transfer::State::kBytes, sent, 0};
}

Transfer receive_some(SocketHandle socket, char* space, size_t size) {
    const int received = recv(socket, space, as_length<int>(size), 0);
    if (received > 0) {
        return {Transfer::State::kBytes, static_cast<size_t>(received), 0};
    }
    if (received == 0) {
        return {Transfer::State::kClosed, 0, 0};
    }
    return failed_transfer(WSAGetLastError());
}

// Windows before version 2004 does not report a refused connection here, so it costs the timeout.
// There is no call that does not wait on a socket that does.
bool allow_waiting(SocketHandle, Duration) {
    return false;
}

Transfer receive_waiting(SocketHandle socket, char* space, size_t size) {
    return receive_some(socket, space, size);
}

int poll_sockets(pollfd* sockets, size_t count, int timeout_ms) {
    const int ready = WSAPoll(sockets, static_cast<ULONG>(count), timeout_ms);
    if (ready < 0) {
        errno = to_errno(WSAGetLastError());
    }
    return ready;
}

std::string socket_error_text(int error) {
    for (const SocketError& known : kSocketErrors) {
        if (known.number == error) {
            return known.text;
        }
    }
    // The numbers of Winsock are far above the numbers of <cerrno>.
    return error >= WSABASEERR ? std::system_category().message(error)
                               : std::generic_category().message(error);
}

// gai_strerror() need not be safe in threads here.
std::string resolver_error_text(int error) {
    switch (error) {
        case EAI_NONAME:
            return "name or service not known";
        case EAI_AGAIN:
            return "temporary failure in name resolution";
        case EAI_FAIL:
            return "non-recoverable failure in name resolution";
        case EAI_MEMORY:
            return "memory allocation failure";
        default:
            return "error " + std::to_string(error);
    }
}

}  // namespace memcache_session
