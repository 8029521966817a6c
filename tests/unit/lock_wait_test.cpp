// The one wait loop: protocol.md, "Waiting for a lock".
#include "src/lock/lock_wait.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;
using Try = ContendedLock::Try;
using End = LockWait::End;

constexpr Duration kNever = Duration::max();

// A lock whose server does what `reply` says. It is no kinder than the locks of the extension: its
// own rule allows a takeover or not, each try takes time, and it stays as it is until `reply` shows
// another state.
class FakeLock final : public ContendedLock {
public:
    explicit FakeLock(FakeClock& clock) : clock_(clock) { show_holder(1); }

    uint32_t server() const override { return 3; }
    const LockSeen& seen() const override { return seen_; }
    bool may_take_over(Duration hold_age) override {
        EXPECT_TRUE(seen_.is_taken()) << "there is nothing to take over";
        hold_ages.push_back(hold_age);
        allowed_ = hold_age >= takeover_age;
        return allowed_;
    }
    Try ask(bool take_over) override {
        EXPECT_TRUE(!take_over || allowed_ || seen_.state == LockSeen::State::kFree);
        allowed_ = false;
        asked_at.push_back(clock_.now());
        took_over.push_back(take_over);
        clock_.advance(round_trip);
        const Try result = reply(asked_at.size());
        if (result == Try::kGranted) {
            seen_.state = LockSeen::State::kOurs;
        }
        return result;
    }

    void show_holder(uint64_t number) {
        seen_.state = LockSeen::State::kAnothers;
        seen_.holder.token = make_token(number << 17);
    }
    // As pecl/memcache changes it when it tries the lock.
    void increment() { ++seen_.holder.token; }
    void show(LockSeen::State state) {
        seen_ = LockSeen();
        seen_.state = state;
    }

    std::function<Try(size_t)> reply = [](size_t) { return Try::kRefused; };
    Duration takeover_age = kNever;
    Duration round_trip{100};
    std::vector<TimePoint> asked_at;
    std::vector<bool> took_over;
    std::vector<Duration> hold_ages;

private:
    FakeClock& clock_;
    LockSeen seen_;
    bool allowed_ = false;
};

class FakePlaces final : public WaitingPlaces {
public:
    Found take_one_of(uint32_t server, uint32_t, uint32_t end, int32_t exptime) override {
        ++asked;
        latest_server = server;
        latest_end = end;
        latest_exptime = exptime;
        return found;
    }
    void give_back() override { ++given_back; }
    std::optional<ServerFailure> silent() const override { return failure; }

    Found found = Found::kTaken;
    std::optional<ServerFailure> failure;
    int asked = 0;
    int given_back = 0;
    uint32_t latest_server = 0;
    uint32_t latest_end = 0;
    int32_t latest_exptime = 0;
};

class LockWaitTest : public testing::Test {
protected:
    LockWaitTest() : parts_(cluster_.parts()) {}

    LockWait wait_for(Duration limit, uint32_t waiters_max = 0) {
        return {parts_, places_, {limit, waiters_max}};
    }
    End run(LockWait& wait) { return wait.run(&lock_, WaitSchedule::kSleepMin); }
    Duration since_begin() const { return cluster_.clock.now() - began_; }
    int sleeps() const { return cluster_.clock.sleeps; }

    FakeCluster cluster_{1};
    SessionParts parts_;
    FakePlaces places_;
    FakeLock lock_{cluster_.clock};
    TimePoint began_ = cluster_.clock.now();
};

TEST_F(LockWaitTest, SleepsBeforeItAsksForALockThatIsHeld) {
    lock_.reply = [](size_t) { return Try::kGranted; };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(wait.waited(), 0s);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(sleeps(), 1);
    EXPECT_EQ(lock_.asked_at.size(), 1u);
    EXPECT_FALSE(lock_.took_over[0]);
    EXPECT_EQ(wait.waited(), since_begin());
}

TEST_F(LockWaitTest, AsksAgainUntilTheLockIsGranted) {
    lock_.reply = [](size_t tries) { return tries == 7 ? Try::kGranted : Try::kRefused; };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(lock_.asked_at.size(), 7u);
    EXPECT_EQ(sleeps(), 7);
}

TEST_F(LockWaitTest, EndsWhenTheServerFails) {
    lock_.reply = [](size_t tries) { return tries == 3 ? Try::kServerFailed : Try::kRefused; };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(run(wait), End::kServerFailed);
    EXPECT_EQ(lock_.asked_at.size(), 3u);
}

TEST_F(LockWaitTest, EndsAtItsLimitAfterALastTry) {
    LockWait wait = wait_for(3s);
    EXPECT_EQ(run(wait), End::kTimedOut);
    EXPECT_EQ(lock_.asked_at.back(), began_ + 3s) << "the last sleep ends at the limit";
    EXPECT_EQ(since_begin(), 3s + lock_.round_trip);
    EXPECT_EQ(wait.waited(), since_begin());
    EXPECT_LT(lock_.asked_at.size(), 150u);
}

