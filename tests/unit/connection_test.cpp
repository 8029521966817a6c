#include "src/net/connection.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/net/connect_attempt.h"
#include "src/net/connection_pool.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Visitor;

constexpr ConnectAttempt::State kPending = ConnectAttempt::State::kPending;

void stay(Visitor& visitor) {
    visitor.listen_until_closed();
}

// Drives an attempt as an exchange does.
ConnectAttempt::State finish(ConnectAttempt& attempt, ConnectAttempt::State state) {
    const SystemClock clock;
    while (state == kPending) {
        const auto left = std::chrono::ceil<milliseconds>(attempt.wake_at() - clock.now());
        pollfd polled{attempt.socket(), attempt.events(), 0};
        const int ready = poll(&polled, 1, std::max(0, static_cast<int>(left.count())));
        if (ready > 0) {
            state = attempt.on_ready();
        } else if (clock.now() >= attempt.wake_at()) {
            state = attempt.on_time();
        }
    }
    return state;
}

struct Outcome {
    std::unique_ptr<Connection> connection;
    Failure failure;
};

Outcome connect_to(const Server& server) {
    const SystemClock clock;
    ConnectAttempt attempt(clock, kDefaultDialect);
    const auto state = finish(attempt, attempt.start(server, clock.now() + server.timeout));
    if (state == ConnectAttempt::State::kConnected) {
        return {attempt.take(), {}};
    }
    return {nullptr, attempt.failure()};
}

Server unix_server(const std::string& path, int64_t timeout_ms = 2000) {
    Server server = testing::tcp_server(0, timeout_ms);
    server.endpoint.host = path;
    server.endpoint.transport = Endpoint::Transport::kUnix;
    return server;
}

int option(int socket, int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    getsockopt(socket, level, name, &value, &length);
    return value;
}

