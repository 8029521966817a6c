#include "src/net/probes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/net/connection_pool.h"
#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Memcached;
using testing::Visitor;

constexpr auto kInterval = milliseconds(20);

// One process that knows one server, which is probed every 20 ms.
struct Process {
    explicit Process(const Server& server) : servers({server}) {
        servers[0].retry_interval = kInterval;
    }

    void mark_down(Reach reach = Reach::kServer) {
        health.mark_down(servers[0], {{FailureKind::kTimeout, 0}, reach, clock.now(), 0},
                         clock.now());
        usleep(1000 * kInterval.count());
    }
    bool is_up() const { return health.state(servers[0]) == HealthTable::State::kUp; }

    // As if all servers had been found down so long ago, and not been wanted since.
    void mark_all_down(milliseconds ago) {
        const TimePoint then = clock.now() - ago;
        for (const Server& server : servers) {
            health.mark_down(server, {{FailureKind::kTimeout, 0}, Reach::kServer, then, 0}, then);
        }
    }
    // Whether the next request uses the server, and how long it thinks about that.
    std::pair<bool, milliseconds> next_request_uses(uint32_t server) {
        SocketExchange next{servers, pool, health, clock, kDefaultDialect, &probes};
        const TimePoint began = clock.now();
        const bool uses = next.usable(server);
        return {uses, std::chrono::duration_cast<milliseconds>(clock.now() - began)};
    }

    // As a request does that passes over the server and goes on with others.
    void pass_over() {
        static_cast<void>(exchange.usable(0));
        probes.look();
    }

    // Looks for up to two seconds.
    bool comes_up() {
        for (int i = 0; i < 400 && !is_up(); ++i) {
            pass_over();
            usleep(5000);
        }
        return is_up();
    }

    std::vector<Server> servers;
    ConnectionPool pool;
    HealthTable health{HealthTable::Memory::kPrivate};
    SystemClock clock;
    Probes probes{health, clock};
    SocketExchange exchange{servers, pool, health, clock, kDefaultDialect, &probes};
};

TEST(Probes, LiftTheMarkOfAServerThatIsWell) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Process process(memcached.server());
    process.mark_down();
    EXPECT_FALSE(process.is_up());
    EXPECT_TRUE(process.comes_up());
    const std::vector<Probes::Recovered> recovered = process.probes.take_recovered();
    ASSERT_EQ(recovered.size(), 1u);
    EXPECT_EQ(recovered[0].server, process.servers[0].name());
    EXPECT_GE(recovered[0].outage, kInterval);
    EXPECT_TRUE(process.probes.take_recovered().empty());
    EXPECT_TRUE(process.exchange.usable(0));
}

TEST(Probes, LeaveTheMarkOfAServerThatGivesNoCasNumbers) {
    Memcached without("127.0.0.1", {"-C"});
    ASSERT_TRUE(without.is_running());
    Process process(without.server());
    process.exchange.mark_down(0, {FailureKind::kNoCas, 0});
    for (int i = 0; i < 40; ++i) {
        process.pass_over();
        usleep(5000);
    }
    EXPECT_FALSE(process.is_up());
    Request opening;
    opening.add(Command::set("abc", "x", 0, 1));
    opening.add(Command::read_for_update("abc"));
    process.exchange.run(Purpose::kOpen, &opening, 1);
    ASSERT_EQ(opening.answered, 2u);
    EXPECT_FALSE(process.is_up()) << "a request that asked it as the last resort";
}

TEST(Probes, LiftTheMarkOfAServerThatGivesCasNumbersNow) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Process process(memcached.server());
    process.exchange.mark_down(0, {FailureKind::kNoCas, 0});
    usleep(1000 * kInterval.count());
    EXPECT_TRUE(process.comes_up());
}

TEST(Probes, NeverWait) {
    FakeServer silent([](Visitor& visitor) { visitor.listen_until_closed(); });
    Process process(silent.server(200));
    process.mark_down();
    const TimePoint began = process.clock.now();
    for (int i = 0; i < 100; ++i) {
        process.pass_over();
    }
    EXPECT_LT(process.clock.now() - began, milliseconds(150));
    EXPECT_FALSE(process.is_up());
}

