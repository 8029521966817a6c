// Tests the sockets of the system, and an exchange over them. They use only calls that POSIX and
// Windows have in common, so they run on both.
#include "src/net/socket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "src/net/socket_exchange.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;

constexpr int kWaitMs = 10000;  // long enough for a slow machine; usually there is no wait

// Listens on a free port of the loopback. Clients that connect wait in the queue.
class Listener {
public:
    Listener() {
        prepare_sockets();
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        socklen_t length = sizeof address_;
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* address = reinterpret_cast<sockaddr*>(&address_);
        works_ = bind(socket_, address, length) == 0 && listen(socket_, 8) == 0 &&
                 getsockname(socket_, address, &length) == 0;
    }
    ~Listener() { stop(); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // From now on connections are refused.
    void stop() {
        if (socket_ != kNoSocket) {
            close_socket(socket_);
            socket_ = kNoSocket;
        }
    }

    bool works() const { return works_; }
    SocketHandle accept_one() const { return accept(socket_, nullptr, nullptr); }
    const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }

    Server server(int64_t timeout_ms) const {
        Server server;
        server.endpoint.host = "127.0.0.1";
        server.endpoint.port = ntohs(address_.sin_port);
        server.timeout = milliseconds(timeout_ms);
        return server;
    }

private:
    SocketHandle socket_ = kNoSocket;
    sockaddr_in address_{};
    bool works_ = false;
};

// Polls one socket, and returns the events.
short wait_for(SocketHandle socket, short events) {
    pollfd polled{socket, events, 0};
    return poll_sockets(&polled, 1, kWaitMs) == 1 ? polled.revents : short{0};
}

// Connects, waits for the outcome, and returns 0 or the error.
int connect_and_wait(SocketHandle socket, const Listener& listener) {
    const int error = connect_socket(socket, listener.address(), sizeof(sockaddr_in));
    if (error != EINPROGRESS) {
        return error;
    }
    return wait_for(socket, POLLOUT) != 0 ? take_socket_error(socket) : ETIMEDOUT;
}

// Both ends of a connection.
struct Pair {
    Pair() {
        int error = 0;
        ours = open_socket(AF_INET, &error);
        connected = listener.works() && connect_and_wait(ours, listener) == 0;
        if (connected) {
            theirs = listener.accept_one();
        }
    }
    ~Pair() {
        close_socket(ours);
        hang_up();
    }
    void hang_up() {
        if (theirs != kNoSocket) {
            close_socket(theirs);
            theirs = kNoSocket;
        }
    }

    Listener listener;
    SocketHandle ours = kNoSocket;
    SocketHandle theirs = kNoSocket;
    bool connected = false;
};

TEST(Socket, PiecesArriveInOrderAndTheirNumberIsTold) {
    Pair pair;
    ASSERT_TRUE(pair.connected);
    const std::array<std::string_view, 3> pieces = {"set s 0 0 3\r\n", "abc", "\r\n"};
    const Transfer sent = send_pieces(pair.ours, pieces.data(), pieces.size());
    EXPECT_EQ(sent.state, Transfer::State::kBytes);
    ASSERT_EQ(sent.count, 18U);
    std::string got(sent.count, ' ');
    ASSERT_EQ(recv(pair.theirs, got.data(), 18, MSG_WAITALL), 18);
    EXPECT_EQ(got, "set s 0 0 3\r\nabc\r\n");
}

TEST(Socket, ReceivingNeverWaits) {
    Pair pair;
    ASSERT_TRUE(pair.connected);
    char space[64];
    EXPECT_EQ(receive_some(pair.ours, space, sizeof space).state, Transfer::State::kNothingYet);
    ASSERT_EQ(send(pair.theirs, "STORED\r\n", 8, 0), 8);
    ASSERT_NE(wait_for(pair.ours, POLLIN) & POLLIN, 0);
    const Transfer received = receive_some(pair.ours, space, sizeof space);
    EXPECT_EQ(received.state, Transfer::State::kBytes);
    EXPECT_EQ(std::string(space, received.count), "STORED\r\n");
    pair.hang_up();
    ASSERT_NE(wait_for(pair.ours, POLLIN), 0);
    EXPECT_EQ(receive_some(pair.ours, space, sizeof space).state, Transfer::State::kClosed);
}