TEST(Connection, IsNonBlockingClosedOnExecAndWithoutDelay) {
    FakeServer fake(stay);
    const Outcome outcome = connect_to(fake.server());
    ASSERT_TRUE(outcome.connection);
    const int socket = outcome.connection->stream().socket();
    EXPECT_NE(fcntl(socket, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(fcntl(socket, F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(option(socket, IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST(Connection, IsKeptAliveBySystemIfItIsPersistent) {
    FakeServer fake(stay);
    for (const bool persistent : {true, false}) {
        const Outcome outcome = connect_to(fake.server(2000, persistent));
        ASSERT_TRUE(outcome.connection);
        EXPECT_EQ(option(outcome.connection->stream().socket(), SOL_SOCKET, SO_KEEPALIVE) != 0,
                  persistent);
    }
}

TEST(Connection, IdsAreNeverUsedAgain) {
    FakeServer fake(stay);
    ConnectionId last = 0;
    for (int i = 0; i < 5; ++i) {
        const Outcome outcome = connect_to(fake.server());
        ASSERT_TRUE(outcome.connection);
        EXPECT_GT(outcome.connection->id(), last);
        last = outcome.connection->id();
    }
}

TEST(Connection, ReceiveTellsNothingYetFromBytesFromClosed) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("answer");
        visitor.read_lines(1);
    });
    const Outcome outcome = connect_to(fake.server());
    ASSERT_TRUE(outcome.connection);
    Stream& stream = outcome.connection->stream();
    char space[64];
    EXPECT_EQ(stream.receive(space, sizeof space).state, Transfer::State::kNothingYet);
    const std::string_view line = "go\n";
    EXPECT_EQ(stream.send(&line, 1).count, line.size());
    pollfd polled{stream.socket(), POLLIN, 0};
    ASSERT_EQ(poll(&polled, 1, 2000), 1);
    const Transfer received = stream.receive(space, sizeof space);
    EXPECT_EQ(received.state, Transfer::State::kBytes);
    EXPECT_EQ(std::string(space, received.count), "answer");
    EXPECT_EQ(stream.send(&line, 1).count, line.size());
    ASSERT_EQ(poll(&polled, 1, 2000), 1);
    EXPECT_EQ(stream.receive(space, sizeof space).state, Transfer::State::kClosed);
}

TEST(Connection, SendingOnABrokenConnectionIsAnErrorAndNoSignal) {
    FakeServer fake([](Visitor& visitor) { visitor.read_lines(1); });
    const Outcome outcome = connect_to(fake.server());
    ASSERT_TRUE(outcome.connection);
    const std::string_view line = "go\n";
    Transfer sent;
    for (int i = 0; i < 100 && sent.state != Transfer::State::kBroken; ++i) {
        sent = outcome.connection->stream().send(&line, 1);
        usleep(5000);
    }
    EXPECT_EQ(sent.state, Transfer::State::kBroken);
    EXPECT_TRUE(sent.error == EPIPE || sent.error == ECONNRESET) << sent.error;
}

TEST(ConnectAttempt, RefusedPortFailsWithTheErrorOfTheSystem) {
    uint16_t port = 0;
    close(testing::listen_on_loopback(1, &port));
    const Outcome outcome = connect_to(testing::tcp_server(port));
    EXPECT_EQ(outcome.failure.kind, FailureKind::kConnect);
    EXPECT_EQ(outcome.failure.system_error, ECONNREFUSED);
}

TEST(ConnectAttempt, HostNameIsResolvedAndItsAddressesTriedInOrder) {
    // localhost may be ::1 first, where nobody listens: then 127.0.0.1 must follow.
    FakeServer fake(stay);
    Server server = fake.server();
    server.endpoint.host = "localhost";
    EXPECT_TRUE(connect_to(server).connection);
}

TEST(ConnectAttempt, UnknownHostNameIsAResolverFailure) {
    Server server = testing::tcp_server(11211);
    server.endpoint.host = "no such host";
    EXPECT_EQ(connect_to(server).failure.kind, FailureKind::kResolve);
}

TEST(ConnectAttempt, UnixSocketConnects) {
    const std::string path = "/tmp/memcache_session_connect." + std::to_string(getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener, 0), 0);
    const Outcome first = connect_to(unix_server(path));
    EXPECT_TRUE(first.connection);

    // Nobody accepts: the queue fills up, and then connecting takes the whole timeout.
    std::vector<std::unique_ptr<Connection>> queued;
    Outcome outcome;
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < 10 && !outcome.failure; ++i) {
        outcome = connect_to(unix_server(path, 100));
        if (outcome.connection) {
            queued.push_back(std::move(outcome.connection));
        }
    }
    EXPECT_EQ(outcome.failure.kind, FailureKind::kConnectTimeout);
    EXPECT_GE(std::chrono::steady_clock::now() - started, milliseconds(100));

    // Room is made while an attempt waits: it gets in.
    std::thread acceptor([listener] {
        usleep(30000);
        close(accept(listener, nullptr, nullptr));
    });
    EXPECT_TRUE(connect_to(unix_server(path)).connection);
    acceptor.join();
    close(listener);
    unlink(path.c_str());
    EXPECT_EQ(connect_to(unix_server(path)).failure.system_error, ENOENT);
}

TEST(ConnectAttempt, TooLongAPathOfAUnixSocketIsRefused) {
    const Outcome outcome = connect_to(unix_server("/" + std::string(200, 'x')));
    EXPECT_EQ(outcome.failure.kind, FailureKind::kConnect);
    EXPECT_EQ(outcome.failure.system_error, ENAMETOOLONG);
}

TEST(ConnectAttempt, FullQueueOfATcpServerEndsAtTheTimeout) {
    uint16_t port = 0;
    const int listener = testing::listen_on_loopback(0, &port);
    std::vector<std::unique_ptr<Connection>> queued;
    Outcome outcome;
    for (int i = 0; i < 10 && !outcome.failure; ++i) {
        outcome = connect_to(testing::tcp_server(port, 150));
        if (outcome.connection) {
            queued.push_back(std::move(outcome.connection));
        }
    }
    EXPECT_EQ(outcome.failure.kind, FailureKind::kConnectTimeout);
    close(listener);
}

TEST(ConnectionPool, GivesBackWhatItWasGivenForTheSameAddressOnly) {
    FakeServer fake(stay);
    FakeServer other(stay);
    ConnectionPool pool;
    EXPECT_FALSE(pool.take(fake.server().endpoint, 0));
    Outcome outcome = connect_to(fake.server());
    ASSERT_TRUE(outcome.connection);
    const ConnectionId id = outcome.connection->id();
    pool.give_back(std::move(outcome.connection));
    EXPECT_FALSE(pool.take(other.server().endpoint, 0));
    const auto taken = pool.take(fake.server(5).endpoint, 0);  // another timeout, the same server
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->id(), id);
    EXPECT_FALSE(pool.take(fake.server().endpoint, 0));
}

TEST(ConnectionPool, PrefersTheConnectionAskedForThenTheOneUsedLast) {
    FakeServer fake(stay);
    ConnectionPool pool;
    std::vector<ConnectionId> ids;
    for (int i = 0; i < 3; ++i) {
        Outcome outcome = connect_to(fake.server());
        ASSERT_TRUE(outcome.connection);
        ids.push_back(outcome.connection->id());
        pool.give_back(std::move(outcome.connection));
    }
    EXPECT_EQ(pool.take(fake.server().endpoint, ids[0])->id(), ids[0]);
    EXPECT_EQ(pool.take(fake.server().endpoint, 0)->id(), ids[2]);
    EXPECT_EQ(pool.take(fake.server().endpoint, ids[2])->id(), ids[1]);
}

TEST(ConnectionPool, ClosesAllConnectionsToOneServerAndNoOther) {
    FakeServer fake(stay);
    FakeServer other(stay);
    ConnectionPool pool;
    for (int i = 0; i < 2; ++i) {
        pool.give_back(connect_to(fake.server()).connection);
    }
    pool.give_back(connect_to(other.server()).connection);
    pool.close(fake.server().endpoint);
    EXPECT_EQ(pool.idle_count(), 1U);
    EXPECT_FALSE(pool.has(fake.server().endpoint));
    EXPECT_TRUE(pool.has(other.server().endpoint));
    pool.close(fake.server().endpoint);
    EXPECT_EQ(pool.idle_count(), 1U);
}

TEST(ConnectAttempt, KnownAddressTakesThePlaceOfTheResolver) {
    FakeServer fake(stay);
    Server server = fake.server();
    server.endpoint.host = "no-such-name.invalid";
    const SystemClock clock;
    ConnectAttempt attempt(clock, kDefaultDialect);
    EXPECT_EQ(attempt.start(server, clock.now() + server.timeout, false),
              ConnectAttempt::State::kFailed);
    server.address = "127.0.0.1";
    const auto state = attempt.start(server, clock.now() + server.timeout, false);
    ASSERT_EQ(finish(attempt, state), ConnectAttempt::State::kConnected);
    EXPECT_EQ(attempt.take()->endpoint().host, "no-such-name.invalid");
}

TEST(ConnectionPool, KeepsFewConnectionsToOneAddressAndManyInAll) {
    FakeServer fake(stay);
    ConnectionPool pool;
    for (size_t i = 0; i < ConnectionPool::kIdlePerAddressMax + 3; ++i) {
        pool.give_back(connect_to(fake.server()).connection);
    }
    EXPECT_EQ(pool.idle_count(), ConnectionPool::kIdlePerAddressMax);
}

TEST(ConnectionPool, ClosesTheOneIdleForLongestWhenThereAreTooMany) {
    ConnectionPool pool(100);
    for (size_t i = 0; i < pool.idle_max() + 5; ++i) {
        const Server server = testing::tcp_server(static_cast<uint16_t>(i + 1));
        const int socket = open("/dev/null", O_RDONLY | O_CLOEXEC);
        ASSERT_GE(socket, 0);
        pool.give_back(
            std::make_unique<Connection>(std::make_unique<PlainStream>(socket), server.endpoint));
    }
    EXPECT_EQ(pool.idle_count(), pool.idle_max());
    EXPECT_FALSE(pool.take(testing::tcp_server(5).endpoint, 0));
    EXPECT_TRUE(pool.take(testing::tcp_server(6).endpoint, 0));
}

TEST(ConnectionPool, IsBoundedByTheLimitOfTheProcessAndByItsOwn) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit lower{90, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
    EXPECT_EQ(ConnectionPool::idle_max_of_process(), 45u);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_LE(ConnectionPool::idle_max_of_process(), ConnectionPool::kIdleMax);
}

}  // namespace
}  // namespace memcache_session
