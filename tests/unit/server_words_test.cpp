#include "src/net/server_words.h"

#include <gtest/gtest.h>

#include <string>

namespace memcache_session {
namespace {

constexpr std::string_view kId = "h6t0r8p5s8dk6gs7u5o3ir2l4a";
constexpr std::string_view kIdLock = "h6t0r8p5s8dk6gs7u5o3ir2l4a.lock";

Request opening() {
    Request request;
    request.add(Command::add(kIdLock, "1", 768, 15));
    request.add(Command::read_for_update(kId));
    return request;
}

std::string shown(std::string_view said) {
    Request request = opening();
    request.said = said;
    return words_of(request);
}

TEST(ServerWords, FirstLineEndsAtCrOrLfAndNamesNoItem) {
    EXPECT_EQ(first_line("SSH-2.0-x\r\nmore\r\n"), "SSH-2.0-x");
    EXPECT_EQ(first_line("login: \nmore"), "login: ");
    EXPECT_EQ(first_line("half a li"), "half a li");
    EXPECT_EQ(first_line("\r\nEND\r\n"), "");
    EXPECT_EQ(first_line("VALUE another 0 8 1\r\nn|i:666;\r\n"), "");
    EXPECT_EQ(first_line(""), "");
}

TEST(ServerWords, TellWhatListens) {
    const struct {
        std::string_view said;
        FailureKind kind;
    } rows[] = {
        {"CLIENT_ERROR unauthenticated", FailureKind::kWantsAuthentication},
        {"unauthenticated", FailureKind::kWantsAuthentication},
        {std::string_view("\x15\x03\x01\x00\x02\x02\x46", 7), FailureKind::kSpeaksTls},
        {"HTTP/1.1 400 Bad Request", FailureKind::kSpeaksHttp},
        {"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", FailureKind::kSpeaksSsh},
        {"-ERR unknown command 'add', with args beginning with: ", FailureKind::kSpeaksRedis},
        {"-NOAUTH Authentication required.", FailureKind::kSpeaksRedis},
        {"-DENIED Redis is running in protected mode", FailureKind::kSpeaksRedis},
        {"$-1", FailureKind::kSpeaksRedis},
        {"220 mail.example.com ESMTP", FailureKind::kMalformed},
        {"see HTTP/1.1", FailureKind::kMalformed},
        {"\x15", FailureKind::kMalformed},
        {"", FailureKind::kMalformed},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(kind_told_by(row.said, FailureKind::kMalformed), row.kind) << row.said;
    }
}

TEST(ServerWords, ArePrintable) {
    EXPECT_EQ(shown("\x1b[2J gr\xc3\xbcn \x9b\xff"), "?[2J gr\xc3\xbcn ??");
}

TEST(ServerWords, AreCutToTheirLimitBetweenCharacters) {
    EXPECT_EQ(shown(std::string(kWordsShownMax, 'x')), std::string(kWordsShownMax, 'x'));
    EXPECT_EQ(shown(std::string(kWordsShownMax + 1, 'x')),
              std::string(kWordsShownMax - 3, 'x') + "...");
    std::string text = "x";
    while (text.size() <= kWordsShownMax) {
        text += "\xc3\xbc";
    }
    const std::string cut = shown(text);
    EXPECT_EQ(cut, text.substr(0, kWordsShownMax - 3) + "...");
    EXPECT_EQ(shown("x" + text), "x" + text.substr(0, kWordsShownMax - 5) + "...");
}

TEST(ServerWords, EndBeforeTheIdOfTheSession) {
    EXPECT_EQ(shown("-ERR unknown command 'add', with args beginning with: '" +
                    std::string(kIdLock) + "' '768'"),
              "-ERR unknown command 'add', with args beginning with: '...");
    EXPECT_EQ(shown("no such key: " + std::string(kId)), "no such key: ...");
    EXPECT_EQ(shown("the server cut it: h6t0r8p5s8"), "the server cut it: ...");
    EXPECT_EQ(shown(std::string(kId)), "...");
}

TEST(ServerWords, ShortIdIsHiddenAsAWholeWord) {
    Request request;
    request.add(Command::read_for_update("a"));
    request.said = "a bad day: no 'a' today";
    EXPECT_EQ(words_of(request), "...");
    request.said = "bad day: no 'a' today";
    EXPECT_EQ(words_of(request), "bad day: no '...");
    request.said = "CLIENT_ERROR unauthenticated";
    EXPECT_EQ(words_of(request), "CLIENT_ERROR unauthenticated");
}

TEST(ServerWords, ErrorReplyCountsIfTheExchangeKnowsNoLine) {
    Request request = opening();
    request.replies[0].kind = ReplyKind::kDone;
    request.replies[1].kind = ReplyKind::kRefused;
    request.replies[1].value = "out of memory";
    request.answered = 1;
    EXPECT_EQ(words_of(request), "");
    request.answered = 2;
    EXPECT_EQ(words_of(request), "out of memory");
    request.said = "SERVER_ERROR out of memory";
    EXPECT_EQ(words_of(request), "SERVER_ERROR out of memory");
}

TEST(ServerWords, BareErrorSaysNothing) {
    EXPECT_EQ(shown("ERROR"), "");
    EXPECT_EQ(shown("ERROR Too many open connections"), "ERROR Too many open connections");
    EXPECT_EQ(shown(""), "");
}

}  // namespace
}  // namespace memcache_session