TEST(Socket, SendingNeverWaitsForAReaderWhoDoesNotRead) {
    Pair pair;
    ASSERT_TRUE(pair.connected);
    const std::string much(size_t{1} << 20, 'x');
    const std::string_view piece = much;
    Transfer sent{Transfer::State::kBytes, 0, 0};
    for (int i = 0; i < 1000 && sent.state == Transfer::State::kBytes; ++i) {
        sent = send_pieces(pair.ours, &piece, 1);
    }
    EXPECT_EQ(sent.state, Transfer::State::kNothingYet);
}

TEST(Socket, RefusedConnectionHasTheNumberAndTheWordsOfErrno) {
    Listener listener;
    ASSERT_TRUE(listener.works());
    listener.stop();
    int error = 0;
    const SocketHandle socket = open_socket(AF_INET, &error);
    ASSERT_NE(socket, kNoSocket);
    error = connect_and_wait(socket, listener);
    EXPECT_EQ(error, ECONNREFUSED);
    std::string text = socket_error_text(error);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    EXPECT_EQ(text, "connection refused");
    close_socket(socket);
}

TEST(Socket, AFamilyThatTheSystemDoesNotKnowIsAnError) {
    int error = 0;
    EXPECT_EQ(open_socket(12345, &error), kNoSocket);
    EXPECT_EQ(error, EAFNOSUPPORT);
}

TEST(Socket, PollEndsWhenItsTimeIsOver) {
    Pair pair;
    ASSERT_TRUE(pair.connected);
    pollfd polled{pair.ours, POLLIN, 0};
    EXPECT_EQ(poll_sockets(&polled, 1, 20), 0);
}

TEST(Socket, AnExchangeTellsAnAnswerFromARefusalFromSilence) {
    Listener listener;
    Listener refusing;
    Listener silent;
    ASSERT_TRUE(listener.works() && refusing.works() && silent.works());
    refusing.stop();
    std::thread answers([&listener] {
        const SocketHandle socket = listener.accept_one();
        char command[64];
        recv(socket, command, sizeof command, 0);
        send(socket, "VALUE s 0 2 7\r\nhi\r\nEND\r\n", 24, 0);
        recv(socket, command, sizeof command, 0);  // until the client closes
        close_socket(socket);
    });
    {
        const std::vector<Server> servers = {listener.server(kWaitMs), refusing.server(kWaitMs),
                                             silent.server(300)};
        const SystemClock clock;
        HealthTable health(HealthTable::Memory::kPrivate);
        ConnectionPool pool;
        SocketExchange exchange(servers, pool, health, clock);
        std::array<Request, 3> requests;
        for (uint32_t i = 0; i < requests.size(); ++i) {
            requests[i].server = i;
            requests[i].add(Command::read_for_update("s"));
        }
        exchange.run(Purpose::kOpen, requests.data(), requests.size());
        EXPECT_FALSE(requests[0].failure);
        ASSERT_EQ(requests[0].answered, 1U);
        EXPECT_EQ(requests[0].replies[0].value, "hi");
        EXPECT_EQ(describe(requests[1].failure, milliseconds(kWaitMs)), "connection refused");
        EXPECT_EQ(describe(requests[2].failure, milliseconds(300)), "no answer within 0.3 s");
        EXPECT_TRUE(exchange.usable(0));
        EXPECT_FALSE(exchange.usable(1));
        EXPECT_FALSE(exchange.usable(2));
    }
    answers.join();
}

}  // namespace
}  // namespace memcache_session
