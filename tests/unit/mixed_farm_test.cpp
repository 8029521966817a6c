// Sessions that pecl/memcache uses too: protocol.md, "Beside pecl/memcache".
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

class MixedFarm : public SessionTest {
protected:
    void SetUp() override { cluster.store(kSid, "0"); }

    // pecl/memcache writes so to every server of its set when it has stored.
    void leave_lock_of_pecl(std::string_view lock) {
        for (const uint32_t server : {0U, 1U}) {
            cluster.exchange.run(server, Command::set(kLock, lock, kLockFlags, 15));
        }
    }

    // Stores, and returns the number of phases. Tells whether the locks were held when all members
    // had stored.
    int store(std::string_view text, bool* held) {
        Opened session(this);
        const int before = cluster.exchange.phases;
        cluster.exchange.after_phase = [&](int phase) {
            if (phase == before + 1) {
                EXPECT_EQ(value_on(0), text);
                EXPECT_EQ(value_on(1), text);
                *held = find(0, kLock) != nullptr && find(1, kLock) != nullptr;
            }
        };
        EXPECT_EQ(session.write(kSid, text, 1440), Answer::kOk);
        cluster.exchange.after_phase = nullptr;
        EXPECT_EQ(find(0, kLock), nullptr);
        EXPECT_EQ(find(1, kLock), nullptr);
        return cluster.exchange.phases - before;
    }
};

TEST_F(MixedFarm, KeepsTheLocksUntilAllMembersHaveStored) {
    leave_lock_of_pecl(kFreeLock);
    bool held = false;
    EXPECT_EQ(store("1", &held), 2);
    EXPECT_TRUE(held);
    EXPECT_EQ(store("2", &held), 2) << "no lock of another program was met this time";
    EXPECT_TRUE(held);
}

TEST_F(MixedFarm, IsKnownByAWaiterThatCountsOurLockUp) {
    Opened session(this);
    ASSERT_TRUE(cluster.exchange.model(0).increment(kLock, 0).has_value());
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    bool held = false;
    EXPECT_EQ(store("2", &held), 2);
    EXPECT_TRUE(held);
}

// pecl/memcache has read our commit on the first server, and its copy for the second one comes
// before ours.
class OvertakenCommit : public MixedFarm {
protected:
    // `meanwhile`: what happens on the second server before our store comes to it.
    template <class Meanwhile>
    Answer write(Meanwhile meanwhile) {
        Opened session(this);
        const int before = cluster.exchange.phases;
        cluster.exchange.before_server = [&](uint32_t server) {
            if (server == 1 && cluster.exchange.phases == before + 1) {
                EXPECT_EQ(value_on(0), "1");
                meanwhile();
            }
        };
        const Answer answer = session.write(kSid, "1", 1440);
        cluster.exchange.before_server = nullptr;
        warning = session.warning();
        return answer;
    }
    void store_as_pecl(uint32_t server, std::string_view text) {
        cluster.exchange.run(server, Command::set(kSid, text, 0, 1440));
    }
    // pecl/memcache has made "2" from what it has read on the first server.
    void overtake() {
        store_as_pecl(1, "2");
        store_as_pecl(0, "2");
    }
    void overtake_and_release() {
        overtake();
        leave_lock_of_pecl(kFreeLock);
    }
    std::string warning;
};

TEST_F(OvertakenCommit, CountsIfTheFirstServerShowsThatItWasRead) {
    EXPECT_EQ(write([&] { overtake(); }), Answer::kOk) << warning;
    EXPECT_EQ(value_on(0), "2");
    EXPECT_EQ(value_on(1), "2");
}

TEST_F(OvertakenCommit, CountsIfOurLockWasOverwrittenToo) {
    EXPECT_EQ(write([&] { overtake_and_release(); }), Answer::kOk) << warning;
    EXPECT_EQ(value_on(0), "2");
}

// The look is at once, because the next commit hides what a foreign copy proves.
TEST_F(OvertakenCommit, CountsAlthoughAnotherRequestStoresBeforeItCouldTakeTheLock) {
    const int stored_in = cluster.exchange.phases + 2;  // after the opening
    int looks = 0;
    cluster.exchange.after_phase = [&](int phase) {
        if (phase == stored_in + 1 && looks++ == 0) {
            cluster.exchange.run(0, Command::set(kSid, "3", ItemFlags::encode(1, false, false), 0));
            cluster.exchange.run(1, Command::set(kSid, "3", ItemFlags::encode(1, false, false), 0));
        }
    };
    EXPECT_EQ(write([&] { overtake_and_release(); }), Answer::kOk) << warning;
    EXPECT_EQ(looks, 1);
    EXPECT_EQ(value_on(0), "3");
}

TEST_F(OvertakenCommit, IsRefusedIfTheOverwrittenLockIsThatOfARequestOfOurs) {
    EXPECT_EQ(write([&] {
                  overtake();
                  set_lock(1, encode_lock(make_token(77), {1}, "web2~1", 1, 0, "/"), 15);
              }),
              Answer::kFailed);
}

TEST_F(OvertakenCommit, IsRefusedIfTheFirstServerWasRestartedSince) {
    EXPECT_EQ(write([&] {
                  store_as_pecl(1, "2");
                  cluster.exchange.restart(0);
                  store_as_pecl(0, "2");
              }),
              Answer::kFailed);
}

TEST_F(OvertakenCommit, IsRefusedIfTheOtherCopyIsNotOfThatProgram) {
    EXPECT_EQ(write([&] {
                  cluster.exchange.run(
                      1, Command::set(kSid, "9", ItemFlags::encode(9, false, false), 1440));
                  store_as_pecl(0, "2");
                  leave_lock_of_pecl(kFreeLock);
              }),
              Answer::kFailed);
    EXPECT_NE(warning.find("another request has stored"), std::string::npos) << warning;
}

TEST_F(MixedFarm, IsForgottenAnHourAfterTheLastForeignLock) {
    leave_lock_of_pecl(kFreeLock);
    bool held = false;
    EXPECT_EQ(store("1", &held), 2);
    cluster.clock.advance(std::chrono::minutes(59));
    cluster.store(kSid, "0");  // the session has expired
    EXPECT_EQ(store("2", &held), 2);
    cluster.clock.advance(std::chrono::minutes(1));
    cluster.store(kSid, "0");
    EXPECT_EQ(store("3", &held), 1);
    EXPECT_FALSE(held);
}

TEST_F(MixedFarm, CostsNothingWithOneCopy) {
    cluster.options.redundancy = 1;
    cluster.exchange.run(0, Command::set(kLock, kFreeLock, kLockFlags, 15));
    Opened session(this);
    const int before = cluster.exchange.phases;
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.phases - before, 1);
}

}  // namespace
}  // namespace memcache_session
