// Bounds of what is received: see receive_budget.h.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "src/lock/lock_item.h"
#include "src/net/incoming.h"
#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;
using testing::FakeServer;
using testing::Memcached;
using testing::Visitor;

constexpr size_t kMegabyte = size_t{1} << 20;

struct Client {
    explicit Client(std::vector<Server> pool_of_servers) : servers(std::move(pool_of_servers)) {}

    // Reads "s" from each server in one phase.
    std::vector<Request> read() {
        std::vector<Request> requests(servers.size());
        for (uint32_t i = 0; i < servers.size(); ++i) {
            requests[i].server = i;
            requests[i].add(Command::read_for_update("s"));
        }
        exchange.run(Purpose::kOpen, requests.data(), requests.size());
        return requests;
    }

    SystemClock clock;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    SocketExchange exchange{servers, pool, health, clock};
};

std::string value_reply(size_t size) {
    return "VALUE s 0 " + std::to_string(size) + " 1\r\n" + std::string(size, 'x') + "\r\nEND\r\n";
}

FakeServer::Behaviour answering(std::string answer) {
    return [answer = std::move(answer)](Visitor& visitor) {
        while (visitor.read_lines(1) && visitor.say(answer)) {
        }
    };
}

TEST(ReceiveBudget, AnnouncedLengthBeyondTheLimitFailsAtOnceAndMarksNoServerDown) {
    FakeServer fake(answering("VALUE s 0 1000000000 1\r\nn|i:1;"));
    Client client({fake.server(5000)});
    client.exchange.set_receive_max(10 * kMegabyte);
    const auto began = std::chrono::steady_clock::now();
    const Request request = client.read()[0];
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
    EXPECT_EQ(request.failure.kind, FailureKind::kTooLarge);
    EXPECT_EQ(request.failure.reply_size,
              std::string("VALUE s 0 1000000000 1\r\n\r\nEND\r\n").size() + 1000000000);
    EXPECT_EQ(request.failure.reply_size_max, 10 * kMegabyte);
    EXPECT_EQ(request.answered, 0U);
    EXPECT_TRUE(client.exchange.usable(0));
    EXPECT_TRUE(client.exchange.take_events().empty());
}

TEST(ReceiveBudget, RepliesBeforeTheOneThatIsTooLargeCount) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\nVALUE s 0 20000000 1\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    client.exchange.set_receive_max(10 * kMegabyte);
    Request request;
    request.add(Command::add("s.lock", "1", 768, 10));
    request.add(Command::read_for_update("s"));
    client.exchange.run(Purpose::kOpen, &request, 1);
    EXPECT_EQ(request.failure.kind, FailureKind::kTooLarge);
    ASSERT_EQ(request.answered, 1U);
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kDone);
}

TEST(ReceiveBudget, AllServersOfAPhaseShareTheLimit) {
    FakeServer first(answering(value_reply(4 * kMegabyte)));
    FakeServer second(answering(value_reply(4 * kMegabyte)));
    FakeServer third(answering(value_reply(4 * kMegabyte)));
    Client client({first.server(), second.server(), third.server()});
    client.exchange.set_receive_max(10 * kMegabyte);
    size_t too_large = 0;
    for (const Request& request : client.read()) {
        too_large += request.failure.kind == FailureKind::kTooLarge ? 1 : 0;
        if (!request.failure) {
            EXPECT_EQ(request.replies[0].value, std::string(4 * kMegabyte, 'x'));
        }
    }
    EXPECT_EQ(too_large, 1U);

    client.exchange.set_receive_max(13 * kMegabyte);
    for (const Request& request : client.read()) {
        EXPECT_FALSE(request.failure);
        EXPECT_EQ(request.replies[0].value, std::string(4 * kMegabyte, 'x'));
    }
}

