// A server that was restarted counts its cas numbers anew: those from before mean nothing to it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

// Stores other items on the server until its next store gets this cas.
void bring_cas_to(FakeCluster& cluster, uint32_t server, uint64_t cas) {
    while (true) {
        cluster.exchange.run(server, Command::set("other", "x", 0, 0));
        if (cluster.exchange.find(server, "other")->cas + 1 >= cas) {
            return;
        }
    }
}

class RestartedServer : public SessionTest {};

class RestartedServerOnOneServer : public SessionOnOneServer {};

TEST_F(RestartedServer, KeepsALockOfAnotherThatHasTheCasOfOurs) {
    for (int i = 0; i < 3; ++i) {
        cluster.store(kSid, "0");
    }
    Opened session(this);
    const uint64_t cas = find(1, kLock)->cas;
    cluster.exchange.restart(1);
    bring_cas_to(cluster, 1, cas);
    const std::string lock = encode_lock(make_token(77), {0, 1}, "web2~1", 1, 0, "/other.php");
    cluster.exchange.run(1, Command::add(kLock, lock, kLockFlags, 100));
    ASSERT_EQ(find(1, kLock)->cas, cas);
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    ASSERT_NE(find(1, kLock), nullptr);
    EXPECT_EQ(find(1, kLock)->value, lock);
}

TEST_F(RestartedServerOnOneServer, KeepsASessionOfAnotherThatHasTheCasOfTheOneThatWasRead) {
    for (int i = 0; i < 3; ++i) {
        cluster.store(kSid, "0");
    }
    Opened session(this);
    const uint64_t cas = find(0, kSid)->cas;
    cluster.exchange.restart(0);
    bring_cas_to(cluster, 0, cas);
    cluster.exchange.run(0, Command::add(kSid, "other", 0, 0));
    ASSERT_EQ(find(0, kSid)->cas, cas);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_EQ(value_on(0), "other");
}

}  // namespace
}  // namespace memcache_session
