// Servers that are full and never evict (memcached -M): protocol.md, "Full servers".
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "src/net/failure.h"
#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

class FullServer : public SessionTest {
protected:
    void fill(std::initializer_list<uint32_t> servers, bool is_full = true) {
        for (const uint32_t server : servers) {
            cluster.exchange.model(server).set_memory_short(is_full);
        }
    }
    std::string other_lock() const {
        return encode_lock(make_token(uint64_t{7} << 17), {0, 1}, "web9~9", 1, 0, "/other.php");
    }
};

TEST_F(FullServer, IsReadWithoutLockInOnePhaseAndIsNotMarked) {
    cluster.store(kSid, "0");
    fill({0, 1});
    cluster.exchange.phases = 0;
    Opened session(this);
    EXPECT_EQ(value, "0");
    EXPECT_EQ(cluster.exchange.phases, 1);
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(1, kLock), nullptr);
    EXPECT_TRUE(cluster.exchange.usable(0));
    EXPECT_TRUE(cluster.exchange.usable(1));
    EXPECT_EQ(session.update_timestamp(kSid, "0", 1440), Answer::kOk);
}

TEST_F(FullServer, RefusesAChangeWithItsWordsAndTheSizesAndKeepsTheOldValue) {
    cluster.store(kSid, "old");
    fill({0, 1});
    Opened session(this);
    EXPECT_EQ(session.write(kSid, "newer", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("server0:11211 refused 5 bytes in place of 3: out of memory "
                                     "storing object"),
              std::string::npos)
        << session.warning();
    EXPECT_NE(session.warning().find("memcached -m"), std::string::npos);
    EXPECT_EQ(value_on(0), "old");
    EXPECT_EQ(value_on(1), "old");
    EXPECT_TRUE(cluster.exchange.usable(0));
}

TEST_F(FullServer, RefusesADestroyWithItsWords) {
    cluster.store(kSid, "0");
    fill({0, 1});
    Opened session(this);
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("out of memory storing object"), std::string::npos)
        << session.warning();
    EXPECT_EQ(value_on(0), "0");
}

TEST_F(FullServer, BesideAnotherRefusesNothingAndTheLockNamesTheOtherOnly) {
    for (const uint32_t full : {0U, 1U}) {
        cluster.store(kSid, "0");
        fill({full});
        const uint32_t other = 1 - full;
        cluster.exchange.phases = 0;
        Opened session(this);
        EXPECT_EQ(cluster.exchange.phases, 2);
        EXPECT_EQ(find(full, kLock), nullptr);
        ASSERT_NE(find(other, kLock), nullptr);
        EXPECT_EQ(parse_lock(find(other, kLock)->value).set, std::vector<uint32_t>{other});
        EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
        EXPECT_EQ(value_on(other), "1");
        EXPECT_EQ(find(other, kLock), nullptr);
        Opened reader(this);
        EXPECT_EQ(value, "1");
        EXPECT_EQ(reader.update_timestamp(kSid, "1", 1440), Answer::kOk) << reader.warning();
        fill({full}, false);
        cluster.store(kSid, "2");
        EXPECT_EQ(value_on(full), "2");
    }
}

TEST_F(FullServer, ShowsTheLockOfAnotherWhoIsWaitedFor) {
    cluster.store(kSid, "0");
    set_lock(0, other_lock(), 60);
    fill({0, 1});
    cluster.options.lock.wait = Duration(0);
    Session refused = request();
    EXPECT_EQ(refused.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(refused.warning().find("locked by process 1 on web9"), std::string::npos);
    EXPECT_TRUE(cluster.exchange.usable(0));

    cluster.options.lock.wait = 30s;
    cluster.exchange.after_phase = [this](int) {
        cluster.exchange.run(0, Command::unconditional_delete(kLock));
    };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk) << session.warning();
    EXPECT_GT(cluster.clock.sleeps, 0);
    EXPECT_EQ(find(0, kLock), nullptr);
}

// If the lock of server 1 named server 0, it would be taken for an orphan as soon as that server
// has memory again and grants the waiter its lock.
TEST_F(FullServer, ThatHasMemoryAgainMakesNoOrphanOfTheOtherLock) {
    cluster.store(kSid, "0");
    fill({0});
    Opened holder(this);
    fill({0}, false);
    cluster.options.lock.wait = 5s;
    Session waiter = request();
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(holder.write(kSid, "1", 1440), Answer::kOk) << holder.warning();
    EXPECT_EQ(value_on(0), "1");
    EXPECT_EQ(value_on(1), "1");
}

