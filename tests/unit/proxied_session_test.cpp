// Sessions behind proxies: which commands are sent, one at a time, and what they leave.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "src/net/dated_exchange.h"
#include "src/wire/exptime.h"
#include "tests/unit/proxied_session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

TEST_F(ProxiedSessionTest, IsOpenedAndClosedByOneCommandAfterTheOther) {
    store("first");
    Opened session(this);
    EXPECT_EQ(value, "first");
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc"}));
    EXPECT_EQ(proxies.find(kLock)->flags, kLockFlags);
    proxies.sent.clear();
    ASSERT_EQ(session.write(kSid, "second", 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"set abc", "get abc.lock", "delete abc.lock"}));
    EXPECT_EQ(proxies.value(kSid), "second");
    EXPECT_EQ(proxies.find(kLock), nullptr);
    session.close();
    EXPECT_EQ(proxies.sent.size(), 3u);
    EXPECT_EQ(proxies.asked, std::vector<uint32_t>(5, 0));
}

TEST_F(ProxiedSessionTest, EachCommitHasTheNextVersion) {
    store("a");
    store("b");
    EXPECT_EQ(ItemFlags::version(proxies.find(kSid)->flags), 2);
}

TEST_F(ProxiedSessionTest, UnchangedSessionIsStoredAgainBecauseProxiesDoNotKnowTouch) {
    store("data");
    const uint32_t flags = proxies.find(kSid)->flags;
    Opened session(this);
    proxies.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 3000), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"set abc", "get abc.lock", "delete abc.lock"}));
    EXPECT_EQ(proxies.find(kSid)->flags, flags);
    clock.advance(2000s);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedSessionTest, ClosedWithoutAWriteReleasesItsLock) {
    Opened session(this);
    EXPECT_NE(proxies.find(kLock), nullptr);
    session.close();
    EXPECT_EQ(proxies.find(kLock), nullptr);
    EXPECT_EQ(proxies.find(kSid), nullptr);
}

