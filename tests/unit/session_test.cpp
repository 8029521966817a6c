#include "src/session/session.h"

#include <gtest/gtest.h>

#include "src/lock/wait_schedule.h"
#include "src/session/compression.h"
#include "src/wire/exptime.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSid = "abc";

TEST(Session, OpenAndCloseAreOnePhaseEachWhateverTheNumberOfCopies) {
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
            EXPECT_EQ(cluster.exchange.find(server, "abc.lock"), nullptr);
        }
    }
}

TEST(Session, StrictModeCostsNoPhaseMore) {
    FakeCluster cluster(2);
    cluster.store(kSid, "data");
    cluster.exchange.phases = 0;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(cluster.exchange.phases, 1);
}

TEST(Session, UnknownIdInStrictModeLeavesNoLockBehind) {
    FakeCluster cluster(2);
    Session session(cluster.parts(), cluster.options);
    EXPECT_EQ(session.validate(kSid, true), Answer::kMissing);
    session.id_created("new");
    std::string_view value;
    EXPECT_EQ(session.read("new", true, &value), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
    EXPECT_NE(cluster.exchange.find(0, "new.lock"), nullptr);
    session.close();
    EXPECT_EQ(cluster.exchange.find(0, "new.lock"), nullptr);
    EXPECT_EQ(cluster.exchange.find(1, "new.lock"), nullptr);
}

TEST(Session, UnchangedSessionIsTouchedAndSendsNoValue) {
    FakeCluster cluster(2);
    cluster.store(kSid, "data");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.sent.clear();
    EXPECT_EQ(session.update_timestamp(kSid, "data", 3000), Answer::kOk);
    ASSERT_EQ(cluster.exchange.sent.size(), 4u);
    EXPECT_EQ(cluster.exchange.sent[0].verb, Verb::kTouch);
    EXPECT_EQ(cluster.exchange.sent[1].verb, Verb::kDeleteIf);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->expires, cluster.exchange.find(1, kSid)->expires);
}

TEST(Session, UnchangedSessionIsBroughtToServersThatDoNotHaveIt) {
    FakeCluster cluster(2);
    cluster.store(kSid, "data");
    cluster.exchange.restart(1);
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(session.update_timestamp(kSid, "data", 1440), Answer::kOk);
    ASSERT_NE(cluster.exchange.find(1, kSid), nullptr);
    EXPECT_EQ(cluster.exchange.find(1, kSid)->flags, cluster.exchange.find(0, kSid)->flags);
}

TEST(Session, NewestVersionWinsAndStaleCopyIsOverwritten) {
    FakeCluster cluster(2);
    cluster.store(kSid, "old");
    cluster.exchange.down[0] = true;  // stays behind
    cluster.store(kSid, "new");
    cluster.exchange.down[0] = false;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "new");
    ASSERT_EQ(session.write(kSid, "newer", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "newer");
}

TEST(Session, MissIsLookedForOnTheOtherServers) {
    FakeCluster cluster(4);
    cluster.exchange.run(3, Command::set(kSid, "wanderer", 0, 0));
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "wanderer");
    ASSERT_EQ(session.write(kSid, "home", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "home");
    EXPECT_EQ(cluster.exchange.find(1, kSid)->value, "home");
}

TEST(Session, NewerCopyOutsideTheSetIsFoundWhenTheSetHasGaps) {
    FakeCluster cluster(4);
    cluster.exchange.run(1, Command::set(kSid, "stale", ItemFlags::encode(4, false, false), 0));
    cluster.exchange.run(3, Command::set(kSid, "newest", ItemFlags::encode(5, false, false), 0));
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "newest");
    ASSERT_EQ(session.update_timestamp(kSid, "newest", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "newest");
    EXPECT_EQ(cluster.exchange.find(1, kSid)->value, "newest");
}

TEST(Session, UnknownIdDoesNotWaitForAServerMarkedDown) {
    FakeCluster cluster(4);
    cluster.exchange.down[3] = true;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "");
    for (const uint32_t server : cluster.exchange.asked) {
        EXPECT_NE(server, 3u);
    }
}

TEST(Session, MissingIsNotBelievedWhenTooManyServersAreSilent) {
    FakeCluster cluster(3);
    cluster.exchange.down[0] = cluster.exchange.down[1] = true;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.validate(kSid, true), Answer::kOk);
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server0:11211"), std::string::npos);
    EXPECT_EQ(cluster.exchange.find(2, "abc.lock"), nullptr);
}

