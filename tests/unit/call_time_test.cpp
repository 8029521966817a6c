// The time of one call of PHP: protocol.md, "The time of a call".
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "src/base/time_budget.h"
#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTimeout = 1s;
constexpr size_t kServers = 40;

TEST(TimeBudget, HasNoLimitBeforeACall) {
    const FakeClock clock;
    const TimeBudget budget(clock);
    EXPECT_EQ(budget.phase_max(clock.now()), Duration::max());
    EXPECT_FALSE(budget.is_short());
}

TEST(TimeBudget, GivesEachPhaseHalfOfTheRest) {
    FakeClock clock;
    TimeBudget budget(clock);
    budget.begin(2s);
    EXPECT_EQ(budget.phase_max(clock.now()), 1s);
    EXPECT_FALSE(budget.is_short());
    clock.advance(1s);
    EXPECT_EQ(budget.phase_max(clock.now()), 500ms);
    EXPECT_TRUE(budget.is_short());
    clock.advance(3s);
    EXPECT_EQ(budget.phase_max(clock.now()), 0s);
    budget.begin(2s);
    EXPECT_EQ(budget.phase_max(clock.now()), 1s);
}

TEST(TimeBudget, DoesNotCountTheWaitForALock) {
    FakeClock clock;
    TimeBudget budget(clock);
    budget.begin(2s);
    clock.advance(5s);
    budget.exclude(5s);
    EXPECT_EQ(budget.phase_max(clock.now()), 1s);
    EXPECT_FALSE(budget.is_short());
}

TEST(TimeBudget, TellsTimeoutsFromWantOfTime) {
    const Failure silent{FailureKind::kTimeout, 0};
    EXPECT_EQ(after_waiting(silent, 1s, 1s).kind, FailureKind::kTimeout);
    EXPECT_EQ(after_waiting(silent, 999ms, 1s).kind, FailureKind::kTimeout);
    EXPECT_EQ(after_waiting(silent, 500ms, 1s).kind, FailureKind::kCutShort);
    EXPECT_EQ(after_waiting(silent, 250ms, 1s).kind, FailureKind::kOutOfTime);
    EXPECT_EQ(after_waiting({FailureKind::kConnect, 111}, 1ms, 1s).kind, FailureKind::kConnect);
    EXPECT_EQ(reach_of({FailureKind::kCutShort, 0}, false), Reach::kServer);
    EXPECT_EQ(reach_of({FailureKind::kOutOfTime, 0}, false), Reach::kNothing);
}

class CallTime : public SessionTest {
protected:
    CallTime() : SessionTest(kServers) {}

    // The servers hang from now on.
    void hang(size_t first, size_t end) {
        for (size_t i = first; i < end; ++i) {
            cluster.exchange.hung[i] = true;
        }
    }

    // All servers are well, and nobody has left a lock.
    void resume() {
        std::fill(cluster.exchange.hung.begin(), cluster.exchange.hung.end(), false);
        std::fill(cluster.exchange.marked.begin(), cluster.exchange.marked.end(), false);
        cluster.clock.advance(cluster.options.lock.lease());
    }

    // Opens a session on nine servers, lets all hang but `left` of them, and makes the call.
    template <class Call>
    void expect_bounded(Call call) {
        cluster.options.redundancy = 9;
        for (size_t left = 0; left < 9; ++left) {
            resume();
            Opened session(this);
            hang(left, kServers);
            const TimePoint began = cluster.clock.now();
            EXPECT_EQ(call(&session, left), left > 0 ? Answer::kOk : Answer::kFailed)
                << session.warning();
            EXPECT_LE(since(began), 2 * kTimeout) << left;
        }
    }

    Duration since(TimePoint began) { return cluster.clock.now() - began; }
};

