// Lifetimes as memcached's exptime.
#include "src/wire/exptime.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kMonth = int64_t{30} * 24 * 60 * 60;
constexpr int64_t kEndOfTime = 2147483647;  // in January 2038

TEST(Exptime, IsADateBeyondThirtyDaysAndSaturates) {
    EXPECT_EQ(exptime_of(int64_t{2592000}, 1000), 2592000);
    EXPECT_EQ(exptime_of(int64_t{2592001}, 1000), 2593001);
    EXPECT_EQ(exptime_of(int64_t{1} << 40, 1000), 2147483647);
    EXPECT_EQ(exptime_of(int64_t{0}, 1000), 0);
    EXPECT_EQ(exptime_of(int64_t{-5}, 1000), 0);
    EXPECT_EQ(exptime_of(Duration(2500000), 1000), 3);
}

TEST(Exptime, SaturatesAtTheSecondAtWhichTheClockOfMemcachedEnds) {
    const int64_t now = kEndOfTime - 2 * kMonth;
    EXPECT_EQ(exptime_of(2 * kMonth - 1, now), kEndOfTime - 1);
    EXPECT_EQ(exptime_of(2 * kMonth, now), kEndOfTime);
    EXPECT_EQ(exptime_of(2 * kMonth + 1, now), kEndOfTime);
    EXPECT_EQ(exptime_of(INT64_MAX, now), kEndOfTime);
}

TEST(Exptime, StaysRelativeAfterTheClockOfMemcachedEnded) {
    EXPECT_EQ(exptime_of(kMonth, kEndOfTime + 1), kMonth);
    // A date would be in the past, or in less than 30 days.
    EXPECT_EQ(exptime_of(kMonth + 1, kEndOfTime + 1), kMonth);
    EXPECT_EQ(exptime_of(12 * kMonth, kEndOfTime), kMonth);
    EXPECT_EQ(exptime_of(12 * kMonth, kEndOfTime - kMonth), kMonth);
    EXPECT_EQ(exptime_of(12 * kMonth, kEndOfTime - kMonth - 1), kEndOfTime);
    EXPECT_EQ(exptime_of(INT64_MAX, INT64_MAX), kMonth);
}

TEST(Exptime, OfTheShortestAndTheMostNegativeLifetime) {
    EXPECT_EQ(exptime_of(int64_t{1}, 1000), 1);
    EXPECT_EQ(exptime_of(INT64_MIN, 1000), 0);
}

TEST(Exptime, RoundsFractionsOfASecondUp) {
    EXPECT_EQ(exptime_of(Duration(1), 1000), 1);
    EXPECT_EQ(exptime_of(Duration(999999), 1000), 1);
    EXPECT_EQ(exptime_of(Duration(1s), 1000), 1);
    EXPECT_EQ(exptime_of(Duration(1s) + Duration(1), 1000), 2);
    EXPECT_EQ(exptime_of(Duration(0), 1000), 0);
}

}  // namespace
}  // namespace memcache_session
