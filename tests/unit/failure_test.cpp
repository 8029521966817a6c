#include "src/net/failure.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Failure, OnlyNoneIsFalse) {
    EXPECT_FALSE(Failure{});
    EXPECT_TRUE((Failure{FailureKind::kTimeout, 0}));
}

TEST(Failure, SystemErrorsReadAsWithinASentence) {
    EXPECT_EQ(describe({FailureKind::kConnect, ECONNREFUSED}, seconds(1)), "connection refused");
    EXPECT_EQ(describe({FailureKind::kBroken, ECONNRESET}, seconds(1)), "connection reset by peer");
}

TEST(Failure, TimeoutsAreGivenInSecondsWithoutNeedlessZeros) {
    EXPECT_EQ(describe({FailureKind::kTimeout, 0}, seconds(1)), "no answer within 1 s");
    EXPECT_EQ(describe({FailureKind::kTimeout, 0}, milliseconds(250)), "no answer within 0.25 s");
    EXPECT_EQ(describe({FailureKind::kTimeout, 0}, seconds(10)), "no answer within 10 s");
    EXPECT_EQ(describe({FailureKind::kConnectTimeout, 0}, milliseconds(1500)),
              "no connection within 1.5 s");
}

TEST(Failure, ResolverErrorsAreTheResolversWords) {
    const std::string text = describe({FailureKind::kResolve, EAI_NONAME}, seconds(1));
    EXPECT_EQ(text.find("the host name was not resolved: "), 0U);
    EXPECT_GT(text.size(), std::string("the host name was not resolved: ").size());
}

TEST(Failure, TooLargeRepliesAreNamedWithTheirSizes) {
    EXPECT_EQ(
        describe({FailureKind::kTooLarge, 0, 1000000049, 31457280}, seconds(1)),
        "its reply of 1000000049 bytes does not fit into the 31457280 bytes that memory_limit "
        "leaves this request for the replies of all servers");
    EXPECT_EQ(
        describe({FailureKind::kTooLong, 0, 20049, 16384}, seconds(1)),
        "its reply of 20049 bytes is longer than a lock can be, which is at most 16384 bytes");
    EXPECT_TRUE(is_too_large({FailureKind::kTooLarge, 0}));
    EXPECT_TRUE(is_too_large({FailureKind::kTooLong, 0}));
    EXPECT_FALSE(is_too_large({FailureKind::kMalformed, 0}));
}

TEST(Failure, DeadAndHungServersAreNotTakenForProxies) {
    for (const FailureKind kind :
         {FailureKind::kResolve, FailureKind::kConnect, FailureKind::kConnectTimeout,
          FailureKind::kTimeout, FailureKind::kServerError, FailureKind::kOutOfMemory,
          FailureKind::kMarkedDown, FailureKind::kNoCas, FailureKind::kWantsAuthentication,
          FailureKind::kSpeaksTls, FailureKind::kSpeaksHttp, FailureKind::kSpeaksSsh,
          FailureKind::kSpeaksRedis}) {
        EXPECT_FALSE(is_typical_of_proxies({kind, ECONNREFUSED}));
    }
    for (const FailureKind kind : {FailureKind::kClosed, FailureKind::kMalformed,
                                   FailureKind::kStuck, FailureKind::kUnknownCommand}) {
        EXPECT_TRUE(is_typical_of_proxies({kind, 0}));
    }
}

TEST(Failure, WordsOfTheServerComeFirst) {
    EXPECT_EQ(describe({FailureKind::kMalformed, 0}, seconds(1), "hello"),
              "it said \"hello\": the reply is not one that memcached gives to this command");
}

TEST(Failure, CauseAndRemedyAreNamedWithoutTheServersWords) {
    const struct {
        FailureKind kind;
        std::vector<std::string> words;
    } rows[] = {
        {FailureKind::kNoCas, {"-C", "proxy=1"}},
        {FailureKind::kWantsAuthentication, {"user and a password", "password_file="}},
        {FailureKind::kSpeaksTls, {"TLS", "tls://"}},
        {FailureKind::kSpeaksHttp, {"HTTP", "the save_path"}},
        {FailureKind::kSpeaksSsh, {"SSH", "the save_path"}},
        {FailureKind::kSpeaksRedis, {"Redis", "the save_path"}},
    };
    for (const auto& row : rows) {
        const std::string text = describe({row.kind, 0}, seconds(1));
        for (const std::string& word : row.words) {
            EXPECT_NE(text.find(word), std::string::npos) << text;
        }
    }
}

TEST(Failure, OnlyAClosedConnectionIsClosing) {
    EXPECT_TRUE(is_closing({FailureKind::kClosed, 0}));
    EXPECT_TRUE(is_closing({FailureKind::kBroken, ECONNRESET}));
    EXPECT_FALSE(is_closing({FailureKind::kMalformed, 0}));
    EXPECT_FALSE(is_closing({FailureKind::kTimeout, 0}));
}

TEST(Failure, EveryKindHasWordsOfItsOwn) {
    std::vector<std::string> seen;
    for (int kind = 0; kind <= static_cast<int>(FailureKind::kConnectionLost); ++kind) {
        const std::string text = describe({static_cast<FailureKind>(kind), ENOENT}, seconds(1));
        EXPECT_FALSE(text.empty());
        EXPECT_NE(text, "unknown failure");
        seen.push_back(text);
    }
    // kConnect and kBroken are both described by the text of errno.
    std::sort(seen.begin(), seen.end());
    const auto unique_end = std::unique(seen.begin(), seen.end());
    EXPECT_EQ(std::distance(unique_end, seen.end()), 1);
}

}  // namespace
}  // namespace memcache_session
