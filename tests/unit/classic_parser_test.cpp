#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "src/wire/classic.h"

namespace memcache_session {
namespace {

using State = ParsedReply::State;

const Command kGets = Command::read_for_update("sess");
const Command kGet = Command::read("sess");
const Command kAdd = Command::add("sess", "v", 0, 0);
const Command kSet = Command::set("sess", "v", 0, 0);
const Command kCas = Command::replace_if("sess", "v", 0, 0, 1);
const Command kRemove = Command::delete_if("sess", 1);
const Command kTouch = Command::touch("sess", 1);
const Command kDelete = Command::unconditional_delete("sess");
const Command kEveryCommand[] = {kGets, kGet, kAdd, kSet, kCas, kRemove, kTouch, kDelete};

struct Example {
    const Command* command;
    std::string bytes;
    ReplyKind kind;
    std::string value;
};

// Every well-formed reply of each kind.
std::vector<Example> examples() {
    std::vector<Example> all = {
        {&kGets, "END\r\n", ReplyKind::kMiss, ""},
        {&kGets, "VALUE sess 65538 5 77\r\nhello\r\nEND\r\n", ReplyKind::kHit, "hello"},
        {&kGets, "VALUE sess 0 0 1\r\n\r\nEND\r\n", ReplyKind::kHit, ""},
        {&kGets, "VALUE sess 0 16 1\r\na\r\nEND\r\nEND\r\n\r\nb\r\nEND\r\n", ReplyKind::kHit,
         "a\r\nEND\r\nEND\r\n\r\nb"},
        {&kGet, "END\r\n", ReplyKind::kMiss, ""},
        {&kGet, "VALUE sess 65538 5\r\nhello\r\nEND\r\n", ReplyKind::kHit, "hello"},
        {&kGet, "VALUE sess 0 0\r\n\r\nEND\r\n", ReplyKind::kHit, ""},
        {&kAdd, "STORED\r\n", ReplyKind::kDone, ""},
        {&kAdd, "NOT_STORED\r\n", ReplyKind::kExists, ""},
        {&kSet, "STORED\r\n", ReplyKind::kDone, ""},
        {&kCas, "STORED\r\n", ReplyKind::kDone, ""},
        {&kCas, "EXISTS\r\n", ReplyKind::kExists, ""},
        {&kCas, "NOT_FOUND\r\n", ReplyKind::kGone, ""},
        {&kRemove, "STORED\r\n", ReplyKind::kDone, ""},
        {&kRemove, "EXISTS\r\n", ReplyKind::kExists, ""},
        {&kRemove, "NOT_FOUND\r\n", ReplyKind::kGone, ""},
        {&kTouch, "TOUCHED\r\n", ReplyKind::kDone, ""},
        {&kTouch, "NOT_FOUND\r\n", ReplyKind::kGone, ""},
        {&kDelete, "DELETED\r\n", ReplyKind::kDone, ""},
        {&kDelete, "NOT_FOUND\r\n", ReplyKind::kGone, ""},
    };
    for (const Command& command : kEveryCommand) {
        all.push_back({&command, "ERROR\r\n", ReplyKind::kUnknownCommand, ""});
        all.push_back(
            {&command, "CLIENT_ERROR bad data chunk\r\n", ReplyKind::kRejected, "bad data chunk"});
        all.push_back({&command, "SERVER_ERROR out of memory storing object\r\n",
                       ReplyKind::kRefused, "out of memory storing object"});
        all.push_back({&command, "SERVER_ERROR\r\n", ReplyKind::kRefused, ""});
        all.push_back({&command, "ERROR Too many open connections\r\n", ReplyKind::kRefused,
                       "Too many open connections"});
    }
    return all;
}

std::string value_reply(const std::string& fields, const std::string& value) {
    return "VALUE " + fields + "\r\n" + value + "\r\nEND\r\n";
}

// Parses a copy that ends where its memory ends, so that a sanitizer sees a read beyond it.
State state_of(const Command& command, std::string_view bytes) {
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);
    if (!bytes.empty()) {
        std::memcpy(exact.get(), bytes.data(), bytes.size());
    }
    return kClassicProtocol.parse(command, {exact.get(), bytes.size()}).state;
}

TEST(ClassicParser, EveryReplyThatFitsItsVerb) {
    for (const Example& example : examples()) {
        const ParsedReply parsed = kClassicProtocol.parse(*example.command, example.bytes);
        ASSERT_EQ(parsed.state, State::kComplete) << example.bytes;
        EXPECT_EQ(parsed.reply.kind, example.kind) << example.bytes;
        EXPECT_EQ(parsed.reply.value, example.value) << example.bytes;
        EXPECT_EQ(parsed.consumed, example.bytes.size()) << example.bytes;
        EXPECT_EQ(parsed.total, example.bytes.size()) << example.bytes;
    }
}

TEST(ClassicParser, EveryReplyCutAtEveryByteIsIncomplete) {
    for (const Example& example : examples()) {
        for (size_t cut = 0; cut < example.bytes.size(); ++cut) {
            EXPECT_EQ(state_of(*example.command, std::string_view(example.bytes).substr(0, cut)),
                      State::kIncomplete)
                << example.bytes << " cut at " << cut;
        }
    }
}

TEST(ClassicParser, HitCarriesFlagsCasAndAViewIntoTheInput) {
    const std::string bytes = value_reply("sess 4294967295 5 18446744073709551615", "hello");
    const ParsedReply parsed = kClassicProtocol.parse(kGets, bytes);
    ASSERT_EQ(parsed.state, State::kComplete);
    EXPECT_EQ(parsed.reply.flags, 4294967295U);
    EXPECT_EQ(parsed.reply.cas, std::numeric_limits<uint64_t>::max());
    EXPECT_EQ(parsed.reply.value.data(), bytes.data() + bytes.find("hello"));
}

TEST(ClassicParser, CasBelongsToGetsAlone) {
    const std::string with_cas = value_reply("sess 7 5 42", "hello");
    const std::string without_cas = value_reply("sess 7 5", "hello");
    EXPECT_EQ(kClassicProtocol.parse(kGets, with_cas).reply.cas, 42U);
    EXPECT_EQ(state_of(kGets, without_cas), State::kMalformed);
    const ParsedReply parsed = kClassicProtocol.parse(kGet, without_cas);
    ASSERT_EQ(parsed.state, State::kComplete);
    EXPECT_EQ(parsed.reply.flags, 7U);
    EXPECT_EQ(parsed.reply.cas, 0U);
    EXPECT_EQ(state_of(kGet, with_cas), State::kMalformed);
}

TEST(ClassicParser, WhatFollowsAReplyIsLeftForTheNextCommand) {
    for (const Example& example : examples()) {
        const std::string pipelined = example.bytes + "NOT_STORED\r\nrubbish";
        const ParsedReply parsed = kClassicProtocol.parse(*example.command, pipelined);
        ASSERT_EQ(parsed.state, State::kComplete) << example.bytes;
        EXPECT_EQ(parsed.consumed, example.bytes.size()) << example.bytes;
        EXPECT_EQ(parsed.reply.value, example.value) << example.bytes;
    }
}

TEST(ClassicParser, TotalIsKnownOnceTheValueLineIsWhole) {
    const std::string bytes = value_reply("sess 0 5 1", "hello");
    const size_t line_end = bytes.find('\n') + 1;
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
        const ParsedReply parsed =
            kClassicProtocol.parse(kGets, std::string_view(bytes).substr(0, cut));
        EXPECT_EQ(parsed.total, cut < line_end ? 0 : bytes.size()) << cut;
        EXPECT_EQ(parsed.consumed, 0U);
    }
}

