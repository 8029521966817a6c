#include "src/net/greeting.h"

#include <gtest/gtest.h>

#ifdef __linux__
#include <linux/filter.h>
#endif

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/net/dialect.h"
#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Visitor;

constexpr std::string_view kHello = "hello\r\n";
constexpr std::string_view kWelcome = "welcome\r\n";
constexpr auto kTimeout = 900ms;

// Says a line and awaits a line; any other line is a refusal.
class LineGreeting final : public Greeting {
public:
    State advance(Stream& stream) override {
        if (!said_) {
            const Transfer sent = stream.send(&kHello, 1);
            if (sent.state != Transfer::State::kBytes) {
                return after(sent);
            }
            EXPECT_EQ(sent.count, kHello.size());
            said_ = true;
        }
        while (heard_.empty() || heard_.back() != '\n') {
            char byte = 0;
            const Transfer received = stream.receive(&byte, 1);
            if (received.state != Transfer::State::kBytes) {
                return after(received);
            }
            heard_ += byte;
        }
        failure_ = {FailureKind::kServerError, 0};
        return heard_ == kWelcome ? State::kDone : State::kFailed;
    }
    short interest(const Stream& stream) const override {
        return stream.interest(said_ ? Stream::Direction::kReceive : Stream::Direction::kSend);
    }
    Failure failure() const override { return failure_; }

private:
    State after(const Transfer& transfer) {
        if (transfer.state == Transfer::State::kNothingYet) {
            return State::kPending;
        }
        const bool closed = transfer.state == Transfer::State::kClosed;
        failure_ = {closed ? FailureKind::kClosed : FailureKind::kBroken, transfer.error};
        return State::kFailed;
    }

    bool said_ = false;
    std::string heard_;
    Failure failure_;
};

// Takes all that the socket has as soon as a byte of it is received.
class HoldingStream final : public Stream {
public:
    using Stream::Stream;

    Transfer send(const std::string_view* pieces, size_t count) override {
        return send_pieces(socket(), pieces, count);
    }
    Transfer receive(char* space, size_t size) override {
        if (pending_.empty()) {
            char bytes[4096];
            const Transfer received = receive_some(socket(), bytes, sizeof bytes);
            if (received.state != Transfer::State::kBytes) {
                return received;
            }
            pending_.assign(bytes, received.count);
        }
        const size_t count = pending_.copy(space, size);
        pending_.erase(0, count);
        return {Transfer::State::kBytes, count, 0};
    }
    short interest(Direction direction) const override {
        return direction == Direction::kSend ? POLLOUT : POLLIN;
    }
    bool has_pending() const override { return !pending_.empty(); }
    std::optional<size_t> unacknowledged() const override { return std::nullopt; }

private:
    std::string pending_;
};

class GreetingDialect final : public Dialect {
public:
    std::unique_ptr<Greeting> make_greeting(const Server&) const override {
        return std::make_unique<LineGreeting>();
    }
    std::unique_ptr<Stream> make_stream(SocketHandle socket, const Server& server) const override {
        if (holds_bytes) {
            return std::make_unique<HoldingStream>(socket);
        }
        return Dialect::make_stream(socket, server);
    }

    bool holds_bytes = false;
};

struct Client {
    explicit Client(std::vector<Server> pool_of_servers) : servers(std::move(pool_of_servers)) {}

    // Reads one item of the first server.
    milliseconds run(ConnectionId bound_to = 0) {
        request = Request();
        request.bound_to = bound_to;
        request.add(Command::read_for_update("k"));
        const auto began = std::chrono::steady_clock::now();
        exchange.run(Purpose::kOpen, &request, 1);
        return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    }

    Request request;
    SystemClock clock;
    GreetingDialect dialect;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    SocketExchange exchange{servers, pool, health, clock, dialect};
};

// Reads the client's hello, and answers it. False when the client did not greet.
bool greet(Visitor& visitor, std::string_view answer = kWelcome) {
    std::string line;
    return visitor.read_lines(1, &line) && line == kHello && visitor.say(answer);
}

void answer_reads(Visitor& visitor) {
    std::string line;
    while (visitor.read_lines(1, &line) && line == "gets k\r\n" && visitor.say("END\r\n")) {
        line.clear();
    }
}

TEST(Greeting, PrecedesTheFirstCommandOfAConnectionAndNoLaterOne) {
    std::atomic<int> greetings{0};
    FakeServer fake([&greetings](Visitor& visitor) {
        ASSERT_TRUE(greet(visitor));
        ++greetings;
        answer_reads(visitor);
    });
    for (const bool persistent : {true, false}) {
        Client client({fake.server(kTimeout.count(), persistent)});
        for (int i = 0; i < 3; ++i) {
            client.run();
            EXPECT_FALSE(client.request.failure) << describe(client.request.failure, kTimeout);
            EXPECT_EQ(client.request.replies[0].kind, ReplyKind::kMiss);
        }
    }
    EXPECT_EQ(greetings, 2);
    EXPECT_EQ(fake.connections(), 2U);
}

TEST(Greeting, AndTheCommandsShareOneDeadline) {
    FakeServer fake([](Visitor& visitor) {
        usleep(500000);
        ASSERT_TRUE(greet(visitor));
        visitor.listen_until_closed();
    });
    Client client({fake.server(kTimeout.count())});
    const milliseconds time = client.run();
    EXPECT_EQ(client.request.failure.kind, FailureKind::kTimeout);
    EXPECT_NE(client.request.connection, 0U);
    EXPECT_GE(time, kTimeout);
    EXPECT_LT(time, kTimeout + 400ms);
}

