// The sockets of the system. POSIX and Windows agree on the shapes of addresses and of poll(), and
// differ in handles, in how calls fail and in how they are named: that is behind these functions.
// socket_posix.cpp or socket_windows.cpp implements them; all errors are those of <cerrno>.
#pragma once

#ifdef _WIN32
#include <winsock2.h>

#include <afunix.h>  // needs the one above
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#endif

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace memcache_session {

using SocketHandle = decltype(pollfd::fd);
constexpr SocketHandle kNoSocket = static_cast<SocketHandle>(-1);

// Before the first use of anything of sockets, names included. Costs nothing when repeated.
void prepare_sockets();

// A stream socket: non-blocking, not inherited by programs that are run, quiet on a broken pipe and
// without delay. kNoSocket, and `error` set, on failure.
SocketHandle open_socket(int family, int* error);

// The system asks the other end now and then while the connection is idle: firewalls do not forget
// it, and one that leads nowhere is found closed. Of TCP only.
void keep_alive(SocketHandle socket);

// How many of the bytes that were sent the other system has not acknowledged (it does so at once,
// even if the program there hangs); nothing, if this system does not tell.
std::optional<size_t> unacknowledged(SocketHandle socket);

// Closing it will also drop what is unacknowledged, which would otherwise be sent again and again
// for a minute.
void forget_unacknowledged(SocketHandle socket);

void close_socket(SocketHandle socket);

// 0: connected. EINPROGRESS: it will be writable when that is decided; take_socket_error() tells.
int connect_socket(SocketHandle socket, const sockaddr* address, socklen_t length);

// What went wrong on the socket since the last call; 0: nothing.
int take_socket_error(SocketHandle socket);

// Whether it may succeed later: EAGAIN or EWOULDBLOCK.
bool would_block(int error);

// What became of bytes that were to be sent or received without waiting.
struct Transfer {
    enum class State { kBytes, kNothingYet, kClosed, kBroken };
    State state = State::kNothingYet;
    size_t count = 0;  // kBytes
    int error = 0;     // kBroken
};

// How many pieces one call sends; of more, the first ones.
constexpr size_t kSendPiecesMax = 16;

// In one system call. Never raises SIGPIPE, and never returns kClosed.
Transfer send_pieces(SocketHandle socket, const std::string_view* pieces, size_t count);

// In one system call.
Transfer receive_some(SocketHandle socket, char* space, size_t size);

// As poll(): returns the number of sockets with revents, 0 after the time, and -1 with errno set on
// failure, which is EINTR when a signal came. On POSIX kNoSocket is allowed and never ready. Windows
// does not need that, because it makes no Unix socket wait for a retry (connect_attempt.cpp).
int poll_sockets(pollfd* sockets, size_t count, int timeout_ms);

// One line each. Thread-safe.
std::string socket_error_text(int error);
std::string resolver_error_text(int error);  // of getaddrinfo()

}  // namespace memcache_session
