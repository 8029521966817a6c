// Counting by several processes, the buckets of histograms, and the last hour.
#include "src/net/event_totals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "src/base/process.h"

namespace memcache_session {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The middle of a minute, some days after the machine was started.
constexpr TimePoint kNow{hours(100) + seconds(30)};

template <class Work>
pid_t in_child(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    return child;
}

const Figures& latest(const std::vector<EventTotals::Minute>& hour) {
    return hour.back().figures;
}

TEST(Histogram, LimitIsTheLastWholeValueOfItsBucket) {
    for (size_t bucket = 0; bucket + 1 < kBuckets; ++bucket) {
        EXPECT_EQ(bucket_of_whole(bucket_limit(bucket)), bucket);
        EXPECT_EQ(bucket_of_whole(bucket_limit(bucket) + 1), bucket + 1);
    }
    EXPECT_EQ(bucket_of_whole(0), 0u);
    EXPECT_EQ(bucket_of_whole(UINT64_MAX), kBuckets - 1);
}

// 32.9 microseconds are counted as 32, and are more than the limit.
TEST(Histogram, TimeThatWasCutAtTheLimitIsAboveIt) {
    for (size_t bucket = 0; bucket + 1 < kBuckets; ++bucket) {
        EXPECT_EQ(bucket_of(bucket_limit(bucket) - 1), bucket);
        EXPECT_EQ(bucket_of(bucket_limit(bucket)), bucket + 1);
    }
    EXPECT_EQ(bucket_of(0), 0u);
    EXPECT_EQ(bucket_of(UINT64_MAX), kBuckets - 1);
}

TEST(Histogram, QuantileIsTheLimitOfItsBucket) {
    Histogram histogram;
    EXPECT_EQ(histogram.quantile(0.5), 0u) << "there are no values";
    histogram.counts[1] = 99;
    histogram.counts[3] = 1;
    EXPECT_EQ(histogram.quantile(0.5), 64u);
    EXPECT_EQ(histogram.quantile(0.99), 64u);
    EXPECT_EQ(histogram.quantile(1.0), 256u);
    histogram.counts[kBuckets - 1] = 1000;
    EXPECT_EQ(histogram.quantile(0.99), 0u) << "the last bucket has no limit";
}

TEST(Figures, ThoseThatFollowFromOthers) {
    EventTotals totals;
    totals.raiser().measure_time(Measure::kOpening, microseconds(100));
    totals.raiser().measure_time(Measure::kOpening, microseconds(200));
    totals.add(Event::kUnlocked);
    totals.raiser().measure_time(Measure::kClosing, microseconds(50));
    totals.raiser().measure_time(Measure::kClosing, microseconds(60));
    totals.raiser().measure_time(Measure::kClosing, microseconds(70));
    totals.raiser().measure_size(Measure::kStoredSize, 1000);
    totals.add(Event::kDestroyed);
    totals.add(Event::kRefusedLocked, 2);
    totals.add(Event::kRefusedInvalid);
    const Figures figures = totals.read();
    EXPECT_EQ(figures.opened(), 2u);
    EXPECT_EQ(figures.locks_acquired(), 1u);
    EXPECT_EQ(figures.stored(), 1u);
    EXPECT_EQ(figures.touched(), 1u);
    EXPECT_EQ(figures.refused(), 3u);
    EXPECT_EQ(figures.of(Measure::kOpening).sum, 300u);
    EXPECT_EQ(figures.of(Measure::kStoredSize).sum, 1000u);
}

TEST(EventTotals, EightProcessesCountAMillionEventsAndLoseNone) {
    constexpr int kProcesses = 8;
    constexpr int kEach = 125000;
    EventTotals totals;
    ASSERT_TRUE(totals.is_shared());
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
        children.push_back(in_child([&totals] {
            for (int n = 0; n < kEach; ++n) {
                totals.begin_moment(kNow);
                totals.add(Event::kCreated);
                totals.raiser().measure_time(Measure::kOpening, microseconds(n));
            }
        }));
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_EQ(status, 0);
    }
    const Figures figures = totals.read();
    EXPECT_EQ(figures.of(Event::kCreated), uint64_t{kProcesses} * kEach);
    EXPECT_EQ(figures.opened(), uint64_t{kProcesses} * kEach);
    EXPECT_EQ(figures.of(Measure::kOpening).sum,
              uint64_t{kProcesses} * kEach * (uint64_t{kEach} - 1) / 2);
    EXPECT_EQ(latest(totals.last_hour(kNow)).of(Event::kCreated), uint64_t{kProcesses} * kEach);
}

