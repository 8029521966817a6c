// Sessions behind proxies (?proxy=1): what is sent, one command at a time, and what it protects.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "src/lock/lock_item.h"
#include "src/session/session.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSid = "abc";
constexpr std::string_view kLock = "abc.lock";

// Proxies in front of one memcached. A request that no proxy understands fails the test.
class FakeProxies final : public Exchange {
public:
    FakeProxies(size_t count, FakeClock& clock)
        : down(count, false),
          deaf(count, false),
          clock_(clock),
          server_(sim::SimServer::Options()) {
        server_.start(0);
    }

    void run(Purpose /*purpose*/, Request* requests, size_t count) override {
        ASSERT_EQ(count, 1u) << "several proxies at once";
        Request& request = requests[0];
        ASSERT_EQ(request.command_count, 1u) << "several commands at once";
        const Command command = request.commands[0];
        ASSERT_TRUE(command.verb == Verb::kAdd || command.verb == Verb::kRead ||
                    command.verb == Verb::kSet || command.verb == Verb::kDelete);
        if (before) {
            before(command);
        }
        request.answered = 0;
        request.failure = {};
        request.connection = 1;
        if (down[request.server]) {
            request.failure = {FailureKind::kConnect, 111};
            return;
        }
        sent.push_back(name(command));
        asked.push_back(request.server);
        Reply reply = refuses && refuses(command) ? refusal() : run(command);
        if (deaf[request.server]) {
            down[request.server] = true;
            request.failure = {FailureKind::kTimeout, 0};
            return;
        }
        if (denies_adds && command.verb == Verb::kAdd) {
            reply.kind = ReplyKind::kExists;
        }
        value_ = reply.value;
        reply.value = value_;
        request.replies[0] = reply;
        request.answered = 1;
    }
    bool usable(uint32_t server) override { return !down[server]; }
    void mark_down(uint32_t, Failure) override { FAIL() << "an error is not the proxy's own"; }

    // Runs a command as another client would.
    Reply run(const Command& command) {
        return server_.run(command, clock_.now().time_since_epoch().count());
    }
    const sim::SimServer::Item* find(std::string_view key) {
        return server_.find(key, clock_.now().time_since_epoch().count());
    }
    std::string value(std::string_view key) {
        const auto* item = find(key);
        return item == nullptr ? "none" : item->value;
    }

    std::vector<std::string> sent;  // "add abc.lock"
    std::vector<uint32_t> asked;
    std::vector<bool> down;
    std::vector<bool> deaf;    // runs the next command, and closes before it answers
    bool denies_adds = false;  // as magent 0.6 does while its main server is dead
    std::function<bool(const Command&)> refuses;  // answers SERVER_ERROR
    std::string text = "Connection refused";
    std::function<void(const Command&)> before;

private:
    static std::string name(const Command& command) {
        const char* verb = command.verb == Verb::kAdd    ? "add "
                           : command.verb == Verb::kRead ? "get "
                           : command.verb == Verb::kSet  ? "set "
                                                         : "delete ";
        return verb + std::string(command.key);
    }
    Reply refusal() {
        Reply reply;
        reply.kind = ReplyKind::kRefused;
        reply.value = text;
        return reply;
    }

    FakeClock& clock_;
    sim::SimServer server_;
    std::string value_;
};

class ProxiedSession : public testing::Test {
protected:
    ProxiedSession() : proxies(2, clock) {
        pool_.servers.resize(2);
        pool_.placement = std::make_shared<InOrder>(2);
        for (size_t i = 0; i < 2; ++i) {
            pool_.servers[i].endpoint.host = "proxy" + std::to_string(i);
            pool_.servers[i].endpoint.port = 11211;
            pool_.servers[i].proxy = true;
        }
        options.lock.pid = 100;
        options.lock.request_path = "/index.php";
    }
    SessionParts parts() { return {pool_, proxies, clock, random_, processes}; }

    void store(std::string_view stored) {
        Session request(parts(), options);
        std::string_view old;
        ASSERT_EQ(request.read(kSid, true, &old), Answer::kOk);
        ASSERT_EQ(request.write(kSid, stored, 1440), Answer::kOk);
        request.close();
        proxies.sent.clear();
        proxies.asked.clear();
    }
    // Another request's lock.
    void lock(std::string_view held, int32_t exptime = 15) {
        proxies.run(Command::set(kLock, held, kLockFlags, exptime));
    }
    std::string lock_of(int64_t pid) {
        return encode_lock(make_token(77), "0", processes.host(), pid, 0, "/other.php");
    }

private:
    Pool pool_;
    Random random_{1};

protected:
    using Sent = std::vector<std::string>;

