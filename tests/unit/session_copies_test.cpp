// The copies of a session: which one counts, which are searched for, and which are stored again.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "src/session/messages.h"
#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

TEST_F(SessionTest, UnchangedSessionIsBroughtToServersThatDoNotHaveIt) {
    cluster.store(kSid, "data");
    cluster.exchange.restart(1);
    Opened session(this);
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    ASSERT_NE(find(1, kSid), nullptr);
    EXPECT_EQ(find(1, kSid)->flags, find(0, kSid)->flags);
}

TEST_F(SessionTest, NewestVersionWinsAndStaleCopyIsOverwritten) {
    cluster.store(kSid, "old");
    cluster.exchange.down[0] = true;  // stays behind
    cluster.store(kSid, "new");
    cluster.exchange.down[0] = false;
    Opened session(this);
    EXPECT_EQ(value, "new");
    ASSERT_EQ(session.write(kSid, "newer", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "newer");
}

TEST_F(SessionOnFourServers, MissIsLookedForOnTheOtherServers) {
    cluster.exchange.run(3, Command::set(kSid, "wanderer", 0, 0));
    Opened session(this);
    EXPECT_EQ(value, "wanderer");
    ASSERT_EQ(session.write(kSid, "home", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "home");
    EXPECT_EQ(value_on(1), "home");
}

TEST_F(SessionOnFourServers, MissIsLookedForOnAsManyServersAsTheSettingSays) {
    for (const uint32_t search : {0, 1, 2, 14}) {
        cluster.options.search = search;
        cluster.exchange.asked.clear();
        Opened session(this, false);
        EXPECT_EQ(cluster.exchange.asked.size(), 2 + std::clamp(search, 1U, 2U)) << search;
    }
}

TEST_F(SessionOnFourServers, MissIsProvenByAllStandInPlacesWhenAServerHasFailed) {
    cluster.options.search = 0;
    cluster.exchange.down[0] = true;
    cluster.options.redundancy = 3;
    cluster.exchange.asked.clear();
    Opened session(this);
    EXPECT_EQ(value, "");
    EXPECT_EQ(std::set<uint32_t>(cluster.exchange.asked.begin(), cluster.exchange.asked.end()),
              (std::set<uint32_t>{1, 2, 3}));
}

TEST_F(SessionOnFourServers, StandInBeyondTheSearchIsReadAgainWithIt) {
    cluster.options.search = 0;
    cluster.exchange.down[0] = cluster.exchange.down[1] = true;
    cluster.exchange.run(3, Command::set(kSid, "kept", ItemFlags::encode(4, false, false), 0));
    Opened session(this);
    EXPECT_EQ(value, "kept");
    EXPECT_EQ(std::count(cluster.exchange.asked.begin(), cluster.exchange.asked.end(), 3), 2);
}

TEST_F(SessionOnFourServers, NewerCopyOutsideTheSetIsFoundWhenTheSetHasGaps) {
    cluster.exchange.run(1, Command::set(kSid, "stale", ItemFlags::encode(4, false, false), 0));
    cluster.exchange.run(3, Command::set(kSid, "newest", ItemFlags::encode(5, false, false), 0));
    Opened session(this);
    EXPECT_EQ(value, "newest");
    ASSERT_EQ(session.update_timestamp(kSid, "newest", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "newest");
    EXPECT_EQ(value_on(1), "newest");
}

TEST_F(SessionOnFourServers, UnknownIdDoesNotWaitForAServerMarkedDown) {
    cluster.exchange.down[3] = true;
    Opened session(this);
    EXPECT_EQ(value, "");
    for (const uint32_t server : cluster.exchange.asked) {
        EXPECT_NE(server, 3u);
    }
}

TEST_F(SessionOnThreeServers, MissingIsNotBelievedWhenTooManyServersAreSilent) {
    cluster.exchange.down[0] = cluster.exchange.down[1] = true;
    Session session = request();
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server0:11211"), std::string::npos);
    EXPECT_EQ(find(2, kLock), nullptr);
}

TEST_F(SessionTest, AllServersDownFailsAndNamesThem) {
    cluster.exchange.down[0] = cluster.exchange.down[1] = true;
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server0:11211"), std::string::npos);
    EXPECT_NE(session.warning().find("server1:11211"), std::string::npos);
    EXPECT_EQ(session.write(kSid, "", 1440), Answer::kFailed);
}

TEST_F(SessionTest, DestroyedSessionLeavesTombstonesThatOutrankALateCopy) {
    cluster.store(kSid, "login");
    const auto stale = *find(0, kSid);
    Opened session(this);
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    session.close();
    EXPECT_TRUE(ItemFlags::is_tombstone(find(1, kSid)->flags));
    EXPECT_EQ(find(0, kLock), nullptr);
    cluster.exchange.run(0, Command::set(kSid, stale.value, stale.flags, 0));
    Opened next(this);
    EXPECT_EQ(value, "");
}

TEST_F(SessionTest, SilentServersMayRunADestroyThatWasRefused) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.down = {true, true};
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("it may still exist: "), std::string::npos)
        << session.warning();
}

TEST_F(SessionTest, ServersThatReplyNothingButErrorRunNoDestroyLater) {
    const std::string text =
        not_destroyed_message(cluster.pool.servers, {{0, {FailureKind::kUnknownCommand, 0}}});
    EXPECT_NE(text.find("it still exists: "), std::string::npos) << text;
    const std::string marked = not_destroyed_message(
        cluster.pool.servers, {{0, {FailureKind::kUnknownCommand, 0}, false}});
    EXPECT_NE(marked.find("it may still exist: "), std::string::npos) << marked;
}

TEST_F(SessionTest, MarkedServersAreAskedTogetherBeforeAnyoneIsRefused) {
    cluster.store(kSid, "0");
    for (uint32_t server = 0; server < cluster.pool.servers.size(); ++server) {
        cluster.exchange.marked[server] = true;
    }
    for (const bool lock : {true, false}) {
        cluster.exchange.phases = 0;
        Opened session(this, lock);
        EXPECT_EQ(value, "0");
        EXPECT_EQ(cluster.exchange.phases, 1);
        session.close();
    }
}

// A stand-in alone would get what all others look for on the first choices.
TEST_F(SessionOnThreeServers, MarkedServersThatAnswerTheSearchAreMembersAgain) {
    for (const bool lock : {true, false}) {
        cluster.store(kSid, "0");
        cluster.exchange.marked = {true, true, false};
        Opened session(this, lock);
        EXPECT_EQ(value, "0");
        EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
        session.close();
        EXPECT_EQ(value_on(0), "1");
        EXPECT_EQ(value_on(1), "1");
        EXPECT_EQ(value_on(2), "none");
        EXPECT_EQ(find(2, kLock), nullptr);
    }
}

TEST_F(SessionOnThreeServers, MarkedServerThatFailsTheSearchLeavesTheOtherOneAndAStandIn) {
    cluster.store(kSid, "0");
    cluster.exchange.marked = {true, true, false};
    cluster.exchange.down[0] = true;
    Opened session(this);
    EXPECT_EQ(value, "0");
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(1), "1");
    EXPECT_EQ(value_on(2), "1");
}

