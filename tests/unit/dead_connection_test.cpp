// Kept connections that are dead without having been closed, and connections to servers that hang.
#include <gtest/gtest.h>

#ifdef __linux__
#include <linux/filter.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Visitor;

constexpr milliseconds kTimeout{900};

// Drops all packets that arrive, and acknowledges none, as a firewall that has forgotten the
// connection does.
void drop_all_packets_to(int socket) {
    sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &drop};
    ASSERT_EQ(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

// A client with one kept connection. The server has answered on it once, then has called `after`,
// and answers on it no more. On other connections it answers.
class KeptConnection {
public:
    explicit KeptConnection(std::function<void(int socket)> after, bool persistent = true)
        : fake_([this, after = std::move(after)](Visitor& visitor) {
              while (visitor.read_lines(1)) {
                  ++commands_;
                  visitor.say("END\r\n");
                  if (visitor.number() == 0) {
                      after(visitor.socket());
                      ready_ = true;
                      visitor.listen_until_closed();
                  }
              }
          }),
          servers_({fake_.server(kTimeout.count(), persistent)}) {
        run("first", 0);
        first_ = request_.connection;
        while (!ready_) {
            usleep(1000);
        }
    }

    milliseconds run(const std::string& key, ConnectionId bound_to) {
        request_ = Request();
        request_.bound_to = bound_to;
        request_.add(Command::read_for_update(key));
        const auto began = std::chrono::steady_clock::now();
        exchange_.run(Purpose::kOpen, &request_, 1);
        return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    }

    const Request& request() const { return request_; }
    ConnectionId first() const { return first_; }
    size_t connections() const { return fake_.connections(); }
    int commands() const { return commands_; }
    bool usable() { return exchange_.usable(0); }

private:
    std::atomic<bool> ready_{false};
    std::atomic<int> commands_{0};
    FakeServer fake_;
    Request request_;
    ConnectionId first_ = 0;
    SystemClock clock_;
    std::vector<Server> servers_;
    HealthTable health_{HealthTable::Memory::kPrivate};
    ConnectionPool pool_;
    SocketExchange exchange_{servers_, pool_, health_, clock_};
};

TEST(DeadConnection, IsReplacedAfterAThirdOfTheTimeoutAndNothingFails) {
    for (const bool persistent : {true, false}) {
        KeptConnection kept(drop_all_packets_to, persistent);
        const milliseconds time = kept.run("second", 0);
        EXPECT_FALSE(kept.request().failure);
        EXPECT_EQ(kept.request().answered, 1U);
        EXPECT_NE(kept.request().connection, kept.first());
        EXPECT_GE(time, kTimeout / 3);
        EXPECT_LT(time, kTimeout * 2 / 3);
        EXPECT_TRUE(kept.usable());

        const ConnectionId fresh = kept.request().connection;
        EXPECT_LT(kept.run("third", fresh), kTimeout / 3);
        EXPECT_FALSE(kept.request().failure);
        EXPECT_EQ(kept.connections(), 2U);
    }
}

TEST(DeadConnection, IsLostForARequestBoundToIt) {
    KeptConnection kept(drop_all_packets_to);
    EXPECT_LT(kept.run("bound", kept.first()), kTimeout * 2 / 3);
    EXPECT_EQ(kept.request().failure.kind, FailureKind::kConnectionLost);
    EXPECT_EQ(kept.request().connection, 0U);
    EXPECT_TRUE(kept.usable());
    EXPECT_EQ(kept.commands(), 1);
}

TEST(DeadConnection, IsNotWhatAServerThatHangsHas) {
    for (const bool bound : {false, true}) {
        KeptConnection kept([](int) {});
        const milliseconds time = kept.run("second", bound ? kept.first() : 0);
        EXPECT_EQ(kept.request().failure.kind, FailureKind::kTimeout);
        EXPECT_GE(time, kTimeout);
        EXPECT_LT(time, kTimeout * 4 / 3);
        EXPECT_FALSE(kept.usable());
        EXPECT_EQ(kept.connections(), 1U);
    }
}

TEST(DeadConnection, IsNotWhatAServerHasThatTakesALargeValueSlowly) {
    // The system of the server acknowledges the bytes for which it has room, and no others.
    FakeServer fake([](Visitor& visitor) {
        const int small = 64 << 10;
        setsockopt(visitor.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        visitor.read_lines(1);
        visitor.say("END\r\n");
        visitor.read_lines(1);
        usleep(500000);
        visitor.read_bytes((4 << 20) + 2);
        visitor.say("STORED\r\n");
        visitor.listen_until_closed();
    });
    const SystemClock clock;
    const std::vector<Server> servers = {fake.server(kTimeout.count() * 10 / 8)};
    HealthTable health(HealthTable::Memory::kPrivate);
    ConnectionPool pool;
    SocketExchange exchange(servers, pool, health, clock);
    Request look;
    look.add(Command::read_for_update("s"));
    exchange.run(Purpose::kOpen, &look, 1);
    ASSERT_FALSE(look.failure);
    const std::string large(4 << 20, 'x');
    Request store;
    store.bound_to = look.connection;
    store.add(Command::set("s", large, 0, 0));
    exchange.run(Purpose::kOpen, &store, 1);
    EXPECT_NE(store.failure.kind, FailureKind::kConnectionLost);
    EXPECT_EQ(fake.connections(), 1U);
}

}  // namespace
}  // namespace memcache_session
#endif
