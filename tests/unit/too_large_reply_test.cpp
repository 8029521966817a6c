// Sessions whose value, or whose lock, is more than this process may receive.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

// Replies to a read of `key` by `server` are too large. The connection is closed, as sockets do it.
class TooLargeReplies final : public Exchange {
public:
    explicit TooLargeReplies(FakeExchange& inner) : inner_(inner) {}

    void run(Purpose purpose, Request* requests, size_t count) override {
        inner_.run(purpose, requests, count);
        for (size_t i = 0; i < count; ++i) {
            if (requests[i].server == server && !requests[i].failure) {
                cut(&requests[i]);
            }
        }
    }
    bool usable(uint32_t asked) override { return inner_.usable(asked); }
    void mark_down(uint32_t failed, Failure failure) override {
        ADD_FAILURE() << "server " << failed << " is marked down";
        inner_.mark_down(failed, failure);
    }

    uint32_t server = UINT32_MAX;
    std::string_view key = kSid;

private:
    void cut(Request* request) {
        for (size_t i = 0; i < request->answered; ++i) {
            const Command& command = request->commands[i];
            if (command.key == key && request->replies[i].kind == ReplyKind::kHit) {
                const FailureKind kind =
                    key == kSid ? FailureKind::kTooLarge : FailureKind::kTooLong;
                request->failure = {kind, 0, 50000000, 30000000};
                request->answered = i;
                inner_.drop_connection(request->server);
            }
        }
    }

    FakeExchange& inner_;
};

class TooLargeReply : public SessionOnThreeServers {
protected:
    TooLargeReply() : exchange(cluster.exchange) { cluster.store(kSid, "old"); }

    Session request() {
        return {{cluster.pool, exchange, cluster.clock, cluster.random, cluster.processes,
                 cluster.budget},
                cluster.options};
    }

    void expect_untouched() {
        for (const uint32_t server : {0U, 1U}) {
            EXPECT_EQ(value_on(server), "old");
        }
        for (const uint32_t server : {0U, 1U, 2U}) {
            EXPECT_EQ(find(server, kLock), nullptr) << server;
            EXPECT_TRUE(exchange.usable(server));
        }
    }

    TooLargeReplies exchange;
};

TEST_F(TooLargeReply, OpeningFailsAndLeavesNoLockOnAnyServer) {
    for (const uint32_t server : {0U, 1U}) {
        exchange.server = server;
        Session session = request();
        EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
        EXPECT_EQ(session.warning(),
                  "server" + std::to_string(server) +
                      ":11211: its reply of 50000000 bytes does not fit into the 30000000 bytes "
                      "that memory_limit leaves this request for the replies of all servers. The "
                      "session was not opened, and it was not changed. Raise memory_limit, or keep "
                      "less in the session");
        session.close();
        expect_untouched();
    }
}

TEST_F(TooLargeReply, ReadingWithoutLockFailsAndServesNoOtherCopy) {
    exchange.server = 0;
    Session session = request();
    EXPECT_EQ(session.read(kSid, false, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("does not fit into"), std::string::npos);
    session.close();
    expect_untouched();
}

TEST_F(TooLargeReply, ReadingAgainWithoutLockLeavesNoLock) {
    Session session = request();
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    exchange.server = 1;
    EXPECT_EQ(session.read(kSid, false, &value), Answer::kFailed);
    session.close();
    expect_untouched();
}

TEST_F(TooLargeReply, CopyOutsideTheSetMakesNoEmptySession) {
    cluster.exchange.run(0, Command::unconditional_delete(kSid));
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    cluster.exchange.run(2, Command::set(kSid, "old", 1U << 16, 0));
    exchange.server = 2;
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server2:11211: its reply"), std::string::npos);
    session.close();
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(1, kLock), nullptr);
    EXPECT_EQ(value_on(2), "old");
}

TEST_F(TooLargeReply, CopyThatIsTooLargeWhileSearchingLeavesNoLock) {
    cluster.exchange.run(0, Command::unconditional_delete(kSid));
    int phases = 0;
    cluster.exchange.after_phase = [&](int) { exchange.server = ++phases == 2 ? 1 : UINT32_MAX; };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server1:11211: its reply"), std::string::npos);
    session.close();
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(1, kLock), nullptr);
    EXPECT_EQ(value_on(1), "old");
}

TEST_F(TooLargeReply, LockOfAnotherProgramIsNamed) {
    set_lock(1, "a lock", 0);
    exchange.server = 1;
    exchange.key = kLock;
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(session.warning(),
              "server1:11211: its reply of 50000000 bytes is longer than a lock can be, which is "
              "at most 30000000 bytes. The session was not opened, and it was not changed. Another "
              "program has stored the lock of the session: delete it");
    session.close();
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_NE(find(1, kLock), nullptr);
}

TEST_F(TooLargeReply, LookBeforeALateStoreLeavesNoLock) {
    Session session = request();
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.clock.advance(cluster.options.lock.lease());
    exchange.server = 1;
    EXPECT_EQ(session.write(kSid, "new", 1440), Answer::kOk) << session.warning();
    session.close();
    EXPECT_EQ(value_on(0), "new");
    for (const uint32_t server : {0U, 1U, 2U}) {
        EXPECT_EQ(find(server, kLock), nullptr) << server;
        EXPECT_TRUE(exchange.usable(server));
    }
}

TEST_F(TooLargeReply, BehindAProxyTheOpeningFailsAndLeavesNoLock) {
    for (Server& server : cluster.pool.servers) {
        server.proxy = true;
    }
    exchange.server = 0;
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server0:11211: its reply"), std::string::npos);
    session.close();
    expect_untouched();
}

}  // namespace
}  // namespace memcache_session