TEST_F(ProxiedSessionTest, StrictModeCostsNoFurtherCommand) {
    store("data");
    Session session(parts(), options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc"}));
}

TEST_F(ProxiedSessionTest, UnknownIdLeavesNoLock) {
    Session session(parts(), options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kMissing);
    session.close();
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSessionTest, OpenedAgainKeepsItsLock) {
    store("data");
    Opened session(this);
    const std::string before = proxies.value(kLock);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(proxies.value(kLock), before);
    ASSERT_EQ(session.write(kSid, "more", 1440), Answer::kOk);
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

// A date is looked at by commands that proxies know, one at a time.
TEST_F(ProxiedSessionTest, LifetimeOfAYearIsADateOnlyIfTheClocksAgree) {
    class Behind final : public Clock {
    public:
        explicit Behind(Clock& clock) : clock_(clock) {}
        TimePoint now() const override { return clock_.now(); }
        int64_t unix_time() const override { return clock_.unix_time() - behind; }
        void sleep_until(TimePoint until) override { clock_.sleep_until(until); }
        int64_t behind = 0;

    private:
        Clock& clock_;
    };
    constexpr int64_t kDay = 24 * 60 * 60;
    Behind ours(clock);
    ServerClocks clocks;
    Random random(5);
    DatedExchange exchange(proxies, parts().pool.servers, ours, random, clocks);
    for (const int64_t behind : {int64_t{0}, 400 * kDay}) {
        ours.behind = behind;
        SessionParts dated{parts().pool, exchange, ours, random, processes, parts().budget};
        Session session(dated, options);
        ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
        ASSERT_EQ(session.write(kSid, "data", 365 * kDay), Answer::kOk);
        const auto* stored = proxies.find(kSid);
        ASSERT_NE(stored, nullptr) << behind;
        const int64_t days =
            (stored->expires - clock.now().time_since_epoch() / 1s + kDay / 2) / kDay;
        EXPECT_EQ(days, behind == 0 ? 365 : 30);
    }
}

TEST_F(ProxiedSessionTest, SilentProxyIsAskedOnceForItsClock) {
    ServerClocks clocks;
    Random random(5);
    DatedExchange exchange(proxies, parts().pool.servers, clock, random, clocks);
    int asked = 0;
    proxies.before = [&asked](const Command&) { ++asked; };
    proxies.down[0] = true;
    Request request;
    const int64_t lifetime = kRelativeExptimeMax + 1;
    request.add(Command::set(kSid, "data", 0, exptime_of(lifetime, clock.unix_time())));
    exchange.run(Purpose::kStore, &request, 1);
    EXPECT_EQ(request.failure.kind, FailureKind::kConnect);
    EXPECT_EQ(asked, 1);
}

TEST_F(ProxiedSessionTest, ReadWithoutLockSendsOneGet) {
    store("data");
    lock(lock_of(4711));
    Opened session(this, false);
    EXPECT_EQ(value, "data");
    session.close();
    EXPECT_EQ(proxies.sent, Sent({"get abc"}));
}

TEST_F(ProxiedSessionTest, ReadWithoutLockIsStoredUnderTheLock) {
    store("data");
    Opened session(this, false);
    proxies.sent.clear();
    ASSERT_EQ(session.write(kSid, "changed", 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent,
              Sent({"add abc.lock", "get abc", "set abc", "get abc.lock", "delete abc.lock"}));
}

TEST_F(ProxiedSessionTest, ReadWithoutLockIsNotStoredOverAnothersChange) {
    store("data");
    Opened session(this, false);
    store("other");
    EXPECT_EQ(session.write(kSid, "changed", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "other");
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSessionTest, ReadWithoutLockAndUnchangedDoesNotDisturbAHolder) {
    store("data");
    Opened session(this, false);
    lock(lock_of(4711));
    proxies.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc.lock"}));
    EXPECT_EQ(clock.sleeps, 0);
}

TEST_F(ProxiedSessionTest, WithoutLockingTheLastWriteWinsAndTheUnchangedUndoesNothing) {
    store("data");
    options.locking = false;
    Session first(parts(), options);
    Session second(parts(), options);
    std::string_view other;
    ASSERT_EQ(first.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(second.read(kSid, true, &other), Answer::kOk);
    ASSERT_EQ(first.write(kSid, "written", 1440), Answer::kOk);
    EXPECT_EQ(second.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(proxies.value(kSid), "written");
    for (const std::string& command : proxies.sent) {
        EXPECT_EQ(command.find("lock"), std::string::npos);
    }
}

TEST_F(ProxiedSessionTest, DestroyedSessionLeavesAMarkThatALateRequestRespects) {
    store("data");
    Session late(parts(), options);
    std::string_view old;
    ASSERT_EQ(late.read(kSid, true, &old), Answer::kOk);
    clock.advance(16s);
    Opened session(this);
    proxies.sent.clear();
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"set abc", "get abc.lock", "delete abc.lock"}));
    EXPECT_TRUE(ItemFlags::is_tombstone(proxies.find(kSid)->flags));
    EXPECT_EQ(late.write(kSid, "back", 1440), Answer::kFailed);
    Session next(parts(), options);
    EXPECT_EQ(next.validate(kSid, true), Answer::kMissing);
}

TEST_F(ProxiedSessionTest, DestroyOfASessionThatIsNotOpenTakesItsLockFirst) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"get abc", "add abc.lock", "get abc", "set abc", "get abc.lock",
                                  "delete abc.lock"}));
}

TEST_F(ProxiedSessionTest, TooLargeASessionKeepsTheOldOne) {
    store("data");
    options.compress_threshold = 0;
    Opened session(this);
    EXPECT_EQ(session.write(kSid, std::string(2 << 20, 'x'), 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("refused 2097152 bytes"), std::string::npos);
    EXPECT_NE(session.warning().find("previous state is kept"), std::string::npos);
    Opened next(this);
    EXPECT_EQ(value, "data");
}

TEST_F(ProxiedSessionTest, AnotherIdIsLookedUpWithoutLock) {
    store("data");
    Opened session(this);
    proxies.sent.clear();
    EXPECT_EQ(session.validate("other", true), Answer::kMissing);
    EXPECT_EQ(proxies.sent, Sent({"get other"}));
    EXPECT_EQ(session.write(kSid, "more", 1440), Answer::kOk);
}

}  // namespace
}  // namespace memcache_session
