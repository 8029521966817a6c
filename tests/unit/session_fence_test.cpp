// Stores that are late, or come without a lock: protocol.md, "The fence" and "The lease".
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

TEST_F(SessionTest, WriteAfterTheLeaseIsRefusedIfAnotherHasWritten) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    cluster.store(kSid, "other");
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_NE(late.warning().find("memcache.lock_timeout"), std::string::npos);
    EXPECT_EQ(value_on(0), "other");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(SessionTest, WriteAfterTheLeaseIsStoredIfNobodyElseHasWritten) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "late");
    EXPECT_EQ(find(1, kLock), nullptr);
}

// Half a second before the end of the locks, and with servers that take longer than that.
TEST_F(SessionTest, LocksThatAreStillThereAfterTheLeaseAreRenewedBeforeTheStore) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout - 500ms);
    const int begin = cluster.exchange.phases;
    bool held_after_two = false;
    cluster.exchange.after_phase = [&](int phase) {
        cluster.clock.advance(400ms);
        if (phase == begin + 2) {
            held_after_two = find(0, kLock) != nullptr && find(1, kLock) != nullptr;
        }
    };
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kOk);
    EXPECT_TRUE(held_after_two);
    EXPECT_EQ(cluster.exchange.phases, begin + 3) << "two looks and the store";
    EXPECT_EQ(value_on(1), "late");
    EXPECT_EQ(find(1, kLock), nullptr);
}

TEST_F(SessionTest, SessionThatIsLostAfterTheLeaseIsStoredAnew) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout - 500ms);
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kOk) << late.warning();
    EXPECT_EQ(value_on(0), "late");
    EXPECT_EQ(value_on(1), "late");

    Opened later(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    cluster.exchange.run(0, Command::unconditional_delete(kSid));
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    EXPECT_EQ(later.write(kSid, "later", 1440), Answer::kOk) << later.warning();
    EXPECT_EQ(value_on(0), "later");
    EXPECT_EQ(value_on(1), "later");
    EXPECT_EQ(find(1, kLock), nullptr);
}

// It is extended as the others have stored it, or left as destroyed.
TEST_F(SessionTest, UnchangedSessionIsNotRefusedAfterTheLease) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    cluster.store(kSid, "other");
    const auto expiry = find(0, kSid)->expires;
    cluster.clock.advance(5s);
    EXPECT_EQ(late.update_timestamp(kSid, "0", 1440), Answer::kOk) << late.warning();
    EXPECT_EQ(value_on(0), "other");
    EXPECT_GT(find(0, kSid)->expires, expiry);

    Opened last(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    {
        Opened other(this);
        EXPECT_EQ(other.destroy(kSid, 1440), Answer::kOk);
    }
    EXPECT_EQ(last.update_timestamp(kSid, "other", 1440), Answer::kOk) << last.warning();
    EXPECT_EQ(value_on(0), "");
    EXPECT_EQ(find(0, kLock), nullptr);
}

// PHP stores it with session.lazy_write off.
TEST_F(SessionTest, StoreOfAnUnchangedSessionIsNotRefusedAfterTheLease) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    cluster.store(kSid, "other");
    EXPECT_EQ(late.write(kSid, "0", 1440), Answer::kOk) << late.warning();
    EXPECT_EQ(value_on(0), "other");

    Opened last(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    {
        Opened other(this);
        EXPECT_EQ(other.destroy(kSid, 1440), Answer::kOk);
    }
    EXPECT_EQ(last.write(kSid, "other", 1440), Answer::kOk) << last.warning();
    EXPECT_TRUE(ItemFlags::is_tombstone(find(0, kSid)->flags));
}

