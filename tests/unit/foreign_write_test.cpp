// Another program writes a session beside us: its items have no version, so flags and size can be
// equal although the value is not, and a destroy after its write begins the versions again.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

// As pecl/memcache stores it.
void store_as_pecl(FakeCluster& cluster, uint32_t server, std::string_view value) {
    cluster.exchange.run(server, Command::set(kSid, value, 0, 1440));
}

class ForeignWrite : public SessionTest {};

class ForeignWriteOnOneServer : public SessionOnOneServer {};

TEST_F(ForeignWriteOnOneServer, OfEqualSizeIsKeptWhenTheConnectionWasLost) {
    store_as_pecl(cluster, 0, "n|i:1;");
    Opened session(this);
    cluster.clock.advance(cluster.options.lock.lease() + Duration(1000000));
    store_as_pecl(cluster, 0, "n|i:2;");
    cluster.exchange.drop_connection(0);
    EXPECT_EQ(session.write(kSid, "n|i:9;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "n|i:2;");
}

TEST_F(ForeignWrite, OfEqualSizeToALaterCopyIsKeptWhenTheConnectionWasLost) {
    cluster.store(kSid, "mine");
    store_as_pecl(cluster, 1, "n|i:1;");
    Opened session(this);
    ASSERT_EQ(value, "mine");
    store_as_pecl(cluster, 1, "n|i:2;");
    cluster.exchange.drop_connection(0);
    cluster.exchange.drop_connection(1);
    EXPECT_EQ(session.write(kSid, "n|i:9;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "mine");
    EXPECT_EQ(value_on(1), "n|i:2;");
}

TEST_F(ForeignWriteOnOneServer, ThatDidNotComeLetsTheCommitPassAfterALostConnection) {
    store_as_pecl(cluster, 0, "n|i:1;");
    Opened session(this);
    cluster.exchange.drop_connection(0);
    EXPECT_EQ(session.write(kSid, "n|i:9;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "n|i:9;");
}

// Destroyed, written by another program, destroyed again: both tombstones have version 1.
TEST_F(ForeignWriteOnOneServer, BetweenTwoTombstonesRefusesTheLateStore) {
    const auto destroy = [this] {
        Session session = request();
        EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
        session.close();
    };
    store_as_pecl(cluster, 0, "n|i:1;");
    destroy();
    Opened late(this, false);
    const uint32_t flags = find(0, kSid)->flags;
    store_as_pecl(cluster, 0, "n|i:2;");
    destroy();
    ASSERT_EQ(find(0, kSid)->flags, flags);
    EXPECT_EQ(late.write(kSid, "n|i:9;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "");
    EXPECT_EQ(find(0, kLock), nullptr);
}

// memcached before 1.6.24 gives an item that its slab mover moved a new cas.
TEST_F(ForeignWrite, IsNotSeenInANewCasOfOneCopy) {
    cluster.store(kSid, "n|i:1;");
    Opened late(this, false);
    const uint32_t flags = find(1, kSid)->flags;
    cluster.exchange.run(1, Command::set(kSid, "n|i:1;", flags, 1440));
    EXPECT_EQ(late.write(kSid, "n|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "n|i:2;");
    EXPECT_EQ(value_on(1), "n|i:2;");
}

// A subclass of SessionHandler has write() called for an unchanged session too.
TEST_F(ForeignWriteOnOneServer, IsNotOverwrittenByAnUnchangedSessionThatWasReadWithoutLock) {
    cluster.store(kSid, "n|i:1;");
    Opened session(this, false);
    const uint64_t cas = find(0, kSid)->cas;
    EXPECT_EQ(session.write(kSid, "n|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(find(0, kSid)->cas, cas);
}

}  // namespace
}  // namespace memcache_session