    FakeClock clock;
    FakeProcesses processes;
    FakeProxies proxies;
    SessionOptions options;
    std::string_view value;
};

TEST_F(ProxiedSession, IsOpenedAndClosedByOneCommandAfterTheOther) {
    store("first");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "first");
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc"}));
    EXPECT_EQ(proxies.find(kLock)->flags, kLockFlags);
    proxies.sent.clear();
    ASSERT_EQ(session.write(kSid, "second", 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"set abc", "get abc.lock", "delete abc.lock"}));
    EXPECT_EQ(proxies.value(kSid), "second");
    EXPECT_EQ(proxies.find(kLock), nullptr);
    session.close();
    EXPECT_EQ(proxies.sent.size(), 3u);
    EXPECT_EQ(proxies.asked, std::vector<uint32_t>(5, 0));
}

TEST_F(ProxiedSession, EachCommitHasTheNextVersion) {
    store("a");
    store("b");
    EXPECT_EQ(ItemFlags::version(proxies.find(kSid)->flags), 2);
}

TEST_F(ProxiedSession, UnchangedSessionIsStoredAgainForTouchIsNotUnderstood) {
    store("data");
    const uint32_t flags = proxies.find(kSid)->flags;
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    proxies.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 3000), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"set abc", "get abc.lock", "delete abc.lock"}));
    EXPECT_EQ(proxies.find(kSid)->flags, flags);
    clock.advance(2000s);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedSession, ClosedWithoutAWriteGivesTheLockBack) {
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_NE(proxies.find(kLock), nullptr);
    session.close();
    EXPECT_EQ(proxies.find(kLock), nullptr);
    EXPECT_EQ(proxies.find(kSid), nullptr);
}

TEST_F(ProxiedSession, StrictModeCostsNoFurtherCommand) {
    store("data");
    Session session(parts(), options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc"}));
}

TEST_F(ProxiedSession, UnknownIdLeavesNoLock) {
    Session session(parts(), options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kMissing);
    session.close();
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, OpenedAgainKeepsItsLock) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    const std::string before = proxies.value(kLock);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(proxies.value(kLock), before);
    ASSERT_EQ(session.write(kSid, "more", 1440), Answer::kOk);
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, RefusedAddWhoseLockShowsOurTokenIsOurs) {
    proxies.denies_adds = true;
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc.lock", "get abc"}));
    ASSERT_EQ(session.write(kSid, "stored", 1440), Answer::kOk);
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, WaitsForTheLockAndReadsWhatItsHolderStored) {
    store("old");
    lock(lock_of(4711));
    int looks = 0;
    proxies.before = [&](const Command& command) {
        if (command.key == kLock && command.verb == Verb::kRead && ++looks == 5) {
            proxies.run(Command::set(kSid, "new", 0, 0));
            proxies.run(Command::unconditional_delete(kLock));
        }
    };
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "new");
    EXPECT_GE(clock.sleeps, 4);
}

TEST_F(ProxiedSession, WaitInVainFailsAndNamesTheHolder) {
    store("data");
    options.lock.wait = 2s;
    lock(lock_of(4711));
    const TimePoint began = clock.now();
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(clock.now() - began, 2s);
    EXPECT_NE(session.warning().find("process 4711"), std::string::npos) << session.warning();
    EXPECT_NE(session.warning().find("waited 2 s"), std::string::npos) << session.warning();
    session.close();
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
    EXPECT_LT(proxies.sent.size(), 150u);
}