TEST_F(CallTime, OfAnOpeningIsBoundedHoweverManyServersHang) {
    for (size_t hung = 0; hung <= kServers; ++hung) {
        FakeCluster farm(kServers);
        for (size_t i = 0; i < hung; ++i) {
            farm.exchange.hung[i] = true;
        }
        Session session(farm.parts(), farm.options);
        session.id_created(kSid);
        const TimePoint began = farm.clock.now();
        const Answer answer = session.read(kSid, true, &value);
        const Duration taken = farm.clock.now() - began;
        EXPECT_LE(taken, hung == 0 ? 0s : 2 * kTimeout) << hung;
        EXPECT_EQ(answer, hung < kServers ? Answer::kOk : Answer::kFailed)
            << hung << ": " << session.warning();
        if (answer == Answer::kOk) {
            EXPECT_EQ(session.write(kSid, "new", 1440), Answer::kOk) << session.warning();
            const size_t copies = std::min<size_t>(2, kServers - hung);
            for (size_t i = hung; i < kServers; ++i) {
                EXPECT_EQ(farm.exchange.find(static_cast<uint32_t>(i), kLock), nullptr) << i;
                EXPECT_EQ(farm.exchange.find(static_cast<uint32_t>(i), kSid) != nullptr,
                          i < hung + copies)
                    << hung << " hang; server " << i;
            }
        }
    }
}

TEST_F(CallTime, OfTheNextOpeningIsShortBecauseSilentServersAreMarked) {
    hang(0, 30);
    Session first = request();
    first.id_created(kSid);
    EXPECT_EQ(first.read(kSid, true, &value), Answer::kOk) << first.warning();
    const TimePoint began = cluster.clock.now();
    Session second(cluster.parts(), cluster.options);
    second.id_created("other");
    EXPECT_EQ(second.read("other", true, &value), Answer::kOk) << second.warning();
    EXPECT_EQ(since(began), 0s);
}

TEST_F(CallTime, OfACloseIsBoundedHoweverManyServersHang) {
    expect_bounded([](Opened* session, size_t left) {
        return session->write(kSid, std::to_string(left), 1440);
    });
}

TEST_F(CallTime, OfADestroyIsBounded) {
    expect_bounded([](Opened* session, size_t) { return session->destroy(kSid, 1440); });
}

// A server that had no time may have the newest copy.
TEST_F(CallTime, ThatIsUsedUpServesNoCopyInPlaceOfOneThatMayBeNewer) {
    cluster.options.redundancy = 3;
    {
        Opened session(this);
        EXPECT_EQ(session.write(kSid, "new", 1440), Answer::kOk);
    }
    cluster.exchange.hung[0] = true;
    cluster.exchange.after_phase = [this](int) {
        cluster.exchange.hung[1] = cluster.exchange.marked[0];
        cluster.exchange.reply_time = cluster.exchange.marked[1] ? Duration(300ms) : Duration(0);
    };
    Session session = request();
    const TimePoint began = cluster.clock.now();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("silent servers have used up the time"), std::string::npos)
        << session.warning();
    EXPECT_LE(since(began), 2 * kTimeout);
    cluster.exchange.after_phase = nullptr;
}

// A hostile server shows the lock alternately free and held, each time just before its timeout.
TEST_F(CallTime, OfAnOpeningIsBoundedHoweverTheLockChanges) {
    cluster.options.lock.wait = 3s;
    for (const Duration reply_time : {1ms, 300ms, 450ms, 900ms}) {
        cluster.exchange.reply_time = reply_time;
        cluster.exchange.after_phase = [this](int phase) {
            if (phase % 2 == 0) {
                cluster.exchange.run(1, Command::unconditional_delete(kLock));
            } else {
                set_lock(1, "123456789 0 elsewhere 1 0 /", 100);
            }
        };
        Session session = request();
        const TimePoint began = cluster.clock.now();
        static_cast<void>(session.read(kSid, true, &value));
        EXPECT_LE(since(began), 2 * kTimeout + cluster.options.lock.wait) << reply_time.count();
        cluster.exchange.after_phase = nullptr;
        session.close();
        resume();
    }
}

TEST_F(CallTime, DoesNotCountAWaitThatEndsWell) {
    set_lock(0, "123456789 0 elsewhere 1 0 /", 100);
    const TimePoint began = cluster.clock.now();
    cluster.exchange.after_phase = [this, began, is_held = true](int) mutable {
        if (is_held && since(began) > 10s) {
            is_held = false;
            cluster.exchange.run(0, Command::unconditional_delete(kLock));
        }
    };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk) << session.warning();
    EXPECT_GT(since(began), 10s);
}

}  // namespace
}  // namespace memcache_session
