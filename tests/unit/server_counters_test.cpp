// What is counted of each server, by one process and by several, and the limits of the table.
#include "src/net/server_counters.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include "src/net/probes.h"
#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FakeServer;
using testing::Memcached;
using testing::Visitor;

constexpr TimePoint kNow{hours(100)};
constexpr uint64_t kServer = 0x123456789abcdef;
constexpr Failure kRefused{FailureKind::kConnect, ECONNREFUSED};

uint64_t failures(const ServerFigures& figures, FailureGroup group) {
    return figures.failures[static_cast<size_t>(group)];
}

TEST(ServerCounters, ShowWhatWasCounted) {
    ServerCounters counters;
    EXPECT_FALSE(counters.read(kServer, kNow).is_counted);
    counters.count_phase(kServer, ServerCounters::kNotMeasured, kNow);
    counters.count_phase(kServer, microseconds(50), kNow);
    counters.count_failure(kServer, kRefused, kNow - minutes(2));
    counters.count_mark(kServer, kNow);
    counters.count_probe(kServer, kNow);
    counters.count_recovery(kServer, kNow);
    const ServerFigures figures = counters.read(kServer, kNow);
    EXPECT_TRUE(figures.is_counted);
    EXPECT_EQ(figures.phases, 2u);
    EXPECT_EQ(figures.time.count(), 1u);
    EXPECT_EQ(figures.time.sum, 50u);
    EXPECT_EQ(failures(figures, FailureGroup::kRefused), 1u);
    EXPECT_EQ(figures.last_failure, kNow - minutes(2));
    EXPECT_EQ(figures.marks, 1u);
    EXPECT_EQ(figures.probes, 1u);
    EXPECT_EQ(figures.recoveries, 1u);
    EXPECT_EQ(figures.history[57], 1u);
    EXPECT_EQ(figures.history[59], 0u);
}

TEST(ServerCounters, HistoryForgetsMinutesThatAreOver) {
    ServerCounters counters;
    counters.count_failure(kServer, kRefused, kNow);
    counters.count_failure(kServer, kRefused, kNow);
    EXPECT_EQ(counters.read(kServer, kNow).history[59], 2u);
    EXPECT_EQ(counters.read(kServer, kNow + minutes(59)).history[0], 2u);
    const ServerFigures later = counters.read(kServer, kNow + minutes(60));
    for (const uint32_t failed : later.history) {
        EXPECT_EQ(failed, 0u);
    }
    EXPECT_EQ(failures(later, FailureGroup::kRefused), 2u);
    counters.count_failure(kServer, kRefused, kNow + minutes(60));
    EXPECT_EQ(counters.read(kServer, kNow + minutes(60)).history[59], 1u);
}

TEST(ServerCounters, OurOwnFailuresAreNotThoseOfTheServer) {
    EXPECT_EQ(group_of({FailureKind::kConnect, ECONNREFUSED}), FailureGroup::kRefused);
    EXPECT_EQ(group_of({FailureKind::kConnect, EMFILE}), FailureGroup::kLocal);
    EXPECT_EQ(group_of({FailureKind::kConnect, EACCES}), FailureGroup::kLocal);
    EXPECT_EQ(group_of({FailureKind::kBroken, ECONNRESET}), FailureGroup::kClosed);
    EXPECT_EQ(group_of({FailureKind::kResolve, 0}), FailureGroup::kLocal);
    EXPECT_EQ(group_of({FailureKind::kTimeout, 0}), FailureGroup::kTimeout);
    EXPECT_EQ(group_of({FailureKind::kCertificate, 0}), FailureGroup::kTls);
    EXPECT_EQ(group_of({FailureKind::kLoginRefused, 0}), FailureGroup::kLogin);
    EXPECT_EQ(group_of({FailureKind::kMalformed, 0}), FailureGroup::kProtocol);
    EXPECT_EQ(group_of({FailureKind::kOutOfMemory, 0}), FailureGroup::kMemory);
}

