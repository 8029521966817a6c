// memcache.session_merge, and a request that changes the id of its session.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using std::chrono::seconds;

constexpr std::string_view kNewId = "def";

class NewId : public SessionTest {
protected:
    NewId() { cluster.options.merging = Merging::kFail; }

    void store(std::string_view text, std::string_view sid = kSid) {
        Session other(cluster.parts(), cluster.options);
        ASSERT_EQ(other.read(sid, true, &value), Answer::kOk) << other.warning();
        EXPECT_EQ(other.write(sid, text, 1440), Answer::kOk) << other.warning();
    }

    // What PHP does after session_regenerate_id() has closed the session of the old id.
    std::unique_ptr<Session> follow(Session* old, std::string_view sid = kNewId) {
        std::optional<CarriedChanges> carried = old->take_carried();
        old->close();
        auto next = std::make_unique<Session>(cluster.parts(), cluster.options);
        next->carry(std::move(carried));
        next->id_created(sid);
        EXPECT_EQ(next->read(sid, true, &value), Answer::kOk) << next->warning();
        EXPECT_EQ(value, "");
        return next;
    }
    std::unique_ptr<Session> move(Session* old) {
        EXPECT_EQ(old->destroy(kSid, 1440, Next::kNewId), Answer::kOk) << old->warning();
        return follow(old);
    }
    std::unique_ptr<Session> copy(Session* old, std::string_view text) {
        EXPECT_EQ(old->write(kSid, text, 1440, Next::kNewId), Answer::kOk) << old->warning();
        return follow(old);
    }

    std::string new_value() {
        const auto* item = find(0, kNewId);
        return item == nullptr ? "none" : item->value;
    }
    bool is_destroyed() { return ItemFlags::is_tombstone(find(0, kSid)->flags); }
    uint64_t count_of(Event event) { return cluster.totals.read().of(event); }
};

TEST_F(NewId, TakesTheChangesOfOthersAlongWhenTheOldSessionIsDestroyed) {
    store("a|i:1;b|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");  // adds one, removes another
    const auto next = move(&session);
    EXPECT_TRUE(is_destroyed());
    EXPECT_EQ(next->write(kNewId, "a|i:1;b|i:1;user|i:5;", 1440), Answer::kOk);
    EXPECT_EQ(next->lost_note(), "");
    EXPECT_EQ(new_value(), "a|i:1;cart|i:7;user|i:5;");
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_EQ(count_of(Event::kMerged), 1u);
    EXPECT_EQ(count_of(Event::kOverwritten), 0u);
}

TEST_F(NewId, TakesTheChangesOfOthersAlongWhenTheOldSessionIsKept) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    const auto next = copy(&session, "a|i:2;");
    EXPECT_EQ(value_on(0), "a|i:2;cart|i:7;");
    EXPECT_EQ(next->write(kNewId, "a|i:3;user|i:5;", 1440), Answer::kOk) << next->warning();
    EXPECT_EQ(new_value(), "a|i:3;cart|i:7;user|i:5;");
    EXPECT_EQ(value_on(0), "a|i:2;cart|i:7;");
}

