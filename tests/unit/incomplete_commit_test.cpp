// Commits that do not reach every server of their set.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/lock/lock_item.h"
#include "src/replica/version.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

constexpr const char* kSid = "abc";
constexpr const char* kLock = "abc.lock";

Version version_on(FakeCluster& cluster, uint32_t server) {
    return ItemFlags::version(cluster.exchange.find(server, kSid)->flags);
}

TEST(IncompleteCommit, OutranksWhatASilentServerMayStillRun) {
    FakeCluster cluster(3);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.down[1] = true;
    const Version sent = advance(version_on(cluster, 0), 1);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_TRUE(is_newer(version_on(cluster, 0), sent));
}

TEST(IncompleteCommit, IsStoredOnAStandInToo) {
    FakeCluster cluster(3);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.down[1] = true;
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(2, kSid)->value, "1");
    EXPECT_EQ(cluster.exchange.find(0, kLock), nullptr);
    EXPECT_EQ(cluster.exchange.find(2, kLock), nullptr);
}

TEST(IncompleteCommit, LeavesAloneWhatAnotherRequestWroteMeanwhile) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.down[1] = true;
    bool written = false;
    cluster.exchange.after_phase = [&](int) {
        if (!written) {
            written = true;
            cluster.store(kSid, "other");
        }
    };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "other");
    EXPECT_EQ(cluster.exchange.find(0, kLock), nullptr);
}

TEST(IncompleteCommit, WaitsForTheLockThatAnotherRequestHasTakenMeanwhile) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.down[1] = true;
    const std::string lock = encode_lock(make_token(77), "0,1", "web2~1", 1, 0, "/other.php");
    int phases = 0;
    cluster.exchange.after_phase = [&](int) {
        ++phases;
        if (phases == 1) {
            cluster.exchange.run(0, Command::add(kLock, lock, kLockFlags, 10));
        } else if (phases == 5) {
            cluster.exchange.run(0, Command::unconditional_delete(kLock));
        }
    };
    const Version sent = advance(version_on(cluster, 0), 1);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_GT(cluster.clock.sleeps, 0);
    EXPECT_TRUE(is_newer(version_on(cluster, 0), sent));
}

TEST(IncompleteCommit, IsNotAcknowledgedWhenTheLockCannotBeTakenAgain) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.down[1] = true;
    cluster.exchange.after_phase = [&](int) { cluster.exchange.down[0] = true; };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("server1:11211"), std::string::npos);
}

TEST(IncompleteCommit, WithAGapAmongThreeCopiesIsStoredOnAllBeforeItsFinalVersionIsOnAny) {
    FakeCluster cluster(3);
    cluster.options.redundancy = 3;
    cluster.store(kSid, "0");
    cluster.exchange.down[2] = true;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    const Version read = version_on(cluster, 0);
    Version highest_before_all = read;
    cluster.exchange.after_phase = [&](int) {
        if (cluster.exchange.find(1, kSid)->value == "0") {
            highest_before_all = version_on(cluster, 0);
        }
    };
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_TRUE(is_newer(version_on(cluster, 0), highest_before_all));
    EXPECT_EQ(version_on(cluster, 0), version_on(cluster, 1));
    EXPECT_EQ(cluster.exchange.find(0, kLock), nullptr);
}

TEST(IncompleteCommit, IsRecognisedWhereOnlyTheAnswerToItsStoreWasLost) {
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
            EXPECT_EQ(cluster.exchange.find(server, "abc.lock"), nullptr);
        }
    }
}

TEST(IncompleteCommit, UnchangedSessionDoesNotWaitToHaveACopyRepaired) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    const std::string lock = encode_lock(make_token(77), "0,1", "web2~1", 1, 0, "/other.php");
    cluster.exchange.after_phase = [&](int) {
        cluster.exchange.run(0, Command::add(kLock, lock, kLockFlags, 100));
    };
    EXPECT_EQ(session.update_timestamp(kSid, "0", 1440), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

}  // namespace
}  // namespace memcache_session
