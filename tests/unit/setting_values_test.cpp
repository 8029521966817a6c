#include "src/worker/setting_values.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace memcache_session {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(SettingValues, NumbersAreDigitsUpToTwoToThe31) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("007"), 7U);
    EXPECT_EQ(parse_number("2147483647"), 2147483647U);
    for (const char* text : {"", " 1", "1 ", "+1", "-1", "0x10", "1e3", "1.0", "2147483648",
                             "99999999999999999999999"}) {
        EXPECT_FALSE(parse_number(text)) << text;
    }
}

TEST(SettingValues, RangesOfPositivesWaitersAndPorts) {
    EXPECT_EQ(parse_positive("1"), 1U);
    EXPECT_FALSE(parse_positive("0"));
    EXPECT_EQ(parse_waiters("0"), 0U);
    EXPECT_EQ(parse_waiters("1000"), kLockWaitersMax);
    EXPECT_FALSE(parse_waiters("1001"));
    EXPECT_EQ(parse_search("0"), 0U);
    EXPECT_EQ(parse_search("1024"), kServersMax);
    EXPECT_FALSE(parse_search("1025"));
    EXPECT_FALSE(parse_search(""));
    EXPECT_EQ(parse_port("65535"), 65535);
    EXPECT_FALSE(parse_port("0"));
    EXPECT_FALSE(parse_port("65536"));
    EXPECT_FALSE(parse_port(""));
}

TEST(SettingValues, SwitchIsAWordNothingOrANumber) {
    for (const char* text : {"1", "2", "01", "On", "yes", "TRUE"}) {
        EXPECT_EQ(parse_ini_switch(text), true) << text;
    }
    for (const char* text : {"", "0", "00", "off", "No", "false"}) {
        EXPECT_EQ(parse_ini_switch(text), false) << text;
    }
    for (const char* text : {"-1", "y", "oui", " on", "on "}) {
        EXPECT_FALSE(parse_ini_switch(text)) << text;
    }
}

TEST(SettingValues, SecondsNeedADigitOnEachSideOfAPoint) {
    EXPECT_EQ(parse_ini_seconds("0"), seconds(0));
    EXPECT_EQ(parse_ini_seconds("0.25"), microseconds(250000));
    EXPECT_EQ(parse_ini_seconds("3.0000019"), microseconds(3000001));
    EXPECT_EQ(parse_ini_seconds("2147483647.9999999"), seconds(2147483648) - microseconds(1));
    for (const char* text :
         {"", ".", ".5", "2.", "-1", "+1", "1.2.3", "1e3", "1,5", "INF", "2147483648", "1 "}) {
        EXPECT_FALSE(parse_ini_seconds(text)) << text;
    }
}

TEST(SettingValues, WordsInAnyCase) {
    EXPECT_EQ(parse_strategy("Consistent"), Strategy::kConsistent);
    EXPECT_EQ(parse_strategy("ketama_unweighted"), Strategy::kKetamaUnweighted);
    EXPECT_FALSE(parse_strategy("consisten"));
    EXPECT_EQ(parse_hash_function("FNV"), HashFunction::kFnv);
    EXPECT_FALSE(parse_hash_function(""));
    EXPECT_EQ(parse_lock_failure("readonly"), LockFailure::kReadOnly);
    EXPECT_FALSE(parse_lock_failure("read only"));
    EXPECT_EQ(parse_merging("Last"), Merging::kLast);
    EXPECT_FALSE(parse_merging("on"));
    EXPECT_EQ(parse_meta("AUTO"), true);
    EXPECT_EQ(parse_meta("off"), false);
    EXPECT_FALSE(parse_meta("on"));
    EXPECT_EQ(parse_session_ids("PHP"), SessionIds::kPhp);
    EXPECT_EQ(parse_session_ids("any"), SessionIds::kAny);
    EXPECT_FALSE(parse_session_ids(""));
}

TEST(SettingValues, StaticKeyHasNoBlankOrControlCharacter) {
    EXPECT_EQ(parse_static_key("memc.sess.key."), "memc.sess.key.");
    EXPECT_EQ(parse_static_key("\xc3\xa9"), "\xc3\xa9");
    EXPECT_TRUE(parse_static_key(std::string(kStaticKeyMax, 'k')));
    EXPECT_FALSE(parse_static_key(std::string(kStaticKeyMax + 1, 'k')));
    for (const char* text : {"a b", "a\tb", "a\x7f"}) {
        EXPECT_FALSE(parse_static_key(text)) << text;
        EXPECT_FALSE(parse_prefix_separator(text)) << text;
    }
}

TEST(SettingValues, SeparatorIsShort) {
    EXPECT_EQ(parse_prefix_separator(""), "");
    EXPECT_EQ(parse_prefix_separator(":"), ":");
    EXPECT_TRUE(parse_prefix_separator(std::string(kPrefixSeparatorMax, ':')));
    EXPECT_FALSE(parse_prefix_separator(std::string(kPrefixSeparatorMax + 1, ':')));
}

}  // namespace
}  // namespace memcache_session
