// libFuzzer entry: real sockets, real memcached servers, and between them proxies that spoil bytes:
// of the commands and replies in the clear, of the records of TLS, or of the text inside of TLS.
// One or two sessions keep their promises, and each call ends in time.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "src/net/socket_exchange.h"
#include "tests/fuzz/checked_session.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/mutating_proxies.h"
#include "tests/fuzz/require.h"
#include "tests/fuzz/tls_end.h"
#include "tests/unit/fake_cluster.h"
#include "tests/unit/local_servers.h"

namespace memcache_session::fuzz {
namespace {

using std::chrono::milliseconds;

constexpr size_t kServers = 3;
constexpr size_t kCallsMax = 6;
constexpr size_t kProxyBytes = 256;
constexpr milliseconds kTimeout{50};
constexpr milliseconds kLockWait{50};
constexpr size_t kReceiveMaxHere = size_t{4} << 20;  // bytes

enum class Spoiled { kClearText, kRecordsOfTls, kTextInTls };

Spoiled spoiled_by(Input* input) {
    switch (input->below(4)) {
        case 2:
            return Spoiled::kRecordsOfTls;
        case 3:
            return Spoiled::kTextInTls;
        default:
            return Spoiled::kClearText;
    }
}

// A call ends within so long. A phase takes at most the timeout, and a call has few of them, unless
// locks are lost again and again. The machine may be slow, so this is no exact bound.
constexpr milliseconds kCallTimeMax = 2 * kTimeout + kLockWait + milliseconds(1000);

const TestCertificate& certificate() {
    static const TestCertificate made;
    return made;
}

using Servers = std::deque<testing::Memcached>;

std::vector<uint16_t> ports_of(Servers* servers, const std::vector<std::string>& options) {
    std::vector<uint16_t> ports;
    while (servers->size() < kServers) {
        servers->emplace_back("127.0.0.1", options);
        require(servers->back().is_running(), "memcached starts");
    }
    for (const testing::Memcached& server : *servers) {
        ports.push_back(server.server().endpoint.port);
    }
    return ports;
}

// The servers are started at the first input that needs them, and used for all later ones.
std::vector<uint16_t> memcached_ports(Spoiled spoiled) {
    if (spoiled != Spoiled::kRecordsOfTls) {
        static Servers servers;
        return ports_of(&servers, {});
    }
    static Servers servers;
    return ports_of(&servers, {"-Z", "-o",
                               "ssl_chain_cert=" + certificate().path() +
                                   ",ssl_key=" + certificate().key_path()});
}

Pool pool_of(const std::vector<uint16_t>& ports, bool proxied, bool persistent, bool tls) {
    Pool pool;
    pool.timeout_max = kTimeout;
    pool.placement = std::make_shared<InOrder>(ports.size());
    for (const uint16_t port : ports) {
        Server server = testing::tcp_server(port, kTimeout.count(), persistent);
        server.proxy = proxied;
        server.retry_interval = Duration(0);
        if (tls) {
            TlsSettings settings;
            settings.cafile = certificate().path();
            server.endpoint.transport = Endpoint::Transport::kTls;
            server.tls = std::make_shared<const TlsSettings>(settings);
        }
        pool.servers.push_back(server);
    }
    return pool;
}

// The ports that the sessions use: those of proxies, or of TLS servers in front of them.
class Entrance {
public:
    Entrance(const MutatingProxies& proxies, size_t servers, bool decrypts) {
        for (size_t i = 0; i < servers; ++i) {
            ports_.push_back(proxies.port(i));
            if (decrypts) {
                ports_.back() = ends_.emplace_back(proxies.port(i), certificate()).port();
            }
        }
    }

    const std::vector<uint16_t>& ports() const { return ports_; }

private:
    std::deque<TlsEnd> ends_;
    std::vector<uint16_t> ports_;
};

// What one request of PHP has.
struct Visit {
    Visit(const Pool& pool, const SessionOptions& options, HealthTable& health, SystemClock& clock,
          ProcessTable& processes, size_t number)
        : random(number),
          budget(clock),
          exchange(pool.servers, connections, health, clock, dialect, nullptr, &budget, &meta),
          session({pool, exchange, clock, random, processes, budget}, options, number) {
        exchange.set_receive_max(kReceiveMaxHere);
    }

    Random random;
    WorkerDialect dialect;
    ConnectionPool connections;
    TimeBudget budget;
    MetaServers meta;
    SocketExchange exchange;
    CheckedSession session;
};

SessionOptions options_of(Input* input) {
    SessionOptions options;
    // Items of earlier inputs are not found.
    static uint64_t inputs = 0;
    options.key_prefix = "input" + std::to_string(++inputs) + ".";
    options.redundancy = static_cast<uint32_t>(1 + input->below(3));
    options.lock.wait = kLockWait;
    options.lock.pid = 100;
    options.compress_threshold = 100;
    return options;
}

void run(Input input) {
    const Spoiled what = spoiled_by(&input);
    const std::vector<uint16_t> ports = memcached_ports(what);
    const size_t servers = 1 + input.below(kServers);
    const bool proxied = input.one_in(4);
    const SessionOptions options = options_of(&input);

    // The proxies have a part of the input of their own, because their thread takes from it.
    std::array<uint8_t, kProxyBytes> spoiled{};
    for (uint8_t& byte : spoiled) {
        byte = input.byte();
    }
    const bool persistent = input.one_in(2);
    const MutatingProxies proxies(ports, Input(spoiled.data(), spoiled.size()));
    const Entrance entrance(proxies, servers, what == Spoiled::kTextInTls);
    const Pool pool = pool_of(entrance.ports(), proxied, persistent, what != Spoiled::kClearText);
    SystemClock clock;
    FakeProcesses processes;
    HealthTable health{HealthTable::Memory::kPrivate};
    std::deque<Visit> visits;
    for (size_t number = 1; number <= 2; ++number) {
        visits.emplace_back(pool, options, health, clock, processes, number);
    }
    const auto in_time = [](auto call) {
        const auto began = std::chrono::steady_clock::now();
        call();
        require(std::chrono::steady_clock::now() - began < kCallTimeMax, "a call ends in time");
    };
    for (size_t calls = 0; calls < kCallsMax && !input.is_used_up(); ++calls) {
        CheckedSession& session = visits[input.one_in(4) ? 1 : 0].session;
        in_time([&] { session.call(&input); });
    }
    for (Visit& visit : visits) {
        in_time([&] { visit.session.close(); });
    }
}

}  // namespace
}  // namespace memcache_session::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    memcache_session::fuzz::run(memcache_session::fuzz::Input(data, size));
    return 0;
}
