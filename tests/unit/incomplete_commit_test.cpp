// Commits that do not reach every server of their set.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

class IncompleteCommit : public SessionTest {};

class IncompleteCommitOnThreeServers : public SessionOnThreeServers {};

TEST_F(IncompleteCommitOnThreeServers, OutranksWhatASilentServerMayStillRun) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.down[1] = true;
    const Version sent = advance(version_on(0), 1);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_TRUE(is_newer(version_on(0), sent));
}

TEST_F(IncompleteCommitOnThreeServers, IsOutrankedByADestroyThatSawNothingEither) {
    cluster.exchange.down[1] = true;
    cluster.store(kSid, "with a gap");
    const Version beside = version_on(0);
    EXPECT_TRUE(is_newer(beside, kBeyondExpired));
    for (const uint32_t server : {0U, 1U, 2U}) {
        cluster.exchange.restart(server);
    }
    cluster.exchange.down[1] = false;
    Opened session(this);
    EXPECT_EQ(value, "");
    cluster.exchange.down[1] = true;
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk) << session.warning();
    EXPECT_TRUE(is_newer(version_on(0), beside)) << version_on(0) << " " << beside;
}

TEST_F(IncompleteCommitOnThreeServers, IsStoredOnAStandInToo) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.down[1] = true;
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(value_on(2), "1");
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(2, kLock), nullptr);
}

TEST_F(IncompleteCommitOnThreeServers, IsRaisedAboveWhatSeveralDeadProcessesMayHaveLeft) {
    cluster.exchange.down[0] = true;
    for (const uint32_t copies : {1U, 2U, 3U}) {
        cluster.options.redundancy = copies;
        for (const uint32_t server : {1U, 2U}) {
            cluster.exchange.run(server,
                                 Command::set(kSid, "0", ItemFlags::encode(5, false, false), 1440));
        }
        Opened session(this);
        EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
        EXPECT_EQ(version_on(1), 5 + (copies == 3 ? 3 + 6 : 2 * copies)) << copies;
    }
}

TEST_F(IncompleteCommitOnThreeServers, IsRaisedForEachServerThatItLeavesOutButATombstoneOnce) {
    cluster.options.redundancy = 3;
    cluster.exchange.down[0] = true;
    cluster.exchange.down[1] = true;
    const Command fifth = Command::set(kSid, "0", ItemFlags::encode(5, false, false), 1440);
    cluster.exchange.run(2, fifth);
    Opened session(this);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(version_on(2), 5 + 2 * 3 + 2 * 6);

    cluster.exchange.run(2, fifth);
    Opened last(this);
    EXPECT_EQ(last.destroy(kSid, 1440), Answer::kOk) << last.warning();
    EXPECT_EQ(version_on(2), 5 + 6);
}

// A server that does not do what its cas numbers promise.
TEST_F(IncompleteCommit, CountsAlthoughAServerNeverTakesIt) {
    cluster.store(kSid, "0");
    cluster.exchange.after_phase = [&](int) {
        const sim::SimServer::Item item = *find(1, kSid);
        cluster.exchange.run(1, Command::set(kSid, item.value, item.flags, 1440));
    };
    Opened session(this);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(0), "1");
    Opened again(this);
    EXPECT_EQ(value, "1");
    EXPECT_EQ(again.destroy(kSid, 1440), Answer::kOk) << again.warning();
    EXPECT_TRUE(ItemFlags::is_tombstone(find(0, kSid)->flags));
    Session after = request();
    EXPECT_EQ(after.validate(kSid, true), Answer::kMissing);
}

TEST_F(IncompleteCommit, LeavesAloneWhatAnotherRequestWroteMeanwhile) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.down[1] = true;
    bool written = false;
    cluster.exchange.after_phase = [&](int) {
        if (!written) {
            written = true;
            cluster.store(kSid, "other");
        }
    };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "other");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(IncompleteCommit, WaitsForTheLockThatAnotherRequestHasTakenMeanwhile) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.down[1] = true;
    const std::string lock = encode_lock(make_token(77), {0, 1}, "web2~1", 1, 0, "/other.php");
    bool taken = false;
    bool released = false;
    cluster.exchange.after_phase = [&](int) {
        if (!taken) {
            EXPECT_EQ(cluster.exchange.latest_purpose, Purpose::kStore);
            cluster.exchange.run(0, Command::add(kLock, lock, kLockFlags, 10));
            taken = true;
        } else if (!released && cluster.exchange.latest_purpose == Purpose::kWait) {
            EXPECT_EQ(find(0, kLock)->value, lock);
            cluster.exchange.run(0, Command::unconditional_delete(kLock));
            released = true;
        }
    };
    const Version sent = advance(version_on(0), 1);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_TRUE(released);
    EXPECT_GT(cluster.clock.sleeps, 0);
    EXPECT_TRUE(is_newer(version_on(0), sent));
}

TEST_F(IncompleteCommit, IsNotAcknowledgedWhenTheLockCannotBeTakenAgain) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.down[1] = true;
    cluster.exchange.after_phase = [&](int) { cluster.exchange.down[0] = true; };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("server1:11211"), std::string::npos);
}

TEST_F(IncompleteCommitOnThreeServers,
       WithAGapAmongThreeCopiesIsStoredOnAllBeforeItsFinalVersionIsOnAny) {
    cluster.options.redundancy = 3;
    cluster.store(kSid, "0");
    cluster.exchange.down[2] = true;
    Opened session(this);
    const Version read = version_on(0);
    Version highest_before_all = read;
    cluster.exchange.after_phase = [&](int) {
        if (value_on(1) == "0") {
            highest_before_all = version_on(0);
        }
    };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_TRUE(is_newer(version_on(0), highest_before_all));
    EXPECT_EQ(version_on(0), version_on(1));
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST(IncompleteCommitOnAnySet, IsRecognisedWhereOnlyTheAnswerToItsStoreWasLost) {
    for (const size_t servers : {1, 2}) {
        FakeCluster cluster(servers);
        cluster.store(kSid, "0");
        Session session(cluster.parts(), cluster.options);
        std::string_view value;
        ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
        cluster.exchange.lose_next_answers(0);
        EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
        for (uint32_t server = 0; server < servers; ++server) {
            EXPECT_EQ(cluster.exchange.find(server, kSid)->value, "1");
            EXPECT_EQ(cluster.exchange.find(server, kLock), nullptr);
        }
    }
}

TEST_F(IncompleteCommit, UnchangedSessionDoesNotWaitToHaveACopyRepaired) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    const std::string lock = encode_lock(make_token(77), {0, 1}, "web2~1", 1, 0, "/other.php");
    cluster.exchange.after_phase = [&](int) {
        cluster.exchange.run(0, Command::add(kLock, lock, kLockFlags, 100));
    };
    EXPECT_EQ(session.update_timestamp(kSid, "0", 1440), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

}  // namespace
}  // namespace memcache_session
