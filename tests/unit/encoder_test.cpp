#include "src/wire/encoder.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace memcache_session {
namespace {

constexpr uint32_t kFlagsMax = std::numeric_limits<uint32_t>::max();
constexpr int32_t kExptimeMax = std::numeric_limits<int32_t>::max();
constexpr uint64_t kCasMax = std::numeric_limits<uint64_t>::max();

// Everything that goes out for a command. The byte behind the line must stay untouched.
std::string encode(const Command& command) {
    constexpr char kUntouched = '#';
    std::array<char, kCommandLineMax + 1> line;
    line.fill(kUntouched);
    const size_t length = encode_line(command, line.data());
    EXPECT_LE(length, kCommandLineMax);
    EXPECT_EQ(line[length], kUntouched);
    std::string bytes(line.data(), length);
    if (const auto block = data_block(command)) {
        bytes.append(*block);
        bytes.append(kLineEnd);
    }
    return bytes;
}

TEST(Encoder, GetsAsksForOneKey) {
    EXPECT_EQ(encode(Command::read_for_update("sess.lock")), "gets sess.lock\r\n");
}

TEST(Encoder, GetAsksWithoutCas) {
    EXPECT_EQ(encode(Command::read("sess.lock")), "get sess.lock\r\n");
}

TEST(Encoder, AddCarriesFlagsExpiryAndLength) {
    EXPECT_EQ(encode(Command::add("k", "12345 0,1", 768, 60)), "add k 768 60 9\r\n12345 0,1\r\n");
}

TEST(Encoder, SetOfAnEmptyValueHasAnEmptyDataBlock) {
    EXPECT_EQ(encode(Command::set("k", "", 32768, 0)), "set k 32768 0 0\r\n\r\n");
}

TEST(Encoder, CasNamesTheItemAsItWasRead) {
    EXPECT_EQ(encode(Command::replace_if("k", "v", 65536, 1440, 42)),
              "cas k 65536 1440 1 42\r\nv\r\n");
}

TEST(Encoder, RemoveIsACasThatHasExpiredAlready) {
    EXPECT_EQ(encode(Command::delete_if("k.lock", 7)), "cas k.lock 0 2592001 1 7\r\n0\r\n");
}

TEST(Encoder, TouchHasAnExpiryAndNoData) {
    EXPECT_EQ(encode(Command::touch("k", 1440)), "touch k 1440\r\n");
    EXPECT_EQ(data_block(Command::touch("k", 1440)), std::nullopt);
}

TEST(Encoder, DeleteIsBare) {
    EXPECT_EQ(encode(Command::unconditional_delete("k")), "delete k\r\n");
}

TEST(Encoder, ValueMayHoldAnyByte) {
    const std::string value("a\r\nEND\r\n\0b", 10);
    EXPECT_EQ(encode(Command::set("k", value, 0, 0)), "set k 0 0 10\r\n" + value + "\r\n");
}

TEST(Encoder, DataBlockIsTheCallersMemoryNotACopy) {
    const std::string value(100, 'x');
    const auto block = data_block(Command::add("k", value, 0, 0));
    ASSERT_TRUE(block.has_value());
    EXPECT_EQ(block->data(), value.data());
    EXPECT_EQ(block->size(), value.size());
}

TEST(Encoder, NegativeExpiryIsWrittenAsOneInThePast) {
    EXPECT_EQ(encode(Command::set("k", "v", 0, -1)), "set k 0 2592001 1\r\nv\r\n");
    EXPECT_EQ(encode(Command::touch("k", std::numeric_limits<int32_t>::min())),
              "touch k 2592001\r\n");
}

TEST(Encoder, NumbersAtTheirLargest) {
    EXPECT_EQ(encode(Command::replace_if("k", "v", kFlagsMax, kExptimeMax, kCasMax)),
              "cas k 4294967295 2147483647 1 18446744073709551615\r\nv\r\n");
    EXPECT_EQ(encode(Command::replace_if("k", "v", 0, 0, 0)), "cas k 0 0 1 0\r\nv\r\n");
}

TEST(Encoder, LongestLineFits) {
    const std::string key(kKeyLengthMax, 'k');
    // The line needs the length of the value, not the value: an impossible one is enough.
    Command command = Command::replace_if(key, {}, kFlagsMax, kExptimeMax, kCasMax);
    command.value = std::string_view(key.data(), std::numeric_limits<size_t>::max() / 2);
    std::array<char, kCommandLineMax> line;
    const size_t length = encode_line(command, line.data());
    EXPECT_LE(length, kCommandLineMax);
    EXPECT_GE(length, kCommandLineMax - 12);
    EXPECT_EQ(std::string(line.data() + length - 2, 2), "\r\n");
}

TEST(Encoder, NeverAsksForSilence) {
    const Command commands[] = {
        Command::read_for_update("k"),
        Command::add("k", "v", 1, 1),
        Command::touch("k", 1),
        Command::set("k", "v", 1, 1),
        Command::delete_if("k", 1),
        Command::replace_if("k", "v", 1, 1, 1),
        Command::unconditional_delete("k"),
    };
    for (const Command& command : commands) {
        EXPECT_EQ(encode(command).find("noreply"), std::string::npos);
    }
}

}  // namespace
}  // namespace memcache_session
