// Streams that behave as encrypted ones may, in place of plain ones: each must serve as well.
#include "src/net/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
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
using testing::FakeServer;
using testing::Visitor;

constexpr auto kTimeout = 2000ms;

// A plain stream, of which each test replaces a part.
class TestStream : public Stream {
public:
    using Stream::Stream;

    Transfer send(const std::string_view* pieces, size_t count) override {
        return send_pieces(socket(), pieces, count);
    }
    Transfer receive(char* space, size_t size) override {
        return receive_some(socket(), space, size);
    }
    short interest(Direction direction) const override {
        return direction == Direction::kSend ? POLLOUT : POLLIN;
    }
    bool has_pending() const override { return false; }
    std::optional<size_t> unacknowledged() const override { return std::nullopt; }
};

// Takes the whole reply from the socket before it hands out a byte, so poll() reports nothing. Then
// hands out a few bytes a call, fewer than there is room for.
class HoldingStream : public TestStream {
public:
    using TestStream::TestStream;

    Transfer send(const std::string_view* pieces, size_t count) override {
        const Transfer sent = TestStream::send(pieces, count);
        pollfd polled{socket(), POLLIN, 0};
        while (poll(&polled, 1, 100) > 0) {
            char bytes[4096];
            const Transfer received = receive_some(socket(), bytes, sizeof bytes);
            if (received.state != Transfer::State::kBytes) {
                break;
            }
            pending_.append(bytes, received.count);
        }
        return sent;
    }
    Transfer receive(char* space, size_t size) override {
        if (pending_.empty()) {
            return TestStream::receive(space, size);
        }
        const size_t count = pending_.copy(space, std::min<size_t>(size, 3));
        pending_.erase(0, count);
        return {Transfer::State::kBytes, count, 0};
    }
    bool has_pending() const override { return !pending_.empty(); }

private:
    std::string pending_;
};

constexpr char kTurn = '>';  // the server lets the client write
constexpr char kPass = '<';  // the client lets the server write

// Must receive a byte before it may send, and must send a byte before it may receive.
class CrossedStream : public TestStream {
public:
    using TestStream::TestStream;

    Transfer send(const std::string_view* pieces, size_t count) override {
        char turn = 0;
        if (!may_send_) {
            const Transfer received = receive_some(socket(), &turn, 1);
            if (received.state != Transfer::State::kBytes) {
                return received;
            }
            EXPECT_EQ(turn, kTurn);
            may_send_ = true;
        }
        may_receive_ = false;
        return TestStream::send(pieces, count);
    }
    Transfer receive(char* space, size_t size) override {
        if (!may_send_) {
            return {};  // the byte that is there belongs to send()
        }
        if (!may_receive_) {
            const std::string_view pass(&kPass, 1);
            const Transfer sent = send_pieces(socket(), &pass, 1);
            if (sent.state != Transfer::State::kBytes) {
                return sent;
            }
            may_receive_ = true;
        }
        return TestStream::receive(space, size);
    }
    short interest(Direction direction) const override {
        if (direction == Direction::kSend) {
            return may_send_ ? POLLOUT : POLLIN;
        }
        return may_receive_ ? POLLIN : POLLOUT;
    }

private:
    bool may_send_ = false;
    bool may_receive_ = true;
};

// Sends and receives one byte a call.
class SlowStream : public TestStream {
public:
    using TestStream::TestStream;

    Transfer send(const std::string_view* pieces, size_t count) override {
        while (count > 1 && pieces->empty()) {
            ++pieces;
        }
        const std::string_view byte = pieces->substr(0, 1);
        return TestStream::send(&byte, 1);
    }
    Transfer receive(char* space, size_t size) override {
        return TestStream::receive(space, std::min<size_t>(size, 1));
    }
};

template <class AnyStream>
class StreamDialect : public Dialect {
public:
    std::unique_ptr<Stream> make_stream(SocketHandle socket, const Server&) const override {
        return std::make_unique<AnyStream>(socket);
    }
};

// A session and its process, whose connections are streams of one kind.
template <class AnyStream>
struct Client {
    explicit Client(std::vector<Server> pool_of_servers) : servers(std::move(pool_of_servers)) {}

    std::chrono::milliseconds run(Request* requests, size_t count = 1) {
        const auto began = std::chrono::steady_clock::now();
        exchange.run(Purpose::kOpen, requests, count);
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
    }

    SystemClock clock;
    StreamDialect<AnyStream> dialect;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    SocketExchange exchange{servers, pool, health, clock, dialect};
};

