// Versions and the flags that carry them.
#include "src/replica/version.h"

#include <gtest/gtest.h>

namespace memcache_session {
namespace {

TEST(Version, WrapsPastZeroAndOrdersAcrossTheWrap) {
    EXPECT_EQ(advance(0, 1), 1);
    EXPECT_EQ(advance(65535, 1), 1);
    EXPECT_EQ(advance(65534, 3), 2);
    EXPECT_TRUE(is_newer(1, 65535));
    EXPECT_TRUE(is_newer(32768, 1));
    EXPECT_FALSE(is_newer(kForeignVersion, 5));
    EXPECT_FALSE(is_newer(5, kForeignVersion));
}

TEST(Version, IsNeverForeignAfterACommit) {
    for (uint32_t number = 0; number <= 65535; ++number) {
        for (const uint32_t steps : {1u, 2u, 3u, 1024u}) {
            ASSERT_NE(advance(static_cast<Version>(number), steps), kForeignVersion)
                << number << " and " << steps;
        }
    }
}

TEST(Version, IsNewerAfterEachCommitAndNeverBothWays) {
    for (uint32_t number = 1; number <= 65535; ++number) {
        const auto version = static_cast<Version>(number);
        ASSERT_TRUE(is_newer(advance(version, 1), version)) << number;
        ASSERT_FALSE(is_newer(version, advance(version, 1))) << number;
        ASSERT_TRUE(is_newer(advance(advance(version, kStepsMax), kStepsMax), version)) << number;
        ASSERT_FALSE(is_newer(version, version)) << number;
    }
}

TEST(Version, IsOrderedUpToHalfTheCircle) {
    EXPECT_TRUE(is_newer(1 + 32767, 1));
    EXPECT_FALSE(is_newer(1, 1 + 32767));
    EXPECT_FALSE(is_newer(1 + 32769, 1));
    EXPECT_TRUE(is_newer(1, 1 + 32769));
    EXPECT_FALSE(is_newer(kForeignVersion, kForeignVersion));
}

TEST(VersionDeathTest, AdvancesByOneAtLeast) {
    EXPECT_DEATH((void)advance(1, 0), "steps > 0");
    EXPECT_DEATH((void)advance(1, kStepsMax + 1), "kStepsMax");
}

TEST(ItemFlags, KeepTheHighestBitClearAndAreUnderstoodWithIt) {
    for (uint32_t number = 1; number <= 65535; ++number) {
        const auto version = static_cast<Version>(number);
        for (const bool tombstone : {false, true}) {
            const uint32_t flags = ItemFlags::encode(version, tombstone, true);
            ASSERT_EQ(flags >> 31, 0U);
            ASSERT_EQ(ItemFlags::version(flags), version);
            ASSERT_EQ(ItemFlags::is_tombstone(flags), tombstone);
            ASSERT_TRUE(ItemFlags::is_zlib(flags));
        }
        ASSERT_EQ(ItemFlags::version(number << 16), version);
    }
}

TEST(ItemFlags, OfOtherProgramsAreForeignAndNoTombstone) {
    EXPECT_EQ(ItemFlags::version(0), kForeignVersion);
    EXPECT_EQ(ItemFlags::version(ItemFlags::kZlib), kForeignVersion);
    EXPECT_TRUE(ItemFlags::is_zlib(ItemFlags::kZlib));
    EXPECT_EQ(ItemFlags::version(768), kForeignVersion);
    EXPECT_FALSE(ItemFlags::is_tombstone(ItemFlags::kTombstone));
    EXPECT_FALSE(ItemFlags::is_zlib(ItemFlags::encode(1, true, false)));
}

TEST(ItemFlags, PutEachBitWhereTheProtocolSays) {
    EXPECT_EQ(ItemFlags::encode(1, false, false), 1u << 16);
    EXPECT_EQ(ItemFlags::encode(0x7fff, false, false), 0x7fff0000u);
    EXPECT_EQ(ItemFlags::encode(0x8000, false, false), 1u << 14);
    EXPECT_EQ(ItemFlags::encode(1, true, false), 1u << 16 | 1u << 15);
    EXPECT_EQ(ItemFlags::encode(1, false, true), 1u << 16 | 1u << 1);
}

}  // namespace
}  // namespace memcache_session
