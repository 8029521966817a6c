// Locks that are stored on one server of a set alone, and those that only look so.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

std::string lock_of(uint64_t number, std::string_view host, int64_t pid) {
    return encode_lock(make_token(number << 17), {0, 1}, host, pid, 0, "/other.php");
}

class OrphanedLock : public SessionTest {};

TEST_F(OrphanedLock, IsRecognisedBesideALockOfADeadHolder) {
    cluster.processes.gone = 50;
    set_lock(0, lock_of(7, "web9~9", 1), 60);
    set_lock(1, lock_of(8, "web1~1", 50), 60);
    const TimePoint began = cluster.clock.now();
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_GE(cluster.clock.now() - began, 1s);
    EXPECT_LT(cluster.clock.now() - began, 1200ms);
    session.close();
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(1, kLock), nullptr);
}

// A hung server that goes on runs the `add` of a request that ended long ago. Its process lives.
TEST_F(OrphanedLock, IsReplacedAtOnceIfItsLivingProcessDoesNotHoldIt) {
    cluster.processes.lists_tokens = 50;
    set_lock(0, lock_of(7, "web1~1", 50), 60);
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
    session.close();
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(OrphanedLock, IsNoneWhileItsProcessListsIt) {
    cluster.processes.lists_tokens = cluster.options.lock.pid;
    cluster.options.lock.wait = 3s;
    Opened holder(this);
    Session waiter = request();
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(holder.write(kSid, "stored", 1440), Answer::kOk);
    EXPECT_TRUE(cluster.processes.listed.empty())
        << "the waiter has given up, the holder has ended";
}

TEST_F(OrphanedLock, OfAnotherMachineIsNotJudgedByOurProcesses) {
    cluster.processes.lists_tokens = 50;
    cluster.options.lock.wait = 500ms;
    const std::string lock = lock_of(7, "web9~9", 50);
    set_lock(0, lock, 60);
    set_lock(1, lock, 60);
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(find(0, kLock)->value, lock);
}

// Before the first `add`, and until the last command that needs the lock.
TEST_F(OrphanedLock, IsNoneAtAnyCommandOfItsRequest) {
    cluster.store(kSid, "data");
    int phases = 0;
    cluster.exchange.after_phase = [&](int) {
        EXPECT_EQ(cluster.processes.listed.size(), 1u);
        ++phases;
    };
    {
        Opened written(this);
        EXPECT_EQ(written.write(kSid, "more", 1440), Answer::kOk);
        EXPECT_TRUE(cluster.processes.listed.empty());
    }
    {
        Opened reset(this);
        EXPECT_EQ(reset.read(kSid, true, &value), Answer::kOk);
        reset.close();
        EXPECT_TRUE(cluster.processes.listed.empty());
    }
    {
        Opened late(this, false);
        EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kOk);
        EXPECT_TRUE(cluster.processes.listed.empty());
    }
    {
        Opened destroyed(this);
        EXPECT_EQ(destroyed.destroy(kSid, 1440), Answer::kOk);
        EXPECT_TRUE(cluster.processes.listed.empty());
    }
    {
        Opened forgotten(this);
        forgotten.close();
    }
    EXPECT_TRUE(cluster.processes.listed.empty());
    EXPECT_GE(phases, 10);
}

// 1. A holds the session for more than a second.
// 2. A commits: the store and the release run on server 1.
// 3. B, which waits, gets the lock of server 1.
// 4. The commit reaches server 0: B must not have taken the lock over there.
TEST_F(OrphanedLock, IsNotSeenInALockThatIsJustBeingReleased) {
    const std::string lock = lock_of(7, "web9~9", 1);
    set_lock(0, lock, 60);
    set_lock(1, lock, 60);
    const TimePoint began = cluster.clock.now();
    bool released_on_1 = false;
    bool released_on_0 = false;
    int phases_between = 0;
    cluster.exchange.after_phase = [&](int) {
        if (cluster.clock.now() - began < 950ms || released_on_0) {
            return;
        }
        if (!released_on_1) {
            cluster.exchange.run(1, Command::unconditional_delete(kLock));
            released_on_1 = true;
            cluster.exchange.asked.clear();
            return;
        }
        if (phases_between > 0 || cluster.exchange.asked.back() == 1) {
            ++phases_between;
        }
        if (phases_between == 2) {
            ASSERT_NE(find(0, kLock), nullptr);
            EXPECT_EQ(find(0, kLock)->value, lock);
            cluster.exchange.run(0, Command::unconditional_delete(kLock));
            released_on_0 = true;
        }
    };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_TRUE(released_on_0);
}

}  // namespace
}  // namespace memcache_session