// `value` must live until the request has been run.
Request store_and_read(std::string_view value, uint32_t server = 0) {
    Request request;
    request.server = server;
    request.add(Command::set("k", value, 0, 0));
    request.add(Command::read_for_update("k"));
    return request;
}

// Stores one value of a known size and hands it out, as often as it is asked.
FakeServer::Behaviour keeping(size_t size) {
    return [size](Visitor& visitor) {
        while (visitor.read_lines(1)) {
            const std::string value = visitor.read_bytes(size);
            visitor.read_lines(2);
            visitor.say("STORED\r\nVALUE k 0 " + std::to_string(size) + " 1\r\n" + value +
                        "\r\nEND\r\n");
        }
    };
}

void expect_kept(const Request& request, const std::string& value) {
    EXPECT_FALSE(request.failure) << describe(request.failure, kTimeout);
    ASSERT_EQ(request.answered, 2U);
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kDone);
    EXPECT_EQ(request.replies[1].value, value);
}

// On a new connection and then twice on the kept one, with one server and with three.
template <class AnyStream>
void store_and_read_thrice(const std::string& value) {
    FakeServer a(keeping(value.size()));
    FakeServer b(keeping(value.size()));
    FakeServer c(keeping(value.size()));
    Client<AnyStream> client({a.server(), b.server(), c.server()});
    for (const size_t count : {1U, 3U, 3U}) {
        std::vector<Request> requests;
        for (uint32_t server = 0; server < count; ++server) {
            requests.push_back(store_and_read(value, server));
        }
        EXPECT_LT(client.run(requests.data(), count), kTimeout);
        for (const Request& request : requests) {
            expect_kept(request, value);
        }
    }
    EXPECT_EQ(a.connections() + b.connections() + c.connections(), 3U);
}

TEST(Stream, PlainOneSendsReceivesAndClosesItsSocket) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    auto stream = std::make_unique<PlainStream>(ends[0]);
    EXPECT_EQ(stream->interest(Stream::Direction::kSend), POLLOUT);
    EXPECT_EQ(stream->interest(Stream::Direction::kReceive), POLLIN);
    const std::string_view pieces[] = {"one", "", "two"};
    EXPECT_EQ(stream->send(pieces, 3).count, 6U);
    char space[16];
    EXPECT_EQ(std::string(space, receive_some(ends[1], space, sizeof space).count), "onetwo");
    EXPECT_EQ(stream->receive(space, sizeof space).state, Transfer::State::kNothingYet);
    EXPECT_EQ(write(ends[1], "ok", 2), 2);
    EXPECT_EQ(stream->receive(space, 1).count, 1U);
    EXPECT_FALSE(stream->has_pending());  // the second byte is poll()'s to report
    EXPECT_EQ(stream->receive(space, 1).count, 1U);
    stream.reset();
    EXPECT_EQ(receive_some(ends[1], space, sizeof space).state, Transfer::State::kClosed);
    close(ends[1]);
}

TEST(Stream, PlainOneWaitsInOneCallOnly) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    PlainStream stream(ends[0]);
    ASSERT_TRUE(stream.can_wait());
    char space[16];
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(stream.receive_waiting(space, sizeof space).state, Transfer::State::kNothingYet);
    const auto waited = std::chrono::steady_clock::now() - began;
    EXPECT_GE(waited, kReceiveWait);
    EXPECT_LT(waited, 1s);

    // It would wait for ever here if it waited at all, because nobody reads.
    const std::string much(size_t{1} << 20, 'x');
    const std::string_view piece = much;
    while (stream.send(&piece, 1).state == Transfer::State::kBytes) {
    }
    EXPECT_EQ(stream.receive(space, sizeof space).state, Transfer::State::kNothingYet);

    EXPECT_EQ(write(ends[1], "ok", 2), 2);
    EXPECT_EQ(stream.receive_waiting(space, sizeof space).count, 2U);
    close(ends[1]);
    EXPECT_NE(stream.receive_waiting(space, sizeof space).state, Transfer::State::kNothingYet);
}