TEST(ClassicParser, AnswerToAnotherVerbIsMalformed) {
    const std::string words[] = {
        "STORED\r\n",    "NOT_STORED\r\n", "EXISTS\r\n",
        "NOT_FOUND\r\n", "TOUCHED\r\n",    "DELETED\r\n",
        "END\r\n",       "OK\r\n",         "VERSION 1.6\r\n",
        "HD\r\n",        "EN\r\n",         "1\r\n",
        "\r\n",          "RESET\r\n",      "VALUE sess 0 1 1\r\nv\r\nEND\r\n"};
    for (const Command& command : kEveryCommand) {
        for (const std::string& word : words) {
            bool fits = false;
            for (const Example& example : examples()) {
                fits |= example.command->verb == command.verb && example.bytes == word;
            }
            const State state = state_of(command, word);
            if (fits ||
                (command.verb == Verb::kReadForUpdate && word[0] == 'V' && word[1] == 'A')) {
                EXPECT_EQ(state, State::kComplete) << word;
            } else {
                EXPECT_EQ(state, State::kMalformed) << word;
            }
        }
    }
}

TEST(ClassicParser, WordsMustMatchToTheByte) {
    for (const char* bytes : {"stored\r\n", "STORED \r\n", " STORED\r\n", "STORED.\r\n",
                              "STORE\r\n", "STORED STORED\r\n"}) {
        EXPECT_EQ(state_of(kSet, bytes), State::kMalformed) << bytes;
    }
    for (const char* bytes : {"END \r\n", "ENDS\r\n", "EN\r\n", "VALUE\r\n", "VALUE \r\n"}) {
        EXPECT_EQ(state_of(kGets, bytes), State::kMalformed) << bytes;
    }
    for (const char* bytes : {"ERRORS\r\n", "SERVER_ERRORx\r\n", "SERVER_ERR\r\n", "error\r\n"}) {
        EXPECT_EQ(state_of(kAdd, bytes), State::kMalformed) << bytes;
    }
}

