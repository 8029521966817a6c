// The keys of a session and of its lock.
#include "src/lock/session_key.h"

#include <gtest/gtest.h>

#include <string>

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
    EXPECT_EQ(SessionKey::make("p_", "abc").value().lock, "p_abc.lock");
}

TEST(SessionKey, OfEveryLengthIsWholeOrRefused) {
    const size_t longest = kKeyLengthMax - kLockSuffix.size();
    for (const std::string& prefix : {std::string(), std::string("p."), std::string(100, 'p')}) {
        for (size_t length = 1; length <= 2 * kKeyLengthMax; ++length) {
            const std::string sid(length, 'a');
            const Result<SessionKey> key = SessionKey::make(prefix, sid);
            ASSERT_EQ(key.ok(), prefix.size() + length <= longest) << prefix << " and " << length;
            if (key.ok()) {
                ASSERT_EQ(key.value().session, prefix + sid);
                ASSERT_EQ(key.value().lock, prefix + sid + ".lock");
                ASSERT_LE(key.value().lock.size(), kKeyLengthMax);
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
    for (const char* sid : {".lock", "a.lock", "a.lock.lock", "a.lock.0", "a.lock.4294967295",
                            ".lock.1", "a.1.lock"}) {
        EXPECT_FALSE(SessionKey::make("", sid).ok()) << sid;
    }
    for (const char* sid : {"lock", "alock", "a.lock.", "a.lock.1x", "a.lock1", "a.LOCK",
                            "a.lock.1.2", "1", "123", "a.1", ".1", "."}) {
        EXPECT_TRUE(SessionKey::make("", sid).ok()) << sid;
    }
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