TEST(EventTotals, ThreadsLoseNone) {
    constexpr int kEach = 100000;
    EventTotals totals;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&totals] {
            for (int n = 0; n < kEach; ++n) {
                totals.add(Event::kMissing);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(totals.read().of(Event::kMissing), 4u * kEach);
}

TEST(EventTotals, KeepWhatAKilledProcessCounted) {
    EventTotals totals;
    const pid_t child = in_child([&totals] {
        for (;;) {
            totals.begin_moment(kNow);
            totals.add(Event::kDestroyed);
        }
    });
    while (totals.read().of(Event::kDestroyed) < 1000) {
        std::this_thread::yield();
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    const uint64_t counted = totals.read().of(Event::kDestroyed);
    EXPECT_GE(counted, 1000u);
    totals.add(Event::kDestroyed);
    EXPECT_EQ(totals.read().of(Event::kDestroyed), counted + 1);
    EXPECT_EQ(latest(totals.last_hour(kNow)).of(Event::kDestroyed), counted + 1);
}

TEST(EventTotals, ShowEachMinuteOfTheLastHour) {
    EventTotals totals;
    for (int minute = 0; minute < 70; ++minute) {
        totals.begin_moment(kNow + minutes(minute));
        totals.add(Event::kCreated, static_cast<uint64_t>(minute + 1));
        totals.begin_moment(kNow + minutes(minute) + seconds(1));
        totals.raiser().measure_time(Measure::kClosing, microseconds(100));
    }
    const std::vector<EventTotals::Minute> hour = totals.last_hour(kNow + minutes(69));
    ASSERT_EQ(hour.size(), EventTotals::kMinutes);
    for (size_t i = 0; i < hour.size(); ++i) {
        EXPECT_EQ(hour[i].figures.of(Event::kCreated), i + 11) << i;
        EXPECT_EQ(hour[i].figures.of(Measure::kClosing).count(), 1u) << i;
        EXPECT_EQ(hour[i].ago, minutes(59 - i) + seconds(30)) << i;
    }
}

TEST(EventTotals, MinuteWithoutEventsIsEmpty) {
    EventTotals totals;
    totals.begin_moment(kNow);
    totals.add(Event::kCreated, 3);
    totals.begin_moment(kNow + minutes(10));
    totals.add(Event::kCreated, 4);
    std::vector<EventTotals::Minute> hour = totals.last_hour(kNow + minutes(12));
    for (size_t i = 0; i < hour.size(); ++i) {
        const uint64_t expected = i == 47 ? 3 : i == 57 ? 4 : 0;
        EXPECT_EQ(hour[i].figures.of(Event::kCreated), expected) << i;
    }
    hour = totals.last_hour(kNow + hours(2));
    for (const EventTotals::Minute& minute : hour) {
        EXPECT_EQ(minute.figures.of(Event::kCreated), 0u);
    }
}

TEST(EventTotals, FirstMinuteOfTheMachineIsShown) {
    EventTotals totals;
    totals.begin_moment(TimePoint(seconds(1)));
    totals.add(Event::kCreated);
    EXPECT_EQ(latest(totals.last_hour(TimePoint(seconds(2)))).of(Event::kCreated), 1u);
}

TEST(EventTotals, ResetSetsAllToZeroAndCountsOn) {
    EventTotals totals;
    totals.begin(1000);
    totals.begin_moment(kNow);
    totals.add(Event::kCreated, 5);
    totals.raiser().measure_time(Measure::kOpening, microseconds(7));
    totals.reset(2000);
    EXPECT_EQ(totals.since(), 2000);
    EXPECT_EQ(totals.read().of(Event::kCreated), 0u);
    EXPECT_EQ(totals.read().opened(), 0u);
    totals.begin_moment(kNow + seconds(1));
    totals.add(Event::kCreated);
    EXPECT_EQ(totals.read().of(Event::kCreated), 1u);
    EXPECT_EQ(latest(totals.last_hour(kNow + seconds(2))).of(Event::kCreated), 1u);
}

TEST(EventTotals, OneCallerInAMinuteIsFirst) {
    EventTotals totals;
    EXPECT_TRUE(totals.is_first_in_minute(kNow));
    EXPECT_FALSE(totals.is_first_in_minute(kNow));
    EXPECT_FALSE(totals.is_first_in_minute(kNow + seconds(59)));
    EXPECT_TRUE(totals.is_first_in_minute(kNow + seconds(60)));
}

}  // namespace
}  // namespace memcache_session