TEST(ClassicParser, ValueOfAnotherKeyIsMalformed) {
    for (const char* key : {"sesx", "ses", "sesss", "sess.lock", "SESS", "", " sess", "other"}) {
        EXPECT_EQ(state_of(kGets, value_reply(std::string(key) + " 0 1 1", "v")), State::kMalformed)
            << key;
    }
}

TEST(ClassicParser, SecondValueIsMalformed) {
    EXPECT_EQ(state_of(kGets, "VALUE sess 0 1 1\r\nv\r\nVALUE sess 0 1 2\r\nw\r\nEND\r\n"),
              State::kMalformed);
}

TEST(ClassicParser, MissingEndIsMalformedAtTheFirstByteThatDiffers) {
    const std::string start = "VALUE sess 0 1 1\r\nv\r\n";
    EXPECT_EQ(state_of(kGets, start + "E"), State::kIncomplete);
    EXPECT_EQ(state_of(kGets, start + "S"), State::kMalformed);
    EXPECT_EQ(state_of(kGets, start + "ENd"), State::kMalformed);
    EXPECT_EQ(state_of(kGets, start + "END\n"), State::kMalformed);
    EXPECT_EQ(state_of(kGets, start + "SERVER_ERROR out of memory\r\n"), State::kMalformed);
}

TEST(ClassicParser, ValueLongerOrShorterThanItSaysIsMalformed) {
    EXPECT_EQ(state_of(kGets, "VALUE sess 0 4 1\r\nhello\r\nEND\r\n"), State::kMalformed);
    EXPECT_EQ(state_of(kGets, "VALUE sess 0 6 1\r\nhello\r\nEND\r\n"), State::kMalformed);
    EXPECT_EQ(state_of(kGets, "VALUE sess 0 0 1\r\nhello\r\nEND\r\n"), State::kMalformed);
}

