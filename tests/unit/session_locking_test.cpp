// Waiting for the lock of another request, taking it over, and going on without it.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

TEST_F(SessionTest, HeldLockIsWaitedForThenNamed) {
    cluster.store(kSid, "data");
    Opened holder(this);
    cluster.options.lock.wait = 3s;
    cluster.options.lock.pid = 200;
    cluster.options.lock.timeout = 20s;
    Session waiter = request();
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(waiter.warning().find("process 100 on web1 (/index.php)"), std::string::npos)
        << waiter.warning();
    EXPECT_NE(waiter.warning().find("memcache.session_lock_wait"), std::string::npos);
    EXPECT_EQ(value_on(0), "data");
    EXPECT_EQ(holder.write(kSid, "more", 1440), Answer::kOk);
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "more");
}

TEST_F(SessionTest, LockOfDeadProcessOnThisHostIsTakenAtOnce) {
    Opened dead(this);
    cluster.processes.gone = 100;
    cluster.options.lock.pid = 200;
    Session next = request();
    EXPECT_EQ(next.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

TEST_F(SessionOnOneServer, LockThatPeclMemcacheReleasedIsFree) {
    set_lock(0, "0", 15);
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

TEST_F(SessionTest, OrphanOnOneServerCostsAboutASecond) {
    const std::string orphan = encode_lock(make_token(77), {0, 1}, "web9~9", 1, 0, "/");
    set_lock(1, orphan, 60);
    const TimePoint began = cluster.clock.now();
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_LT(cluster.clock.now() - began, 1200ms);
    EXPECT_GE(cluster.clock.now() - began, 1s);
}

TEST_F(SessionTest, LockOfLivingHolderWithItsWholeSetIsNotTakenOver) {
    const std::string lock = encode_lock(make_token(77), {1}, "web9~9", 1, 0, "/");
    set_lock(1, lock, 60);
    cluster.options.lock.wait = 5s;
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
}

TEST_F(SessionTest, WaiterKeepsNoLockBehindTheOneItWaitsFor) {
    const std::string lock = encode_lock(make_token(77), {0}, "web9~9", 1, 0, "/");
    set_lock(0, lock, 60);
    cluster.options.lock.wait = 1s;
    bool held_behind = false;
    cluster.exchange.after_phase = [&](int) {
        held_behind = held_behind || (cluster.exchange.latest_purpose == Purpose::kWait &&
                                      find(1, kLock) != nullptr);
    };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_FALSE(held_behind);
}

TEST_F(SessionOnThreeServers, WaiterReadsInThePhaseInWhichItGetsTheLastLock) {
    cluster.options.redundancy = 3;
    const std::string lock = encode_lock(make_token(77), {0, 1, 2}, "web9~9", 1, 0, "/");
    for (uint32_t server = 0; server < 3; ++server) {
        set_lock(server, lock, 60);
    }
    int phase_of_release = 0;
    cluster.exchange.after_phase = [&](int phase) {
        if (phase_of_release == 0 && cluster.clock.sleeps == 3) {
            phase_of_release = phase;
            for (uint32_t server = 0; server < 3; ++server) {
                cluster.exchange.run(server, Command::set(kSid, "1", 1 << 16, 0));
                cluster.exchange.run(server, Command::unconditional_delete(kLock));
            }
        }
    };
    Opened waiter(this);
    EXPECT_EQ(value, "1");
    EXPECT_EQ(cluster.exchange.phases - phase_of_release, 2)
        << "asked for the first lock, then for all";
}

TEST_F(SessionTest, ReadOnlyFallbackReadsAndRefusesTheWrite) {
    cluster.store(kSid, "data");
    Opened holder(this);
    cluster.options.lock.wait = 0s;
    cluster.options.lock_failure = LockFailure::kReadOnly;
    Opened reader(this);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(reader.write(kSid, "x", 1440), Answer::kFailed);
    EXPECT_NE(reader.warning().find("read-only"), std::string::npos);
    EXPECT_EQ(holder.write(kSid, "y", 1440), Answer::kOk);
}

// The session was known before the wait, is destroyed after it, and no server answers any more.
TEST_F(SessionTest, AllServersFailInTheSearchAfterAWait) {
    cluster.store(kSid, "old");
    set_lock(0, "65536 0,1 elsewhere 7 0 /", 1);
    int openings = 0;
    cluster.exchange.after_phase = [&](int) {
        if (cluster.exchange.latest_purpose != Purpose::kOpen) {
            return;
        }
        ++openings;
        if (openings == 1) {
            cluster.exchange.run(0, Command::set(kSid, "", 3U << 16 | 1U << 15, 0));
            cluster.exchange.run(1, Command::unconditional_delete(kSid));
        } else {
            cluster.exchange.down = {true, true};
        }
    };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(openings, 2);
    EXPECT_EQ(cluster.exchange.latest_purpose, Purpose::kSearch);
}

// A server that was marked down is well again, so the set is another one.
TEST_F(SessionTest, SessionReadAgainWithoutLockLeavesNoLockWhenItIsStored) {
    cluster.options.redundancy = 1;
    cluster.exchange.run(1, Command::set(kSid, "old", ItemFlags::encode(1, false, false), 0));
    cluster.exchange.marked[0] = true;
    Session session = request();
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_NE(find(1, kLock), nullptr);
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk);
    cluster.exchange.marked[0] = false;
    EXPECT_EQ(session.write(kSid, "new", 1440), Answer::kOk) << session.warning();
    session.close();
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(1, kLock), nullptr);
}

TEST_F(SessionTest, OneWaiterMoreThanAllowedFailsAtOnce) {
    Opened holder(this);
    cluster.options.lock.waiters_max = 2;
    cluster.options.lock.timeout = 60s;
    cluster.exchange.run(0, Command::add("abc.lock.1", "another", 0, 100));
    Session waiter = request();
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kOk) << "the holder's lease ends first";
    EXPECT_EQ(find(0, "abc.lock.2"), nullptr);
    cluster.exchange.run(0, Command::add("abc.lock.2", "another", 0, 100));
    const int sleeps = cluster.clock.sleeps;
    Session surplus = request();
    EXPECT_EQ(surplus.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(cluster.clock.sleeps, sleeps);
    EXPECT_NE(surplus.warning().find("memcache.session_lock_waiters"), std::string::npos);
}

TEST_F(SessionOnOneServer, WaitersAreLimitedForIdsOfEveryLength) {
    cluster.options.lock.waiters_max = 10;
    for (size_t length = 238; length <= kKeyLengthMax - kLockSuffix.size(); ++length) {
        const std::string sid(length, 'a');
        const SessionKey key = SessionKey::make("", sid).value();
        cluster.exchange.run(
            0, Command::set(key.lock(), encode_lock(make_token(77), {0}, "web9", 1, 0, "/"),
                            kLockFlags, 100));
        for (int place = 1; place <= 10; ++place) {
            cluster.exchange.run(
                0, Command::add(key.beside_lock(std::to_string(place)), "another", 0, 100));
        }
        Session surplus = request();
        EXPECT_EQ(surplus.read(sid, true, &value), Answer::kFailed) << length;
        EXPECT_NE(surplus.warning().find("10 requests wait"), std::string::npos)
            << length << surplus.warning();
    }
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

}  // namespace
}  // namespace memcache_session
