// Proxies that die, lose answers, or report errors of the servers behind them.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/proxied_session_fixture.h"

namespace memcache_session {
namespace {

class ProxiedFailure : public ProxiedSessionTest {};

TEST_F(ProxiedFailure, DeadProxyIsReplacedByTheNextWhereverItDies) {
    store("0");
    for (int dies_at = 0; dies_at < 6; ++dies_at) {
        proxies.down = {false, false};
        proxies.sent.clear();
        proxies.before = [&](const Command&) {
            proxies.down[0] = proxies.sent.size() >= static_cast<size_t>(dies_at);
        };
        Session session(parts(), options);
        ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk) << dies_at;
        EXPECT_EQ(value, std::to_string(dies_at));
        ASSERT_EQ(session.write(kSid, std::to_string(dies_at + 1), 1440), Answer::kOk) << dies_at;
        EXPECT_EQ(proxies.value(kSid), std::to_string(dies_at + 1));
        EXPECT_EQ(proxies.find(kLock), nullptr) << dies_at;
    }
}

TEST_F(ProxiedFailure, LostAnswerOfAnyCommandLosesNothing) {
    store("0");
    for (int lost = 0; lost < 5; ++lost) {
        proxies.down = {false, false};
        proxies.sent.clear();
        proxies.before = [&](const Command&) {
            proxies.deaf[0] = proxies.sent.size() == static_cast<size_t>(lost);
        };
        Session session(parts(), options);
        ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk) << lost;
        EXPECT_EQ(value, std::to_string(lost));
        ASSERT_EQ(session.write(kSid, std::to_string(lost + 1), 1440), Answer::kOk) << lost;
        EXPECT_EQ(proxies.value(kSid), std::to_string(lost + 1));
        EXPECT_EQ(proxies.find(kLock), nullptr) << lost;
    }
}

TEST_F(ProxiedFailure, StoreByAnotherProxyIsRefusedIfTheLockIsNotSeenThere) {
    store("data");
    Opened session(this);
    proxies.down[0] = true;
    lock(lock_of(4711));
    EXPECT_EQ(session.write(kSid, "mine", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedFailure, NoProxyIsNoSession) {
    proxies.down = {true, true};
    Session session(parts(), options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("no memcached server could be used"), std::string::npos);
}

TEST_F(ProxiedFailure, WithoutFailoverTheNextProxyIsNotAsked) {
    options.allow_failover = false;
    proxies.down = {true, false};
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_TRUE(proxies.sent.empty());
}

TEST_F(ProxiedFailure, ErrorOfAServerBehindFailsVisiblyAndReleasesTheLock) {
    store("data");
    proxies.refuses = [](const Command& command) { return command.key == kSid; };
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("it said \"Connection refused\": the server reported"),
              std::string::npos)
        << session.warning();
    EXPECT_EQ(proxies.find(kLock), nullptr);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedFailure, NoProxyAtTheStoreIsSaidToBeUnknown) {
    Opened session(this);
    proxies.down = {true, true};
    EXPECT_EQ(session.write(kSid, "data", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("unknown whether the session was stored"), std::string::npos);
}

TEST_F(ProxiedFailure, RefusedStoreIsSaidToHaveDroppedTheOldSession) {
    store("data");
    Opened session(this);
    proxies.text = "out of memory storing object";
    proxies.refuses = [](const Command& command) { return command.verb == Verb::kSet; };
    EXPECT_EQ(session.write(kSid, "more", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("previous state may be lost"), std::string::npos)
        << session.warning();
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

}  // namespace
}  // namespace memcache_session
