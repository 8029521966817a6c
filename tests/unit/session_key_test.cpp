// The keys of a session and of its lock.
#include "src/lock/session_key.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <string_view>

namespace memcache_session {
namespace {

TEST(SessionKey, RefusesWhatWouldMakeTwoIdsOneSession) {
    for (const std::string& sid :
         {std::string(), std::string("a b"), std::string("a\r\nb"), std::string("a\0b", 3),
          std::string(300, 'a'), std::string("abc.lock"), std::string("abc.lock.12"),
          std::string("\x7f")}) {
        EXPECT_FALSE(SessionKey::make("", sid).ok()) << sid;
    }
    EXPECT_FALSE(SessionKey::make("pre fix", "abc").ok());
    EXPECT_TRUE(SessionKey::make("", "abc.lock.x").ok());
    EXPECT_TRUE(SessionKey::make("", std::string(245, 'a')).ok());
    EXPECT_FALSE(SessionKey::make("", std::string(246, 'a')).ok());
    EXPECT_EQ(SessionKey::make("p_", "abc").value().lock(), "p_abc.lock");
}

TEST(SessionKey, OfEveryLengthIsWholeOrRefused) {
    const size_t longest = kKeyLengthMax - kLockSuffix.size();
    for (const std::string& prefix : {std::string(), std::string("p."), std::string(100, 'p')}) {
        for (size_t length = 1; length <= 2 * kKeyLengthMax; ++length) {
            const std::string sid(length, 'a');
            const Result<SessionKey> key = SessionKey::make(prefix, sid);
            ASSERT_EQ(key.ok(), prefix.size() + length <= longest) << prefix << " and " << length;
            if (key.ok()) {
                ASSERT_EQ(key.value().session(), prefix + sid);
                ASSERT_EQ(key.value().lock(), prefix + sid + ".lock");
                ASSERT_LE(key.value().lock().size(), kKeyLengthMax);
            }
        }
    }
}

TEST(SessionKey, TakesEachByteAboveABlankButDel) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text = "a" + std::string(1, static_cast<char>(byte)) + "b";
        const bool is_allowed = byte > ' ' && byte != 127;
        EXPECT_EQ(SessionKey::make("", text).ok(), is_allowed) << byte;
        EXPECT_EQ(SessionKey::make(text, "abc").ok(), is_allowed) << byte;
    }
}

TEST(SessionKey, RefusesTheNamesOfLocksAndWaitingPlaces) {
    for (const char* sid :
         {".lock", "a.lock", "a.lock.lock", "a.lock.0", "a.lock.4294967295", ".lock.1", "a.1.lock",
          "a.lock.clear", ".lock.clear", "a.lock.~3", "a.lock.~clear"}) {
        EXPECT_FALSE(SessionKey::make("", sid).ok()) << sid;
    }
    for (const char* sid : {"lock",
                            "alock",
                            "a.lock.",
                            "a.lock.1x",
                            "a.lock1",
                            "a.LOCK",
                            "a.lock.1.2",
                            "1",
                            "123",
                            "a.1",
                            ".1",
                            ".",
                            "clear",
                            ".clear",
                            "a.clear",
                            "a.lock.clear.",
                            "a.lock.cleared",
                            "a.lock.~",
                            "a.lock.~~1",
                            "a.lock.CLEAR",
                            "~1"}) {
        EXPECT_TRUE(SessionKey::make("", sid).ok()) << sid;
    }
    // The prefix may make an internal key of an id.
    EXPECT_FALSE(SessionKey::make("a.lock.", "3").ok());
    EXPECT_FALSE(SessionKey::make("a.lo", "ck").ok());
    EXPECT_TRUE(SessionKey::make("a.lock.", "x").ok());
}

TEST(SessionKey, AlphabetOfPhpCanBeAskedFor) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text = "a" + std::string(1, static_cast<char>(byte)) + "b";
        const bool is_allowed = (byte < 128 && std::isalnum(byte)) || byte == ',' || byte == '-';
        const Result<SessionKey> key = SessionKey::make("p.:", text, SessionIds::kPhp);
        EXPECT_EQ(key.ok(), is_allowed) << byte;
    }
    const std::string why(SessionKey::make("", "a.b", SessionIds::kPhp).status().message());
    EXPECT_NE(why.find("memcache.session_ids = php allows"), std::string::npos) << why;
    EXPECT_NE(why.find("nothing was sent"), std::string::npos) << why;
}

TEST(SessionKey, HasRoomForItemsBesideTheLockAtEveryLength) {
    std::set<std::string> keys;
    for (size_t length = 200; length <= kKeyLengthMax - kLockSuffix.size(); ++length) {
        for (const char last : {'a', 'b'}) {
            const std::string sid = std::string(length - 1, 'a') + last;
            const SessionKey key = SessionKey::make("", sid).value();
            for (const char* name : {"1", "9", "10", "1000", "clear"}) {
                const std::string beside = key.beside_lock(name);
                EXPECT_LE(beside.size(), kKeyLengthMax);
                EXPECT_TRUE(keys.insert(beside).second) << beside;
                EXPECT_FALSE(SessionKey::make("", beside).ok()) << beside;
                EXPECT_FALSE(SessionKey::make("", beside.substr(1)).ok()) << beside;
                const std::string plain = std::string(key.lock()) + '.' + name;
                EXPECT_EQ(beside == plain, plain.size() <= kKeyLengthMax) << beside;
            }
        }
    }
}

// Processes of all releases and machines must agree on the key.
TEST(SessionKey, ShortenedKeyIsTheSameEverywhere) {
    const SessionKey key = SessionKey::make("p.", std::string(243, 'a')).value();
    EXPECT_EQ(key.beside_lock("1"), "p." + std::string(224, 'a') + "1c5c73b07eb20cd8.lock.~1");
}

TEST(SessionKey, RefusalSaysWhyAndThatNothingWasSent) {
    const auto why = [](std::string_view prefix, std::string_view sid) {
        const Result<SessionKey> key = SessionKey::make(prefix, sid);
        EXPECT_EQ(key.status().code(), Code::kInvalidArgument);
        EXPECT_NE(key.status().message().find("nothing was sent"), std::string::npos);
        return std::string(key.status().message());
    };
    EXPECT_NE(why("", "").find("is empty"), std::string::npos);
    EXPECT_NE(why("", std::string(246, 'a')).find("251 bytes"), std::string::npos);
    EXPECT_NE(why("", "a b").find("session id has a blank"), std::string::npos);
    EXPECT_NE(why("a b", "c").find("prefix has a blank"), std::string::npos);
    EXPECT_NE(why("", "a.lock").find("lock"), std::string::npos);
}

}  // namespace
}  // namespace memcache_session
