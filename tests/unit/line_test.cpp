#include "src/wire/line.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace memcache_session {
namespace {

constexpr std::string_view kFields[] = {
    "",
    "0",
    "7",
    "10",
    "01",
    "00",
    "4294967295",
    "4294967296",
    "-1",
    "-2147483648",
    "-2147483649",
    "-0",
    "-",
    "+1",
    "1x",
    "x",
    "9999999999999999999",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999",
    "100000000000000000000",
};

// Behind the field: the end of the line, nothing but a blank, or another field.
constexpr std::string_view kRests[] = {"", " ", " 5"};

TEST(Line, NumberIsTakenAsAFieldIsThatIsRead) {
    for (const std::string_view field : kFields) {
        for (const std::string_view rest : kRests) {
            for (const uint64_t max : {uint64_t{9}, uint64_t{UINT32_MAX}, UINT64_MAX}) {
                const std::string text = std::string(field).append(rest);
                std::string_view by_field = text;
                std::string_view by_number = text;
                const auto expected = parse_number(take_field(&by_field), max);
                ASSERT_EQ(take_number(&by_number, max), expected) << text << ", at most " << max;
                EXPECT_TRUE(!expected || by_number == by_field) << text;
            }
        }
    }
}

TEST(Line, FlagsAreTakenAsAFieldIsThatIsRead) {
    for (const std::string_view field : kFields) {
        for (const std::string_view rest : kRests) {
            const std::string text = std::string(field).append(rest);
            std::string_view by_field = text;
            std::string_view by_flags = text;
            const auto expected = parse_flags(take_field(&by_field));
            ASSERT_EQ(take_flags(&by_flags), expected) << text;
            EXPECT_TRUE(!expected || by_flags == by_field) << text;
        }
    }
}

}  // namespace
}  // namespace memcache_session
