#include "src/worker/key_prefix.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace memcache_session {
namespace {

TEST(KeyPrefix, StaticKeyComesFirstAndHostOnlyIfAskedFor) {
    Settings settings;
    EXPECT_EQ(key_prefix(settings, "example.com"), "");
    settings.prefix_static_key = "shop.";
    EXPECT_EQ(key_prefix(settings, "example.com"), "shop.");
    settings.prefix_host_key = true;
    EXPECT_EQ(key_prefix(settings, "Example.com"), "shop.Example.com");
    EXPECT_EQ(key_prefix(settings, ""), "shop.");
}

TEST(KeyPrefix, WwwIsRemovedInAnyCase) {
    Settings settings;
    settings.prefix_host_key = true;
    EXPECT_EQ(key_prefix(settings, "www.example.com"), "www.example.com");
    settings.prefix_host_key_remove_www = true;
    EXPECT_EQ(key_prefix(settings, "WWW.example.com"), "example.com");
    EXPECT_EQ(key_prefix(settings, "www2.example.com"), "www2.example.com");
    EXPECT_EQ(key_prefix(settings, "ww"), "ww");
}

TEST(KeyPrefix, LastTwoLabelsAreKept) {
    Settings settings;
    settings.prefix_host_key = true;
    settings.prefix_host_key_remove_subdomain = true;
    EXPECT_EQ(key_prefix(settings, "a.b.example.com"), "example.com");
    EXPECT_EQ(key_prefix(settings, "example.com"), "example.com");
    EXPECT_EQ(key_prefix(settings, "localhost"), "localhost");
    EXPECT_EQ(key_prefix(settings, ".com"), ".com");
    EXPECT_EQ(key_prefix(settings, ".example.com"), ".example.com");
}

TEST(KeyPrefix, SeparatorFollowsAPrefixAlone) {
    Settings settings;
    settings.prefix_separator = ":";
    EXPECT_EQ(key_prefix(settings, "example.com"), "");
    settings.prefix_static_key = "shop";
    EXPECT_EQ(key_prefix(settings, "example.com"), "shop:");
    settings.prefix_host_key = true;
    EXPECT_EQ(key_prefix(settings, "example.com"), "shopexample.com:");
    settings.prefix_static_key = "";
    EXPECT_EQ(key_prefix(settings, ""), "");
}

TEST(PrefixOverlap, IsToldWhenAnIdCanContinueThePrefix) {
    const struct {
        const char* prefix;
        const char* separator;
        SessionIds ids;
        const char* remedy;  // null: there is no overlap
    } rows[] = {
        {"", "", SessionIds::kAny, nullptr},
        {"", ":", SessionIds::kPhp, nullptr},
        {"shop", "", SessionIds::kAny, "session_prefix_separator"},
        {"shop", "", SessionIds::kPhp, "session_prefix_separator"},
        {"shop-", "", SessionIds::kPhp, "session_prefix_separator"},
        {"shop,", "", SessionIds::kPhp, "session_prefix_separator"},
        {"memc.sess.key.", "", SessionIds::kAny, "session_ids"},
        {"memc.sess.key.", "", SessionIds::kPhp, nullptr},
        {"shop", ":", SessionIds::kAny, nullptr},
        {"shop", ":", SessionIds::kPhp, nullptr},
        {"a:b", ":", SessionIds::kAny, "session_ids"},
        {"a:b", ":", SessionIds::kPhp, nullptr},
        {"shop", "2", SessionIds::kPhp, nullptr},
        {"shop2", "2", SessionIds::kPhp, "session_prefix_separator"},
        {"shop", "::", SessionIds::kAny, nullptr},
        {"shop:", "::", SessionIds::kAny, "session_ids"},
    };
    for (const auto& row : rows) {
        Settings settings;
        settings.prefix_static_key = row.prefix;
        settings.prefix_separator = row.separator;
        settings.ids = row.ids;
        const std::string told = prefix_overlap(settings, key_prefix(settings, ""));
        EXPECT_EQ(told.empty(), row.remedy == nullptr) << row.prefix << row.separator << told;
        if (row.remedy != nullptr) {
            EXPECT_NE(told.find(row.remedy), std::string::npos) << told;
        }
    }
}

// Two applications that are not told of an overlap have no key in common, whatever their ids are.
TEST(PrefixOverlap, IsToldToOneOfTwoApplicationsWhoseKeysCanBeEqual) {
    const std::string_view letters = "a:";
    std::vector<std::string> prefixes;
    for (size_t length = 1; length <= 4; ++length) {
        for (size_t bits = 0; bits < (size_t{1} << length); ++bits) {
            std::string prefix;
            for (size_t i = 0; i < length; ++i) {
                prefix += letters[bits >> i & 1];
            }
            prefixes.push_back(prefix);
        }
    }
    int overlaps = 0;
    for (const std::string& a : prefixes) {
        for (const std::string& b : prefixes) {
            Settings mine;
            mine.prefix_static_key = a;
            mine.prefix_separator = ":";
            Settings theirs = mine;
            theirs.prefix_static_key = b;
            const std::string shorter = key_prefix(mine, "");
            const std::string longer = key_prefix(theirs, "");
            if (a != b && longer.substr(0, shorter.size()) == shorter) {
                ++overlaps;
                EXPECT_FALSE(prefix_overlap(mine, shorter).empty() &&
                             prefix_overlap(theirs, longer).empty())
                    << a << " and " << b;
            }
        }
    }
    EXPECT_GT(overlaps, 10);
}

}  // namespace
}  // namespace memcache_session
