// memcache.session_merge: requests of one session side by side.
#include <gtest/gtest.h>

#include <string>

#include "src/session/lifetime.h"
#include "src/session/merging.h"
#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using std::chrono::seconds;

class MergingSession : public SessionTest {
protected:
    MergingSession() { cluster.options.merging = Merging::kFail; }

    void store(std::string_view text) {
        Opened other(this);
        EXPECT_EQ(other.write(kSid, text, 1440), Answer::kOk) << other.warning();
    }
    void destroy() {
        Opened other(this);
        EXPECT_EQ(other.destroy(kSid, 1440), Answer::kOk) << other.warning();
    }
};

TEST_F(MergingSession, TakesNoLockBeforeItStores) {
    store("a|i:1;");
    Opened session(this);
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(session.write(kSid, "a|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "a|i:2;");
    EXPECT_EQ(value_on(1), "a|i:2;");
    EXPECT_EQ(find(0, kLock), nullptr);
}

// An unchanged session costs two round trips, a changed one three: read, lock and read, store.
TEST_F(MergingSession, CostsOneRoundTripMoreThanALockOnlyIfItIsChanged) {
    store("a|i:1;");
    const auto phases_of = [this](const auto& close) {
        const int before = cluster.exchange.phases;
        Opened session(this);
        EXPECT_EQ(close(session), Answer::kOk) << session.warning();
        session.close();
        return cluster.exchange.phases - before;
    };
    const auto leave = [](Session& session) {
        return session.update_timestamp(kSid, "a|i:1;", 1440);
    };
    const auto change = [](Session& session) { return session.write(kSid, "a|i:2;", 1440); };
    const auto meet = [this](Session& session) {
        store("a|i:2;b|i:1;");
        return session.write(kSid, "a|i:2;c|i:1;", 1440);
    };
    EXPECT_EQ(phases_of(leave), 2);
    EXPECT_EQ(phases_of(change), 3);
    EXPECT_EQ(phases_of(meet), 3 + 3) << "three of them are the other request's";
    cluster.options.merging = Merging::kOff;
    EXPECT_EQ(phases_of(change), 2);
}

TEST_F(MergingSession, KeepsTheChangesOfOthers) {
    store("a|i:1;b|i:1;");
    Opened session(this);
    store("a|i:2;b|i:1;c|i:2;");
    EXPECT_EQ(session.write(kSid, "a|i:1;d|i:3;", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(0), "a|i:2;c|i:2;d|i:3;");
    EXPECT_EQ(value_on(1), "a|i:2;c|i:2;d|i:3;");
}

TEST_F(MergingSession, RefusesWhatConflictsAndReleasesTheLock) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:2;");
    EXPECT_EQ(session.write(kSid, "a|i:3;b|i:3;", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("$_SESSION['a']"), std::string::npos) << session.warning();
    EXPECT_EQ(value_on(0), "a|i:2;");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(MergingSession, LastTakesOursForTheVariableInConflict) {
    cluster.options.merging = Merging::kLast;
    store("a|i:1;b|i:1;");
    Opened session(this);
    store("a|i:2;b|i:2;");
    EXPECT_EQ(session.write(kSid, "a|i:3;b|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "a|i:3;b|i:2;");
}

TEST_F(MergingSession, SameChangeOfBothIsExtended) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:2;");
    const Version version = version_on(0);
    EXPECT_EQ(session.write(kSid, "a|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(version_on(0), version);
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(MergingSession, NewSessionsOfTwoRequestsAreMerged) {
    Opened session(this);
    store("a|i:1;");
    EXPECT_EQ(session.write(kSid, "b|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "a|i:1;b|i:2;");
}

TEST_F(MergingSession, CompressedTextsAreMergedToo) {
    cluster.options.compress_threshold = 100;
    const std::string big = "a|s:4000:\"" + std::string(4000, 'x') + "\";";
    store(big);
    Opened session(this);
    store(big + "b|i:1;");
    EXPECT_EQ(session.write(kSid, big + "c|i:1;", 1440), Answer::kOk) << session.warning();
    Opened after(this);
    EXPECT_EQ(value, big + "b|i:1;c|i:1;");
    EXPECT_LT(value_on(0).size(), 1000u);
}

TEST_F(MergingSession, OfADestroyedSessionStoresNothing) {
    store("a|i:1;");
    Opened session(this);
    destroy();
    EXPECT_EQ(session.write(kSid, "a|i:2;", 1440), Answer::kFailed);
    EXPECT_TRUE(ItemFlags::is_tombstone(find(0, kSid)->flags));
}

TEST_F(MergingSession, OfASessionThatWasMadeAnewStoresNothing) {
    store("a|i:1;");
    Opened session(this);
    destroy();
    store("next|i:1;");
    EXPECT_EQ(session.write(kSid, "a|i:1;b|i:2;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "next|i:1;");
}

TEST_F(MergingSession, OfANewSessionThatWasDestroyedAndMadeAnewStoresNothing) {
    destroy();
    Opened session(this);
    destroy();
    store("next|i:1;");
    EXPECT_EQ(session.write(kSid, "b|i:2;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "next|i:1;");
}

TEST_F(MergingSession, UnchangedSessionIsRepairedUnlessSomebodyHoldsIt) {
    store("a|i:1;");
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    set_lock(0, "1 0,1 other~1 9 /x", 15);
    {
        Opened session(this);
        EXPECT_EQ(session.update_timestamp(kSid, "a|i:1;", 1440), Answer::kOk);
        EXPECT_EQ(value_on(1), "none");
    }
    cluster.exchange.run(0, Command::unconditional_delete(kLock));
    Opened session(this);
    EXPECT_EQ(session.update_timestamp(kSid, "a|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "a|i:1;");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(MergingSession, NeedsLocks) {
    cluster.options.locking = false;
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;b|i:1;");
    EXPECT_EQ(session.write(kSid, "a|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "a|i:2;") << "the last write wins";
}

StoredSession stored(Version version, bool tombstone, uint32_t incarnation) {
    StoredSession session;
    session.missing = tombstone;
    session.flags = ItemFlags::encode(version, tombstone, false, incarnation);
    return session;
}

TEST(Meeting, IsJudgedByTombstoneAndIncarnation) {
    const StoredSession nothing;
    const Duration short_time = seconds(1);
    const Duration long_time = seconds(tombstone_lifetime(1440));
    struct Row {
        StoredSession before;
        StoredSession now;
        Duration held;
        Meeting meeting;
    };
    const Row rows[] = {
        {stored(1, false, 0), stored(2, false, 0), short_time, Meeting::kMerge},
        {stored(1, false, 0), stored(2, true, 0), short_time, Meeting::kDestroyed},
        {stored(1, false, 0), stored(3, false, 1), short_time, Meeting::kDestroyed},
        {stored(1, false, 0), nothing, short_time, Meeting::kRestore},
        {stored(1, false, 0), nothing, long_time, Meeting::kDestroyed},
        {nothing, stored(1, false, 0), short_time, Meeting::kMerge},
        {nothing, stored(2, false, 1), short_time, Meeting::kDestroyed},
        {stored(1, true, 0), stored(2, false, 1), short_time, Meeting::kMerge},
        {stored(1, true, 0), stored(3, false, 2), short_time, Meeting::kDestroyed},
        {stored(1, true, 63), stored(2, false, 0), short_time, Meeting::kMerge},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(judge_meeting(row.before, row.now, row.held, 1440), row.meeting)
            << row.before.flags << " and " << row.now.flags;
    }
}

TEST(ItemFlags, IncarnationsAreCountedModulo64) {
    const uint32_t flags = ItemFlags::encode(5, true, false, 63);
    EXPECT_EQ(ItemFlags::incarnation(flags), 63u);
    EXPECT_EQ(ItemFlags::version(flags), 5);
    EXPECT_EQ(ItemFlags::encode(5, false, false, ItemFlags::next_incarnation(flags)),
              ItemFlags::encode(5, false, false, 0));
    EXPECT_EQ(ItemFlags::incarnation(0x300), 0u) << "another program's flags";
    EXPECT_EQ(ItemFlags::later_incarnation(63, 0), 0u);
    EXPECT_EQ(ItemFlags::later_incarnation(2, 1), 2u);
}

}  // namespace
}  // namespace memcache_session
