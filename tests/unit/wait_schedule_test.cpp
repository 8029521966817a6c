// How long a waiter sleeps.
#include "src/lock/wait_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

TEST(WaitSchedule, SleepsInProportionToTheHoldWithinItsBounds) {
    Random random(1);
    const TimePoint begin{};
    WaitSchedule schedule(begin);
    EXPECT_GE(schedule.next_sleep(begin, random), WaitSchedule::kSleepMin * 3 / 4);
    const Duration early = schedule.next_sleep(begin + 100ms, random);
    EXPECT_GE(early, 7ms);
    EXPECT_LE(early, 13ms);
    EXPECT_LE(schedule.next_sleep(begin + 3s, random), 63ms);
    EXPECT_GE(schedule.next_sleep(begin + 30s, random), 225ms);
    schedule.holder_changed(begin + 30s);
    EXPECT_LE(schedule.next_sleep(begin + 30s, random), 2ms);
    const WaitSchedule behind_ours(begin, WaitSchedule::kSleepMinBehindOurs);
    EXPECT_LE(behind_ours.next_sleep(begin, random), WaitSchedule::kSleepMinBehindOurs * 5 / 4);
}

TEST(WaitSchedule, SpreadsItsSleepsByAQuarterToEachSide) {
    const struct {
        Duration age;
        Duration sleep;
    } rows[] = {
        {0ms, 1ms},    {10ms, 1ms}, {20ms, 2ms}, {500ms, 50ms},
        {501ms, 50ms}, {5s, 50ms},  {6s, 60ms},  {60s, 600ms},
    };
    const TimePoint begin{};
    const WaitSchedule schedule(begin);
    for (const auto& row : rows) {
        Random random(3);
        Duration shortest = Duration::max();
        Duration longest{0};
        for (int i = 0; i < 1000; ++i) {
            const Duration sleep = schedule.next_sleep(begin + row.age, random);
            shortest = std::min(shortest, sleep);
            longest = std::max(longest, sleep);
        }
        EXPECT_GE(shortest, row.sleep * 75 / 100) << row.age.count();
        EXPECT_LE(shortest, row.sleep * 78 / 100) << row.age.count();
        EXPECT_LE(longest, row.sleep * 125 / 100) << row.age.count();
        EXPECT_GE(longest, row.sleep * 122 / 100) << row.age.count();
    }
}

TEST(WaitSchedule, CountsTheAgeFromTheLatestHolder) {
    const TimePoint begin{};
    WaitSchedule schedule(begin + 1s);
    EXPECT_EQ(schedule.hold_age(begin + 3s), 2s);
    schedule.holder_changed(begin + 5s);
    EXPECT_EQ(schedule.hold_age(begin + 5s), 0s);
    EXPECT_EQ(schedule.hold_age(begin + 6s), 1s);
}

}  // namespace
}  // namespace memcache_session