// Its value would be extended without a look at the changes of others.
TEST_F(NewId, LooksAtAnUnchangedSessionThatIsKept) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    const auto next = copy(&session, "a|i:1;");
    EXPECT_EQ(next->write(kNewId, "a|i:1;", 1440), Answer::kOk) << next->warning();
    EXPECT_EQ(new_value(), "a|i:1;cart|i:7;");
    EXPECT_EQ(value_on(0), "a|i:1;cart|i:7;");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(NewId, CarriesNothingIfNobodyHasStoredMeanwhile) {
    store("a|i:1;");
    for (const char* text : {"a|i:1;", "a|i:2;"}) {
        Opened session(this);
        EXPECT_EQ(session.write(kSid, text, 1440, Next::kNewId), Answer::kOk);
        EXPECT_FALSE(session.take_carried());
        EXPECT_EQ(value_on(0), text);
    }
    Opened session(this);
    const auto next = move(&session);
    EXPECT_EQ(next->write(kNewId, "b|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(new_value(), "b|i:1;");
    EXPECT_EQ(count_of(Event::kMerged), 0u);
}

TEST_F(NewId, CarriesNothingOutOfAnOrdinaryCloseOrALogout) {
    store("a|i:1;");
    Opened first(this);
    Opened second(this);
    store("a|i:1;b|i:1;");
    EXPECT_EQ(first.write(kSid, "a|i:2;", 1440), Answer::kOk);
    EXPECT_FALSE(first.take_carried());
    EXPECT_EQ(second.destroy(kSid, 1440), Answer::kOk);
    EXPECT_FALSE(second.take_carried());
}

// The old session is destroyed, and the visitor has the new id: nothing could be repeated.
TEST_F(NewId, InConflictOursIsStoredAndALineForTheLogNamesThePlace) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:2;b|i:2;");
    const auto next = move(&session);
    EXPECT_EQ(next->write(kNewId, "a|i:3;user|i:5;", 1440), Answer::kOk);
    EXPECT_NE(next->lost_note().find("$_SESSION['a'] too under the old id"), std::string::npos)
        << next->lost_note();
    EXPECT_EQ(next->warning(), "");
    EXPECT_EQ(new_value(), "a|i:3;b|i:2;user|i:5;");
    EXPECT_EQ(count_of(Event::kOverwritten), 1u);
}

TEST_F(NewId, WithLastAConflictIsCountedAndNotTold) {
    cluster.options.merging = Merging::kLast;
    store("a|i:1;");
    Opened session(this);
    store("a|i:2;b|i:2;");
    const auto next = move(&session);
    EXPECT_EQ(next->write(kNewId, "a|i:3;", 1440), Answer::kOk);
    EXPECT_EQ(next->lost_note(), "");
    EXPECT_EQ(new_value(), "a|i:3;b|i:2;");
    EXPECT_EQ(count_of(Event::kOverwritten), 1u);
}

TEST_F(NewId, ASessionThatCannotBeMergedIsStoredAsThisRequestHasItAndThatIsTold) {
    for (const Merging merging : {Merging::kFail, Merging::kLast}) {
        cluster.options.merging = merging;
        store("a|i:1;b|R:1;");
        Opened session(this);
        store("a|i:2;b|R:1;");
        const auto next = move(&session);
        EXPECT_EQ(next->write(kNewId, "a|i:1;b|R:1;user|i:5;", 1440), Answer::kOk);
        EXPECT_NE(next->lost_note().find("references"), std::string::npos) << next->lost_note();
        EXPECT_EQ(new_value(), "a|i:1;b|R:1;user|i:5;");
        Session logout = request();
        EXPECT_EQ(logout.destroy(kNewId, 1440), Answer::kOk);
    }
}

// A logout, or the login of a double click. What it destroyed does not come back under a new id.
TEST_F(NewId, OfASessionThatIsDestroyedAlreadyKeepsOnlyTheChangesOfThisRequest) {
    store("old|i:1;cart|i:1;");
    Opened session(this);
    Session logout = request();
    ASSERT_EQ(logout.destroy(kSid, 1440), Answer::kOk);
    const auto next = move(&session);
    EXPECT_TRUE(is_destroyed());
    EXPECT_EQ(next->write(kNewId, "old|i:1;cart|i:1;user|i:5;", 1440), Answer::kOk);
    EXPECT_EQ(next->lost_note(), "");
    EXPECT_EQ(new_value(), "user|i:5;");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(NewId, OfASessionThatWasMadeAnewIsRefused) {
    store("a|i:1;");
    Opened session(this);
    Session logout = request();
    ASSERT_EQ(logout.destroy(kSid, 1440), Answer::kOk);
    store("next|i:1;");
    EXPECT_EQ(session.destroy(kSid, 1440, Next::kNewId), Answer::kFailed);
    EXPECT_FALSE(session.take_carried());
    EXPECT_EQ(value_on(0), "next|i:1;");
    EXPECT_EQ(find(0, kLock), nullptr);
}

// A plain destroy goes on without the lock. This one would lose what the holder is to store.
TEST_F(NewId, IsRefusedIfTheOldSessionCannotBeLocked) {
    store("a|i:1;");
    cluster.options.lock.wait = seconds(1);
    Opened session(this);
    set_lock(0, "1 0,1 other~1 9 /x", 15);
    EXPECT_EQ(session.destroy(kSid, 1440, Next::kNewId), Answer::kFailed);
    EXPECT_NE(session.warning().find("id of the session was not changed"), std::string::npos)
        << session.warning();
    EXPECT_EQ(value_on(0), "a|i:1;");
}

TEST_F(NewId, OfASessionThatTheServersHaveLostIsStoredWhole) {
    store("a|i:1;");
    Opened session(this);
    for (const uint32_t server : {0, 1}) {
        cluster.exchange.run(server, Command::unconditional_delete(kSid));
    }
    const auto next = move(&session);
    EXPECT_EQ(next->write(kNewId, "a|i:1;user|i:5;", 1440), Answer::kOk);
    EXPECT_EQ(new_value(), "a|i:1;user|i:5;");
}

TEST_F(NewId, ChangedTwiceStillHasTheChangesOfOthers) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    const auto first = move(&session);
    EXPECT_EQ(first->destroy(kNewId, 1440, Next::kNewId), Answer::kOk);
    const auto second = follow(first.get(), "ghi");
    EXPECT_EQ(second->write("ghi", "a|i:1;x|i:1;", 1440, Next::kNewId), Answer::kOk);
    EXPECT_EQ(find(0, "ghi")->value, "a|i:1;cart|i:7;x|i:1;");
    const auto third = follow(second.get(), "jkl");
    EXPECT_EQ(third->write("jkl", "a|i:1;x|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(find(0, "jkl")->value, "a|i:1;cart|i:7;x|i:2;");
}

TEST_F(NewId, ChangedTwiceHasAlsoWhatWasStoredUnderTheFirstOfThem) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    const auto first = move(&session);
    store("early|i:1;", kNewId);
    EXPECT_EQ(first->destroy(kNewId, 1440, Next::kNewId), Answer::kOk);
    const auto second = follow(first.get(), "ghi");
    EXPECT_EQ(second->write("ghi", "a|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(find(0, "ghi")->value, "a|i:1;cart|i:7;early|i:1;");
}

TEST_F(NewId, IsMergedWithWhatAnotherRequestHasStoredUnderIt) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    const auto next = move(&session);
    store("early|i:1;", kNewId);
    EXPECT_EQ(next->write(kNewId, "a|i:1;", 1440), Answer::kOk) << next->warning();
    EXPECT_EQ(new_value(), "early|i:1;a|i:1;cart|i:7;");
}

TEST_F(NewId, TakesTheChangesAlongIntoASessionThatIsLocked) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    ASSERT_EQ(session.destroy(kSid, 1440, Next::kNewId), Answer::kOk);
    cluster.options.merging = Merging::kOff;
    const auto next = follow(&session);
    EXPECT_EQ(next->write(kNewId, "a|i:1;user|i:5;", 1440), Answer::kOk);
    EXPECT_EQ(new_value(), "a|i:1;cart|i:7;user|i:5;");
}

TEST_F(NewId, DropsTheChangesWithTheSession) {
    store("a|i:1;");
    Opened session(this);
    store("a|i:1;cart|i:7;");
    const auto next = move(&session);
    EXPECT_EQ(next->destroy(kNewId, 1440), Answer::kOk);
    EXPECT_FALSE(next->take_carried());
    ASSERT_EQ(next->read("ghi", true, &value), Answer::kOk);
    EXPECT_EQ(next->write("ghi", "a|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(find(0, "ghi")->value, "a|i:1;");
}

TEST_F(NewId, CostsNoMorePhasesThanALogout) {
    int phases[2];
    for (const Next next : {Next::kNothing, Next::kNewId}) {
        store("a|i:1;");
        Opened session(this);
        const int before = cluster.exchange.phases;
        EXPECT_EQ(session.destroy(kSid, 1440, next), Answer::kOk);
        phases[next == Next::kNewId ? 1 : 0] = cluster.exchange.phases - before;
    }
    EXPECT_EQ(phases[0], phases[1]);
}

}  // namespace
}  // namespace memcache_session
