// The lock's value: protocol.md, "The lock's value".
#include "src/lock/lock_item.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/base/random.h"
#include "tests/sim/sim_server.h"

namespace memcache_session {
namespace {

constexpr LockToken kToken = make_token(0x123456789abcdef0ULL);

TEST(LockItem, SurvivesWhatPeclMemcacheDoesToIt) {
    const LockToken token = kToken;
    const std::string value = encode_lock(token, {0, 2}, "web1~f", 42, 1700000000, "/a b.php?q=1");
    const Holder holder = parse_lock(value);
    EXPECT_EQ(holder.token, token);
    EXPECT_EQ(holder.set, (std::vector<uint32_t>{0, 2}));
    EXPECT_EQ(holder.host, "web1~f");
    EXPECT_EQ(holder.pid, 42);
    EXPECT_EQ(holder.path, "/a_b.php");
    // `incr`, 60,000 times, and the blanks memcached leaves behind the number.
    EXPECT_TRUE(same_token(parse_lock(std::to_string(token + 60000) + "    ").token, token));
    EXPECT_TRUE(parse_lock("1").is_foreign());
    EXPECT_TRUE(is_free("0"));
    EXPECT_TRUE(is_free("0  "));
    EXPECT_FALSE(is_free("1"));
    EXPECT_FALSE(is_free(value));
}

TEST(LockItem, WithAHostileValueNamesFewServers) {
    for (const char* value : {"", " ", "x", "99999999999999999999999 1", "-1", "1 ,,,, ~ -5 x",
                              "65536 4294967296,-1"}) {
        const Holder holder = parse_lock(value);
        EXPECT_LE(holder.set.size(), 8u) << value;
    }
}

TEST(LockItem, IsWrittenAsTheProtocolSays) {
    EXPECT_EQ(encode_lock(8544389400931008512ULL, {0, 1}, "web1~d2e87d8e9fd2dfca", 16000,
                          1795269474, "/cart.php?step=2"),
              "8544389400931008512 0,1 web1~d2e87d8e9fd2dfca 16000 1795269474 /cart.php");
}

TEST(LockItem, HasAPathWithoutQueryBlanksAndControlCharacters) {
    const auto path_of = [](std::string_view path) {
        return parse_lock(encode_lock(kToken, {0}, "web1", 1, 0, path)).path;
    };
    EXPECT_EQ(path_of(""), "");
    EXPECT_EQ(path_of("?a=1"), "");
    EXPECT_EQ(path_of("/a\r\nset x 0 0 1"), "/a__set_x_0_0_1");
    EXPECT_EQ(path_of(std::string_view("/\0\x7f\t", 4)), "/___");
    EXPECT_EQ(path_of("/\xc3\xa4"), "/\xc3\xa4");
    EXPECT_EQ(path_of("/\xc2\x9b"
                      "2J\x9b\xff"),
              "/_2J__");
    EXPECT_EQ(path_of(std::string(99, 'a') + "\xc3\xa4"), std::string(99, 'a'));
    EXPECT_EQ(path_of(std::string(99, 'a')), std::string(99, 'a'));
    EXPECT_EQ(path_of(std::string(100, 'a')), std::string(100, 'a'));
    EXPECT_EQ(path_of(std::string(101, 'a')), std::string(100, 'a'));
}

TEST(LockItem, IsReadAsFarAsItCanBeUnderstood) {
    const struct {
        const char* value;
        LockToken token;
        std::vector<uint32_t> set;
        const char* host;
        int64_t pid;
        int64_t since_unix;
        const char* path;
    } rows[] = {
        {"", 0, {}, "", 0, 0, ""},
        {"   ", 0, {}, "", 0, 0, ""},
        {"5", 5, {}, "", 0, 0, ""},
        {"65536", 65536, {}, "", 0, 0, ""},
        {"65536 1", 65536, {1}, "", 0, 0, ""},
        {"65536 1,2 web1", 65536, {1, 2}, "web1", 0, 0, ""},
        {"65536 1,2 web1 7", 65536, {1, 2}, "web1", 7, 0, ""},
        {"65536 1,2 web1 7 8", 65536, {1, 2}, "web1", 7, 8, ""},
        {"65536 1,2 web1 7 8 /a", 65536, {1, 2}, "web1", 7, 8, "/a"},
        {"65536 1,2 web1 7 8 /a and more", 65536, {1, 2}, "web1", 7, 8, "/a"},
        {"  65536   3   web1  7  8  /a", 65536, {3}, "web1", 7, 8, "/a"},
        {"18446744073709551615 0", 18446744073709551615ULL, {0}, "", 0, 0, ""},
        {"18446744073709551616 0", 0, {0}, "", 0, 0, ""},
        {"-65536 0 web1 -7 -8", 0, {0}, "web1", -7, -8, ""},
        {"x y z", 0, {0}, "z", 0, 0, ""},
        {"1 2x,3 w 4x 5x", 1, {2, 3}, "w", 4, 5, ""},
    };
    for (const auto& row : rows) {
        const Holder holder = parse_lock(row.value);
        EXPECT_EQ(holder.token, row.token) << row.value;
        EXPECT_EQ(holder.set, row.set) << row.value;
        EXPECT_EQ(holder.host, row.host) << row.value;
        EXPECT_EQ(holder.pid, row.pid) << row.value;
        EXPECT_EQ(holder.since_unix, row.since_unix) << row.value;
        EXPECT_EQ(holder.path, row.path) << row.value;
    }
}

TEST(LockItem, OfAnyBytesIsReadWithinItsLimit) {
    Random random(11);
    for (int round = 0; round < 20000; ++round) {
        std::string value;
        const size_t size = random.next() % 40;
        for (size_t i = 0; i < size; ++i) {
            // Half of the bytes are those that the value's grammar knows.
            const uint64_t number = random.next();
            value += number % 2 == 0 ? " ,0123456789-~"[number / 2 % 14]
                                     : static_cast<char>(number / 2 & 0xff);
        }
        const Holder holder = parse_lock(value);
        ASSERT_LE(holder.set.size(), value.size());
        ASSERT_LE(holder.host.size() + holder.path.size(), value.size());
        ASSERT_EQ(holder.host.find(' '), std::string::npos);
        ASSERT_FALSE(is_free(value) && holder.token != 0) << value;
    }
}

TEST(LockItem, IsReadUpToItsLimitOnly) {
    const std::string front = "65536 0 web1 1 2 /";
    const std::string within = front + std::string(kLockValueMax - front.size(), 'a');
    EXPECT_EQ(parse_lock(within).path.size(), kLockValueMax - front.size() + 1);
    EXPECT_EQ(parse_lock(within + "a").path, parse_lock(within).path);
    std::string positions = "65536 0";
    for (int i = 0; i < 100000; ++i) {
        positions += ",1";
    }
    EXPECT_LE(parse_lock(positions).set.size(), kLockValueMax / 2);
}

TEST(LockToken, IsNeverZeroAndHasItsLowBitsClear) {
    Random random(5);
    for (const uint64_t bits : {uint64_t{0}, UINT64_MAX, random.next(), random.next()}) {
        const LockToken token = make_token(bits);
        EXPECT_NE(token >> 16, 0u);
        EXPECT_EQ(token & 0xffff, 0u);
        EXPECT_EQ(token >> 63, 0u) << "memcached's incr must not wrap it";
        EXPECT_TRUE(same_token(token, token + 65535));
        EXPECT_FALSE(same_token(token, token + 65536));
        EXPECT_FALSE(same_token(token, token - 1));
    }
}

// The model server does to the item what memcached does.
TEST(LockToken, IsKnownAgainAfterEachIncr) {
    sim::SimServer server{sim::SimServer::Options()};
    server.start(0);
    const std::string value = encode_lock(kToken, {0, 1}, "web1~1", 42, 1700000000, "/index.php");
    server.run(Command::add("abc.lock", value, kLockFlags, 0), 0);
    for (int tries = 1; tries <= 1000; ++tries) {
        ASSERT_TRUE(server.increment("abc.lock", 0).has_value());
        const std::string& stored = server.find("abc.lock", 0)->value;
        const Holder holder = parse_lock(stored);
        ASSERT_TRUE(same_token(holder.token, kToken)) << stored;
        ASSERT_FALSE(holder.is_foreign());
        ASSERT_FALSE(is_free(stored));
    }
}

TEST(Holder, IsForeignBelowTheSmallestToken) {
    EXPECT_TRUE(parse_lock("0").is_foreign());
    EXPECT_TRUE(parse_lock("65535").is_foreign());
    EXPECT_FALSE(parse_lock("65536").is_foreign());
    EXPECT_TRUE(parse_lock("no number").is_foreign());
}

TEST(OtherPrograms, AreShownByNumbersThatAreNoTokenOfOurs) {
    EXPECT_FALSE(shows_other_program(encode_lock(kToken, {0, 1}, "web1~1", 42, 1, "/index.php")));
    EXPECT_TRUE(shows_other_program(encode_lock(kToken + 1, {0, 1}, "web1~1", 42, 1, "/")));
    EXPECT_TRUE(shows_other_program("0"));
    EXPECT_TRUE(shows_other_program("1"));
    EXPECT_TRUE(shows_other_program("65535"));
    EXPECT_FALSE(shows_other_program("65536"));
}

TEST(FreeLock, IsAZeroAndNothingButBlanksBehind) {
    EXPECT_TRUE(is_free("0 "));
    EXPECT_FALSE(is_free(""));
    EXPECT_FALSE(is_free(" 0"));
    EXPECT_FALSE(is_free("00"));
    EXPECT_FALSE(is_free("0x"));
    EXPECT_FALSE(is_free("-0"));
}

}  // namespace
}  // namespace memcache_session