TEST(ClassicParser, NumbersAreDigitsOnlyAndInRange) {
    for (const char* fields : {"sess 0 -1 1",
                               "sess 0 +1 1",
                               "sess 0 01 1",
                               "sess 00 1 1",
                               "sess 0 1 01",
                               "sess +0 1 1",
                               "sess 0 1x 1",
                               "sess 0 0x1 1",
                               "sess 0 1.0 1",
                               "sess  0 1 1",
                               "sess 0  1 1",
                               "sess 0 1  1",
                               "sess 0 1 1 ",
                               "sess 0 1 1 1",
                               "sess 0 1 -1",
                               "sess a 1 1",
                               "sess 0 a 1",
                               "sess 0 1 a",
                               "sess 0 1 ",
                               "sess 0",
                               "sess",
                               "sess 4294967296 1 1",
                               "sess 99999999999999999999 1 1",
                               "sess 0 1 18446744073709551616",
                               "sess 0 1 99999999999999999999",
                               "sess 0 1 184467440737095516150"}) {
        EXPECT_EQ(state_of(kGets, value_reply(fields, "v")), State::kMalformed) << fields;
    }
}

TEST(ClassicParser, FlagsPrintedAsASignedNumberAreTheSame32Bits) {
    const struct {
        const char* text;
        uint32_t flags;
    } cases[] = {{"-1", 4294967295U}, {"-2147483648", 2147483648U}, {"-2147418112", 0x80010000U}};
    for (const auto& one : cases) {
        const std::string bytes = value_reply("sess " + std::string(one.text) + " 1 1", "v");
        const ParsedReply parsed = kClassicProtocol.parse(kGets, bytes);
        ASSERT_EQ(parsed.state, State::kComplete) << one.text;
        EXPECT_EQ(parsed.reply.flags, one.flags);
    }
    for (const char* flags : {"-0", "-", "--1", "-01", "-2147483649", "-4294967295"}) {
        EXPECT_EQ(state_of(kGets, value_reply("sess " + std::string(flags) + " 1 1", "v")),
                  State::kMalformed)
            << flags;
    }
}

TEST(ClassicParser, LengthUpToTheLimitIsWaitedForAndBeyondItIsMalformed) {
    const std::string most = std::to_string(kValueLengthMax);
    const ParsedReply parsed = kClassicProtocol.parse(kGets, "VALUE sess 0 " + most + " 1\r\n");
    EXPECT_EQ(parsed.state, State::kIncomplete);
    EXPECT_GT(parsed.total, kValueLengthMax);
    EXPECT_LE(parsed.total, kReplyLengthMax);
    for (const std::string& length :
         {std::to_string(kValueLengthMax + 1), std::string("4294967301"),
          std::string("18446744073709551621"), std::string(100, '9')}) {
        EXPECT_EQ(state_of(kGets, "VALUE sess 0 " + length + " 1\r\n"), State::kMalformed)
            << length;
    }
}

TEST(ClassicParser, ValueWithoutCasIsMalformedAndACasOfZeroIsPassedOn) {
    EXPECT_EQ(state_of(kGets, value_reply("sess 0 1", "v")), State::kMalformed);
    const std::string bytes = value_reply("sess 0 1 0", "v");
    const ParsedReply parsed = kClassicProtocol.parse(kGets, bytes);
    ASSERT_EQ(parsed.state, State::kComplete);
    EXPECT_EQ(parsed.reply.cas, 0U);
}

TEST(ClassicParser, LineEndsWithCarriageReturnAndLineFeedOnly) {
    for (const char* bytes : {"STORED\n", "STORED\r\r\n", "\nSTORED\r\n", "STO\rRED\r\n",
                              "STO\nRED\r\n", "STORED\rX"}) {
        EXPECT_EQ(state_of(kSet, bytes), State::kMalformed) << bytes;
    }
    EXPECT_EQ(state_of(kGets, "VALUE sess 0 1 1\nv\r\nEND\r\n"), State::kMalformed);
    EXPECT_EQ(state_of(kGets, "VALUE sess 0 1 1\r\nv\nEND\r\n"), State::kMalformed);
}

