// A TCP proxy on loopback that hands every byte on after a fixed delay, in both directions, so that
// the round trips of a client show as time.
//
//     delay_proxy DELAY_US PORT [PORT ...]
//
// For each PORT (a server on 127.0.0.1) it listens on a free port of 127.0.0.1, and prints these
// ports in the same order, one a line. It ends when its standard input ends, so it never outlives
// the program that started it. The bytes of one read are one chunk and keep their order. The
// handshake of a connection is made by the kernel and is not delayed.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <string>
#include <vector>

namespace memcache_session {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kReadBytesMax = 65536;
constexpr std::size_t kQueuedChunksMax = 1024;  // beyond this a sender is no longer read

struct Listener {
    int fd;
    std::uint16_t server_port;
};

// Bytes to be passed on at `due`; no bytes: the sender has closed.
struct Chunk {
    SteadyTime due;
    std::string bytes;
};

// One direction of a connection. It does not own the descriptors.
struct Flow {
    int from = -1;
    int to = -1;
    bool read_ended = false;
    bool ended = false;
    std::deque<Chunk> chunks;
};

struct Connection {
    int client = -1;
    int server = -1;
    bool broken = false;
    Flow up;
    Flow down;
};

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::_Exit(2);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void make_ready(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

Listener listen_for(std::uint16_t server_port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (fd < 0 || bind(fd, plain, size) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, plain, &size) != 0) {
        die("listen");
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    std::printf("%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    return {fd, server_port};
}

void accept_one(const Listener& listener, std::list<Connection>& connections) {
    const int client = accept(listener.fd, nullptr, nullptr);
    if (client < 0) {
        return;
    }
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(listener.server_port);
    if (server < 0 || connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close(client);
        if (server >= 0) {
            close(server);
        }
        return;
    }
    make_ready(client);
    make_ready(server);
    Connection connection;
    connection.client = client;
    connection.server = server;
    connection.up.from = connection.down.to = client;
    connection.up.to = connection.down.from = server;
    connections.push_back(std::move(connection));
}

// False: the connection is broken.
bool read_into(Flow& flow, std::chrono::microseconds delay) {
    char buffer[kReadBytesMax];
    const ssize_t count = read(flow.from, buffer, sizeof buffer);
    if (count < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    flow.read_ended = count == 0;
    flow.chunks.push_back({std::chrono::steady_clock::now() + delay,
                           std::string(buffer, static_cast<std::size_t>(count))});
    return true;
}

// Passes on what is due. False: the connection is broken.
bool write_due(Flow& flow, SteadyTime now) {
    while (!flow.chunks.empty() && flow.chunks.front().due <= now) {
        std::string& bytes = flow.chunks.front().bytes;
        if (bytes.empty()) {
            shutdown(flow.to, SHUT_WR);
            flow.ended = true;
        } else {
            const ssize_t count = send(flow.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0) {
                return errno == EAGAIN || errno == EINTR;
            }
            bytes.erase(0, static_cast<std::size_t>(count));
            if (!bytes.empty()) {
                return true;
            }
        }
        flow.chunks.pop_front();
    }
    return true;
}

// What to wait for at the receiving end of `flow`, and how long for its first chunk to be due.
void watch(const Flow& flow, SteadyTime now, std::vector<pollfd>& fds, SteadyTime& wake) {
    const bool readable = !flow.read_ended && flow.chunks.size() < kQueuedChunksMax;
    fds.push_back({readable ? flow.from : -1, POLLIN, 0});
    bool blocked = false;
    if (!flow.chunks.empty()) {
        blocked = flow.chunks.front().due <= now;
        if (!blocked) {
            wake = std::min(wake, flow.chunks.front().due);
        }
    }
    fds.push_back({blocked ? flow.to : -1, POLLOUT, 0});
}

void wait_for(std::vector<pollfd>& fds, SteadyTime now, SteadyTime wake) {
    timespec timeout{};
    const bool forever = wake == SteadyTime::max();
    if (!forever) {
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(wake - now).count();
        timeout.tv_sec = static_cast<time_t>(left / 1000000000);
        timeout.tv_nsec = static_cast<long>(left % 1000000000);
    }
    if (ppoll(fds.data(), fds.size(), forever ? nullptr : &timeout, nullptr) < 0) {
        if (errno != EINTR) {
            die("ppoll");
        }
        for (pollfd& entry : fds) {
            entry.revents = 0;
        }
    }
}

void serve(const std::vector<Listener>& listeners, std::chrono::microseconds delay) {
    std::list<Connection> connections;
    std::vector<pollfd> fds;
    for (;;) {
        SteadyTime now = std::chrono::steady_clock::now();
        SteadyTime wake = SteadyTime::max();
        fds.assign(1, {STDIN_FILENO, POLLIN, 0});
        for (const Listener& listener : listeners) {
            fds.push_back({listener.fd, POLLIN, 0});
        }
        for (const Connection& connection : connections) {
            watch(connection.up, now, fds, wake);
            watch(connection.down, now, fds, wake);
        }
        wait_for(fds, now, wake);
        char ignored[256];
        if (fds[0].revents != 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0) {
            return;
        }
        now = std::chrono::steady_clock::now();
        std::size_t slot = 1 + listeners.size();
        for (Connection& connection : connections) {
            for (Flow* flow : {&connection.up, &connection.down}) {
                const bool readable = fds[slot].revents != 0;
                slot += 2;
                if ((readable && !read_into(*flow, delay)) || !write_due(*flow, now)) {
                    connection.broken = true;
                }
            }
        }
        for (auto it = connections.begin(); it != connections.end();) {
            if (it->broken || (it->up.ended && it->down.ended)) {
                close(it->client);
                close(it->server);
                it = connections.erase(it);
            } else {
                ++it;
            }
        }
        for (std::size_t i = 0; i < listeners.size(); ++i) {
            if (fds[1 + i].revents != 0) {
                accept_one(listeners[i], connections);
            }
        }
    }
}

}  // namespace
}  // namespace memcache_session

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s DELAY_US PORT [PORT ...]\n", argv[0]);
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);  // nanoseconds; the default wakes 50 us late
    const std::chrono::microseconds delay{std::strtol(argv[1], nullptr, 10)};
    std::vector<memcache_session::Listener> listeners;
    for (int i = 2; i < argc; ++i) {
        listeners.push_back(memcache_session::listen_for(
            static_cast<std::uint16_t>(std::strtoul(argv[i], nullptr, 10))));
    }
    std::fflush(stdout);
    memcache_session::serve(listeners, delay);
    return 0;
}