TEST_F(LockWaitTest, GrantedByTheLastTryIsNotTimedOut) {
    lock_.reply = [this](size_t) { return since_begin() >= 3s ? Try::kGranted : Try::kRefused; };
    LockWait wait = wait_for(3s);
    EXPECT_EQ(run(wait), End::kGranted);
}

TEST_F(LockWaitTest, SeveralWaitsShareOneLimit) {
    LockWait wait = wait_for(3s);
    lock_.reply = [this](size_t) { return since_begin() >= 2s ? Try::kGranted : Try::kRefused; };
    EXPECT_EQ(run(wait), End::kGranted);
    lock_.show_holder(2);
    cluster_.clock.advance(500ms);
    lock_.reply = [](size_t) { return Try::kRefused; };
    EXPECT_EQ(run(wait), End::kTimedOut);
    EXPECT_EQ(lock_.asked_at.back(), began_ + 3s);
    EXPECT_EQ(wait.waited(), since_begin());
}

TEST_F(LockWaitTest, WithoutALimitNeitherSleepsNorAsks) {
    LockWait wait = wait_for(0s);
    EXPECT_EQ(run(wait), End::kTimedOut);
    EXPECT_EQ(sleeps(), 0);
    EXPECT_TRUE(lock_.asked_at.empty());
}

TEST_F(LockWaitTest, WithoutALimitTakesOverALockThatNobodyHolds) {
    lock_.reply = [](size_t) { return Try::kGranted; };
    const std::function<void()> shows[] = {
        [this] { lock_.show(LockSeen::State::kFree); },
        [this] {
            lock_.show_holder(1);
            lock_.takeover_age = 0s;  // its process is dead
        },
    };
    for (const auto& show : shows) {
        show();
        lock_.took_over.clear();
        LockWait wait = wait_for(0s);
        EXPECT_EQ(run(wait), End::kGranted);
        EXPECT_EQ(lock_.took_over, std::vector<bool>({true}));
        EXPECT_EQ(sleeps(), 0);
    }
}

TEST_F(LockWaitTest, WithoutALimitAsksOnceForALockThatWasReleased) {
    lock_.show(LockSeen::State::kNone);
    lock_.reply = [this](size_t) {
        lock_.show_holder(2);
        return Try::kRefused;
    };
    LockWait wait = wait_for(0s);
    EXPECT_EQ(run(wait), End::kTimedOut);
    EXPECT_EQ(lock_.took_over, std::vector<bool>({false}));
    EXPECT_EQ(sleeps(), 0);
}

TEST_F(LockWaitTest, WithoutALimitTriesATakeoverOnce) {
    lock_.takeover_age = 0s;
    LockWait wait = wait_for(0s);
    EXPECT_EQ(run(wait), End::kTimedOut);
    EXPECT_EQ(lock_.took_over, std::vector<bool>({true}));
    EXPECT_EQ(sleeps(), 0);
}

TEST_F(LockWaitTest, NeverAsksAtOnceTwiceInARow) {
    const std::function<void()> shows[] = {
        [this] { lock_.show(LockSeen::State::kNone); },
        [this] { lock_.show(LockSeen::State::kFree); },
        [this] {
            lock_.show_holder(1);
            lock_.takeover_age = 0s;
        },
    };
    for (const auto& show : shows) {
        show();
        lock_.asked_at.clear();
        const int before = sleeps();
        LockWait wait = wait_for(100ms);
        EXPECT_EQ(run(wait), End::kTimedOut);
        for (size_t i = 1; i < lock_.asked_at.size(); ++i) {
            const Duration between = lock_.asked_at[i] - lock_.asked_at[i - 1];
            EXPECT_EQ(between == lock_.round_trip, i % 2 == 0) << i;
        }
        EXPECT_NEAR(static_cast<double>(lock_.asked_at.size()) / 2, sleeps() - before, 1);
    }
}

TEST_F(LockWaitTest, AsksOnceAtItsLimitHoweverFastTheReply) {
    lock_.round_trip = 0s;
    lock_.show(LockSeen::State::kNone);
    LockWait wait = wait_for(100ms);
    EXPECT_EQ(run(wait), End::kTimedOut);
    EXPECT_EQ(std::count(lock_.asked_at.begin(), lock_.asked_at.end(), began_ + 100ms), 1);
}

TEST_F(LockWaitTest, TakesOverWhenTheHoldIsOldEnough) {
    lock_.takeover_age = 1s;
    lock_.reply = [this](size_t) { return lock_.took_over.back() ? Try::kGranted : Try::kRefused; };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_GE(since_begin(), 1s);
    EXPECT_LT(since_begin(), 1100ms);
    EXPECT_EQ(lock_.asked_at.back(), cluster_.clock.now() - lock_.round_trip);
}

