// One session: what opening and closing cost, unchanged sessions, values, ids.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

TEST(SessionPhases, OpenAndCloseAreOneEachWhateverTheNumberOfCopies) {
    for (uint32_t copies = 1; copies <= 3; ++copies) {
        FakeCluster cluster(3);
        cluster.options.redundancy = copies;
        cluster.store(kSid, "first");
        cluster.exchange.phases = 0;
        Session session(cluster.parts(), cluster.options);
        std::string_view value;
        ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
        EXPECT_EQ(value, "first");
        EXPECT_EQ(cluster.exchange.phases, 1);
        ASSERT_EQ(session.write(kSid, "second", 1440), Answer::kOk);
        EXPECT_EQ(cluster.exchange.phases, 2);
        session.close();
        EXPECT_EQ(cluster.exchange.phases, 2);
        for (uint32_t server = 0; server < 3; ++server) {
            const auto* item = cluster.exchange.find(server, kSid);
            ASSERT_EQ(item != nullptr, server < copies);
            if (item != nullptr) {
                EXPECT_EQ(item->value, "second");
            }
            EXPECT_EQ(cluster.exchange.find(server, kLock), nullptr);
        }
    }
}

TEST_F(SessionTest, LongestLifetimeIsStoredInOnePhase) {
    Opened session(this);
    cluster.exchange.phases = 0;
    EXPECT_EQ(session.write(kSid, "new", INT64_MAX), Answer::kOk);
    EXPECT_EQ(cluster.exchange.phases, 1);
}

TEST_F(SessionTest, StrictModeCostsNoFurtherPhase) {
    cluster.store(kSid, "data");
    cluster.exchange.phases = 0;
    Session session = request();
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(cluster.exchange.phases, 1);
}

TEST_F(SessionTest, UnknownIdInStrictModeLeavesNoLockBehind) {
    Session session = request();
    EXPECT_EQ(session.validate(kSid, true), Answer::kMissing);
    session.id_created("new");
    EXPECT_EQ(session.read("new", true, &value), Answer::kOk);
    EXPECT_EQ(find(0, kLock), nullptr);
    EXPECT_NE(find(0, "new.lock"), nullptr);
    session.close();
    EXPECT_EQ(find(0, "new.lock"), nullptr);
    EXPECT_EQ(find(1, "new.lock"), nullptr);
}

TEST_F(SessionTest, UnchangedSessionIsTouchedAndSendsNoValue) {
    cluster.store(kSid, "data");
    Opened session(this);
    cluster.exchange.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 3000), Answer::kOk);
    ASSERT_EQ(cluster.exchange.sent.size(), 4u);
    EXPECT_EQ(cluster.exchange.sent[0].verb, Verb::kTouch);
    EXPECT_EQ(cluster.exchange.sent[1].verb, Verb::kDeleteIf);
    EXPECT_EQ(find(0, kSid)->expires, find(1, kSid)->expires);
}

TEST_F(SessionTest, TooLargeValueKeepsTheOldOneAndSaysWhy) {
    cluster.options.compress_threshold = 0;
    cluster.store(kSid, "small");
    Opened session(this);
    EXPECT_EQ(session.write(kSid, std::string(2 << 20, 'x'), 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("2097152 bytes"), std::string::npos) << session.warning();
    EXPECT_EQ(value_on(0), "small");
    EXPECT_EQ(value_on(1), "small");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(SessionOnOneServer, LongValueIsCompressedAndReadBack) {
    const std::string stored(100000, 'x');
    cluster.store(kSid, stored);
    EXPECT_LT(value_on(0).size(), 1000u);
    EXPECT_TRUE(ItemFlags::is_zlib(find(0, kSid)->flags));
    Opened session(this);
    EXPECT_EQ(value, stored);
}

TEST_F(SessionOnOneServer, DamagedCompressedValueFailsAndStays) {
    cluster.exchange.run(0, Command::set(kSid, "no zlib", ItemFlags::kZlib, 0));
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(session.write(kSid, "", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "no zlib");
    EXPECT_EQ(find(0, kLock), nullptr);
}

TEST_F(SessionOnOneServer, ValueThatInflatesBeyondTheMemoryFailsAndStays) {
    cluster.store(kSid, std::string(100000, 'x'));
    const std::string stored = value_on(0);
    Session session = request();
    session.set_value_max(99999);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find(std::to_string(stored.size()) +
                                     " bytes and inflates to more "
                                     "than the 99999 that memory_limit leaves"),
              std::string::npos)
        << session.warning();
    EXPECT_EQ(session.write(kSid, "", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), stored);
    EXPECT_EQ(find(0, kLock), nullptr);
    session.set_value_max(100000);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value.size(), 100000u);
}

TEST_F(SessionOnOneServer, ValueBeyondTheMemoryFailsAndStays) {
    cluster.options.compress_threshold = 0;
    cluster.store(kSid, std::string(1001, 'x'));
    Session session = request();
    session.set_value_max(1000);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("has 1001 bytes, but memory_limit leaves this request 1000"),
              std::string::npos)
        << session.warning();
    EXPECT_EQ(find(0, kLock), nullptr);
    session.set_value_max(1001);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
}

TEST_F(SessionTest, ResetReadsAgainUnderItsOwnLock) {
    cluster.store(kSid, "data");
    Opened session(this);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(cluster.clock.sleeps, 0);
    ASSERT_EQ(session.write(kSid, "more", 1440), Answer::kOk);
    EXPECT_EQ(find(1, kLock), nullptr);
}

}  // namespace
}  // namespace memcache_session
