// Copies whose value is not read: what crosses the wire, and when a value is read after all.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

class MetaSession : public SessionOnThreeServers {
protected:
    MetaSession() {
        cluster.exchange.speaks_meta = true;
        cluster.options.compress_threshold = 0;
    }

    // The bytes of the session that one opening receives, and its phases.
    size_t bytes_of_opening(int* phases) {
        cluster.exchange.bytes_received = 0;
        cluster.exchange.phases = 0;
        Opened session(this);
        const size_t received = cluster.exchange.bytes_received;
        *phases = cluster.exchange.phases;
        session.close();
        return received;
    }

    void put(uint32_t server, std::string_view bytes, Version version) {
        cluster.exchange.run(
            server, Command::set(kSid, bytes, ItemFlags::encode(version, false, false), 0));
    }
};

constexpr size_t kLocksMax = 1000;  // bytes of the values of a few locks

TEST_F(MetaSession, CrossesTheWireOnceWhateverTheNumberOfCopies) {
    for (const size_t size : {size_t{100} << 10, size_t{900} << 10}) {
        for (const uint32_t copies : {1U, 2U, 3U}) {
            cluster.options.redundancy = copies;
            cluster.store(kSid, std::string(size, 'x'));
            int phases = 0;
            const size_t received = bytes_of_opening(&phases);
            EXPECT_GE(received, size);
            EXPECT_LE(received, size + kLocksMax) << copies << " copies";
            EXPECT_EQ(phases, 1);
        }
    }
}

TEST_F(MetaSession, ClassicServersSendEveryCopy) {
    cluster.exchange.speaks_meta = false;
    cluster.options.redundancy = 3;
    cluster.store(kSid, std::string(100 << 10, 'x'));
    int phases = 0;
    EXPECT_GE(bytes_of_opening(&phases), size_t{300} << 10);
    EXPECT_EQ(phases, 1);
}

TEST_F(MetaSession, UnchangedSessionIsTouchedOnEveryServerInTwoPhases) {
    cluster.store(kSid, "data");
    cluster.exchange.phases = 0;
    Opened session(this);
    cluster.exchange.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.phases, 2);
    int touches = 0;
    for (const Command& command : cluster.exchange.sent) {
        touches += command.verb == Verb::kTouch ? 1 : 0;
    }
    EXPECT_EQ(touches, 2);
}

TEST_F(MetaSession, ValueOfANewerLaterCopyIsReadInOneMorePhase) {
    put(0, "old", 4);
    put(1, "newest", 5);
    cluster.exchange.phases = 0;
    Opened session(this);
    EXPECT_EQ(value, "newest");
    EXPECT_EQ(cluster.exchange.phases, 2);
    ASSERT_EQ(session.update_timestamp(kSid, "newest", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "newest");
    EXPECT_EQ(version_on(0), 5);
}

TEST_F(MetaSession, OlderCopyIsNotServedWhenTheNewerIsLost) {
    put(0, "old", 4);
    put(1, "newest", 5);
    cluster.exchange.after_phase = [this](int phase) { cluster.exchange.down[1] = phase > 0; };
    Session session = request();
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server1:11211"), std::string::npos) << session.warning();
    EXPECT_EQ(find(0, kLock), nullptr);
}

// Another request without lock commits between the phases.
TEST_F(MetaSession, CopyThatChangesBetweenThePhasesIsReadAgain) {
    put(0, "old", 4);
    put(1, "newest", 5);
    cluster.exchange.after_phase = [this](int phase) {
        if (phase == 1) {
            put(0, "latest", 6);
            cluster.exchange.run(1, Command::unconditional_delete(kSid));
        }
    };
    Session session = request();
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk) << session.warning();
    EXPECT_EQ(value, "latest");
}

TEST_F(MetaSession, TombstoneOfALaterServerNeedsNoValue) {
    put(0, "old", 4);
    cluster.exchange.run(1, Command::set(kSid, "", ItemFlags::encode(5, true, false), 0));
    cluster.exchange.phases = 0;
    Opened session(this);
    EXPECT_EQ(value, "");
    EXPECT_EQ(cluster.exchange.phases, 1);
}

TEST_F(MetaSession, ForeignCopiesAreComparedByBytes) {
    cluster.exchange.run(0, Command::set(kSid, "one", 0, 0));
    cluster.exchange.run(1, Command::set(kSid, "two", 0, 0));
    cluster.exchange.phases = 0;
    Opened session(this);
    EXPECT_EQ(value, "one");
    EXPECT_EQ(cluster.exchange.phases, 2);
    ASSERT_EQ(session.update_timestamp(kSid, "one", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "one");
}

TEST_F(MetaSession, CopyOfTheSameVersionAndAnotherSizeIsStoredAnew) {
    put(0, "first", 4);
    put(1, "second", 4);
    Opened session(this);
    EXPECT_EQ(value, "first");
    ASSERT_EQ(session.update_timestamp(kSid, "first", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "first");
}

TEST_F(MetaSession, WithoutLocksEveryValueIsCompared) {
    cluster.options.locking = false;
    put(0, "one", 4);
    put(1, "two", 4);
    Opened session(this);
    ASSERT_EQ(session.update_timestamp(kSid, "one", 1440), Answer::kOk);
    EXPECT_EQ(value_on(1), "one");
}

TEST_F(MetaSession, LostConnectionOfACopyThatWasNotReadIsLookedAtBySizeAndVersion) {
    put(0, "first", 4);
    put(1, "stale", 3);
    Opened session(this);
    cluster.exchange.drop_connection(1);
    ASSERT_EQ(session.write(kSid, "next", 1440), Answer::kOk) << session.warning();
    EXPECT_EQ(value_on(1), "next");
}

TEST_F(MetaSession, DestroyReadsNoValueOutsideTheSet) {
    put(0, std::string(10000, 'x'), 4);
    put(1, std::string(10000, 'x'), 4);
    put(2, std::string(10000, 'x'), 3);
    Opened session(this);
    cluster.exchange.bytes_received = 0;
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    EXPECT_LT(cluster.exchange.bytes_received, 1000U);
    ASSERT_NE(find(2, kSid), nullptr);
    EXPECT_EQ(find(2, kSid)->flags, find(0, kSid)->flags) << "a tombstone there too";
}

}  // namespace
}  // namespace memcache_session
