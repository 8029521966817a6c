#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "src/wire/classic.h"
#include "src/wire/meta.h"

namespace memcache_session {
namespace {

using State = ParsedReply::State;

const Command kLook = Command::read_metadata("sess");
const Command kRemove = Command::delete_if("sess", 77);

std::string encode(const Protocol& protocol, const Command& command) {
    std::array<char, kCommandSpaceMax> space;
    std::array<std::string_view, kCommandPiecesMax> pieces;
    const size_t count = protocol.encode(command, space.data(), pieces.data());
    std::string bytes;
    for (size_t i = 0; i < count; ++i) {
        bytes.append(pieces[i]);
    }
    return bytes;
}

// Parses a copy that ends where its memory ends, so that a sanitizer sees a read beyond it.
State state_of(const Command& command, std::string_view bytes) {
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);
    if (!bytes.empty()) {
        std::memcpy(exact.get(), bytes.data(), bytes.size());
    }
    return kMetaProtocol.parse(command, {exact.get(), bytes.size()}).state;
}

TEST(MetaProtocol, LookAsksForKeySizeFlagsAndCasOnly) {
    EXPECT_EQ(encode(kMetaProtocol, kLook), "mg sess k s f c\r\n");
}

TEST(MetaProtocol, DeleteComparesTheCas) {
    EXPECT_EQ(encode(kMetaProtocol, kRemove), "md sess C77\r\n");
    const std::string longest(kKeyLengthMax, 'k');
    EXPECT_EQ(encode(kMetaProtocol, Command::delete_if(longest, UINT64_MAX)),
              "md " + longest + " C18446744073709551615\r\n");
}

// An `ms` that is refused drops the old value.
TEST(MetaProtocol, EverythingElseIsClassic) {
    for (const Command& command :
         {Command::read_for_update("s"), Command::read("s"), Command::add("s", "v", 1, 2),
          Command::set("s", "v", 1, 2), Command::replace_if("s", "v", 1, 2, 3),
          Command::touch("s", 2), Command::unconditional_delete("s")}) {
        EXPECT_EQ(encode(kMetaProtocol, command), encode(kClassicProtocol, command));
        for (const std::string_view reply :
             {"STORED\r\n", "END\r\n", "TOUCHED\r\n", "DELETED\r\n", "HD\r\n", "EN\r\n", "STO"}) {
            EXPECT_EQ(kMetaProtocol.parse(command, reply).state,
                      kClassicProtocol.parse(command, reply).state);
        }
        const Reply rejected{ReplyKind::kRejected, 0, 0, {}};
        EXPECT_EQ(kMetaProtocol.loses_step(command, rejected),
                  kClassicProtocol.loses_step(command, rejected));
    }
}

struct Example {
    const Command* command;
    std::string bytes;
    ReplyKind kind;
};

const Example kExamples[] = {
    {&kLook, "EN\r\n", ReplyKind::kMiss},
    {&kLook, "EN ksess\r\n", ReplyKind::kMiss},  // 1.6.18
    {&kLook, "HD ksess s5 f65538 c77\r\n", ReplyKind::kHit},
    {&kLook, "HD ksess s0 f0 c0\r\n", ReplyKind::kHit},
    {&kLook, "HD ksess s5 f65538 c77 W X\r\n", ReplyKind::kHit},
    {&kLook, "HD ksess s5 f65538 c77 Z\r\n", ReplyKind::kHit},
    {&kLook, "ERROR\r\n", ReplyKind::kUnknownCommand},
    {&kLook, "CLIENT_ERROR bad command line format\r\n", ReplyKind::kRejected},
    {&kLook, "SERVER_ERROR busy\r\n", ReplyKind::kRefused},
    {&kRemove, "HD\r\n", ReplyKind::kDone},
    {&kRemove, "EX\r\n", ReplyKind::kExists},
    {&kRemove, "NF\r\n", ReplyKind::kGone},
    {&kRemove, "ERROR\r\n", ReplyKind::kUnknownCommand},
    {&kRemove, "SERVER_ERROR busy\r\n", ReplyKind::kRefused},
};

TEST(MetaProtocol, EveryReplyIsReadWholeAndLeavesWhatFollows) {
    for (const Example& example : kExamples) {
        const ParsedReply parsed =
            kMetaProtocol.parse(*example.command, example.bytes + "HD ksess s1 f1 c1\r\n");
        ASSERT_EQ(parsed.state, State::kComplete) << example.bytes;
        EXPECT_EQ(parsed.reply.kind, example.kind) << example.bytes;
        EXPECT_EQ(parsed.consumed, example.bytes.size()) << example.bytes;
        EXPECT_EQ(parsed.total, example.bytes.size()) << example.bytes;
        EXPECT_FALSE(kMetaProtocol.loses_step(*example.command, parsed.reply)) << example.bytes;
    }
}

TEST(MetaProtocol, EveryReplyCutAtEveryByteIsIncomplete) {
    for (const Example& example : kExamples) {
        for (size_t cut = 0; cut < example.bytes.size(); ++cut) {
            EXPECT_EQ(state_of(*example.command, std::string_view(example.bytes).substr(0, cut)),
                      State::kIncomplete)
                << example.bytes << " cut at " << cut;
        }
    }
}

TEST(MetaProtocol, HitCarriesFlagsCasAndTheSizeOfTheValueThatWasLeftOut) {
    const Reply reply =
        kMetaProtocol.parse(kLook, "HD ksess s1073741824 f4294967295 c18446744073709551615\r\n")
            .reply;
    EXPECT_EQ(reply.unread_size, size_t{1} << 30);
    EXPECT_EQ(reply.flags, 4294967295U);
    EXPECT_EQ(reply.cas, std::numeric_limits<uint64_t>::max());
    EXPECT_TRUE(reply.value.empty());
}

TEST(MetaProtocol, InspectAsksForTheExpiryToo) {
    const Command inspect = Command::inspect("sess");
    char space[kCommandSpaceMax];
    std::string_view pieces[kCommandPiecesMax];
    ASSERT_EQ(kMetaProtocol.encode(inspect, space, pieces), 1u);
    EXPECT_EQ(pieces[0], "mg sess k s f c t\r\n");
    Reply reply = kMetaProtocol.parse(inspect, "HD ksess s5 f2 c7 t-1\r\n").reply;
    EXPECT_EQ(reply.kind, ReplyKind::kHit);
    EXPECT_EQ(reply.seconds_left, kNeverExpires);
    reply = kMetaProtocol.parse(inspect, "HD ksess s5 f2 c7 t1440 W\r\n").reply;
    EXPECT_EQ(reply.seconds_left, 1440);
    EXPECT_EQ(reply.unread_size, 5u);
    EXPECT_EQ(kMetaProtocol.parse(inspect, "EN\r\n").reply.kind, ReplyKind::kMiss);
    EXPECT_EQ(kMetaProtocol.parse(kLook, "HD ksess s5 f2 c7\r\n").reply.seconds_left,
              kExpiryUnknown);
    for (const std::string_view bytes :
         {"HD ksess s5 f2 c7\r\n", "HD ksess s5 f2 c7 t\r\n", "HD ksess s5 f2 c7 t-2\r\n",
          "HD ksess s5 f2 c7 t2147483648\r\n", "HD ksess s5 f2 t1 c7\r\n"}) {
        EXPECT_EQ(state_of(inspect, bytes), State::kMalformed) << bytes;
    }
    EXPECT_EQ(state_of(kLook, "HD ksess s5 f2 c7 t1\r\n"), State::kMalformed);
}

TEST(MetaProtocol, WhatIsNoReplyToTheCommandIsMalformed) {
    for (const std::string_view bytes : {"HD\r\n",
                                         "HD \r\n",
                                         "HD ksess s5 f1\r\n",
                                         "HD ksess s5 f1 c\r\n",
                                         "HD ksess s5 f1 c1 \r\n",
                                         "HD ksess s5 f1 c1 Q\r\n",
                                         "HD ksess s5 f1 c1 WX\r\n",
                                         "HD ksess s05 f1 c1\r\n",
                                         "HD ksess s5 f01 c1\r\n",
                                         "HD ksess s5 f-1 c1\r\n",
                                         "HD ksess s1073741825 f1 c1\r\n",
                                         "HD ksess s5 f4294967296 c1\r\n",
                                         "HD ksess s5 f1 c18446744073709551616\r\n",
                                         "HD kother s5 f1 c1\r\n",
                                         "HD ksessx s5 f1 c1\r\n",
                                         "HD s5 f1 c1\r\n",
                                         "HD ksess f1 s5 c1\r\n",
                                         "HD ksess  s5 f1 c1\r\n",
                                         "VA 5 ksess s5 f1 c1\r\nhello\r\n",
                                         "EN kother\r\n",
                                         "EN k\r\n",
                                         "EN \r\n",
                                         "END\r\n",
                                         "VALUE sess 0 5 1\r\nhello\r\nEND\r\n",
                                         "NF\r\n",
                                         "EX\r\n",
                                         "MN\r\n",
                                         "STORED\r\n",
                                         "hd ksess s5 f1 c1\r\n",
                                         "HD ksess s5 f1 c1\n",
                                         "HD ksess s5 f1 c1\rX",
                                         "HD ksess s5\tf1 c1\r\n",
                                         "\r\n"}) {
        EXPECT_EQ(state_of(kLook, bytes), State::kMalformed) << bytes;
    }
    for (const std::string_view bytes : {"EN\r\n", "HD \r\n", "HD c1\r\n", "NS\r\n", "STORED\r\n",
                                         "DELETED\r\n", "NOT_FOUND\r\n", "EXISTS\r\n"}) {
        EXPECT_EQ(state_of(kRemove, bytes), State::kMalformed) << bytes;
    }
}

TEST(MetaProtocol, EndlessLineIsMalformedAtItsLimit) {
    const std::string line(kLineLengthMax, 'x');
    EXPECT_EQ(state_of(kLook, line.substr(1)), State::kIncomplete);
    EXPECT_EQ(state_of(kLook, line), State::kMalformed);
}

}  // namespace
}  // namespace memcache_session