TEST(Session, AllServersDownFailsAndNamesThem) {
    FakeCluster cluster(2);
    cluster.exchange.down[0] = cluster.exchange.down[1] = true;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(session.warning().find("server0:11211"), std::string::npos);
    EXPECT_NE(session.warning().find("server1:11211"), std::string::npos);
    EXPECT_EQ(session.write(kSid, "", 1440), Answer::kFailed);
}

TEST(Session, DestroyedSessionLeavesTombstonesThatOutrankALateCopy) {
    FakeCluster cluster(2);
    cluster.store(kSid, "login");
    const auto stale = *cluster.exchange.find(0, kSid);
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(session.destroy(kSid, 1440), Answer::kOk);
    session.close();
    EXPECT_TRUE(ItemFlags::is_tombstone(cluster.exchange.find(1, kSid)->flags));
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
    cluster.exchange.run(0, Command::set(kSid, stale.value, stale.flags, 0));
    Session next(cluster.parts(), cluster.options);
    ASSERT_EQ(next.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "");
}

TEST(Session, HeldLockIsWaitedForThenNamed) {
    FakeCluster cluster(2);
    cluster.store(kSid, "data");
    Session holder(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(holder.read(kSid, true, &value), Answer::kOk);
    cluster.options.lock.wait = 3s;
    cluster.options.lock.pid = 200;
    cluster.options.lock.timeout = 20s;
    Session waiter(cluster.parts(), cluster.options);
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kFailed);
    EXPECT_NE(waiter.warning().find("process 100 on web1 (/index.php)"), std::string::npos)
        << waiter.warning();
    EXPECT_NE(waiter.warning().find("memcache.session_lock_wait"), std::string::npos);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "data");
    EXPECT_EQ(holder.write(kSid, "more", 1440), Answer::kOk);
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "more");
}

TEST(Session, LockOfDeadProcessOnThisHostIsTakenAtOnce) {
    FakeCluster cluster(2);
    Session dead(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(dead.read(kSid, true, &value), Answer::kOk);
    cluster.processes.gone = 100;
    cluster.options.lock.pid = 200;
    Session next(cluster.parts(), cluster.options);
    EXPECT_EQ(next.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

TEST(Session, LockThatPeclMemcacheReleasedIsFree) {
    FakeCluster cluster(1);
    cluster.exchange.run(0, Command::set("abc.lock", "0", kLockFlags, 15));
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(cluster.clock.sleeps, 0);
}

TEST(Session, OrphanOnOneServerCostsAboutASecond) {
    FakeCluster cluster(2);
    const std::string orphan = encode_lock(make_token(77), "0,1", "web9~9", 1, 0, "/");
    cluster.exchange.run(1, Command::set("abc.lock", orphan, kLockFlags, 60));
    const TimePoint began = cluster.clock.now();
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_LT(cluster.clock.now() - began, 1200ms);
    EXPECT_GE(cluster.clock.now() - began, 1s);
}

TEST(Session, LockOfLivingHolderWithItsWholeSetIsNotTakenOver) {
    FakeCluster cluster(2);
    const std::string lock = encode_lock(make_token(77), "1", "web9~9", 1, 0, "/");
    cluster.exchange.run(1, Command::set("abc.lock", lock, kLockFlags, 60));
    cluster.options.lock.wait = 5s;
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
}

TEST(Session, WaiterKeepsNoLockBehindTheOneItWaitsFor) {
    FakeCluster cluster(2);
    const std::string lock = encode_lock(make_token(77), "0", "web9~9", 1, 0, "/");
    cluster.exchange.run(0, Command::set("abc.lock", lock, kLockFlags, 60));
    cluster.options.lock.wait = 1s;
    bool held_behind = false;
    cluster.exchange.after_phase = [&](int phase) {
        held_behind = held_behind || (phase > 2 && cluster.exchange.find(1, "abc.lock") != nullptr);
    };
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_FALSE(held_behind);
}

TEST(Session, WaiterReadsInThePhaseInWhichItGetsTheLastLock) {
    FakeCluster cluster(3);
    cluster.options.redundancy = 3;
    const std::string lock = encode_lock(make_token(77), "0,1,2", "web9~9", 1, 0, "/");
    for (uint32_t server = 0; server < 3; ++server) {
        cluster.exchange.run(server, Command::set("abc.lock", lock, kLockFlags, 60));
    }
    int phase_of_release = 0;
    cluster.exchange.after_phase = [&](int phase) {
        if (phase_of_release == 0 && cluster.clock.sleeps == 3) {
            phase_of_release = phase;
            for (uint32_t server = 0; server < 3; ++server) {
                cluster.exchange.run(server, Command::set(kSid, "1", 1 << 16, 0));
                cluster.exchange.run(server, Command::unconditional_delete("abc.lock"));
            }
        }
    };
    Session waiter(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(waiter.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "1");
    EXPECT_EQ(cluster.exchange.phases - phase_of_release, 2)
        << "asked for the first lock, then for all";
}

TEST(Session, WriteAfterTheLeaseIsRefusedIfAnotherHasWritten) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session late(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(late.read(kSid, true, &value), Answer::kOk);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    cluster.store(kSid, "other");
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_NE(late.warning().find("memcache.lock_timeout"), std::string::npos);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "other");
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
}

TEST(Session, WriteAfterTheLeaseIsStoredIfNobodyElseHasWritten) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session late(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(late.read(kSid, true, &value), Answer::kOk);
    cluster.clock.advance(cluster.options.lock.timeout + 1s);
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(1, kSid)->value, "late");
    EXPECT_EQ(cluster.exchange.find(1, "abc.lock"), nullptr);
}

TEST(Session, LostConnectionIsRecheckedBeforeTheStore) {
    FakeCluster cluster(1);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.drop_connection(0);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "1");
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
}

TEST(Session, ConnectionLostToOneOfTwoServersLeavesNoLock) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.drop_connection(1);
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(1, "abc.lock"), nullptr);
    cluster.store("other", "x");
    Session next(cluster.parts(), cluster.options);
    ASSERT_EQ(next.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "1");
}

