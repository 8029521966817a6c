// Another program writes a session beside us: its items have no version, so flags and size can be
// equal although the value is not, and a destroy after its write begins the versions again.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/lock/lock_item.h"
#include "src/replica/version.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

constexpr const char* kSid = "abc";

// As pecl/memcache stores it.
void store_as_pecl(FakeCluster& cluster, uint32_t server, std::string_view value) {
    cluster.exchange.run(server, Command::set(kSid, value, 0, 1440));
}

std::string value_on(FakeCluster& cluster, uint32_t server) {
    return cluster.exchange.find(server, kSid)->value;
}

TEST(ForeignWrite, OfEqualSizeIsKeptWhenTheConnectionWasLost) {
    FakeCluster cluster(1);
    store_as_pecl(cluster, 0, "n|i:1;");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.clock.advance(lease(cluster.options) + Duration(1000000));
    store_as_pecl(cluster, 0, "n|i:2;");
    cluster.exchange.drop_connection(0);
    EXPECT_EQ(session.write(kSid, "n|i:9;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(cluster, 0), "n|i:2;");
}

TEST(ForeignWrite, OfEqualSizeToALaterCopyIsKeptWhenTheConnectionWasLost) {
    FakeCluster cluster(2);
    cluster.store(kSid, "mine");
    store_as_pecl(cluster, 1, "n|i:1;");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(value, "mine");
    store_as_pecl(cluster, 1, "n|i:2;");
    cluster.exchange.drop_connection(0);
    cluster.exchange.drop_connection(1);
    EXPECT_EQ(session.write(kSid, "n|i:9;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(cluster, 0), "mine");
    EXPECT_EQ(value_on(cluster, 1), "n|i:2;");
}

TEST(ForeignWrite, ThatDidNotComeLetsTheCommitPassAfterALostConnection) {
    FakeCluster cluster(1);
    store_as_pecl(cluster, 0, "n|i:1;");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.drop_connection(0);
    EXPECT_EQ(session.write(kSid, "n|i:9;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(cluster, 0), "n|i:9;");
}

// Destroyed, written by another program, destroyed again: both tombstones have version 1.
TEST(ForeignWrite, BetweenTwoTombstonesRefusesTheLateStore) {
    FakeCluster cluster(1);
    const auto destroy = [&cluster] {
        Session session(cluster.parts(), cluster.options);
        EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
        session.close();
    };
    store_as_pecl(cluster, 0, "n|i:1;");
    destroy();
    Session late(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(late.read(kSid, false, &value), Answer::kOk);
    const uint32_t flags = cluster.exchange.find(0, kSid)->flags;
    store_as_pecl(cluster, 0, "n|i:2;");
    destroy();
    ASSERT_EQ(cluster.exchange.find(0, kSid)->flags, flags);
    EXPECT_EQ(late.write(kSid, "n|i:9;", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(cluster, 0), "");
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
}

// memcached before 1.6.24 gives an item that its slab mover moved a new cas.
TEST(ForeignWrite, IsNotSeenInANewCasOfOneCopy) {
    FakeCluster cluster(2);
    cluster.store(kSid, "n|i:1;");
    Session late(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(late.read(kSid, false, &value), Answer::kOk);
    const uint32_t flags = cluster.exchange.find(1, kSid)->flags;
    cluster.exchange.run(1, Command::set(kSid, "n|i:1;", flags, 1440));
    EXPECT_EQ(late.write(kSid, "n|i:2;", 1440), Answer::kOk);
    EXPECT_EQ(value_on(cluster, 0), "n|i:2;");
    EXPECT_EQ(value_on(cluster, 1), "n|i:2;");
}

// A subclass of SessionHandler has write() called for an unchanged session too.
TEST(ForeignWrite, IsNotOverwrittenByAnUnchangedSessionThatWasReadWithoutLock) {
    FakeCluster cluster(1);
    cluster.store(kSid, "n|i:1;");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk);
    const uint64_t cas = cluster.exchange.find(0, kSid)->cas;
    EXPECT_EQ(session.write(kSid, "n|i:1;", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->cas, cas);
}

}  // namespace
}  // namespace memcache_session