TEST(ClassicParser, ControlCharacterInALineIsMalformedAtOnce) {
    for (int byte = 0; byte < 256; ++byte) {
        const bool is_control = byte < 0x20 || byte == 0x7f;
        if (byte == '\r') {
            continue;
        }
        std::string bytes = "SERVER_ERROR a";
        bytes += static_cast<char>(byte);
        EXPECT_EQ(state_of(kSet, bytes), is_control ? State::kMalformed : State::kIncomplete)
            << byte;
        EXPECT_EQ(state_of(kSet, bytes + "\r\n"), is_control ? State::kMalformed : State::kComplete)
            << byte;
    }
}

TEST(ClassicParser, LineUpToTheLimitIsReadAndALongerOneIsMalformed) {
    const std::string name = "SERVER_ERROR ";
    const std::string longest = name + std::string(kLineLengthMax - name.size() - 2, 'x');
    EXPECT_EQ(state_of(kSet, longest), State::kIncomplete);
    EXPECT_EQ(state_of(kSet, longest + "\r"), State::kIncomplete);
    EXPECT_EQ(state_of(kSet, longest + "\r\n"), State::kComplete);
    EXPECT_EQ(state_of(kSet, longest + "xy"), State::kMalformed);
    EXPECT_EQ(state_of(kSet, longest + "x\r"), State::kMalformed);
    EXPECT_EQ(state_of(kSet, longest + "x\r\n"), State::kMalformed);
    EXPECT_EQ(state_of(kSet, std::string(10 * kLineLengthMax, 'x')), State::kMalformed);
}

TEST(ClassicParser, LongestValueLineFitsInALine) {
    const std::string key(250, 'k');
    const std::string bytes = "VALUE " + key + " -2147483648 " + std::to_string(kValueLengthMax) +
                              " 18446744073709551615\r\n";
    EXPECT_LT(bytes.size(), kLineLengthMax);
    EXPECT_EQ(state_of(Command::read_for_update(key), bytes), State::kIncomplete);
}

TEST(ClassicParser, OtherProgramsAreMalformed) {
    for (const char* bytes :
         {"HTTP/1.1 400 Bad Request\r\n", "-ERR unknown command 'gets'\r\n", "220 mail ESMTP\r\n",
          "SSH-2.0-OpenSSH_9.2\r\n", "$-1\r\n", "\x15\x03\x01", "\x81\x01"}) {
        EXPECT_EQ(state_of(kGets, bytes), State::kMalformed) << bytes;
    }
}

// A corrupted byte may turn a number into another number. If the reply is taken nevertheless, each
// other byte of its value is the session's own.
TEST(ClassicParser, OneCorruptedByteNeverYieldsForeignData) {
    const std::string value = "n|i:1;\r\nEND\r\nVALUE sess 0 3 1\r\nabc\r\nEND\r\n";
    const std::string original =
        value_reply("sess 65536 " + std::to_string(value.size()) + " 12", value);
    const size_t begin = original.find("\r\n") + 2;
    size_t complete = 0;
    for (size_t at = 0; at < original.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string bytes = original;
            bytes[at] = static_cast<char>(byte);
            if (bytes == original) {
                continue;
            }
            const ParsedReply parsed = kClassicProtocol.parse(kGets, bytes);
            // The rest is a stray byte, which the receiver refuses.
            if (parsed.state != State::kComplete || parsed.consumed != bytes.size()) {
                continue;
            }
            ++complete;
            ASSERT_EQ(parsed.reply.kind, ReplyKind::kHit);
            ASSERT_EQ(parsed.reply.value, std::string_view(bytes).substr(begin, value.size()));
            const bool in_value = at >= begin && at < begin + value.size();
            const bool in_flags = at >= 11 && at < 16;
            const bool in_cas = at >= begin - 4 && at < begin - 2;
            ASSERT_TRUE(in_value || in_flags || in_cas) << "byte " << at << " became " << byte;
        }
    }
    EXPECT_GT(complete, value.size() * 255 - 1);
}