TEST(Session, EvictedCopyIsStoredAgainBesideTheOther) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(1, kSid)->value, "1");
}

TEST(Session, SessionGoneFromEveryServerIsNotStoredAgain) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.run(0, Command::unconditional_delete(kSid));
    cluster.exchange.run(1, Command::unconditional_delete(kSid));
    EXPECT_EQ(session.write(kSid, "1", 1440), Answer::kFailed);
    EXPECT_EQ(cluster.exchange.find(0, kSid), nullptr);
}

TEST(Session, TooLargeValueKeepsTheOldOneAndSaysWhy) {
    FakeCluster cluster(2);
    cluster.options.compress_threshold = 0;
    cluster.store(kSid, "small");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(session.write(kSid, std::string(2 << 20, 'x'), 1440), Answer::kFailed);
    EXPECT_NE(session.warning().find("2097152 bytes"), std::string::npos) << session.warning();
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "small");
    EXPECT_EQ(cluster.exchange.find(1, kSid)->value, "small");
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
}

TEST(Session, LongValueIsCompressedAndReadBack) {
    FakeCluster cluster(1);
    const std::string value(100000, 'x');
    cluster.store(kSid, value);
    EXPECT_LT(cluster.exchange.find(0, kSid)->value.size(), 1000u);
    EXPECT_TRUE(ItemFlags::is_zlib(cluster.exchange.find(0, kSid)->flags));
    Session session(cluster.parts(), cluster.options);
    std::string_view read;
    ASSERT_EQ(session.read(kSid, true, &read), Answer::kOk);
    EXPECT_EQ(read, value);
}

TEST(Session, DamagedCompressedValueFailsAndStays) {
    FakeCluster cluster(1);
    cluster.exchange.run(0, Command::set(kSid, "no zlib", ItemFlags::kZlib, 0));
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    EXPECT_EQ(session.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(session.write(kSid, "", 1440), Answer::kFailed);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "no zlib");
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
}

