// Proxies in this process, in front of memcached servers, that spoil what passes through them:
// bytes are changed, lost, sent twice, delayed, or the connection is closed. The input says how.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/fuzz/input.h"

namespace memcache_session::fuzz {

// One object serves one input, with a thread of its own. The destructor closes all connections.
class MutatingProxies {
public:
    // `ports`: of the memcached servers, on the loopback. `input` is used by the thread alone until
    // the destructor has returned.
    MutatingProxies(const std::vector<uint16_t>& ports, Input input);
    ~MutatingProxies();
    MutatingProxies(const MutatingProxies&) = delete;
    MutatingProxies& operator=(const MutatingProxies&) = delete;

    // Where proxy number `i` listens, on the loopback.
    uint16_t port(size_t i) const { return listeners_[i].port; }

private:
    using Time = std::chrono::steady_clock::time_point;

    struct Listener {
        int socket = -1;
        uint16_t port = 0;
        uint16_t server_port = 0;
    };
    // Bytes on their way to a socket.
    struct Flow {
        std::string bytes;
        Time due;  // when the bytes are sent
    };
    struct Link {
        int client = -1;
        int server = -1;
        Flow to_client;
        Flow to_server;
        bool is_over = false;
    };

    void serve();
    void accept_client(const Listener& listener);
    void pass_on(Link* link, int from, Flow* flow);
    void spoil(Link* link, std::string* bytes, Flow* flow);
    static void send_due(Link* link, int to, Flow* flow, Time now);

    std::vector<Listener> listeners_;
    std::deque<Link> links_;
    Input input_;
    int stop_[2] = {-1, -1};  // a pipe, which wakes the thread at the end
    std::thread thread_;
};

}  // namespace memcache_session::fuzz