TEST(Greeting, ThatIsRefusedIsTheFailureOfTheServer) {
    FakeServer fake([](Visitor& visitor) {
        ASSERT_TRUE(greet(visitor, "go away\r\n"));
        EXPECT_EQ(visitor.listen_until_closed(), "");
    });
    Client client({fake.server(kTimeout.count())});
    EXPECT_LT(client.run(), kTimeout);
    EXPECT_EQ(client.request.failure.kind, FailureKind::kServerError);
    EXPECT_EQ(client.request.connection, 0U);
    EXPECT_FALSE(client.exchange.usable(0));
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(Greeting, ThatIsNotAnsweredEndsAtTheTimeout) {
    FakeServer fake([](Visitor& visitor) { EXPECT_EQ(visitor.listen_until_closed(), kHello); });
    Client client({fake.server(300)});
    const milliseconds time = client.run();
    EXPECT_EQ(client.request.failure.kind, FailureKind::kTimeout);
    EXPECT_EQ(client.request.answered, 0U);
    EXPECT_GE(time, 300ms);
    EXPECT_LT(time, 800ms);
    EXPECT_FALSE(client.exchange.usable(0));
}

TEST(Greeting, WithinWhichTheServerClosesFailsWithoutASecondConnection) {
    FakeServer fake([](Visitor& visitor) { ASSERT_TRUE(greet(visitor, "welc")); });
    Client client({fake.server(kTimeout.count())});
    EXPECT_LT(client.run(), kTimeout);
    EXPECT_EQ(client.request.failure.kind, FailureKind::kClosed);
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(Greeting, IsSaidAgainOnTheConnectionThatReplacesAClosedOne) {
    FakeServer fake([](Visitor& visitor) {
        ASSERT_TRUE(greet(visitor));
        if (visitor.number() > 0) {
            answer_reads(visitor);
        } else if (visitor.read_lines(1)) {
            visitor.say("END\r\n");
        }
    });
    Client client({fake.server(kTimeout.count())});
    for (int i = 0; i < 2; ++i) {
        EXPECT_LT(client.run(), kTimeout);
        EXPECT_FALSE(client.request.failure) << describe(client.request.failure, kTimeout);
        EXPECT_EQ(client.request.answered, 1U);
    }
    EXPECT_EQ(fake.connections(), 2U);
}

TEST(Greeting, WhoseAnswerComesWithMoreThatPollDoesNotReport) {
    FakeServer fake([](Visitor& visitor) {
        ASSERT_TRUE(greet(visitor, "welcome\r\nEND\r\n"));  // sooner than its command
        visitor.listen_until_closed();
    });
    Client client({fake.server(kTimeout.count())});
    client.dialect.holds_bytes = true;
    EXPECT_LT(client.run(), kTimeout);
    EXPECT_FALSE(client.request.failure) << describe(client.request.failure, kTimeout);
    EXPECT_EQ(client.request.answered, 1U);
}

#ifdef __linux__

// Drops all packets that arrive, and acknowledges none, as a firewall that has forgotten the
// connection does.
void drop_all_packets_to(int socket) {
    sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &drop};
    ASSERT_EQ(setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

// Its first connection dies after one reply. Greets each later one with `answer`.
FakeServer::Behaviour dying(std::atomic<bool>* dead, std::string answer) {
    return [dead, answer = std::move(answer)](Visitor& visitor) {
        if (visitor.number() > 0) {
            ASSERT_TRUE(greet(visitor, answer));
            answer_reads(visitor);
            return;
        }
        ASSERT_TRUE(greet(visitor));
        visitor.read_lines(1);
        visitor.say("END\r\n");
        drop_all_packets_to(visitor.socket());
        *dead = true;
        visitor.listen_until_closed();
    };
}

TEST(Greeting, IsSaidOnTheSpareConnectionBeforeItReplacesADeadOne) {
    std::atomic<bool> dead{false};
    FakeServer fake(dying(&dead, std::string(kWelcome)));
    Client client({fake.server(kTimeout.count())});
    client.run();
    const ConnectionId first = client.request.connection;
    while (!dead) {
        usleep(1000);
    }
    EXPECT_LT(client.run(), kTimeout * 2 / 3);
    EXPECT_FALSE(client.request.failure) << describe(client.request.failure, kTimeout);
    EXPECT_EQ(client.request.answered, 1U);
    EXPECT_NE(client.request.connection, first);
    EXPECT_EQ(fake.connections(), 2U);
}

TEST(Greeting, ThatIsRefusedOnTheSpareConnectionLeavesTheFirstOneInUse) {
    std::atomic<bool> dead{false};
    FakeServer fake(dying(&dead, "go away\r\n"));
    Client client({fake.server(kTimeout.count())});
    client.run();
    const ConnectionId first = client.request.connection;
    while (!dead) {
        usleep(1000);
    }
    EXPECT_GE(client.run(), kTimeout);
    EXPECT_EQ(client.request.failure.kind, FailureKind::kTimeout);
    EXPECT_EQ(client.request.connection, first);
    EXPECT_EQ(fake.connections(), 2U);
}

#endif

}  // namespace
}  // namespace memcache_session
