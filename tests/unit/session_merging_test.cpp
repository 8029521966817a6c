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

TEST_F(MergingSession, UnchangedSessionThatSomebodyHoldsIsExtendedWhereItIs) {
    store("a|i:1;");
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    set_lock(0, "1 0,1 other~1 9 /x", 15);
    Opened session(this);
    const auto expiry = find(0, kSid)->expires;
    cluster.clock.advance(seconds(10));
    EXPECT_EQ(session.update_timestamp(kSid, "a|i:1;", 1440), Answer::kOk) << session.warning();
    EXPECT_GT(find(0, kSid)->expires, expiry);
}

TEST_F(MergingSession, UnchangedRequestThatTouchedTheTombstoneDoesNotBringTheSessionBack) {
    store("a|i:1;");
    Session unchanged(cluster.parts(), cluster.options);
    ASSERT_EQ(unchanged.read(kSid, true, &value), Answer::kOk);
    Opened session(this);
    destroy();
    EXPECT_EQ(unchanged.update_timestamp(kSid, "a|i:1;", 1440), Answer::kOk);
    cluster.clock.advance(seconds(1441));
    ASSERT_EQ(value_on(0), "none");
    EXPECT_EQ(session.write(kSid, "a|i:2;", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("session.gc_maxlifetime"), std::string::npos);
    EXPECT_EQ(value_on(0), "none");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(MergingSession, ChangesOfLongAgoAreNotMergedIntoASessionThatIsAnotherOnePerhaps) {
    store("a|i:1;");
    Opened session(this);
    destroy();
    cluster.clock.advance(seconds(tombstone_lifetime(1440) + 1));
    store("next|i:1;");  // of the first incarnation again
    EXPECT_EQ(session.write(kSid, "a|i:1;b|i:2;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "next|i:1;");
}

TEST_F(MergingSession, ItsAgeCountsFromBeforeItWasRead) {
    store("a|i:1;");
    cluster.exchange.reply_time = std::chrono::milliseconds(900);
    Opened session(this);
    cluster.exchange.reply_time = Duration(0);
    store("a|i:1;b|i:1;");
    cluster.clock.advance(seconds(certain_tombstone_lifetime(1440)) -
                          std::chrono::milliseconds(500));
    EXPECT_EQ(session.write(kSid, "a|i:1;c|i:1;", 1440), Answer::kFailed);
}

TEST_F(MergingSession, LostSessionIsRestoredAndStaysTheSameForOthers) {
    destroy();
    store("a|i:1;");  // the second incarnation
    Opened one(this);
    Opened other(this);
    for (const uint32_t server : {0, 1}) {
        cluster.exchange.run(server, Command::unconditional_delete(kSid));
    }
    EXPECT_EQ(one.write(kSid, "a|i:1;b|i:1;", 1440), Answer::kOk) << one.warning();
    EXPECT_EQ(other.write(kSid, "a|i:1;c|i:1;", 1440), Answer::kOk) << other.warning();
    EXPECT_EQ(value_on(0), "a|i:1;b|i:1;c|i:1;");
}

TEST_F(MergingSession, RestoredSessionHasALaterVersionThanTheOneThatWasLost) {
    store("a|i:1;");
    store("a|i:2;");
    Opened session(this);
    const Version version = version_on(0);
    for (const uint32_t server : {0, 1}) {
        cluster.exchange.run(server, Command::unconditional_delete(kSid));
    }
    EXPECT_EQ(session.write(kSid, "a|i:3;", 1440), Answer::kOk) << session.warning();
    EXPECT_TRUE(is_newer(version_on(0), version));
}

TEST_F(MergingSession, StoreOfAnotherProgramIsKeptAndCalledByItsName) {
    destroy();
    store("a|i:1;");
    Opened session(this);
    for (const uint32_t server : {0, 1}) {
        cluster.exchange.run(server, Command::set(kSid, "a|i:1;b|i:1;", 0, 1440));
    }
    EXPECT_EQ(session.write(kSid, "a|i:2;b|i:1;", 1440), Answer::kFailed);
    EXPECT_EQ(session.warning().find("destroyed"), std::string::npos) << session.warning();
    EXPECT_NE(session.warning().find("pecl/memcache"), std::string::npos) << session.warning();
    EXPECT_EQ(value_on(0), "a|i:1;b|i:1;");
}

TEST_F(MergingSession, RequestThatChangedNothingOfAMissingSessionIsNotRefused) {
    Opened session(this);
    Opened of_php_serialize(this);
    Opened changed(this);
    store("a|i:1;");
    destroy();
    EXPECT_EQ(session.update_timestamp(kSid, "", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(of_php_serialize.write(kSid, "a:0:{}", 1440), Answer::kOk);
    EXPECT_EQ(changed.write(kSid, "b|i:1;", 1440), Answer::kFailed);
    EXPECT_TRUE(ItemFlags::is_tombstone(find(0, kSid)->flags));
    EXPECT_EQ(find(0, kLock), nullptr);
}

// Another program may compress otherwise.
TEST_F(MergingSession, UnchangedIsJudgedByTheTextAndNotByItsCompression) {
    cluster.options.compress_threshold = 100;
    const std::string big = "a|s:4000:\"" + std::string(4000, 'x') + "\";";
    store(big);
    cluster.options.compress_threshold = 0;
    Opened session(this);
    const Version version = version_on(0);
    EXPECT_EQ(session.write(kSid, big, 1440), Answer::kOk);
    EXPECT_EQ(version_on(0), version);
}

TEST_F(MergingSession, WaitsForTheLockHoweverManyWait) {
    cluster.options.lock.waiters_max = 1;
    cluster.options.lock.wait = seconds(2);
    store("a|i:1;");
    Opened session(this);
    set_lock(0, "1 0,1 other~1 9 /x", 15);
    set_lock(1, "1 0,1 other~1 9 /x", 15);
    cluster.exchange.run(0, Command::set("abc.lock.1", "2", 0, 60));
    bool is_held = true;
    cluster.exchange.after_phase = [&, until = cluster.clock.now() + seconds(1)](int) {
        if (is_held && cluster.clock.now() >= until) {
            is_held = false;
            cluster.exchange.run(0, Command::unconditional_delete(kLock));
            cluster.exchange.run(1, Command::unconditional_delete(kLock));
        }
    };
    EXPECT_EQ(session.write(kSid, "a|i:2;", 1440), Answer::kOk) << session.warning();
    cluster.exchange.after_phase = nullptr;
    EXPECT_EQ(value_on(0), "a|i:2;");
}

TEST_F(MergingSession, DestroyOfALostSessionCountsItsIncarnation) {
    destroy();
    store("a|i:1;");
    Opened session(this);
    Opened other(this);
    for (const uint32_t server : {0, 1}) {
        cluster.exchange.run(server, Command::unconditional_delete(kSid));
    }
    EXPECT_EQ(other.destroy(kSid, 1440), Answer::kOk);
    store("next|i:1;");
    EXPECT_EQ(session.write(kSid, "a|i:1;b|i:1;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "next|i:1;");
}

TEST_F(MergingSession, DestroyGoesOnWithTheIncarnationThatOthersHaveReached) {
    store("a|i:1;");
    cluster.options.merging = Merging::kOff;
    Opened overdue(this);
    for (const uint32_t server : {0, 1}) {
        cluster.exchange.run(server, Command::unconditional_delete(kLock));
    }
    cluster.options.merging = Merging::kFail;
    destroy();
    destroy();
    EXPECT_EQ(ItemFlags::incarnation(find(0, kSid)->flags), 1u);
    EXPECT_EQ(overdue.destroy(kSid, 1440), Answer::kOk);
    for (const uint32_t server : {0, 1}) {
        EXPECT_EQ(ItemFlags::incarnation(find(server, kSid)->flags), 2u) << server;
    }
}

TEST_F(MergingSession, DestroyThatFindsACopyLostKeepsItsIncarnation) {
    for (int i = 0; i < 3; ++i) {
        destroy();
    }
    store("a|i:1;");
    Opened session(this);
    cluster.exchange.after_phase = [this, before = cluster.exchange.phases](int phase) {
        if (phase == before + 1) {  // the destroy has read the session under its lock
            cluster.exchange.run(0, Command::unconditional_delete(kSid));
        }
    };
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    cluster.exchange.after_phase = nullptr;
    for (const uint32_t server : {0, 1}) {
        EXPECT_EQ(ItemFlags::incarnation(find(server, kSid)->flags), 3u) << server;
    }
}

// Its tombstones would differ otherwise, and the higher one would outrank the next session.
TEST_F(MergingSession, DestroyWhoseReplyIsLostLeavesEqualTombstones) {
    store("a|i:1;");
    Opened session(this);
    cluster.exchange.after_phase = [this, before = cluster.exchange.phases](int phase) {
        if (phase == before + 1) {  // the destroy has read the session under its lock
            cluster.exchange.lose_next_answers(0);
        }
    };
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    cluster.exchange.after_phase = nullptr;
    EXPECT_TRUE(ItemFlags::is_tombstone(find(0, kSid)->flags));
    EXPECT_EQ(find(0, kSid)->flags, find(1, kSid)->flags);
}

TEST_F(MergingSession, DestroyLeavesTheSessionThatHasBegunOverItsTombstone) {
    store("a|i:1;");
    Opened session(this);
    cluster.exchange.after_phase = [this, before = cluster.exchange.phases](int phase) {
        if (phase == before + 1) {
            cluster.exchange.hung[1] = true;  // so that it would store with a higher version
        } else if (phase == before + 2) {
            const Version version = ItemFlags::version(find(0, kSid)->flags);
            cluster.exchange.run(
                0, Command::set(kSid, "next|i:1;", ItemFlags::encode(version + 1, false, false, 1),
                                60));
        }
    };
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk) << session.warning();
    cluster.exchange.after_phase = nullptr;
    EXPECT_EQ(value_on(0), "next|i:1;");
}

TEST_F(MergingSession, PlacesThatLastOverwritesAreCounted) {
    cluster.options.merging = Merging::kLast;
    store("a|i:1;b|i:1;");
    Opened session(this);
    store("a|i:2;b|i:2;");
    EXPECT_EQ(session.write(kSid, "a|i:3;b|i:3;c|i:3;", 1440), Answer::kOk);
    const Figures figures = cluster.totals.read();
    EXPECT_EQ(figures.of(Event::kMerged), 1u);
    EXPECT_EQ(figures.of(Event::kOverwritten), 2u);
}

// The process of a destroy was killed when one server had its tombstone.
TEST_F(MergingSession, TombstoneThatOneServerLacksIsBroughtThereWhenItIsRead) {
    store("a|i:1;");
    const uint32_t tombstone = ItemFlags::encode(2, true, false);
    cluster.exchange.run(0, Command::set(kSid, "", tombstone, 60));
    set_lock(1, "1 0,1 other~1 9 /x", 15);
    {
        const TimePoint began = cluster.clock.now();
        const Opened reader(this, false);
        EXPECT_EQ(value, "");
        EXPECT_EQ(cluster.clock.now(), began)
            << "who does not ask for the lock does not wait for it";
        cluster.options.lock.wait = seconds(1);
        const Opened session(this);
        EXPECT_EQ(value, "");
        EXPECT_EQ(value_on(1), "a|i:1;") << "another request has the lock";
    }
    cluster.options.lock.wait = seconds(30);
    cluster.options.lifetime = 3600;
    Opened session(this);
    EXPECT_EQ(value, "");
    EXPECT_EQ(find(0, kSid)->flags, tombstone);
    EXPECT_EQ(find(1, kSid)->flags, tombstone);
    const int64_t longer = find(1, kSid)->expires - find(0, kSid)->expires;
    EXPECT_GT(longer, 2 * 3600 - 120);
    EXPECT_LE(longer, 2 * 3600) << "it lives as long as one of a destroy";
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(find(1, kLock), nullptr);

    // Otherwise the next destroy would have the incarnation of the one that was lost.
    cluster.exchange.restart(0);
    store("a|i:3;");
    destroy();
    store("a|i:4;");
    EXPECT_EQ(session.write(kSid, "b|i:2;", 1440), Answer::kFailed) << "would be merged";
    EXPECT_EQ(value_on(0), "a|i:4;");
}

TEST_F(MergingSession, TombstoneThatCannotBeBroughtToAnotherServerIsReadAllTheSame) {
    store("a|i:1;");
    cluster.exchange.run(0, Command::set(kSid, "", ItemFlags::encode(2, true, false), 60));
    cluster.exchange.after_phase = [this, before = cluster.exchange.phases](int phase) {
        if (phase == before + 1) {
            cluster.exchange.down = {true, true};
        }
    };
    Opened session(this);
    cluster.exchange.after_phase = nullptr;
    EXPECT_EQ(value, "");
}

// Otherwise its next life would be taken for that which others have read.
TEST_F(MergingSession, IncarnationIsContinuedWhereASessionExpiresUnderItsHolder) {
    store("a|i:1;");
    destroy();
    store("a|i:2;");
    Opened late(this);
    cluster.options.merging = Merging::kOff;
    Opened holder(this);
    cluster.exchange.restart(0);
    cluster.exchange.restart(1);
    EXPECT_EQ(holder.read(kSid, true, &value), Answer::kOk) << "session_reset()";
    EXPECT_EQ(holder.write(kSid, "a|i:3;", 1440), Answer::kOk);
    destroy();
    store("a|i:4;");
    EXPECT_EQ(late.write(kSid, "a|i:2;b|i:5;", 1440), Answer::kFailed) << "would be merged";
    EXPECT_EQ(value_on(0), "a|i:4;");
}

TEST_F(MergingSession, TombstoneThatAllServersHaveIsReadInOnePhase) {
    store("a|i:1;");
    destroy();
    const int before = cluster.exchange.phases;
    const Opened session(this);
    EXPECT_EQ(cluster.exchange.phases - before, 1);
}

// A pool that has grown: the session is on a server that is searched only.
TEST_F(SessionOnThreeServers, UnchangedSessionElsewhereIsLeftThereWithoutTheLock) {
    cluster.exchange.run(2, Command::set(kSid, "a|i:1;", ItemFlags::encode(5, false, false), 1440));
    for (const Merging merging : {Merging::kOff, Merging::kFail}) {
        cluster.options.merging = merging;
        set_lock(0, "1 0,1 other~1 9 /x", 15);
        Opened session(this, false);
        EXPECT_EQ(value, "a|i:1;");
        EXPECT_EQ(session.update_timestamp(kSid, "a|i:1;", 1440), Answer::kOk) << session.warning();
        EXPECT_EQ(value_on(0), "none");
    }
}

StoredSession stored(Version version, bool tombstone, uint32_t incarnation) {
    StoredSession session;
    session.missing = tombstone;
    session.flags = ItemFlags::encode(version, tombstone, false, incarnation);
    return session;
}

TEST(LateChange, IsJudgedByTombstoneIncarnationAndAge) {
    const StoredSession nothing;
    StoredSession foreign;
    foreign.missing = false;
    const Duration short_time = seconds(1437);
    const Duration long_time = seconds(1438);
    struct Row {
        StoredSession before;
        StoredSession now;
        Duration held;
        LateChange change;
    };
    const Row rows[] = {
        {stored(1, false, 0), stored(2, false, 0), short_time, LateChange::kMerge},
        {stored(1, false, 0), stored(2, false, 0), long_time, LateChange::kTooLate},
        {stored(1, false, 0), stored(2, true, 0), short_time, LateChange::kDestroyed},
        {stored(1, false, 0), stored(2, true, 0), long_time, LateChange::kDestroyed},
        {stored(1, false, 0), stored(3, false, 1), short_time, LateChange::kDestroyed},
        {stored(1, false, 0), nothing, short_time, LateChange::kRestore},
        {stored(1, false, 0), nothing, long_time, LateChange::kTooLate},
        {stored(1, false, 1), foreign, short_time, LateChange::kForeign},
        {nothing, stored(1, false, 0), short_time, LateChange::kMerge},
        {nothing, stored(2, false, 1), short_time, LateChange::kDestroyed},
        {stored(1, true, 0), stored(2, false, 1), short_time, LateChange::kMerge},
        {stored(1, true, 0), stored(3, false, 2), short_time, LateChange::kDestroyed},
        {stored(1, true, 3), stored(2, false, 0), short_time, LateChange::kMerge},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(judge_late_change(row.before, row.now, row.held, 1440), row.change)
            << row.before.flags << " and " << row.now.flags;
    }
}

// Sessions that live for ever, or for longer than tombstones, are judged by the tombstone's life.
TEST(LateChange, TombstonesAreCertainForALifetimeAndNoLongerThanTheyLive) {
    EXPECT_EQ(certain_tombstone_lifetime(1440), 1438);
    EXPECT_EQ(certain_tombstone_lifetime(0), kTombstoneLifetimeMax - 2);
    EXPECT_EQ(certain_tombstone_lifetime(2 * kTombstoneLifetimeMax), kTombstoneLifetimeMax - 2);
}

TEST(ItemFlags, IncarnationsAreCountedModulo4) {
    const uint32_t flags = ItemFlags::encode(5, true, false, 3);
    EXPECT_EQ(ItemFlags::incarnation(flags), 3u);
    EXPECT_EQ(ItemFlags::version(flags), 5);
    EXPECT_EQ(ItemFlags::encode(5, false, false, ItemFlags::next_incarnation(flags)),
              ItemFlags::encode(5, false, false, 0));
    EXPECT_EQ(ItemFlags::incarnation(0x3000), 0u) << "another program's flags";
    EXPECT_EQ(ItemFlags::later_incarnation(3, 0), 0u);
    EXPECT_EQ(ItemFlags::later_incarnation(2, 1), 2u);
}

// php-memcached has types in bits 0 to 3 and marks of its own in bits 4 to 7; pecl/memcache has
// types in bits 8 to 11.
TEST(ItemFlags, IncarnationsLeaveTheBitsOfOtherReadersClear) {
    for (uint32_t incarnation = 0; incarnation < ItemFlags::kIncarnations; ++incarnation) {
        EXPECT_EQ(ItemFlags::encode(5, false, false, incarnation) & 0xfff, 0u) << incarnation;
    }
}

}  // namespace
}  // namespace memcache_session