// The first phase makes the connection, and polls. In the second one the stream waits by itself.
TEST(Stream, KeptOneThatWaitsByItselfFailsInTime) {
    for (const size_t silent : {0U, 1U}) {
        std::vector<std::unique_ptr<FakeServer>> fakes;
        std::vector<Server> servers;
        for (size_t i = 0; i < 2; ++i) {
            fakes.push_back(
                std::make_unique<FakeServer>([is_silent = i == silent](Visitor& visitor) {
                    visitor.read_lines(1);
                    visitor.say("END\r\n");
                    visitor.read_lines(1);
                    if (!is_silent) {
                        visitor.say("END\r\n");
                    }
                    visitor.listen_until_closed();
                }));
            servers.push_back(fakes.back()->server(300));
        }
        SystemClock clock;
        HealthTable health(HealthTable::Memory::kPrivate);
        ConnectionPool pool;
        SocketExchange exchange(servers, pool, health, clock);
        for (const bool is_first : {true, false}) {
            Requests requests;
            for (uint32_t server = 0; server < servers.size(); ++server) {
                Request& request = requests.emplace_back();
                request.server = server;
                request.add(Command::read_for_update("s"));
            }
            const TimePoint began = clock.now();
            exchange.run(Purpose::kOpen, requests.data(), requests.size());
            EXPECT_EQ(requests[silent].failure.kind,
                      is_first ? FailureKind::kNone : FailureKind::kTimeout);
            EXPECT_EQ(requests[1 - silent].failure.kind, FailureKind::kNone);
            EXPECT_EQ(clock.now() - began >= 300ms, !is_first);
            EXPECT_LT(clock.now() - began, 2s);
        }
    }
}

TEST(Stream, BytesThatPollDoesNotReportAreReceived) {
    store_and_read_thrice<HoldingStream>(std::string(10000, 'x'));
}

TEST(Stream, SilenceBehindBytesThatWerePendingEndsAtTheTimeout) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("STORED\r\nVALUE k");
        visitor.listen_until_closed();
    });
    Client<HoldingStream> client({fake.server(600)});
    Request request = store_and_read("v");
    const auto time = client.run(&request);
    EXPECT_EQ(request.failure.kind, FailureKind::kTimeout);
    EXPECT_EQ(request.answered, 1U);
    EXPECT_GE(time, 600ms);
    EXPECT_LT(time, 1500ms);
}

TEST(Stream, PendingBytesOfOneServerDoNotKeepAnotherWaiting) {
    FakeServer quick(keeping(5000));
    FakeServer late([](Visitor& visitor) {
        visitor.read_lines(3);
        usleep(300000);
        visitor.say("STORED\r\nEND\r\n");
        visitor.listen_until_closed();
    });
    const std::string value(5000, 'x');
    Client<HoldingStream> client({quick.server(), late.server()});
    Request requests[] = {store_and_read(value, 0), store_and_read(value, 1)};
    EXPECT_LT(client.run(requests, 2), kTimeout);
    expect_kept(requests[0], value);
    EXPECT_FALSE(requests[1].failure);
    EXPECT_EQ(requests[1].replies[1].kind, ReplyKind::kMiss);
}

TEST(Stream, WhichReadsInOrderToWriteAndTheReverseIsPolledForThat) {
    FakeServer fake([](Visitor& visitor) {
        usleep(50000);
        visitor.say({&kTurn, 1});
        visitor.read_lines(3);
        EXPECT_EQ(visitor.read_bytes(1), std::string(1, kPass));
        usleep(50000);
        visitor.say("STORED\r\nEND\r\n");
        visitor.read_lines(3);
        EXPECT_EQ(visitor.read_bytes(1), std::string(1, kPass));
        visitor.say("STORED\r\nEND\r\n");
        visitor.listen_until_closed();
    });
    Client<CrossedStream> client({fake.server()});
    for (int i = 0; i < 2; ++i) {
        Request request = store_and_read("v");
        EXPECT_LT(client.run(&request), kTimeout);
        EXPECT_FALSE(request.failure) << describe(request.failure, kTimeout);
        EXPECT_EQ(request.answered, 2U);
    }
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(Stream, WhichWaitsToReadInVainEndsAtTheTimeout) {
    FakeServer fake([](Visitor& visitor) { visitor.listen_until_closed(); });
    Client<CrossedStream> client({fake.server(300)});
    Request request = store_and_read("v");
    const std::clock_t began = std::clock();
    const auto time = client.run(&request);
    EXPECT_LT(std::clock() - began, CLOCKS_PER_SEC / 10);  // it waited, and did not spin
    EXPECT_EQ(request.failure.kind, FailureKind::kTimeout);
    EXPECT_GE(time, 300ms);
    EXPECT_LT(time, 1000ms);
}

TEST(Stream, OneByteACallIsEnough) {
    store_and_read_thrice<SlowStream>("a short value");
}

}  // namespace
}  // namespace memcache_session