TEST(ClassicParser, OneCorruptedByteNeverTurnsAWordIntoAnother) {
    for (const Example& example : examples()) {
        if (example.kind == ReplyKind::kHit || !example.value.empty()) {
            continue;
        }
        for (size_t at = 0; at < example.bytes.size(); ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string bytes = example.bytes;
                bytes[at] = static_cast<char>(byte);
                if (bytes == example.bytes) {
                    continue;
                }
                EXPECT_NE(state_of(*example.command, bytes), State::kComplete) << bytes;
            }
        }
    }
}

TEST(ClassicParser, LosingOrDoublingAByteNeverYieldsForeignData) {
    const std::string original = value_reply("sess 65536 20 12", "n|i:1;\r\nEND\r\nabcdefg");
    for (size_t at = 0; at < original.size(); ++at) {
        std::string lost = original;
        lost.erase(at, 1);
        std::string doubled = original;
        doubled.insert(at, 1, original[at]);
        for (const std::string& bytes : {lost, doubled}) {
            const ParsedReply parsed = kClassicProtocol.parse(kGets, bytes);
            if (parsed.state != State::kComplete || parsed.consumed != bytes.size()) {
                continue;
            }
            EXPECT_EQ(parsed.reply.value, "n|i:1;\r\nEND\r\nabcdefg") << bytes;
        }
    }
}

TEST(ClassicParser, StatisticsAreTheLinesBeforeEnd) {
    const std::string lines = "STAT pid 12\r\nSTAT version 1.6.18\r\nSTAT x\r\n";
    const std::string whole = lines + "END\r\n";
    const Command stats = Command::statistics();
    const std::string followed = whole + "END\r\n";
    const ParsedReply parsed = kClassicProtocol.parse(stats, followed);
    ASSERT_EQ(parsed.state, State::kComplete);
    EXPECT_EQ(parsed.reply.kind, ReplyKind::kHit);
    EXPECT_EQ(parsed.reply.value, lines);
    EXPECT_EQ(parsed.consumed, whole.size());
    for (size_t cut = 0; cut < whole.size(); ++cut) {
        EXPECT_EQ(kClassicProtocol.parse(stats, whole.substr(0, cut)).state, State::kIncomplete)
            << cut;
    }
    EXPECT_EQ(kClassicProtocol.parse(stats, "END\r\n").reply.value, "");
    EXPECT_EQ(kClassicProtocol.parse(stats, "ERROR\r\n").reply.kind, ReplyKind::kUnknownCommand);
}

TEST(ClassicParser, WhatIsNoStatisticsIsMalformed) {
    const Command stats = Command::statistics();
    for (const std::string bytes :
         {"STORED\r\n", "VALUE sess 0 0 1\r\n\r\nEND\r\n", "STAT a 1\r\nSTORED\r\n",
          "STAT a 1\r\nERROR\r\n", "STAT a \x1b[1m\r\nEND\r\n", "STAT a 1\nEND\r\n"}) {
        EXPECT_EQ(kClassicProtocol.parse(stats, bytes).state, State::kMalformed) << bytes;
    }
    EXPECT_EQ(kClassicProtocol.parse(kGet, "STAT a 1\r\nEND\r\n").state, State::kMalformed);
}

TEST(ClassicParser, EndlessStatisticsAreMalformedAtTheirLimit) {
    std::string lines;
    while (lines.size() <= kStatisticsMax) {
        lines += "STAT name value\r\n";
    }
    const Command stats = Command::statistics();
    EXPECT_EQ(kClassicProtocol.parse(stats, lines).state, State::kMalformed);
    lines.resize(kStatisticsMax - kStatisticsMax % 17);
    EXPECT_EQ(kClassicProtocol.parse(stats, lines).state, State::kIncomplete);
}

}  // namespace
}  // namespace memcache_session
