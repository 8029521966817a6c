// The lock behind a proxy: waiting for it, taking it over, and stores after its lease.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/unit/proxied_session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

class ProxiedLocking : public ProxiedSessionTest {};

TEST_F(ProxiedLocking, RefusedAddWhoseLockShowsOurTokenIsOurs) {
    proxies.denies_adds = true;
    Opened session(this);
    EXPECT_EQ(proxies.sent, Sent({"add abc.lock", "get abc.lock", "get abc"}));
    ASSERT_EQ(session.write(kSid, "stored", 1440), Answer::kOk);
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedLocking, WaitsForTheLockAndReadsWhatItsHolderStored) {
    store("old");
    lock(lock_of(4711));
    int looks = 0;
    proxies.before = [&](const Command& command) {
        if (command.key == kLock && command.verb == Verb::kRead && ++looks == 5) {
            proxies.run(Command::set(kSid, "new", 0, 0));
            proxies.run(Command::unconditional_delete(kLock));
        }
    };
    Opened session(this);
    EXPECT_EQ(value, "new");
    EXPECT_GE(clock.sleeps, 4);
}

TEST_F(ProxiedLocking, WaitInVainFailsAndNamesTheHolder) {
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

// Without a fence the holder's store would replace the tombstone.
TEST_F(ProxiedLocking, DestroyOfAMergingRequestWaitsOnceAndIsRefused) {
    store("a|i:1;");
    options.merging = Merging::kFail;
    options.lock.wait = 2s;
    Opened session(this);
    lock(lock_of(4711));
    const TimePoint began = clock.now();
    EXPECT_EQ(session.destroy(kSid, 1440), Answer::kFailed);
    EXPECT_EQ(clock.now() - began, 2s);
    EXPECT_NE(session.warning().find("process 4711"), std::string::npos) << session.warning();
    EXPECT_EQ(proxies.value(kSid), "a|i:1;");
}

TEST_F(ProxiedLocking, WaitersAreLimitedAndReleaseTheirPlaces) {
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

TEST_F(ProxiedLocking, WaitersAreLimitedAndDeadHoldersReplacedForTheLongestIdsToo) {
    options.lock.waiters_max = 1;
    options.lock.wait = 500ms;
    for (const size_t length : {238u, 239u, 240u, 243u, 244u, 245u}) {
        const std::string sid(length, 'a');
        const SessionKey key = SessionKey::make("", sid).value();
        proxies.run(Command::set(key.lock(), lock_of(4711), kLockFlags, 60));
        proxies.run(Command::add(key.beside_lock("1"), "other", kLockFlags, 60));
        processes.gone = 0;
        Session refused(parts(), options);
        EXPECT_EQ(refused.read(sid, true, &value), Answer::kFailed) << length;
        EXPECT_NE(refused.warning().find("1 request waits"), std::string::npos)
            << length << refused.warning();
        processes.gone = 4711;
        Session granted(parts(), options);
        EXPECT_EQ(granted.read(sid, true, &value), Answer::kOk) << length;
        EXPECT_EQ(proxies.find(key.beside_lock(kClearingName)), nullptr) << length;
    }
}

TEST_F(ProxiedLocking, WaitInVainMayMeanReadingOnly) {
    store("data");
    options.lock.wait = 0s;
    options.lock_failure = LockFailure::kReadOnly;
    lock(lock_of(4711));
    Opened session(this);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(session.write(kSid, "changed", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "data");
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
}

TEST_F(ProxiedLocking, LockOfADeadProcessOfThisMachineIsReplacedAtOnce) {
    lock(lock_of(4711));
    processes.gone = 4711;
    Opened session(this);
    EXPECT_EQ(clock.sleeps, 0);
    EXPECT_NE(proxies.value(kLock), lock_of(4711));
    EXPECT_EQ(proxies.find("abc.lock.clear"), nullptr);
}

TEST_F(ProxiedLocking, LockOfALivingProcessThatDoesNotHoldItIsReplacedAtOnce) {
    lock(lock_of(4711));
    processes.lists_tokens = 4711;
    Opened session(this);
    EXPECT_EQ(clock.sleeps, 0);
    EXPECT_NE(proxies.value(kLock), lock_of(4711));
    EXPECT_EQ(proxies.find("abc.lock.clear"), nullptr);
    EXPECT_EQ(processes.listed.size(), 1u);
    EXPECT_EQ(session.write(kSid, "stored", 1440), Answer::kOk);
    EXPECT_TRUE(processes.listed.empty());
}

TEST_F(ProxiedLocking, LockThatItsLivingProcessHoldsIsWaitedFor) {
    processes.lists_tokens = 100;
    options.lock.wait = 500ms;
    Opened holder(this);
    Session waiter(parts(), options);
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(holder.write(kSid, "stored", 1440), Answer::kOk);
}

TEST_F(ProxiedLocking, LockThatPeclMemcacheLeftFreeIsReplacedAtOnce) {
    lock("0");
    Opened session(this);
    EXPECT_EQ(clock.sleeps, 0);
}

TEST_F(ProxiedLocking, TwoThatFindADeadHolderDoNotDeleteTheLockOfEachOther) {
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

TEST_F(ProxiedLocking, LockTakenWhileThatOfADeadHolderIsClearedStays) {
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

TEST_F(ProxiedLocking, StoreAfterTheLeaseIsRefusedIfAnotherHasTheLock) {
    store("data");
    Opened session(this);
    clock.advance(16s);
    lock(lock_of(4711));
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("memcache.lock_timeout"), std::string::npos);
    EXPECT_EQ(proxies.value(kSid), "data");
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
}

TEST_F(ProxiedLocking, StoreAfterTheLeaseIsRefusedIfAnotherHasWritten) {
    store("data");
    Opened session(this);
    clock.advance(16s);
    store("other");
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "other");
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedLocking, StoreAfterTheLeaseIsRefusedIfAnotherProgramHasWritten) {
    proxies.run(Command::set(kSid, "data", 0, 0));
    Opened session(this);
    clock.advance(16s);
    proxies.run(Command::set(kSid, "DATA", 0, 0));
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "DATA");
}

TEST_F(ProxiedLocking, OpenedAgainHasNoNewLease) {
    store("data");
    Opened session(this);
    clock.advance(10s);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    clock.advance(6s);
    lock(lock_of(4711));
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(proxies.value(kSid), "data");
}

TEST_F(ProxiedLocking, StoreAfterTheLeaseSucceedsIfNobodyCame) {
    store("data");
    Opened session(this);
    clock.advance(16s);
    EXPECT_EQ(session.write(kSid, "late", 1440), Answer::kOk);
    EXPECT_EQ(proxies.value(kSid), "late");
    EXPECT_EQ(proxies.find(kLock), nullptr);
}

TEST_F(ProxiedLocking, UnchangedSessionAfterTheLeaseUndoesNothing) {
    store("data");
    Opened session(this);
    clock.advance(16s);
    store("other");
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    EXPECT_EQ(proxies.value(kSid), "other");
}

TEST_F(ProxiedLocking, LockTakenByAnotherAfterTheLeaseStays) {
    Opened session(this);
    clock.advance(16s);
    lock(lock_of(4711));
    session.close();
    EXPECT_EQ(proxies.value(kLock), lock_of(4711));
}

}  // namespace
}  // namespace memcache_session
