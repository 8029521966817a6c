// Copies that an outage leaves on stand-ins, when the first servers of the session are back.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

// Servers 0 and 1 are the first choices, server 2 is the stand-in.
class StandInCopies : public SessionOnThreeServers {
protected:
    void set_down(bool first, bool second) {
        cluster.exchange.down[0] = first;
        cluster.exchange.down[1] = second;
    }
    void click(const std::string& text) {
        Opened session(this);
        EXPECT_EQ(session.write(kSid, text, 1440), Answer::kOk) << session.warning();
    }
    // What the outage of server 0 leaves when the session is used no more until it is back.
    void outage_of_first() {
        click("before");
        set_down(true, false);
        click("during");
        set_down(false, false);
        ASSERT_EQ(value_on(2), "during");
    }
};

TEST_F(StandInCopies, AreRemovedWhenBothFirstServersHaveTheSession) {
    outage_of_first();
    click("after");
    EXPECT_EQ(value_on(0), "after");
    EXPECT_EQ(value_on(1), "after");
    EXPECT_EQ(value_on(2), "none");
}

TEST_F(StandInCopies, AreRemovedByAnUnchangedSessionToo) {
    outage_of_first();
    Opened session(this);
    EXPECT_EQ(session.update_timestamp(kSid, "during", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "during");
    EXPECT_EQ(value_on(2), "none");
}

TEST_F(StandInCopies, AreRemovedWhenTheFirstServerReturnsEmpty) {
    outage_of_first();
    cluster.exchange.restart(0);
    click("after");
    EXPECT_EQ(value_on(2), "none");
}

TEST_F(StandInCopies, StayWhileTheyAreTheOnlyOnes) {
    click("before");
    set_down(true, false);
    click("during");
    set_down(false, false);
    cluster.exchange.restart(0);
    cluster.exchange.restart(1);
    click("moved");
    EXPECT_EQ(value_on(0), "moved");
    EXPECT_EQ(value_on(2), "during");
}

TEST_F(StandInCopies, StayIfTheCommitLacksACopy) {
    outage_of_first();
    cluster.options.failover_attempts_max = 0;
    Opened session(this);
    cluster.exchange.down[1] = true;
    EXPECT_EQ(session.write(kSid, "after", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(0), "after");
    EXPECT_EQ(value_on(2), "during");
}

TEST_F(StandInCopies, StayWhereTheStandInIsAMemberAgain) {
    outage_of_first();
    Opened session(this);
    cluster.exchange.restart(0);  // so that its touch misses, and the session is stored again
    cluster.exchange.down[0] = true;
    EXPECT_EQ(session.update_timestamp(kSid, "during", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(1), "during");
    EXPECT_EQ(value_on(2), "during");
}

TEST_F(StandInCopies, StayWhereTheLockWasLostSince) {
    outage_of_first();
    Opened session(this);
    cluster.clock.advance(cluster.options.lock.lease());
    const std::string other = "8544389400931008512 0,1 web2 7 1795269474 /";
    set_lock(0, other, 30);
    set_lock(1, other, 30);
    EXPECT_EQ(session.update_timestamp(kSid, "during", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(0), "before");
    EXPECT_EQ(value_on(2), "during");
}

// As where the list of servers has changed: the third one was a first choice.
TEST_F(StandInCopies, StayWhereNoOutageIsKnown) {
    outage_of_first();
    cluster.exchange.outages[0] = false;
    click("after");
    EXPECT_EQ(value_on(0), "after");
    EXPECT_EQ(value_on(2), "during");
}

TEST_F(StandInCopies, OfOtherProgramsStay) {
    outage_of_first();
    cluster.exchange.run(2, Command::set(kSid, "foreign", 0, 0));
    click("after");
    EXPECT_EQ(value_on(2), "foreign");
}

TEST_F(StandInCopies, StayWithoutLocking) {
    outage_of_first();
    cluster.options.locking = false;
    click("after");
    EXPECT_EQ(value_on(0), "after");
    EXPECT_EQ(value_on(2), "during");
}

TEST_F(SessionOnFourServers, CopyWhereNoStandInIsStays) {
    cluster.store(kSid, "before");
    cluster.exchange.down[0] = true;
    cluster.store(kSid, "during");
    cluster.exchange.down[0] = false;
    cluster.exchange.run(3, Command::set(kSid, "old", ItemFlags::encode(1, false, false), 0));
    cluster.store(kSid, "after");
    EXPECT_EQ(value_on(2), "none");
    EXPECT_EQ(value_on(3), "old");
}

TEST_F(StandInCopies, StayIfAnotherRequestHasStoredThereMeanwhile) {
    outage_of_first();
    Opened session(this);
    cluster.exchange.run(2, Command::set(kSid, "other", ItemFlags::encode(99, false, false), 0));
    EXPECT_EQ(session.write(kSid, "after", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(2), "other");
}

TEST_F(StandInCopies, TombstonesStay) {
    outage_of_first();
    cluster.exchange.run(2, Command::set(kSid, "", ItemFlags::encode(3, true, false), 0));
    click("after");
    EXPECT_TRUE(ItemFlags::is_tombstone(find(2, kSid)->flags));
}

TEST_F(StandInCopies, NewerOneIsServedWhenTheFirstServersReturnInTurn) {
    outage_of_first();
    set_down(true, true);
    click("alone");
    set_down(false, false);
    Opened session(this);
    EXPECT_EQ(value, "alone");
    EXPECT_EQ(session.write(kSid, "together", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(2), "alone") << "no member had that, as after a change of the pool";
}

TEST_F(StandInCopies, TooLargeForThisProcessIsLeft) {
    outage_of_first();
    cluster.exchange.too_large[2] = true;
    Opened session(this);
    EXPECT_EQ(value, "during");
}

TEST_F(StandInCopies, ServeNoOldSessionWhenBothFirstServersFailLater) {
    outage_of_first();
    click("after");
    set_down(true, true);
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    set_down(false, false);
    Opened next(this);
    EXPECT_EQ(value, "after");
}

TEST_F(StandInCopies, UnreadCopiesCostNoFurtherPhase) {
    click("before");
    cluster.exchange.run(2, Command::set(kSid, "left", ItemFlags::encode(1, false, false), 0));
    const int phases = cluster.exchange.phases;
    click("after");
    EXPECT_EQ(cluster.exchange.phases, phases + 2);
}

TEST_F(StandInCopies, NewerOneIsOutrankedAndReplacedByADestroy) {
    click("first");
    cluster.exchange.run(2, Command::set(kSid, "newer", ItemFlags::encode(13, false, false), 0));
    Opened session(this);
    EXPECT_EQ(value, "first");
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    for (const uint32_t server : {0U, 1U, 2U}) {
        EXPECT_TRUE(ItemFlags::is_tombstone(find(server, kSid)->flags)) << server;
        EXPECT_EQ(version_on(server), 14) << server;
    }
    cluster.exchange.down[0] = true;
    Opened next(this);
    EXPECT_EQ(value, "");
}

TEST_F(StandInCopies, TombstoneProvesNothingWhereBothFirstServersAreSilent) {
    click("first");
    set_down(true, false);
    {
        Opened session(this);
        EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    }
    set_down(false, false);
    click("second");
    set_down(true, true);
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("too many servers"), std::string::npos) << session.warning();
    set_down(true, false);
    Opened next(this);
    EXPECT_EQ(value, "second");
}

TEST_F(StandInCopies, SessionThatHasBegunOverTheTombstoneIsLeft) {
    click("first");
    const uint32_t successor = ItemFlags::encode(13, false, false, 1);
    cluster.exchange.run(2, Command::set(kSid, "next", successor, 0));
    Opened session(this);
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    EXPECT_EQ(value_on(2), "next");
}

}  // namespace
}  // namespace memcache_session
