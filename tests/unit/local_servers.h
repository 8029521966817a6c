// Servers for tests, on free ports of loopback: memcached processes, and fakes with a behaviour
// that the test defines.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "src/net/server.h"

namespace memcache_session::testing {

inline sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Listens on a free port of 127.0.0.1. Returns -1 on failure.
inline int listen_on_loopback(int backlog, uint16_t* port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        listen(listener, backlog) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        close(listener);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return listener;
}

inline Server tcp_server(uint16_t port, int64_t timeout_ms = 2000, bool persistent = true) {
    Server server;
    server.endpoint.host = "127.0.0.1";
    server.endpoint.port = port;
    server.timeout = std::chrono::milliseconds(timeout_ms);
    server.persistent = persistent;
    return server;
}

// A memcached process, which is ended with the object.
class Memcached {
public:
    explicit Memcached(std::string address = "127.0.0.1", std::vector<std::string> options = {})
        : host_(std::move(address)) {
        for (int attempt = 0; attempt < 5 && pid_ <= 0; ++attempt) {
            start(options);
        }
    }
    ~Memcached() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        if (host_.front() == '/') {
            unlink(host_.c_str());
        }
    }
    Memcached(const Memcached&) = delete;
    Memcached& operator=(const Memcached&) = delete;

    bool is_running() const { return pid_ > 0; }
    pid_t pid() const { return pid_; }

    Server server(int64_t timeout_ms = 2000, bool persistent = true) const {
        Server server = tcp_server(port_, timeout_ms, persistent);
        server.endpoint.host = host_;
        if (host_.front() == '/') {
            server.endpoint = Endpoint::unix_socket(host_);
        }
        return server;
    }

private:
    void start(const std::vector<std::string>& options) {
        std::vector<std::string> words = {"memcached", "-u", "root", "-t", "1", "-U", "0"};
        if (host_.front() == '/') {
            words.insert(words.end(), {"-s", host_});
        } else {
            // The port was free a moment ago. If another process takes it, memcached exits, and
            // another port is tried.
            const int listener = listen_on_loopback(1, &port_);
            close(listener);
            words.insert(words.end(), {"-l", host_, "-p", std::to_string(port_)});
        }
        words.insert(words.end(), options.begin(), options.end());
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        pid_ = fork();
        if (pid_ == 0) {
#ifdef __linux__
            prctl(PR_SET_PDEATHSIG, SIGKILL);  // so that a test that crashes leaves no server
#endif
            execvp(arguments[0], arguments.data());
            _exit(127);
        }
        const std::string probe = host_.front() == '/' ? "test -S " + host_
                                                       : "bash -c '</dev/tcp/" + host_ + "/" +
                                                             std::to_string(port_) + "' 2>&-";
        for (int i = 0; i < 100; ++i) {
            if (system(probe.c_str()) == 0) {
                return;
            }
            usleep(10000);
            if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
                break;
            }
        }
        pid_ = -1;
    }

    std::string host_;
    uint16_t port_ = 0;
    pid_t pid_ = -1;
};

// One accepted connection of a FakeServer, with blocking calls.
class Visitor {
public:
    Visitor(int socket, size_t number) : socket_(socket), number_(number) {}

    // 0 for the first connection that the server accepted.
    size_t number() const { return number_; }
    int socket() const { return socket_; }

    // Reads until `lines` line ends have come. False when the client closed first.
    bool read_lines(int lines) {
        std::string ignored;
        return read_lines(lines, &ignored);
    }
    bool read_lines(int lines, std::string* text) {
        char byte = 0;
        while (lines > 0) {
            if (read(socket_, &byte, 1) != 1) {
                return false;
            }
            *text += byte;
            lines -= byte == '\n' ? 1 : 0;
        }
        return true;
    }

    // Reads `count` bytes, or fewer when the client closed first.
    std::string read_bytes(size_t count) {
        std::string bytes(count, ' ');
        size_t got = 0;
        while (got < count) {
            const ssize_t more = read(socket_, &bytes[got], count - got);
            if (more <= 0) {
                break;
            }
            got += static_cast<size_t>(more);
        }
        bytes.resize(got);
        return bytes;
    }

    // False when the client has closed the connection.
    bool say(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }

    // Reads until the client closes, and returns the bytes.
    std::string listen_until_closed() {
        std::string heard;
        char bytes[4096];
        for (;;) {
            const ssize_t count = read(socket_, bytes, sizeof bytes);
            if (count <= 0) {
                return heard;
            }
            heard.append(bytes, static_cast<size_t>(count));
        }
    }

private:
    int socket_;
    size_t number_;
};

// Runs `behaviour` for each connection in a thread of its own, and closes the connection when it
// returns. The destructor shuts everything down and waits for the threads.
class FakeServer {
public:
    using Behaviour = std::function<void(Visitor&)>;

    explicit FakeServer(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
        listener_ = listen_on_loopback(64, &port_);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~FakeServer() {
        shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        {
            const std::lock_guard<std::mutex> guard(mutex_);
            for (const int socket : sockets_) {
                shutdown(socket, SHUT_RDWR);
            }
        }
        for (std::thread& thread : threads_) {
            thread.join();
        }
        for (const int socket : sockets_) {
            close(socket);
        }
        close(listener_);
    }
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    uint16_t port() const { return port_; }
    size_t connections() const { return connections_; }
    Server server(int64_t timeout_ms = 2000, bool persistent = true) const {
        return tcp_server(port_, timeout_ms, persistent);
    }

private:
    void accept_all() {
        // Signals must reach the thread under test.
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        for (;;) {
            const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) {
                return;
            }
            const size_t number = connections_++;
            const std::lock_guard<std::mutex> guard(mutex_);
            sockets_.push_back(socket);
            threads_.emplace_back([this, socket, number] {
                Visitor visitor(socket, number);
                behaviour_(visitor);
                shutdown(socket, SHUT_RDWR);  // closed at the end, so that its number stays in use
            });
        }
    }

    Behaviour behaviour_;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::atomic<size_t> connections_{0};
    std::mutex mutex_;
    std::vector<int> sockets_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace memcache_session::testing