TEST_F(ProxiedSession, WaitersAreLimitedAndTheirPlacesGivenBack) {
    options.lock.waiters_max = 1;
    options.lock.wait = 2s;
    lock(lock_of(4711));
    Session second(parts(), options);
    Answer refused = Answer::kOk;
    TimePoint refused_at;
    bool is_nested = false;
    proxies.before = [&](const Command& command) {
        if (command.key == kLock && command.verb == Verb::kRead && !is_nested &&
            proxies.find("abc.lock.1") != nullptr && refused == Answer::kOk) {
            is_nested = true;
            std::string_view other;
            refused = second.read(kSid, true, &other);
            refused_at = clock.now();
            is_nested = false;
        }
    };
    const TimePoint began = clock.now();
    Session first(parts(), options);
    EXPECT_EQ(first.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(clock.now() - began, 2s);
    EXPECT_EQ(refused, Answer::kFailed);
    EXPECT_LT(refused_at - began, 1s);
    EXPECT_NE(second.warning().find("1 request waits"), std::string::npos) << second.warning();
    EXPECT_EQ(proxies.find("abc.lock.1"), nullptr);
}

TEST_F(ProxiedSession, WaitInVainMayMeanReadingOnly) {
    store("data");
    options.lock.wait = 0s;
    options.lock_failure = LockFailure::kReadOnly;
    lock(lock_of(4711));
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(session.write(kSid, "changed", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "data");
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
}

TEST_F(ProxiedSession, LockOfADeadProcessOfThisMachineIsReplacedAtOnce) {
    lock(lock_of(4711));
    processes.gone = 4711;
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(clock.sleeps, 0);
    EXPECT_NE(proxies.value(kLock), lock_of(4711));
    EXPECT_EQ(proxies.find("abc.lock.clear"), nullptr);
}

TEST_F(ProxiedSession, LockThatPeclMemcacheLeftFreeIsReplacedAtOnce) {
    lock("0");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(clock.sleeps, 0);
}

TEST_F(ProxiedSession, TwoThatFindADeadHolderDoNotDeleteTheLockOfEachOther) {
    lock(lock_of(4711));
    processes.gone = 4711;
    // The other is about to delete the dead holder's lock.
    proxies.run(Command::add("abc.lock.clear", "other", kLockFlags, 2));
    options.lock.wait = 500ms;
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
    for (const std::string& command : proxies.sent) {
        EXPECT_NE(command.substr(0, 6), "delete");
    }
}

TEST_F(ProxiedSession, LockTakenWhileADeadHoldersIsClearedStays) {
    lock(lock_of(4711));
    processes.gone = 4711;
    proxies.before = [&](const Command& command) {
        if (command.key == "abc.lock.clear" && command.verb == Verb::kAdd) {
            lock(lock_of(4712));  // the dead holder's lease has just ended
        }
    };
    options.lock.wait = 0s;
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(proxies.value(kLock), lock_of(4712));
}

TEST_F(ProxiedSession, StoreAfterTheLeaseIsRefusedIfAnotherHasTheLock) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(16s);
    lock(lock_of(4711));
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("memcache.lock_timeout"), std::string::npos);
    EXPECT_EQ(proxies.value(kSid), "data");
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
}

TEST_F(ProxiedSession, StoreAfterTheLeaseIsRefusedIfAnotherHasWritten) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(16s);
    store("other");
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "other");
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, StoreAfterTheLeaseIsRefusedIfAnotherProgramHasWritten) {
    proxies.run(Command::set(kSid, "data", 0, 0));
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(16s);
    proxies.run(Command::set(kSid, "DATA", 0, 0));
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "DATA");
}

TEST_F(ProxiedSession, OpenedAgainHasNoNewLease) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(10s);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(6s);
    lock(lock_of(4711));
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedSession, StoreAfterTheLeaseSucceedsIfNobodyCame) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(16s);
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kOk);
    EXPECT_EQ(proxies.value(kSid), "late");
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, UnchangedSessionAfterTheLeaseUndoesNothing) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(16s);
    store("other");
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(proxies.value(kSid), "other");
}

TEST_F(ProxiedSession, LockOfWhoeverCameAfterTheLeaseStays) {
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(16s);
    lock(lock_of(4711));
    session.close();
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
}

TEST_F(ProxiedSession, ReadWithoutLockSendsOneGet) {
    store("data");
    lock(lock_of(4711));
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    session.close();
    EXPECT_EQ(proxies.sent, Sent({"get abc"}));
}

TEST_F(ProxiedSession, ReadWithoutLockIsStoredUnderTheLock) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk);
    proxies.sent.clear();
    ASSERT_EQ(session.write(kSid, "changed", 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent,
              Sent({"add abc.lock", "get abc", "set abc", "get abc.lock", "delete abc.lock"}));
}

TEST_F(ProxiedSession, ReadWithoutLockIsNotStoredOverAnothersChange) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk);
    store("other");
    EXPECT_EQ(session.write(kSid, "changed", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "other");
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, ReadWithoutLockAndUnchangedDoesNotDisturbAHolder) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, false, &value), Answer::kOk);
    lock(lock_of(4711));
    proxies.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc.lock"}));
    EXPECT_EQ(clock.sleeps, 0);
}