// memcached -Y, or a server that is out of order, answers but cannot be used.
TEST(Probes, TakeAnErrorForNoAnswer) {
    FakeServer refusing([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("CLIENT_ERROR unauthenticated\r\n");
        visitor.listen_until_closed();
    });
    Process process(refusing.server(200));
    process.mark_down();
    for (int i = 0; i < 30; ++i) {
        process.pass_over();
        usleep(5000);
    }
    EXPECT_FALSE(process.is_up());
    EXPECT_GE(refusing.connections(), 2u) << "it is probed again and again";
}

TEST(Probes, OfOneProcessAreBounded) {
    FakeServer silent([](Visitor& visitor) { visitor.listen_until_closed(); });
    Process process(silent.server(5000));
    process.mark_down();
    for (int i = 0; i < 60; ++i) {
        process.pass_over();
        usleep(1000 * kInterval.count() / 2);
    }
    EXPECT_EQ(silent.connections(), Probes::kPendingMax);
}

TEST(Probes, LetKeptConnectionsToAClosedServerGoOn) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Server server = memcached.server();
    server.persistent = true;
    Process process(server);
    process.servers[0].retry_interval = std::chrono::hours(1);
    Request request;
    request.add(Command::read("k"));
    process.exchange.run(Purpose::kOpen, &request, 1);
    ASSERT_FALSE(request.failure);
    process.mark_down(Reach::kNewConnections);
    EXPECT_EQ(process.health.state(process.servers[0]), HealthTable::State::kClosed);
    EXPECT_TRUE(process.exchange.usable(0));
    process.mark_down(Reach::kServer);
    EXPECT_FALSE(process.exchange.usable(0));
}

TEST(Probes, AfterAPauseAreWaitedForByTheFirstRequest) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Process process(memcached.server());
    process.mark_all_down(milliseconds(1000));
    EXPECT_FALSE(process.next_request_uses(0).first);
    Process after_a_pause(memcached.server());
    after_a_pause.mark_all_down(milliseconds(1100));
    EXPECT_TRUE(after_a_pause.next_request_uses(0).first);
    EXPECT_TRUE(after_a_pause.is_up());
}

TEST(Probes, AfterAPauseAreWaitedForOnceAndNotForLong) {
    FakeServer silent([](Visitor& visitor) { visitor.listen_until_closed(); });
    Process process(silent.server(5000));
    process.mark_all_down(milliseconds(9000));
    const auto [uses, time] = process.next_request_uses(0);
    EXPECT_FALSE(uses);
    EXPECT_GE(time, milliseconds(50));
    EXPECT_LT(time, milliseconds(250));
    for (int i = 0; i < 10; ++i) {
        const auto [uses_it, time_again] = process.next_request_uses(0);
        EXPECT_FALSE(uses_it);
        EXPECT_LT(time_again, milliseconds(40));
    }
}

TEST(Probes, AfterAPauseAreWaitedForSideBySide) {
    FakeServer silent([](Visitor& visitor) { visitor.listen_until_closed(); });
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Process process(silent.server(5000));
    process.servers.push_back(memcached.server());
    process.mark_all_down(milliseconds(9000));
    EXPECT_FALSE(process.exchange.usable(0));
    EXPECT_TRUE(process.exchange.usable(1)) << "it has answered while the other was waited for";
}

TEST(Probes, AfterAPauseAreMadeAnewByWhoHasAnOldOne) {
    std::atomic<int> connections{0};
    FakeServer server([&connections](Visitor& visitor) {
        if (++connections > 1 && visitor.read_lines(1)) {
            visitor.say("END\r\n");
        }
        visitor.listen_until_closed();
    });
    Process process(server.server(100));
    process.mark_down();
    process.pass_over();
    usleep(1'200'000);
    EXPECT_TRUE(process.health.begin_probe(process.servers[0], process.clock.now()))
        << "as another worker of the machine does";
    EXPECT_TRUE(process.next_request_uses(0).first);
    EXPECT_EQ(connections, 2);
}

// The site has one request in three seconds, and the server is far away.
TEST(Probes, ThatAreTooSlowForThePauseLiftTheMarkAllTheSame) {
    FakeServer slow([](Visitor& visitor) {
        while (visitor.read_lines(1)) {
            usleep(120000);
            visitor.say("END\r\n");
        }
    });
    Process process(slow.server(1000));
    process.mark_all_down(milliseconds(9000));
    EXPECT_FALSE(process.next_request_uses(0).first);
    usleep(200000);
    process.probes.look();
    EXPECT_TRUE(process.is_up());
}

}  // namespace
}  // namespace memcache_session
