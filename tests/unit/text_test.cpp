#include "src/base/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <clocale>

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Text, SecondsHaveNoDecimalsThatSayNothing) {
    EXPECT_EQ(seconds_text(seconds(0)), "0 s");
    EXPECT_EQ(seconds_text(seconds(1)), "1 s");
    EXPECT_EQ(seconds_text(seconds(1234)), "1234 s");
    EXPECT_EQ(seconds_text(seconds(86400)), "86400 s");
    EXPECT_EQ(seconds_text(milliseconds(250)), "0.25 s");
    EXPECT_EQ(seconds_text(milliseconds(1005)), "1.005 s");
    EXPECT_EQ(seconds_text(milliseconds(-1500)), "-1.5 s");
    EXPECT_EQ(seconds_text(milliseconds(-250)), "-0.25 s");
}

TEST(Text, LocaleHasNoInfluenceOnSeconds) {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    for (const char* locale : {"de_DE.UTF-8", "de_DE", "C.UTF-8"}) {
        std::setlocale(LC_ALL, locale);
        EXPECT_EQ(seconds_text(milliseconds(1234250)), "1234.25 s") << locale;
    }
    std::setlocale(LC_ALL, before.c_str());
}

TEST(Text, CaseOfAsciiLettersAloneIsIgnored) {
    EXPECT_TRUE(equals_ignoring_case("", ""));
    EXPECT_TRUE(equals_ignoring_case("Cache-1", "cACHE-1"));
    EXPECT_FALSE(equals_ignoring_case("cache", "cache1"));
    EXPECT_FALSE(equals_ignoring_case("a@", "a`"));
    EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
}

}  // namespace
}  // namespace memcache_session