TEST_F(ProxiedSession, WithoutLockingTheLastWriteWinsAndTheUnchangedUndoesNothing) {
    store("data");
    options.locking = false;
    Session first(parts(), options);
    Session second(parts(), options);
    std::string_view other;
    ASSERT_EQ(first.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(second.read(kSid, true, &other), Answer::kOk);
    ASSERT_EQ(first.write(kSid, "written", 1440), Answer::kOk);
    EXPECT_EQ(second.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(proxies.value(kSid), "written");
    for (const std::string& command : proxies.sent) {
        EXPECT_EQ(command.find("lock"), std::string::npos);
    }
}

TEST_F(ProxiedSession, DestroyedSessionLeavesAMarkThatALateRequestRespects) {
    store("data");
    Session late(parts(), options);
    std::string_view old;
    ASSERT_EQ(late.read(kSid, true, &old), Answer::kOk);
    clock.advance(16s);
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    proxies.sent.clear();
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"set abc", "get abc.lock", "delete abc.lock"}));
    EXPECT_TRUE(ItemFlags::is_tombstone(proxies.find(kSid)->flags));
    EXPECT_EQ(late.write(kSid, "back", 1440), Answer::kFailed);
    Session next(parts(), options);
    EXPECT_EQ(next.validate(kSid, true), Answer::kMissing);
}

TEST_F(ProxiedSession, DestroyOfASessionThatIsNotOpenTakesItsLockFirst) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    EXPECT_EQ(proxies.sent, Sent({"get abc", "add abc.lock", "get abc", "set abc", "get abc.lock",
                                  "delete abc.lock"}));
}

TEST_F(ProxiedSession, DeadProxyIsReplacedByTheNextWhereverItDies) {
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

TEST_F(ProxiedSession, LostAnswerOfAnyCommandLosesNothing) {
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

TEST_F(ProxiedSession, StoreByAnotherProxyIsRefusedIfTheLockIsNotSeenThere) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    proxies.down[0] = true;
    lock(lock_of(4711));
    EXPECT_EQ(session.write(kSid, "mine", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedSession, NoProxyIsNoSession) {
    proxies.down = {true, true};
    Session session(parts(), options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("no memcached server could be used"), std::string::npos);
}

TEST_F(ProxiedSession, WithoutFailoverTheNextProxyIsNotAsked) {
    options.allow_failover = false;
    proxies.down = {true, false};
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_TRUE(proxies.sent.empty());
}

TEST_F(ProxiedSession, ErrorOfAServerBehindFailsVisiblyAndGivesTheLockBack) {
    store("data");
    proxies.refuses = [](const Command& command) { return command.key == kSid; };
    Session session(parts(), options);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("A proxy said: Connection refused"), std::string::npos)
        << session.warning();
    EXPECT_EQ(proxies.find(kLock), nullptr);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedSession, NoProxyAtTheStoreIsSaidToBeUnknown) {
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    proxies.down = {true, true};
    EXPECT_EQ(session.write(kSid, "data", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("unknown whether the session was stored"), std::string::npos);
}

TEST_F(ProxiedSession, RefusedStoreIsSaidToHaveDroppedTheOldSession) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    proxies.text = "out of memory storing object";
    proxies.refuses = [](const Command& command) { return command.verb == Verb::kSet; };
    EXPECT_EQ(session.write(kSid, "more", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("previous state may be lost"), std::string::npos)
        << session.warning();
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedSession, TooLargeASessionKeepsTheOldOne) {
    store("data");
    options.compress_threshold = 0;
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(session.write(kSid, std::string(2 << 20, 'x'), 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("refused 2097152 bytes"), std::string::npos);
    EXPECT_NE(session.warning().find("previous state is kept"), std::string::npos);
    Session next(parts(), options);
    ASSERT_EQ(next.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
}

TEST_F(ProxiedSession, AnotherIdIsLookedUpWithoutLock) {
    store("data");
    Session session(parts(), options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    proxies.sent.clear();
    EXPECT_EQ(session.validate("other", true), Answer::kMissing);
    EXPECT_EQ(proxies.sent, Sent({"get other"}));
    EXPECT_EQ(session.write(kSid, "more", 1440), Answer::kOk);
}

}  // namespace
}  // namespace memcache_session