TEST_F(SessionTest, EvictedCopyIsStoredAgainBesideTheOther) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "1");
}

TEST_F(SessionTest, SessionThatNoServerHasAnyMoreIsStoredAnewUnderItsLock) {
    cluster.store(kSid, "0");
    for (const bool changed : {true, false}) {
        Opened session(this);
        cluster.exchange.run(0, Command::unconditional_delete(kSid));
        cluster.exchange.run(1, Command::unconditional_delete(kSid));
        EXPECT_EQ(
            changed ? session.write(kSid, "1", 1440) : session.update_timestamp(kSid, "1", 1440),
            Answer::kOk);
        EXPECT_EQ(value_on(0), "1");
        EXPECT_EQ(value_on(1), "1");
        EXPECT_EQ(find(0, "abc.lock"), nullptr);
    }
}

TEST_F(SessionTest, SessionThatIsGoneIsNotStoredAnewBesideAnotherHolder) {
    cluster.store(kSid, "0");
    Opened session(this);
    for (const uint32_t server : {0U, 1U}) {
        cluster.exchange.run(server, Command::unconditional_delete(kSid));
        cluster.exchange.run(server, Command::set("abc.lock", "1", kLockFlags, 15));
    }
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_EQ(find(0, kSid), nullptr);
}

TEST_F(SessionTest, DestroyedSessionIsNotStoredAnewThoughACopyOfItsTombstoneIsLost) {
    cluster.store(kSid, "0");
    Opened session(this);
    cluster.exchange.run(0, Command::unconditional_delete(kSid));
    cluster.exchange.run(1, Command::set(kSid, "", ItemFlags::encode(2, true, false), 0));
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    Opened next(this);
    EXPECT_EQ(value, "");
}

// The session began after the opening, beside a lock whose lease was over.
TEST_F(SessionTest, TombstonesAreNeverBelowOneThatASilentServerHas) {
    Opened session(this);
    EXPECT_EQ(value, "");
    cluster.exchange.run(1, Command::set(kSid, "1", ItemFlags::encode(5, false, false), 1440));
    cluster.exchange.after_phase = [this, before = cluster.exchange.phases](int phase) {
        cluster.exchange.down[0] = phase > before;
    };
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk) << session.warning();
    ASSERT_TRUE(ItemFlags::is_tombstone(find(0, kSid)->flags));
    ASSERT_TRUE(ItemFlags::is_tombstone(find(1, kSid)->flags));
    EXPECT_TRUE(is_newer(version_on(1), version_on(0))) << version_on(1) << " " << version_on(0);
}

}  // namespace
}  // namespace memcache_session
