// The sockets of the system. POSIX and Windows have the same addresses and the same poll(), but
// other handles, names of calls and errors, which these functions hide. They are implemented in
// socket_posix.cpp or socket_windows.cpp. All errors are errors of <cerrno>.
#pragma once

#ifdef _WIN32
#include <winsock2.h>

#include <afunix.h>  // after winsock2.h, which it needs
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/clock.h"

namespace memcache_session {

using SocketHandle = decltype(pollfd::fd);
constexpr SocketHandle kNoSocket = static_cast<SocketHandle>(-1);

// Call before the first use of sockets and of the resolver. Costs nothing when repeated.
void prepare_sockets();

// Opens a stream socket that is non-blocking, sends without delay, raises no SIGPIPE and is not
// inherited by programs that this process runs. On failure it returns kNoSocket and sets `error`.
SocketHandle open_socket(int family, int* error);

// Makes the system probe an idle TCP connection now and then, so that firewalls do not forget it,
// and so that a dead one is found closed.
void keep_alive(SocketHandle socket);

// How many of the bytes that were sent the other system has not acknowledged, which it does at once
// even if its program hangs. Nothing if this system does not tell.
std::optional<size_t> unacknowledged(SocketHandle socket);

// Makes close_socket() drop the unacknowledged bytes, which the system would otherwise send again
// and again for a minute.
void forget_unacknowledged(SocketHandle socket);

void close_socket(SocketHandle socket);

// Returns 0 when it is connected, and EINPROGRESS when the socket will be writable once that is
// decided: then take_socket_error() tells the outcome. Else returns the error.
int connect_socket(SocketHandle socket, const sockaddr* address, socklen_t length);

// Returns the error of the socket since the last call, or 0.
int take_socket_error(SocketHandle socket);

// Whether the call may succeed later: the error is EAGAIN or EWOULDBLOCK.
bool would_block(int error);

// The outcome of sending or receiving without waiting.
struct Transfer {
    enum class State { kBytes, kNothingYet, kClosed, kBroken };
    State state = State::kNothingYet;
    size_t count = 0;  // kBytes
    int error = 0;     // kBroken
};

// The most pieces that one call sends. Further pieces are left out.
constexpr size_t kSendPiecesMax = 16;

// Sends in one system call. Never raises SIGPIPE, and never returns kClosed.
Transfer send_pieces(SocketHandle socket, const std::string_view* pieces, size_t count);

// Receives in one system call.
Transfer receive_some(SocketHandle socket, char* space, size_t size);

// Lets receive_waiting() wait for `longest`, or some milliseconds more. No other call waits because
// of that. False if this system cannot do it.
bool allow_waiting(SocketHandle socket, Duration longest);

// Receives in one system call, which waits for the first byte. kNothingYet also if a signal came.
// REQUIRES: allow_waiting() has returned true.
Transfer receive_waiting(SocketHandle socket, char* space, size_t size);

// As poll(): returns the number of sockets with revents, 0 after the time, and -1 with errno set on
// failure, which is EINTR when a signal came. On POSIX kNoSocket is allowed and never ready.
// Windows does not need that, because it makes no Unix socket wait for a retry
// (connect_attempt.cpp).
int poll_sockets(pollfd* sockets, size_t count, int timeout_ms);

// The same for a time of at most an hour. poll() counts milliseconds: the time is rounded up, so
// that the caller does not spin through the last one.
inline int poll_for(pollfd* sockets, size_t count, Duration time) {
    using std::chrono::milliseconds;
    constexpr milliseconds kPollMax = std::chrono::hours(1);
    const milliseconds rounded = std::chrono::ceil<milliseconds>(time);
    return poll_sockets(sockets, count,
                        static_cast<int>(std::clamp(rounded, milliseconds(0), kPollMax).count()));
}

// The text of an error, in one line. Thread-safe.
std::string socket_error_text(int error);
std::string resolver_error_text(int error);  // of getaddrinfo()

}  // namespace memcache_session
