// Which events the calls of a session count: docs/status.md.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "src/session/counting.h"
#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

class SessionCounting : public SessionTest {
protected:
    explicit SessionCounting(size_t servers = 2) : SessionTest(servers) {}

    Figures figures() const { return cluster.totals.read(); }
    uint64_t counted(Event event) const { return figures().of(event); }

    // That nothing but this was refused.
    void expect_refusal(Event event) const {
        EXPECT_EQ(counted(event), 1u);
        EXPECT_EQ(figures().refused(), 1u);
    }
};

class SessionCountingOnThree : public SessionCounting {
protected:
    SessionCountingOnThree() : SessionCounting(3) {}
};

TEST_F(SessionCounting, NewVisitorIsCreatedAndStored) {
    Session session = request();
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(session.write(kSid, "a|i:1;", 1440), Answer::kOk);
    session.close();
    EXPECT_EQ(figures().opened(), 1u);
    EXPECT_EQ(figures().locks_acquired(), 1u);
    EXPECT_EQ(counted(Event::kCreated), 1u);
    EXPECT_EQ(counted(Event::kMissing), 0u);
    EXPECT_EQ(figures().stored(), 1u);
    EXPECT_EQ(figures().touched(), 0u);
    EXPECT_EQ(figures().of(Measure::kStoredSize).sum, 6u);
    EXPECT_EQ(counted(Event::kFewerCopies), 0u);
    EXPECT_EQ(figures().refused(), 0u);
}

TEST_F(SessionCounting, IdOfTheRequestWithoutSessionIsMissing) {
    Session session = request();
    session.set_id_sent(true);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(counted(Event::kMissing), 1u);
    EXPECT_EQ(counted(Event::kCreated), 0u);
}

TEST_F(SessionCounting, IdThatStrictModeReplacesIsMissingOnce) {
    Session session = request();
    session.set_id_sent(true);
    ASSERT_EQ(session.validate(kSid, true), Answer::kMissing);
    session.id_created("new");
    ASSERT_EQ(session.read("new", true, &value), Answer::kOk);
    EXPECT_EQ(counted(Event::kMissing), 1u);
    EXPECT_EQ(counted(Event::kCreated), 1u);
    EXPECT_EQ(figures().opened(), 1u);
}

TEST_F(SessionCounting, KnownSessionIsReadAndTouched) {
    cluster.store(kSid, "a|i:1;");
    const Figures before = figures();
    Session session = request();
    session.set_id_sent(true);
    ASSERT_EQ(session.validate(kSid, true), Answer::kOk);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(session.update_timestamp(kSid, value, 1440), Answer::kOk);
    const Figures now = figures().since(before);
    EXPECT_EQ(now.opened(), 1u);
    EXPECT_EQ(now.of(Event::kBytesRead), 6u);
    EXPECT_EQ(now.touched(), 1u);
    EXPECT_EQ(now.stored(), 0u);
    EXPECT_EQ(now.of(Event::kMissing), 0u);
    EXPECT_EQ(now.of(Event::kCreated), 0u);
}

TEST_F(SessionCounting, DestroyedSessionIsNeitherStoredNorTouched) {
    cluster.store(kSid, "a|i:1;");
    const Figures before = figures();
    Opened session(this);
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    const Figures now = figures().since(before);
    EXPECT_EQ(now.of(Event::kDestroyed), 1u);
    EXPECT_EQ(now.stored(), 0u);
    EXPECT_EQ(now.touched(), 0u);
}

TEST_F(SessionCounting, OpeningWithoutLockTakesNone) {
    Opened session(this, false);
    EXPECT_EQ(figures().opened(), 1u);
    EXPECT_EQ(figures().locks_acquired(), 0u);
}

TEST_F(SessionCounting, LookForAnotherIdIsNoOpening) {
    Opened session(this);
    const Figures before = figures();
    session.set_id_sent(true);
    EXPECT_EQ(session.validate("another", true), Answer::kMissing);
    EXPECT_EQ(figures().since(before).opened(), 0u);
    EXPECT_EQ(figures().since(before).of(Event::kMissing), 0u);
}

TEST_F(SessionCounting, HeldLockIsAWaitThatGaveUp) {
    Opened holder(this);
    cluster.options.lock.wait = 2s;
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    expect_refusal(Event::kRefusedLocked);
    EXPECT_EQ(counted(Event::kGaveUp), 1u);
    const Histogram waits = figures().of(Measure::kLockWait);
    EXPECT_EQ(waits.count(), 1u);
    EXPECT_EQ(waits.sum, 2000000u);
}

TEST_F(SessionCounting, LockOfADeadHolderIsReplaced) {
    Opened dead(this);
    cluster.processes.gone = 100;
    Opened next(this);
    EXPECT_GE(counted(Event::kReplacedDeadHolder), 1u);
    EXPECT_EQ(counted(Event::kReplacedOrphan), 0u);
}

TEST_F(SessionCounting, StoreAfterAnothersIsAConflict) {
    Opened late(this);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    cluster.store(kSid, "other");
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kFailed);
    expect_refusal(Event::kRefusedConflict);
}