TEST_F(FullServer, CommitsWithoutLockAreFencedByCas) {
    cluster.store(kSid, "0");
    fill({0, 1});
    Opened late(this);
    fill({0, 1}, false);
    cluster.store(kSid, "first");
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "first");
    EXPECT_EQ(value_on(1), "first");

    fill({0, 1});
    Opened alone(this);
    fill({0, 1}, false);
    EXPECT_EQ(alone.write(kSid, "alone", 1440), Answer::kOk) << alone.warning();
    EXPECT_EQ(value_on(0), "alone");
}

// The next request has read our commit on server 0, which refuses its own: server 1 takes that.
TEST_F(SessionOnThreeServers, CommitThatWasReadIsNotRaisedAboveTheNextOneWhichOurServerRefuses) {
    cluster.store(kSid, "0");
    cluster.exchange.model(1).set_memory_short(true);
    Opened session(this);
    cluster.exchange.after_phase = [this, before = cluster.exchange.phases](int phase) {
        if (phase == before + 2) {
            ASSERT_EQ(value_on(0), "ours");
            cluster.exchange.model(0).set_memory_short(true);
            cluster.exchange.model(1).set_memory_short(false);
            const uint32_t flags = ItemFlags::encode(version_on(0) + 1, false, false);
            cluster.exchange.run(1, Command::set(kSid, "theirs", flags, 1440));
        }
    };
    EXPECT_EQ(session.write(kSid, "ours", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(2), "none");
    const Opened next(this);
    EXPECT_EQ(value, "theirs");
}

// The rows of "Looking again before a store" for a member that had no memory for the lock.
TEST_F(FullServer, LookBeforeTheStoreExpectsNoLockWhereThereWasNone) {
    const struct {
        bool is_full;         // at the look
        bool another_locked;  // it has locked the session meanwhile
        Answer answer;
    } rows[] = {
        {false, false, Answer::kOk},
        {false, true, Answer::kFailed},
        {true, false, Answer::kFailed},  // looked at without complaint, and then out of memory
        {true, true, Answer::kFailed},
    };
    for (const auto& row : rows) {
        cluster.store(kSid, "0");
        fill({0, 1});
        Opened session(this);
        fill({0, 1}, false);
        if (row.another_locked) {
            set_lock(0, other_lock(), 60);
        }
        fill({0, 1}, row.is_full);
        cluster.exchange.drop_connection(0);
        cluster.exchange.drop_connection(1);
        EXPECT_EQ(session.write(kSid, "1", 1440), row.answer) << session.warning();
        const bool is_conflict = session.warning().find("another request") != std::string::npos;
        EXPECT_EQ(is_conflict, row.another_locked) << session.warning();
        EXPECT_EQ(value_on(0), row.answer == Answer::kOk ? "1" : "0");
        fill({0, 1}, false);
        cluster.exchange.run(0, Command::unconditional_delete(kLock));
    }
}

// The lock is still there, but its lease began with the first opening.
TEST_F(FullServer, LeaseThatCouldNotBeRenewedEndsWhenItWouldHave) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.clock.advance(cluster.options.lock.timeout - 5s);
    fill({0, 1});
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk) << session.warning();
    fill({0, 1}, false);
    EXPECT_NE(find(0, kLock), nullptr);
    cluster.clock.advance(4500ms);
    cluster.exchange.phases = 0;
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(cluster.exchange.phases, 3) << "it looks, renews the locks, and stores";
    EXPECT_EQ(value_on(0), "1");
}

TEST(OutOfMemory, IsAReplyToAStoreOnly) {
    Reply reply;
    reply.kind = ReplyKind::kRefused;
    reply.value = "out of memory storing object";
    EXPECT_TRUE(is_out_of_memory(Command::add("a", "1", 0, 0), reply));
    EXPECT_TRUE(is_out_of_memory(Command::set("a", "1", 0, 0), reply));
    EXPECT_TRUE(is_out_of_memory(Command::replace_if("a", "1", 0, 0, 1), reply));
    EXPECT_TRUE(is_out_of_memory(Command::delete_if("a", 1), reply));
    EXPECT_FALSE(is_out_of_memory(Command::read_for_update("a"), reply));
    EXPECT_FALSE(is_out_of_memory(Command::touch("a", 1), reply));
    reply.value = "object too large for cache";
    EXPECT_FALSE(is_out_of_memory(Command::add("a", "1", 0, 0), reply));
    reply.kind = ReplyKind::kRejected;
    reply.value = "out of memory";
    EXPECT_FALSE(is_out_of_memory(Command::add("a", "1", 0, 0), reply));
}

}  // namespace
}  // namespace memcache_session