TEST_F(LockWaitTest, HolderWhoChangesBeginsTheScheduleAnew) {
    lock_.reply = [this](size_t tries) {
        if (tries == 80) {
            lock_.show_holder(2);
        }
        return tries == 82 ? Try::kGranted : Try::kRefused;
    };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_GE(lock_.asked_at[79] - lock_.asked_at[78], 37ms);
    EXPECT_LE(lock_.asked_at[80] - lock_.asked_at[79], 2ms);
    EXPECT_EQ(lock_.hold_ages[80], 0s);
}

TEST_F(LockWaitTest, HolderWhoseTokenWasIncrementedIsTheSame) {
    lock_.reply = [this](size_t tries) {
        lock_.increment();
        return tries == 82 ? Try::kGranted : Try::kRefused;
    };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(run(wait), End::kGranted);
    for (size_t i = 1; i < lock_.hold_ages.size(); ++i) {
        EXPECT_GT(lock_.hold_ages[i], lock_.hold_ages[i - 1]);
    }
}

TEST_F(LockWaitTest, AgeOfAHoldCountsFromTheWaitThatSawIt) {
    lock_.reply = [this](size_t) { return since_begin() >= 2s ? Try::kGranted : Try::kRefused; };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(run(wait), End::kGranted);
    lock_.show_holder(2);
    lock_.hold_ages.clear();
    lock_.reply = [](size_t) { return Try::kGranted; };
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(lock_.hold_ages[0], 0s);
}

TEST_F(LockWaitTest, SleepsLessBehindOurOwnLocks) {
    lock_.reply = [](size_t) { return Try::kGranted; };
    LockWait wait = wait_for(30s);
    EXPECT_EQ(wait.run(&lock_, WaitSchedule::kSleepMinBehindOurs), End::kGranted);
    EXPECT_LE(lock_.asked_at[0] - began_, WaitSchedule::kSleepMinBehindOurs * 5 / 4);
}

TEST_F(LockWaitTest, TakesOnePlaceBeforeItFirstSleepsAndKeepsIt) {
    lock_.reply = [this](size_t tries) {
        EXPECT_EQ(places_.asked, 1);
        return tries == 5 ? Try::kGranted : Try::kRefused;
    };
    LockWait wait = wait_for(10s, 2);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(places_.asked, 1);
    EXPECT_EQ(places_.latest_server, lock_.server());
    EXPECT_EQ(places_.latest_end, 3u) << "places 1 and 2";
    EXPECT_EQ(places_.latest_exptime, 12) << "two seconds more than the wait";
    EXPECT_EQ(places_.given_back, 0);
    wait.leave();
    EXPECT_EQ(places_.given_back, 1);
    wait.leave();
    EXPECT_EQ(places_.given_back, 1);
}

TEST_F(LockWaitTest, TakesAPlaceForTheRestOfItsLimit) {
    lock_.show(LockSeen::State::kFree);
    lock_.reply = [](size_t) { return Try::kGranted; };
    LockWait wait = wait_for(10s, 2);
    EXPECT_EQ(run(wait), End::kGranted);
    cluster_.clock.advance(4s);
    lock_.show_holder(2);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(places_.latest_exptime, 8);
}

TEST_F(LockWaitTest, EndsAtOnceIfAllPlacesAreTaken) {
    places_.found = WaitingPlaces::Found::kAllTaken;
    LockWait wait = wait_for(10s, 2);
    EXPECT_EQ(run(wait), End::kRoomFull);
    EXPECT_EQ(sleeps(), 0);
    EXPECT_TRUE(lock_.asked_at.empty());
    wait.leave();
    EXPECT_EQ(places_.given_back, 0);
}

TEST_F(LockWaitTest, NeedsNoPlaceForALockThatIsGrantedAtOnce) {
    places_.found = WaitingPlaces::Found::kAllTaken;
    lock_.show(LockSeen::State::kFree);
    lock_.reply = [](size_t) { return Try::kGranted; };
    LockWait wait = wait_for(10s, 2);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(places_.asked, 0);
}

TEST_F(LockWaitTest, AsksForNoPlaceWithoutALimitOfWaiters) {
    lock_.reply = [](size_t) { return Try::kGranted; };
    LockWait wait = wait_for(10s);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(places_.asked, 0);
}

TEST_F(LockWaitTest, WaitsWithoutAPlaceIfTheServerCannotStoreOne) {
    places_.found = WaitingPlaces::Found::kNoAnswer;
    lock_.reply = [](size_t) { return Try::kGranted; };
    LockWait wait = wait_for(10s, 2);
    EXPECT_EQ(run(wait), End::kGranted);
    EXPECT_EQ(sleeps(), 1);
    wait.leave();
    EXPECT_EQ(places_.given_back, 0);
}

TEST_F(LockWaitTest, EndsIfTheServerIsSilentAboutItsPlaces) {
    places_.found = WaitingPlaces::Found::kNoAnswer;
    places_.failure = ServerFailure{3, {FailureKind::kTimeout, 0}, true};
    LockWait wait = wait_for(10s, 2);
    EXPECT_EQ(run(wait), End::kServerFailed);
    EXPECT_EQ(sleeps(), 0);
}

}  // namespace
}  // namespace memcache_session
