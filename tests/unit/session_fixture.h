// Sessions on a cluster of model servers: what the tests of sessions begin with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/lock/lock_item.h"
#include "src/replica/version.h"
#include "src/session/session.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {

constexpr std::string_view kSid = "abc";
constexpr std::string_view kLock = "abc.lock";

class SessionTest : public ::testing::Test {
protected:
    explicit SessionTest(size_t servers = 2) : cluster(servers) {}

    // One more request, with the options as they are now.
    Session request() { return {cluster.parts(), cluster.options}; }

    // A request that has read the session into `value`.
    struct Opened : Session {
        explicit Opened(SessionTest* test, bool lock = true)
            : Session(test->cluster.parts(), test->cluster.options) {
            EXPECT_EQ(read(kSid, lock, &test->value), Answer::kOk) << warning();
        }
    };

    // Another request's lock on one server.
    void set_lock(uint32_t server, std::string_view held, int32_t exptime) {
        cluster.exchange.run(server, Command::set(kLock, held, kLockFlags, exptime));
    }

    const sim::SimServer::Item* find(uint32_t server, std::string_view key) {
        return cluster.exchange.find(server, key);
    }
    std::string value_on(uint32_t server) {
        const auto* item = find(server, kSid);
        return item == nullptr ? "none" : item->value;
    }
    Version version_on(uint32_t server) { return ItemFlags::version(find(server, kSid)->flags); }

    FakeCluster cluster;
    std::string_view value;
};

class SessionOnOneServer : public SessionTest {
protected:
    SessionOnOneServer() : SessionTest(1) {}
};

class SessionOnThreeServers : public SessionTest {
protected:
    SessionOnThreeServers() : SessionTest(3) {}
};

class SessionOnFourServers : public SessionTest {
protected:
    SessionOnFourServers() : SessionTest(4) {}
};

}  // namespace memcache_session