TEST(ServerCounters, ProcessesLoseNothing) {
    constexpr int kEach = 50000;
    ServerCounters counters;
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            for (int n = 0; n < kEach; ++n) {
                counters.count_phase(kServer, ServerCounters::kNotMeasured, kNow);
                counters.count_failure(kServer, kRefused, kNow);
            }
            _exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_EQ(status, 0);
    }
    const ServerFigures figures = counters.read(kServer, kNow);
    EXPECT_EQ(figures.phases, 4u * kEach);
    EXPECT_EQ(failures(figures, FailureGroup::kRefused), 4u * kEach);
    EXPECT_EQ(figures.history[59], 4u * kEach);
}

// Each round is the first of a server, which all threads count at once.
TEST(ServerCounters, FirstCountsOfAServerAreKept) {
    ServerCounters counters;
    constexpr uint64_t kThreads = 3;
    constexpr uint64_t kRounds = 300;
    for (uint64_t round = 1; round <= kRounds; ++round) {
        std::atomic<uint64_t> ready{0};
        std::vector<std::thread> threads;
        for (uint64_t i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                for (++ready; ready < kThreads;) {
                }
                counters.count_phase(round, microseconds(50), kNow);
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        ASSERT_EQ(counters.read(round, kNow).phases, kThreads) << round;
    }
}

TEST(ServerCounters, FullTableCountsNoOtherServerUntilOneIsForgotten) {
    ServerCounters counters;
    for (uint64_t server = 1; server <= ServerCounters::kPlaces; ++server) {
        counters.count_phase(server, microseconds(1), kNow);
    }
    constexpr uint64_t kOther = ServerCounters::kPlaces + 5;
    counters.count_phase(kOther, ServerCounters::kNotMeasured, kNow + minutes(1));
    EXPECT_FALSE(counters.read(kOther, kNow).is_counted);
    EXPECT_EQ(counters.read(5, kNow).time.count(), 1u);

    // All but one are in use.
    const TimePoint later = kNow + ServerCounters::kForgottenAfter + seconds(2);
    for (uint64_t server = 1; server <= ServerCounters::kPlaces; ++server) {
        if (server != 7) {
            counters.count_phase(server, microseconds(1), later - seconds(1));
        }
    }
    counters.count_phase(kOther, ServerCounters::kNotMeasured, later);
    EXPECT_EQ(counters.read(kOther, later).phases, 1u);
    EXPECT_EQ(counters.read(kOther, later).time.count(), 0u) << "what the other server left";
    EXPECT_FALSE(counters.read(7, later).is_counted);
    EXPECT_EQ(counters.read(5, later).time.count(), 2u);
}

TEST(ServerCounters, ResetKeepsThePlaces) {
    ServerCounters counters;
    counters.count_phase(kServer, ServerCounters::kNotMeasured, kNow);
    counters.count_failure(kServer, kRefused, kNow);
    counters.reset();
    const ServerFigures figures = counters.read(kServer, kNow);
    EXPECT_TRUE(figures.is_counted);
    EXPECT_EQ(figures.phases, 0u);
    EXPECT_EQ(failures(figures, FailureGroup::kRefused), 0u);
    EXPECT_EQ(figures.history[59], 0u);
    counters.count_phase(kServer, ServerCounters::kNotMeasured, kNow);
    EXPECT_EQ(counters.read(kServer, kNow).phases, 1u);
}

// A session of a process that counts.
struct Client {
    explicit Client(std::vector<Server> of) : servers(std::move(of)) {}

    void run(Command command, uint32_t server = 0) {
        Request request;
        request.server = server;
        request.add(command);
        exchange.run(Purpose::kOpen, &request, 1);
    }
    ServerFigures figures(uint32_t server = 0) const {
        return counters.read(servers[server].endpoint.hash(), clock.now());
    }

    SystemClock clock;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    ServerCounters counters;
    Probes probes{health, clock};
    TimeBudget budget{clock};
    SocketExchange exchange{servers, pool,    health,  clock,   kDefaultDialect,
                            &probes, &budget, nullptr, nullptr, &counters};
};

TEST(CountingExchange, PhasesAndTheirTimeAreCounted) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server()});
    client.budget.begin(seconds(2));
    const TimePoint began = client.clock.now();
    client.run(Command::read("k"));
    client.run(Command::read("k"));
    const Duration whole = client.clock.now() - began;
    const ServerFigures figures = client.figures();
    EXPECT_EQ(figures.phases, 2u);
    EXPECT_EQ(figures.time.count(), 2u);
    EXPECT_GT(figures.time.sum, 0u);
    EXPECT_LE(Duration(figures.time.sum), whole);
    EXPECT_GE(client.budget.taken(), Duration(figures.time.sum));
    EXPECT_LE(client.budget.taken(), client.clock.now() - client.budget.began());
}

