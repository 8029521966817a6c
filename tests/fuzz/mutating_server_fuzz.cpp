// libFuzzer entry: real sockets, real memcached servers, and between them proxies that spoil bytes.
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

// A call ends within so long. A phase takes at most the timeout, and a call has few of them, unless
// locks are lost again and again. The machine may be slow, so this is no exact bound.
constexpr milliseconds kCallTimeMax = 2 * kTimeout + kLockWait + milliseconds(1000);

// Started at the first input, and used for all.
std::vector<uint16_t> memcached_ports() {
    static std::deque<testing::Memcached> servers;
    std::vector<uint16_t> ports;
    while (servers.size() < kServers) {
        servers.emplace_back();
        require(servers.back().is_running(), "memcached starts");
    }
    for (const testing::Memcached& server : servers) {
        ports.push_back(server.server().endpoint.port);
    }
    return ports;
}

Pool pool_of(const MutatingProxies& proxies, size_t servers, bool proxied, bool persistent) {
    Pool pool;
    pool.timeout_max = kTimeout;
    pool.placement = std::make_shared<InOrder>(servers);
    for (size_t i = 0; i < servers; ++i) {
        pool.servers.push_back(testing::tcp_server(proxies.port(i), kTimeout.count(), persistent));
        pool.servers.back().proxy = proxied;
        pool.servers.back().retry_interval = Duration(0);
    }
    return pool;
}

// What one request of PHP has.
struct Visit {
    Visit(const Pool& pool, const SessionOptions& options, HealthTable& health, SystemClock& clock,
          ProcessTable& processes, size_t number)
        : random(number),
          budget(clock),
          exchange(pool.servers, connections, health, clock, kDefaultDialect, nullptr, &budget,
                   &meta),
          session({pool, exchange, clock, random, processes, budget}, options, number) {
        exchange.set_receive_max(kReceiveMaxHere);
    }

    Random random;
    ConnectionPool connections;
    TimeBudget budget;
    MetaServers meta;
    SocketExchange exchange;
    CheckedSession session;
};

void run(Input input) {
    const std::vector<uint16_t> ports = memcached_ports();
    const size_t servers = 1 + input.below(kServers);
    const bool proxied = input.one_in(4);
    SessionOptions options;
    // Items of earlier inputs are not found.
    static uint64_t inputs = 0;
    options.key_prefix = "input" + std::to_string(++inputs) + ".";
    options.redundancy = static_cast<uint32_t>(1 + input.below(3));
    options.lock.wait = kLockWait;
    options.lock.pid = 100;
    options.compress_threshold = 100;

    // The proxies have a part of the input of their own, because their thread takes from it.
    std::array<uint8_t, kProxyBytes> spoiled{};
    for (uint8_t& byte : spoiled) {
        byte = input.byte();
    }
    const bool persistent = input.one_in(2);
    const MutatingProxies proxies(ports, Input(spoiled.data(), spoiled.size()));
    const Pool pool = pool_of(proxies, servers, proxied, persistent);
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
