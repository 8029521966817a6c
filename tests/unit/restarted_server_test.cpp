// A server that was restarted counts its cas numbers anew: those from before mean nothing to it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/lock/lock_item.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

constexpr const char* kSid = "abc";
constexpr const char* kLock = "abc.lock";

// Stores other items on the server until its next store gets this cas.
void bring_cas_to(FakeCluster& cluster, uint32_t server, uint64_t cas) {
    while (true) {
        cluster.exchange.run(server, Command::set("other", "x", 0, 0));
        if (cluster.exchange.find(server, "other")->cas + 1 >= cas) {
            return;
        }
    }
}

TEST(RestartedServer, KeepsALockOfAnotherThatHasTheCasOfOurs) {
    FakeCluster cluster(2);
    for (int i = 0; i < 3; ++i) {
        cluster.store(kSid, "0");
    }
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    const uint64_t cas = cluster.exchange.find(1, kLock)->cas;
    cluster.exchange.restart(1);
    bring_cas_to(cluster, 1, cas);
    const std::string lock = encode_lock(make_token(77), "0,1", "web2~1", 1, 0, "/other.php");
    cluster.exchange.run(1, Command::add(kLock, lock, kLockFlags, 100));
    ASSERT_EQ(cluster.exchange.find(1, kLock)->cas, cas);
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    ASSERT_NE(cluster.exchange.find(1, kLock), nullptr);
    EXPECT_EQ(cluster.exchange.find(1, kLock)->value, lock);
}

TEST(RestartedServer, KeepsASessionOfAnotherThatHasTheCasOfTheOneThatWasRead) {
    FakeCluster cluster(1);
    for (int i = 0; i < 3; ++i) {
        cluster.store(kSid, "0");
    }
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    const uint64_t cas = cluster.exchange.find(0, kSid)->cas;
    cluster.exchange.restart(0);
    bring_cas_to(cluster, 0, cas);
    cluster.exchange.run(0, Command::add(kSid, "other", 0, 0));
    ASSERT_EQ(cluster.exchange.find(0, kSid)->cas, cas);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "other");
}

}  // namespace
}  // namespace memcache_session
