#include "src/base/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <clocale>
#include <string>
#include <string_view>

#include "src/base/random.h"

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

TEST(Text, IntegersAreReadInOneForm) {
    EXPECT_EQ(parse_canonical_integer("0"), 0);
    EXPECT_EQ(parse_canonical_integer("-7"), -7);
    EXPECT_EQ(parse_canonical_integer("10"), 10);
    EXPECT_EQ(parse_canonical_integer("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(parse_canonical_integer("-9223372036854775808"), INT64_MIN);
    for (const char* const text : {"", "-", "-0", "00", "07", "-07", "+7", " 7", "7 ", "7a", "0x7",
                                   "--7", "9223372036854775808", "-9223372036854775809"}) {
        EXPECT_FALSE(parse_canonical_integer(text)) << text;
    }
}

TEST(Printable, KeepsWellFormedTextAndReplacesTheRest) {
    const struct {
        std::string_view text;
        std::string_view shown;
    } rows[] = {
        {"", ""},
        {"plain text ~", "plain text ~"},
        {"a\r\nb\tc", "a??b?c"},
        {{"\0", 1}, "?"},
        {"\x1b[2J\x7f", "?[2J?"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80"},
        // C1, encoded and as bytes of its own. U+00A0 is the first character above it.
        {"\xc2\x80|\xc2\x9b"
         "2J|\xc2\x9f",
         "?|?2J|?"},
        {"\xc2\xa0", "\xc2\xa0"},
        {"\x9b"
         "2J\x80",
         "?2J?"},
        // Continuations alone, leads alone, text that ends within a character.
        {"\xbf", "?"},
        {"\xc3", "?"},
        {"\xc3(", "?("},
        {"\xe2\x82", "??"},
        {"\xe2(\xac", "?(?"},
        {"\xf0\x9f\x98", "???"},
        {"\xc3\xbc\xc3", "\xc3\xbc?"},
        // Overlong: a slash, C0 and C1 that hide.
        {"\xc0\xaf", "??"},
        {"\xc1\xbf", "??"},
        {"\xe0\x80\x9b", "???"},
        {"\xe0\x9f\xbf", "???"},
        {"\xe0\xa0\x80", "\xe0\xa0\x80"},
        {"\xf0\x80\x82\x9b", "????"},
        {"\xf0\x8f\xbf\xbf", "????"},
        {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},
        // Surrogates, and numbers above U+10FFFF.
        {"\xed\x9f\xbf", "\xed\x9f\xbf"},
        {"\xed\xa0\x80", "???"},
        {"\xed\xbf\xbf", "???"},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"\xf4\x90\x80\x80", "????"},
        {"\xf5\x80\x80\x80", "????"},
        {"\xff\xfe", "??"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(printable(row.text), row.shown);
        EXPECT_EQ(printable(printable(row.text)), row.shown);
    }
    EXPECT_EQ(printable("a\nb\xc2\x9b", "_"), "a_b_");
}

// As a decoder would that knows the numbers of the characters, and not the table of bytes.
bool is_printable(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
        const auto byte = [&](size_t at) -> uint32_t {
            return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
        };
        const uint32_t lead = byte(i);
        const size_t size = lead < 0x80             ? 1
                            : (lead & 0xe0) == 0xc0 ? 2
                            : (lead & 0xf0) == 0xe0 ? 3
                            : (lead & 0xf8) == 0xf0 ? 4
                                                    : 0;
        if (size == 0) {
            return false;
        }
        uint32_t number = size == 1 ? lead : lead & (0x7fu >> size);
        for (size_t k = 1; k < size; ++k) {
            if ((byte(i + k) & 0xc0) != 0x80) {
                return false;
            }
            number = number << 6 | (byte(i + k) & 0x3f);
        }
        const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (number < least[size] || number > 0x10ffff || (number >= 0xd800 && number < 0xe000) ||
            number < 0x20 || (number >= 0x7f && number < 0xa0)) {
            return false;
        }
        i += size;
    }
    return true;
}

TEST(Printable, IsSoWhateverTheBytesAre) {
    Random random(23);
    int kept = 0;
    for (int round = 0; round < 100000; ++round) {
        std::string text;
        for (size_t size = random.next() % 12; size > 0; --size) {
            // Leads and continuations more often than chance has them.
            const uint64_t number = random.next();
            constexpr unsigned char kLikely[] = {0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xf0,
                                                 0xf4, 0x80, 0x8f, 0x90, 0x9f, 0xa0};
            text += static_cast<char>(number % 2 == 0 ? kLikely[number / 2 % sizeof kLikely]
                                                      : number / 2 & 0xff);
        }
        const std::string shown = printable(text);
        ASSERT_TRUE(is_printable(shown));
        ASSERT_LE(shown.size(), text.size());
        ASSERT_EQ(shown == text, is_printable(text));
        kept += shown == text && text.find_first_of("\xc2\xe2\xf0") != std::string::npos;
        for (size_t size = 1; size <= text.size() + 1; ++size) {
            char cut[16] = "xxxxxxxxxxxxxxx";
            copy_printable(text, cut, size);
            ASSERT_LT(std::string_view(cut).size(), size);
            ASSERT_TRUE(is_printable(cut));
            ASSERT_EQ(shown.compare(0, std::string_view(cut).size(), cut), 0);
            ASSERT_GT(std::string_view(cut).size() + 4, std::min(shown.size() + 4, size - 1));
        }
    }
    EXPECT_GT(kept, 50);
}

TEST(Printable, TextIsCutBetweenCharacters) {
    const std::string_view text = "a\xc3\xbc\xf0\x9f\x98\x80";
    const size_t sizes[] = {0, 1, 1, 3, 3, 3, 3, 7, 7};
    for (size_t size_max = 0; size_max < std::size(sizes); ++size_max) {
        EXPECT_EQ(whole_characters(text, size_max).size(), sizes[size_max]) << size_max;
    }
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
