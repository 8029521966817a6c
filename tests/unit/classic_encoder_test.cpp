#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "src/wire/classic.h"

namespace memcache_session {
namespace {

constexpr uint32_t kFlagsMax = std::numeric_limits<uint32_t>::max();
constexpr int32_t kExptimeMax = std::numeric_limits<int32_t>::max();
constexpr uint64_t kCasMax = std::numeric_limits<uint64_t>::max();

struct Encoded {
    std::array<char, kCommandSpaceMax + 1> space;
    std::array<std::string_view, kCommandPiecesMax> pieces;
    size_t count = 0;
};

// Checks that the byte behind the line stays as it was.
void encode(const Command& command, Encoded* encoded) {
    constexpr char kUntouched = '#';
    encoded->space.fill(kUntouched);
    encoded->count =
        kClassicProtocol.encode(command, encoded->space.data(), encoded->pieces.data());
    const std::string_view line = encoded->pieces[0];
    EXPECT_EQ(line.data(), encoded->space.data());
    EXPECT_LE(line.size(), kClassicLineMax);
    EXPECT_EQ(encoded->space[line.size()], kUntouched);
}

// All bytes of a command.
std::string encode(const Command& command) {
    Encoded encoded;
    encode(command, &encoded);
    std::string bytes;
    for (size_t i = 0; i < encoded.count; ++i) {
        bytes.append(encoded.pieces[i]);
    }
    return bytes;
}

TEST(ClassicEncoder, GetsAsksForOneKey) {
    EXPECT_EQ(encode(Command::read_for_update("sess.lock")), "gets sess.lock\r\n");
}

TEST(ClassicEncoder, GetAsksWithoutCas) {
    EXPECT_EQ(encode(Command::read("sess.lock")), "get sess.lock\r\n");
}

TEST(ClassicEncoder, StatisticsHaveNoKey) {
    EXPECT_EQ(encode(Command::statistics()), "stats\r\n");
}

TEST(ClassicEncoder, InspectIsGets) {
    EXPECT_EQ(encode(Command::inspect("sess")), "gets sess\r\n");
}

TEST(ClassicEncoder, AddCarriesFlagsExpiryAndLength) {
    EXPECT_EQ(encode(Command::add("k", "12345 0,1", 768, 60)), "add k 768 60 9\r\n12345 0,1\r\n");
}

TEST(ClassicEncoder, SetOfAnEmptyValueHasAnEmptyDataBlock) {
    EXPECT_EQ(encode(Command::set("k", "", 32768, 0)), "set k 32768 0 0\r\n\r\n");
}

TEST(ClassicEncoder, CasNamesTheItemAsItWasRead) {
    EXPECT_EQ(encode(Command::replace_if("k", "v", 65536, 1440, 42)),
              "cas k 65536 1440 1 42\r\nv\r\n");
}

TEST(ClassicEncoder, RemoveIsACasThatHasExpiredAlready) {
    EXPECT_EQ(encode(Command::delete_if("k.lock", 7)), "cas k.lock 0 2592001 1 7\r\n0\r\n");
}

TEST(ClassicEncoder, TouchHasAnExpiryAndNoData) {
    EXPECT_EQ(encode(Command::touch("k", 1440)), "touch k 1440\r\n");
}

TEST(ClassicEncoder, DeleteIsBare) {
    EXPECT_EQ(encode(Command::unconditional_delete("k")), "delete k\r\n");
}

TEST(ClassicEncoder, ValueMayHoldAnyByte) {
    const std::string value("a\r\nEND\r\n\0b", 10);
    EXPECT_EQ(encode(Command::set("k", value, 0, 0)), "set k 0 0 10\r\n" + value + "\r\n");
}

TEST(ClassicEncoder, DataBlockIsTheCallersMemoryNotACopy) {
    const std::string value(100, 'x');
    Encoded encoded;
    encode(Command::add("k", value, 0, 0), &encoded);
    ASSERT_EQ(encoded.count, 3U);
    EXPECT_EQ(encoded.pieces[1].data(), value.data());
    EXPECT_EQ(encoded.pieces[1].size(), value.size());
}

TEST(ClassicEncoder, NegativeExpiryIsWrittenAsOneInThePast) {
    EXPECT_EQ(encode(Command::set("k", "v", 0, -1)), "set k 0 2592001 1\r\nv\r\n");
    EXPECT_EQ(encode(Command::touch("k", std::numeric_limits<int32_t>::min())),
              "touch k 2592001\r\n");
}

TEST(ClassicEncoder, NumbersAtTheirLargest) {
    EXPECT_EQ(encode(Command::replace_if("k", "v", kFlagsMax, kExptimeMax, kCasMax)),
              "cas k 4294967295 2147483647 1 18446744073709551615\r\nv\r\n");
    EXPECT_EQ(encode(Command::replace_if("k", "v", 0, 0, 0)), "cas k 0 0 1 0\r\nv\r\n");
}

TEST(ClassicEncoder, LongestLineFits) {
    const std::string key(kKeyLengthMax, 'k');
    // The line needs the length of the value, not the value: an impossible one is enough.
    Command command = Command::replace_if(key, {}, kFlagsMax, kExptimeMax, kCasMax);
    command.value = std::string_view(key.data(), std::numeric_limits<size_t>::max() / 2);
    Encoded encoded;
    encode(command, &encoded);
    const std::string_view line = encoded.pieces[0];
    EXPECT_GE(line.size(), kClassicLineMax - 12);
    EXPECT_EQ(line.substr(line.size() - 2), "\r\n");
}

TEST(ClassicEncoder, NeverAsksForSilence) {
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

TEST(ClassicProtocol, LosesStepWhereADataBlockMayHaveBeenRunAsCommands) {
    const Command commands[] = {
        Command::read_for_update("k"),
        Command::read("k"),
        Command::add("k", "v", 1, 1),
        Command::set("k", "v", 1, 1),
        Command::replace_if("k", "v", 1, 1, 1),
        Command::delete_if("k", 1),
        Command::touch("k", 1),
        Command::unconditional_delete("k"),
    };
    for (const Command& command : commands) {
        Encoded encoded;
        encode(command, &encoded);
        const bool stores = encoded.count > 1;
        for (const ReplyKind kind : {ReplyKind::kUnknownCommand, ReplyKind::kRejected}) {
            EXPECT_EQ(kClassicProtocol.loses_step(command, {kind, 0, 0, {}}), stores);
        }
        for (const ReplyKind kind : {ReplyKind::kDone, ReplyKind::kExists, ReplyKind::kGone,
                                     ReplyKind::kHit, ReplyKind::kMiss, ReplyKind::kRefused}) {
            EXPECT_FALSE(kClassicProtocol.loses_step(command, {kind, 0, 0, {}}));
        }
    }
}

}  // namespace
}  // namespace memcache_session