TEST_F(SessionTest, DestroyAfterTheLeaseTakesNoEqualTombstoneForItsOwn) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    {
        Opened other(this);
        EXPECT_EQ(other.destroy(kSid, 1440), Answer::kOk);
    }
    const uint32_t theirs = find(0, kSid)->flags;
    cluster.exchange.drop_connection(0);
    cluster.exchange.drop_connection(1);
    EXPECT_EQ(late.destroy(kSid, 1440), Answer::kOk) << late.warning();
    for (const uint32_t server : {0U, 1U}) {
        const uint32_t flags = find(server, kSid)->flags;
        EXPECT_TRUE(ItemFlags::is_tombstone(flags));
        EXPECT_TRUE(is_newer(ItemFlags::version(flags), ItemFlags::version(theirs)));
    }
}

// No lease outlives its look here.
TEST_F(SessionTest, LooksBeforeAStoreAreCounted) {
    cluster.store(kSid, "0");
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    const int begin = cluster.exchange.phases;
    cluster.exchange.after_phase = [&](int phase) {
        if (phase <= begin + 3) {
            cluster.clock.advance(cluster.options.lock.timeout - 1ms);
        }
    };
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kOk) << late.warning();
    EXPECT_EQ(cluster.exchange.phases, begin + 4) << "kLooksMax looks and the store";
}

TEST_F(SessionOnOneServer, LostConnectionIsRecheckedBeforeTheStore) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.drop_connection(0);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "1");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(SessionTest, WhatConnectionsLostTwiceLeaveIsUnknown) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.before_server = [&](uint32_t server) {
        cluster.exchange.drop_connection(server);
    };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("it is unknown whether the session was stored"),
              std::string::npos)
        << session.warning();
    cluster.exchange.before_server = nullptr;
    Opened last(this);
    cluster.exchange.before_server = [&](uint32_t server) {
        cluster.exchange.drop_connection(server);
    };
    EXPECT_EQ(last.destroy(kSid, 1440), Answer::kFailed);
    EXPECT_NE(last.warning().find("it is unknown whether the session was destroyed"),
              std::string::npos)
        << last.warning();
}

TEST_F(SessionTest, DestroyWithoutTheLockIsToldToItsHolder) {
    cluster.store(kSid, "0");
    Opened session(this);
    Opened operators(this, false);
    ASSERT_EQ(operators.destroy(kSid, 1440), Answer::kOk);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("another request destroyed the session"), std::string::npos)
        << session.warning();
    EXPECT_EQ(cluster.totals.read().of(Event::kRefusedDestroyed), 1u);
    EXPECT_EQ(cluster.totals.read().of(Event::kRefusedConflict), 0u);
}

// Its lock is another's by the time of the second look.
TEST_F(SessionTest, UnchangedSessionThatIsGoneIsNoFailure) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.after_phase = [&](int) {
        cluster.exchange.after_phase = nullptr;
        const std::string other = "8544389400931008512 0,1 web2 7 1795269474 /";
        set_lock(0, other, 30);
        set_lock(1, other, 30);
    };
    cluster.exchange.run(0, Command::unconditional_delete(kSid));
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    EXPECT_EQ(session.update_timestamp(kSid, "0", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(find(0, kSid), nullptr);
}

TEST_F(SessionTest, ConnectionLostToOneOfTwoServersLeavesNoLock) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.drop_connection(1);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(find(1, kLock), nullptr);
    cluster.store("other", "x");
    Opened next(this);
    EXPECT_EQ(value, "1");
}

TEST_F(SessionTest, WithoutLockIsFencedByWhatWasRead) {
    cluster.store(kSid, "0");
    Opened reader(this, false);
    EXPECT_EQ(find(0, kLock), nullptr);
    cluster.store(kSid, "1");
    EXPECT_EQ(reader.write(kSid, "lost?", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "1");
}

TEST_F(SessionTest, StoreWithoutLockTakesTheLockFirst) {
    cluster.store(kSid, "0");
    Opened reader(this, false);
    EXPECT_EQ(reader.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "1");
    EXPECT_EQ(find(1, kLock), nullptr);

    ASSERT_EQ(reader.read(kSid, false, &value), Answer::kOk);
    Opened holder(this);
    cluster.options.lock.wait = 1s;
    Opened late(this, false);
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(holder.write(kSid, "held", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "held");
}

}  // namespace
}  // namespace memcache_session