TEST(Session, ReadOnlyFallbackReadsAndRefusesTheWrite) {
    FakeCluster cluster(2);
    cluster.store(kSid, "data");
    Session holder(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(holder.read(kSid, true, &value), Answer::kOk);
    cluster.options.lock.wait = 0s;
    cluster.options.lock_failure = LockFailure::kReadOnly;
    Session reader(cluster.parts(), cluster.options);
    ASSERT_EQ(reader.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(reader.write(kSid, "x", 1440), Answer::kFailed);
    EXPECT_NE(reader.warning().find("read-only"), std::string::npos);
    EXPECT_EQ(holder.write(kSid, "y", 1440), Answer::kOk);
}

TEST(Session, WithoutLockIsFencedByWhatWasRead) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session reader(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(reader.read(kSid, false, &value), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock"), nullptr);
    cluster.store(kSid, "1");
    EXPECT_EQ(reader.write(kSid, "lost?", 1440), Answer::kFailed);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "1");
}

TEST(Session, StoreWithoutLockTakesTheLockFirst) {
    FakeCluster cluster(2);
    cluster.store(kSid, "0");
    Session reader(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(reader.read(kSid, false, &value), Answer::kOk);
    EXPECT_EQ(reader.write(kSid, "1", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(1, kSid)->value, "1");
    EXPECT_EQ(cluster.exchange.find(1, "abc.lock"), nullptr);

    ASSERT_EQ(reader.read(kSid, false, &value), Answer::kOk);
    Session holder(cluster.parts(), cluster.options);
    ASSERT_EQ(holder.read(kSid, true, &value), Answer::kOk);
    cluster.options.lock.wait = 1s;
    Session late(cluster.parts(), cluster.options);
    ASSERT_EQ(late.read(kSid, false, &value), Answer::kOk);
    EXPECT_EQ(late.write(kSid, "late", 1440), Answer::kFailed);
    EXPECT_EQ(holder.write(kSid, "held", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(0, kSid)->value, "held");
}

TEST(Session, OneWaiterMoreThanAllowedFailsAtOnce) {
    FakeCluster cluster(2);
    Session holder(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(holder.read(kSid, true, &value), Answer::kOk);
    cluster.options.lock.waiters_max = 2;
    cluster.options.lock.timeout = 60s;
    cluster.exchange.run(0, Command::add("abc.lock.1", "another", 0, 100));
    Session waiter(cluster.parts(), cluster.options);
    EXPECT_EQ(waiter.read(kSid, true, &value), Answer::kOk) << "the holder's lease ends first";
    EXPECT_EQ(cluster.exchange.find(0, "abc.lock.2"), nullptr);
    cluster.exchange.run(0, Command::add("abc.lock.2", "another", 0, 100));
    const int sleeps = cluster.clock.sleeps;
    Session surplus(cluster.parts(), cluster.options);
    EXPECT_EQ(surplus.read(kSid, true, &value), Answer::kFailed);
    EXPECT_EQ(cluster.clock.sleeps, sleeps);
    EXPECT_NE(surplus.warning().find("memcache.session_lock_waiters"), std::string::npos);
}

TEST(Session, ResetReadsAgainUnderItsOwnLock) {
    FakeCluster cluster(2);
    cluster.store(kSid, "data");
    Session session(cluster.parts(), cluster.options);
    std::string_view value;
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_EQ(value, "data");
    EXPECT_EQ(cluster.clock.sleeps, 0);
    ASSERT_EQ(session.write(kSid, "more", 1440), Answer::kOk);
    EXPECT_EQ(cluster.exchange.find(1, "abc.lock"), nullptr);
}

TEST(SessionKey, RefusesWhatWouldMakeTwoIdsOneSession) {
    for (const std::string& sid :
         {std::string(), std::string("a b"), std::string("a\r\nb"), std::string("a\0b", 3),
          std::string(300, 'a'), std::string("abc.lock"), std::string("abc.lock.12"),
          std::string("\x7f")}) {
        EXPECT_FALSE(SessionKey::make("", sid).ok()) << sid;
    }
    EXPECT_FALSE(SessionKey::make("pre fix", "abc").ok());
    EXPECT_TRUE(SessionKey::make("", "abc.lock.x").ok());
    EXPECT_TRUE(SessionKey::make("", std::string(245, 'a')).ok());
    EXPECT_FALSE(SessionKey::make("", std::string(246, 'a')).ok());
    EXPECT_EQ(SessionKey::make("p_", "abc").value().lock, "p_abc.lock");
}

TEST(ItemFlags, KeepTheHighestBitClearAndUnderstandItAllTheSame) {
    for (uint32_t number = 1; number <= 65535; ++number) {
        const auto version = static_cast<Version>(number);
        for (const bool tombstone : {false, true}) {
            const uint32_t flags = ItemFlags::encode(version, tombstone, true);
            ASSERT_EQ(flags >> 31, 0U);
            ASSERT_EQ(ItemFlags::version(flags), version);
            ASSERT_EQ(ItemFlags::is_tombstone(flags), tombstone);
            ASSERT_TRUE(ItemFlags::is_zlib(flags));
        }
        ASSERT_EQ(ItemFlags::version(number << 16), version);
    }
}

TEST(Version, WrapsPastZeroAndOrdersAcrossTheWrap) {
    EXPECT_EQ(advance(0, 1), 1);
    EXPECT_EQ(advance(65535, 1), 1);
    EXPECT_EQ(advance(65534, 3), 2);
    EXPECT_TRUE(is_newer(1, 65535));
    EXPECT_TRUE(is_newer(32768, 1));
    EXPECT_FALSE(is_newer(kForeignVersion, 5));
    EXPECT_FALSE(is_newer(5, kForeignVersion));
}

TEST(Expiry, IsADateBeyondThirtyDaysAndSaturates) {
    EXPECT_EQ(exptime_of(int64_t{2592000}, 1000), 2592000);
    EXPECT_EQ(exptime_of(int64_t{2592001}, 1000), 2593001);
    EXPECT_EQ(exptime_of(int64_t{1} << 40, 1000), 2147483647);
    EXPECT_EQ(exptime_of(int64_t{0}, 1000), 0);
    EXPECT_EQ(exptime_of(int64_t{-5}, 1000), 0);
    EXPECT_EQ(exptime_of(Duration(2500000), 1000), 3);
}

TEST(Lease, SurvivesWhatPeclMemcacheDoesToIt) {
    const LockToken token = make_token(0x123456789abcdef0ULL);
    const std::string value = encode_lock(token, "0,2", "web1~f", 42, 1700000000, "/a b.php?q=1");
    const Holder holder = parse_lock(value);
    EXPECT_EQ(holder.token, token);
    EXPECT_EQ(holder.set, (std::vector<uint32_t>{0, 2}));
    EXPECT_EQ(holder.host, "web1~f");
    EXPECT_EQ(holder.pid, 42);
    EXPECT_EQ(holder.path, "/a_b.php");
    // `incr`, 60,000 times, and the blanks memcached leaves behind the number.
    EXPECT_TRUE(same_token(parse_lock(std::to_string(token + 60000) + "    ").token, token));
    EXPECT_TRUE(parse_lock("1").is_foreign());
    EXPECT_TRUE(is_free("0"));
    EXPECT_TRUE(is_free("0  "));
    EXPECT_FALSE(is_free("1"));
    EXPECT_FALSE(is_free(value));
}

TEST(Lease, HoldsUpUnderHostileValues) {
    for (const char* value : {"", " ", "x", "99999999999999999999999 1", "-1", "1 ,,,, ~ -5 x",
                              "65536 4294967296,-1"}) {
        const Holder holder = parse_lock(value);
        EXPECT_LE(holder.set.size(), 8u) << value;
    }
}

TEST(WaitSchedule, SleepsInProportionToTheHoldWithinItsBounds) {
    Random random(1);
    const TimePoint begin{};
    WaitSchedule schedule(begin);
    EXPECT_GE(schedule.next_sleep(begin, random), WaitSchedule::kSleepMin * 3 / 4);
    const Duration early = schedule.next_sleep(begin + 100ms, random);
    EXPECT_GE(early, 7ms);
    EXPECT_LE(early, 13ms);
    EXPECT_LE(schedule.next_sleep(begin + 3s, random), 63ms);
    EXPECT_GE(schedule.next_sleep(begin + 30s, random), 225ms);
    schedule.holder_changed(begin + 30s);
    EXPECT_LE(schedule.next_sleep(begin + 30s, random), 2ms);
    const WaitSchedule behind_ours(begin, WaitSchedule::kSleepMinBehindOurs);
    EXPECT_LE(behind_ours.next_sleep(begin, random), WaitSchedule::kSleepMinBehindOurs * 5 / 4);
}

TEST(Compression, RefusesTruncatedOversizedAndForeignStreams) {
    std::string stored;
    ASSERT_TRUE(compress_value(std::string(1 << 20, 'a'), &stored));
    std::string out;
    EXPECT_TRUE(uncompress_value(stored, 1 << 20, &out));
    EXPECT_EQ(out.size(), size_t{1} << 20);
    EXPECT_FALSE(uncompress_value(stored, (1 << 20) - 1, &out));
    EXPECT_FALSE(
        uncompress_value(std::string_view(stored).substr(0, stored.size() - 1), 1 << 20, &out));
    EXPECT_FALSE(uncompress_value(stored + "x", 1 << 20, &out));
    EXPECT_FALSE(uncompress_value("", 1 << 20, &out));
}

}  // namespace
}  // namespace memcache_session