TEST(ReceiveBudget, MemoryOfOnePhaseDoesNotCountInTheNext) {
    FakeServer fake(answering(value_reply(8 * kMegabyte)));
    Client client({fake.server(), fake.server()});
    client.exchange.set_receive_max(10 * kMegabyte);
    for (const uint32_t server : {0U, 1U, 0U, 1U}) {
        Request other;
        other.server = server;
        other.add(Command::read_for_update("s"));
        client.exchange.run(Purpose::kOpen, &other, 1);
        EXPECT_FALSE(other.failure);
    }
}

TEST(ReceiveBudget, ExchangeThatEndsGivesBackTheMemoryOfItsTrips) {
    FakeServer fake(answering(value_reply(8 * kMegabyte)));
    SystemClock clock;
    ServerTrips trips(clock, kDefaultDialect);
    HealthTable health(HealthTable::Memory::kPrivate);
    ConnectionPool pool;
    const std::vector<Server> servers = {fake.server()};
    for (int session = 0; session < 3; ++session) {
        SocketExchange exchange(servers, pool, health, clock, kDefaultDialect, nullptr, nullptr,
                                nullptr, &trips);
        exchange.set_receive_max(10 * kMegabyte);
        EXPECT_EQ(trips.receive_budget().left(), 10 * kMegabyte);
        Request request;
        request.add(Command::read_for_update("s"));
        exchange.run(Purpose::kOpen, &request, 1);
        ASSERT_FALSE(request.failure);
        EXPECT_EQ(request.replies[0].value.size(), 8 * kMegabyte);
        EXPECT_LT(trips.receive_budget().left(), 3 * kMegabyte);
    }
    EXPECT_EQ(trips.receive_budget().left(), 10 * kMegabyte);
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(ReceiveBudget, RepliesThatFitIntoTheFirstRoomNeedNoBudget) {
    FakeServer fake(answering(value_reply(kReceiveSize - 100)));
    Client client({fake.server(), fake.server()});
    client.exchange.set_receive_max(0);
    for (const Request& request : client.read()) {
        EXPECT_FALSE(request.failure);
    }
}

TEST(ReceiveBudget, LimitIsNeverBeyondTheLargestItem) {
    ReceiveBudget budget;
    EXPECT_EQ(budget.max(), kReceiveMax);
    budget.set_max(SIZE_MAX);
    EXPECT_EQ(budget.max(), kReceiveMax);
    budget.take(kReceiveMax);
    budget.set_max(1);
    EXPECT_EQ(budget.left(), 0U);
    budget.give_back(kReceiveMax);
    EXPECT_EQ(budget.left(), 1U);
}

TEST(ReceiveBudget, LockOfMoreThanItsLimitIsNotReceived) {
    for (const size_t size : {size_t{kLockReplyMax}, 100 * kMegabyte}) {
        FakeServer fake([size](Visitor& visitor) {
            visitor.read_lines(1);
            visitor.say("VALUE s.lock 0 " + std::to_string(size) + " 1\r\n" +
                        std::string(1000, '1'));
            visitor.listen_until_closed();
        });
        Client client({fake.server(5000)});
        Request request;
        request.add(read_lock_for_update("s.lock"));
        client.exchange.run(Purpose::kOpen, &request, 1);
        EXPECT_EQ(request.failure.kind, FailureKind::kTooLong);
        EXPECT_GT(request.failure.reply_size, size);
        EXPECT_EQ(request.failure.reply_size_max, kLockReplyMax);
        EXPECT_TRUE(client.exchange.usable(0));
    }
}

TEST(ReceiveBudget, LockWithinItsLimitIsReceived) {
    Memcached memcached;
    Client client({memcached.server()});
    Request request;
    const std::string lock(kLockReplyMax - 100, '1');
    request.add(Command::set("s.lock", lock, 0, 0));
    request.add(read_lock("s.lock"));
    client.exchange.run(Purpose::kOpen, &request, 1);
    ASSERT_FALSE(request.failure);
    EXPECT_EQ(request.replies[1].value, lock);
}

}  // namespace
}  // namespace memcache_session