TEST(CountingExchange, SlowServerIsMeasuredAndItsNeighbourIsNot) {
    FakeServer slow([](Visitor& visitor) {
        while (visitor.read_lines(1)) {
            std::this_thread::sleep_for(milliseconds(60));
            visitor.say("END\r\n");
        }
    });
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({slow.server(2000), memcached.server()});
    for (const uint32_t last : {0u, 1u}) {
        Request requests[2];
        for (Request& request : requests) {
            request.add(Command::read("k"));
        }
        requests[0].server = 1 - last;
        requests[1].server = last;
        client.exchange.run(Purpose::kOpen, requests, 2);
        ASSERT_FALSE(requests[0].failure || requests[1].failure);
    }
    EXPECT_EQ(client.figures(0).time.count(), 1u);
    EXPECT_GE(client.figures(0).time.sum, 60000u);
    EXPECT_EQ(client.figures(1).time.count(), 1u);
    EXPECT_LT(client.figures(1).time.sum, 60000u);
}

TEST(CountingExchange, FailuresMarksProbesAndRecoveriesAreCounted) {
    auto memcached = std::make_unique<Memcached>();
    ASSERT_TRUE(memcached->is_running());
    Server server = memcached->server();
    server.retry_interval = milliseconds(20);
    Client client({server});
    client.run(Command::read("k"));
    client.exchange.mark_down(0, {FailureKind::kServerError, 0});
    EXPECT_EQ(failures(client.figures(), FailureGroup::kProtocol), 1u);
    EXPECT_EQ(client.figures().marks, 1u);
    for (int tries = 0; tries < 500 && client.figures().recoveries == 0; ++tries) {
        client.exchange.usable(0);
        client.probes.look();
        std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_EQ(client.figures().recoveries, 1u);
    EXPECT_GE(client.figures().probes, 1u);
    EXPECT_NE(client.figures().last_failure, TimePoint());

    memcached.reset();
    client.run(Command::read("k"));
    EXPECT_EQ(client.figures().phases, 1u);
    EXPECT_EQ(client.figures().marks, 2u);
    EXPECT_EQ(failures(client.figures(), FailureGroup::kRefused) +
                  failures(client.figures(), FailureGroup::kClosed),
              1u);
}

TEST(CountingExchange, ServerWithoutMemoryHasAFailureButNoMark) {
    FakeServer full([](Visitor& visitor) {
        while (visitor.read_lines(2)) {
            visitor.say("SERVER_ERROR out of memory storing object\r\n");
        }
    });
    Client client({full.server(1000)});
    client.run(Command::set("k", "v", 0, 0));
    const ServerFigures figures = client.figures();
    EXPECT_EQ(figures.phases, 1u);
    EXPECT_EQ(failures(figures, FailureGroup::kMemory), 1u);
    EXPECT_EQ(figures.marks, 0u);
}

}  // namespace
}  // namespace memcache_session