TEST_F(SessionCounting, UnlockedStoreAfterAnothersIsAConflict) {
    Opened reader(this, false);
    cluster.store(kSid, "other");
    EXPECT_EQ(reader.write(kSid, "late", 1440), Answer::kFailed);
    expect_refusal(Event::kRefusedConflict);
}

TEST_F(SessionCounting, SizeIsThatOfTheMergedSession) {
    cluster.options.merging = Merging::kFail;
    cluster.store(kSid, "a|i:1;");
    Opened session(this);
    const std::string theirs = "a|i:1;c|s:100:\"" + std::string(100, 'x') + "\";";
    {
        Opened other(this);
        ASSERT_EQ(other.write(kSid, theirs, 1440), Answer::kOk);
    }
    const uint64_t sum = figures().of(Measure::kStoredSize).sum;
    ASSERT_EQ(session.write(kSid, "a|i:1;b|i:2;", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(figures().of(Measure::kStoredSize).sum - sum, theirs.size() + 6);
    EXPECT_EQ(session.stored_size(), theirs.size() + 6);
}

TEST_F(SessionCounting, EmptySessionThatMetAnothersIsNotStored) {
    cluster.options.merging = Merging::kFail;
    Opened session(this);
    cluster.store(kSid, "a|i:1;");
    const uint64_t stored = figures().stored();
    EXPECT_EQ(session.write(kSid, "", 1440), Answer::kOk);
    EXPECT_EQ(figures().stored(), stored);
    EXPECT_FALSE(session.stored_size());
}

TEST_F(SessionCounting, ReadOnlySessionIsNotStored) {
    cluster.store(kSid, "a");
    Opened holder(this);
    cluster.options.lock.wait = Duration(0);
    cluster.options.lock_failure = LockFailure::kReadOnly;
    Opened reader(this);
    EXPECT_EQ(reader.write(kSid, "b", 1440), Answer::kFailed);
    expect_refusal(Event::kRefusedReadOnly);
    EXPECT_EQ(counted(Event::kGaveUp), 1u);
}

TEST_F(SessionCounting, ServersThatAreDownRefuse) {
    cluster.exchange.down = {true, true};
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    expect_refusal(Event::kRefusedUnavailable);
    EXPECT_EQ(figures().opened(), 0u);
}

TEST_F(SessionCountingOnThree, TooFewAnswersLeaveTheStateUnknown) {
    cluster.exchange.down = {true, true, false};
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    expect_refusal(Event::kRefusedUnknownState);
}

TEST_F(SessionCounting, StoreThatNoServerTakesIsNotStored) {
    Opened session(this);
    cluster.exchange.down = {true, true};
    EXPECT_EQ(session.write(kSid, "b", 1440), Answer::kFailed);
    expect_refusal(Event::kRefusedNotStored);
    EXPECT_EQ(figures().stored(), 0u);
}

TEST_F(SessionCounting, StoreOnOneOfTwoServersHasFewerCopies) {
    Opened session(this);
    cluster.exchange.down = {false, true};
    EXPECT_EQ(session.write(kSid, "b", 1440), Answer::kOk);
    EXPECT_EQ(figures().stored(), 1u);
    EXPECT_EQ(counted(Event::kFewerCopies), 1u);
}

TEST_F(SessionCounting, TooLargeAndDamagedSessionsAreToldApart) {
    cluster.store(kSid, std::string(1000, 'x'));
    Session small = request();
    small.set_value_max(10);
    EXPECT_EQ(small.read(kSid, true, &value), Answer::kFailed);
    expect_refusal(Event::kRefusedTooLarge);
    for (uint32_t server = 0; server < 2; ++server) {
        cluster.exchange.run(
            server, Command::set("other", "no zlib", ItemFlags::encode(3, false, true), 0));
    }
    Session other = request();
    EXPECT_EQ(other.read("other", true, &value), Answer::kFailed);
    EXPECT_EQ(counted(Event::kRefusedDamaged), 1u);
}

TEST_F(SessionCounting, CallsThatCannotBeAreInvalid) {
    Session session = request();
    EXPECT_EQ(session.read("an id", true, &value), Answer::kFailed);
    expect_refusal(Event::kRefusedInvalid);
    EXPECT_EQ(session.write(kSid, "x", 1440), Answer::kFailed);
    EXPECT_EQ(counted(Event::kRefusedInvalid), 2u);
}

TEST(Refusals, EachCodeOfAFailureHasItsEvent) {
    EXPECT_EQ(refusal_of(Code::kUnavailable), Event::kRefusedUnavailable);
    EXPECT_EQ(refusal_of(Code::kDestroyed), Event::kRefusedDestroyed);
    EXPECT_EQ(refusal_of(Code::kExpired), Event::kRefusedExpired);
    EXPECT_EQ(refusal_of(Code::kUnsupported), Event::kRefusedInvalid);
}

}  // namespace
}  // namespace memcache_session
