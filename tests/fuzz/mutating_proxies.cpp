#include "tests/fuzz/mutating_proxies.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/fuzz/require.h"
#include "tests/unit/local_servers.h"

namespace memcache_session::fuzz {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollMax{5};
constexpr size_t kReadMax = 65536;  // bytes

int connect_to(uint16_t port) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = testing::loopback(port);
    if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close(server);
        return -1;
    }
    return server;
}

}  // namespace

MutatingProxies::MutatingProxies(const std::vector<uint16_t>& ports, Input input) : input_(input) {
    for (const uint16_t server_port : ports) {
        Listener& listener = listeners_.emplace_back();
        listener.socket = testing::listen_on_loopback(64, &listener.port);
        listener.server_port = server_port;
        require(listener.socket >= 0, "the test can listen on a port");
    }
    require(pipe(stop_) == 0, "the test can make a pipe");
    thread_ = std::thread([this] { serve(); });
}

MutatingProxies::~MutatingProxies() {
    close(stop_[1]);
    thread_.join();
    close(stop_[0]);
    for (const Listener& listener : listeners_) {
        close(listener.socket);
    }
    for (const Link& link : links_) {
        close(link.client);
        close(link.server);
    }
}

void MutatingProxies::serve() {
    for (;;) {
        std::vector<pollfd> polled = {{stop_[0], POLLIN, 0}};
        for (const Listener& listener : listeners_) {
            polled.push_back({listener.socket, POLLIN, 0});
        }
        for (const Link& link : links_) {
            polled.push_back({link.is_over ? -1 : link.client, POLLIN, 0});
            polled.push_back({link.is_over ? -1 : link.server, POLLIN, 0});
        }
        poll(polled.data(), polled.size(), static_cast<int>(kPollMax.count()));
        if (polled[0].revents != 0) {
            return;
        }
        const size_t links = links_.size();
        for (size_t i = 0; i < listeners_.size(); ++i) {
            if (polled[1 + i].revents != 0) {
                accept_client(listeners_[i]);
            }
        }
        const pollfd* ready = polled.data() + 1 + listeners_.size();
        const Time now = std::chrono::steady_clock::now();
        for (size_t i = 0; i < links; ++i) {
            Link& link = links_[i];
            if (ready[2 * i].revents != 0) {
                pass_on(&link, link.client, &link.to_server);
            }
            if (ready[2 * i + 1].revents != 0) {
                pass_on(&link, link.server, &link.to_client);
            }
            send_due(&link, link.server, &link.to_server, now);
            send_due(&link, link.client, &link.to_client, now);
        }
    }
}

void MutatingProxies::accept_client(const Listener& listener) {
    const int client = accept4(listener.socket, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = connect_to(listener.server_port);
    if (client < 0 || server < 0 || input_.one_in(32)) {
        close(client);
        close(server);
        return;
    }
    Link& link = links_.emplace_back();
    link.client = client;
    link.server = server;
}

void MutatingProxies::pass_on(Link* link, int from, Flow* flow) {
    std::string bytes(kReadMax, '\0');
    const ssize_t count = recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) {
        link->is_over = true;
        shutdown(link->client, SHUT_RDWR);
        shutdown(link->server, SHUT_RDWR);
        return;
    }
    bytes.resize(static_cast<size_t>(count));
    spoil(link, &bytes, flow);
    flow->bytes += bytes;
}

void MutatingProxies::spoil(Link* link, std::string* bytes, Flow* flow) {
    const size_t at = input_.number() % bytes->size();
    switch (input_.below(16)) {
        case 9:
            (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << input_.below(8)));
            break;
        case 10:
            bytes->erase(at, 1 + input_.below(16));
            break;
        case 11:
            bytes->insert(at, bytes->substr(0, 1 + input_.byte()));
            break;
        case 12:
            flow->due = std::chrono::steady_clock::now() + milliseconds(input_.below(100));
            break;
        case 13:  // sends the front, and closes the connection
            bytes->resize(at);
            flow->bytes += *bytes;
            bytes->clear();
            send_due(link, flow == &link->to_client ? link->client : link->server, flow,
                     Time::max());
            link->is_over = true;
            shutdown(link->client, SHUT_RDWR);
            shutdown(link->server, SHUT_RDWR);
            break;
        case 14:
            bytes->clear();
            break;
        case 15:
            bytes->insert(at, std::string(input_.bytes()));
            break;
        default:
            break;
    }
}

void MutatingProxies::send_due(Link* link, int to, Flow* flow, Time now) {
    if (link->is_over || flow->bytes.empty() || now < flow->due) {
        return;
    }
    const ssize_t sent =
        send(to, flow->bytes.data(), flow->bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        flow->bytes.erase(0, static_cast<size_t>(sent));
    }
}

}  // namespace memcache_session::fuzz
