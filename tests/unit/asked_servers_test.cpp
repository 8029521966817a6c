// What memcached servers say of themselves, and those that say nothing.
#include "src/worker/asked_servers.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Memcached;
using testing::Visitor;

std::vector<AskedServer> ask(std::vector<Server> servers) {
    Pool pool;
    pool.servers = std::move(servers);
    SystemClock clock;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool connections;
    SocketExchange exchange{pool.servers, connections, health, clock};
    return ask_servers(pool, exchange);
}

TEST(AskedServers, LinesBecomeFigures) {
    const AskedServer server = parse_statistics(
        "STAT pid 12\r\nSTAT uptime 7\r\nSTAT version 1.6.18 beta\r\nSTAT curr_items 3\r\n"
        "STAT evictions 18446744073709551615\r\nSTAT bytes x\r\nSTAT limit_maxbytes\r\n");
    EXPECT_EQ(server.error, "");
    EXPECT_EQ(server.version, "1.6.18 beta");
    EXPECT_EQ(server.uptime, 7u);
    EXPECT_EQ(server.items, 3u);
    EXPECT_EQ(server.evictions, UINT64_MAX);
    EXPECT_EQ(server.bytes, 0u) << "it is no number";
    EXPECT_EQ(server.bytes_max, 0u);
}

TEST(AskedServers, EachTellsOfItselfOrHasAReason) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    FakeServer unknowing([](Visitor& visitor) {
        while (visitor.read_lines(1) && visitor.say("ERROR\r\n")) {
        }
    });
    Server proxy = memcached.server();
    proxy.proxy = true;
    const std::vector<AskedServer> answers =
        ask({memcached.server(), unknowing.server(2000), proxy, testing::tcp_server(1)});
    EXPECT_EQ(answers[0].error, "");
    EXPECT_NE(answers[0].version, "");
    EXPECT_EQ(answers[0].bytes_max % (1 << 20), 0u);
    EXPECT_GE(answers[0].connections, 1u);
    EXPECT_NE(answers[1].error.find("ERROR"), std::string::npos) << answers[1].error;
    EXPECT_NE(answers[2].error.find("proxy"), std::string::npos);
    EXPECT_NE(answers[3].error.find("refused"), std::string::npos) << answers[3].error;
}

// Each line comes within the timeout, so that only one deadline for all of them ends this.
TEST(AskedServers, ServerThatNeverEndsIsGivenUpAtItsTimeout) {
    FakeServer endless([](Visitor& visitor) {
        visitor.read_lines(1);
        while (visitor.say("STAT name 1\r\n")) {
            std::this_thread::sleep_for(milliseconds(20));
        }
    });
    const auto began = std::chrono::steady_clock::now();
    const std::vector<AskedServer> answers = ask({endless.server(200)});
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
    EXPECT_NE(answers[0].error, "");
}

}  // namespace
}  // namespace memcache_session
