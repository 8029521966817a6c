// Releasing the locks of a session: protocol.md, "Releasing a lock".
#include "src/lock/lock_release.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

constexpr std::string_view kLock = "abc.lock";
constexpr LockToken kToken = make_token(7u << 17);

class LockReleaseTest : public testing::Test {
protected:
    // Our lock on both servers, as the opening leaves it.
    void SetUp() override {
        ASSERT_TRUE(members_.fill(exchange_));
        for (Member& member : members_.list()) {
            exchange_.run(member.server, Command::add(kLock, value_, kLockFlags, 15));
            member.lock = {true, exchange_.find(member.server, kLock)->cas,
                           exchange_.connection(member.server)};
        }
    }
    void replace_lock(uint32_t server) {
        exchange_.run(server, Command::set(kLock, others_, kLockFlags, 15));
    }
    Failures release_all() { return lock_.release_all(&members_); }
    bool has_lock(uint32_t server) { return exchange_.find(server, kLock) != nullptr; }

    FakeCluster cluster_{2};
    FakeExchange& exchange_ = cluster_.exchange;
    SessionParts parts_ = cluster_.parts();
    SessionKey key_ = SessionKey::make("", "abc").value();
    SessionLock lock_{parts_, cluster_.options.lock, key_, kToken};
    std::string value_ = lock_.value({0, 1});
    std::string others_ = encode_lock(make_token(8u << 17), {0, 1}, "web2~1", 2, 0, "/other.php");
    Members members_{preference_in({0, 1}), 2, true};
};

TEST_F(LockReleaseTest, TakesOnePhaseForAllServers) {
    EXPECT_TRUE(release_all().empty());
    EXPECT_EQ(exchange_.phases, 1);
    EXPECT_EQ(exchange_.latest_purpose, Purpose::kRelease);
    ASSERT_EQ(exchange_.sent.size(), 2u);
    EXPECT_EQ(exchange_.sent[0].verb, Verb::kDeleteIf);
    for (const uint32_t server : {0u, 1u}) {
        EXPECT_FALSE(has_lock(server));
        EXPECT_FALSE(members_.at(server).lock.held);
    }
}

TEST_F(LockReleaseTest, AsksNoServerWhoseLockIsNotHeld) {
    members_.at(1).lock.held = false;
    EXPECT_TRUE(release_all().empty());
    EXPECT_EQ(exchange_.asked, std::vector<uint32_t>({0}));
    EXPECT_TRUE(has_lock(1));
    exchange_.asked.clear();
    EXPECT_TRUE(release_all().empty());
    EXPECT_TRUE(exchange_.asked.empty());
}

TEST_F(LockReleaseTest, LeavesTheLockOfAnother) {
    replace_lock(1);
    EXPECT_TRUE(release_all().empty());
    EXPECT_FALSE(has_lock(0));
    ASSERT_TRUE(has_lock(1));
    EXPECT_EQ(exchange_.find(1, kLock)->value, others_);
    EXPECT_EQ(exchange_.phases, 2) << "it was looked at once";
}

TEST_F(LockReleaseTest, EndsWithALockThatHasExpired) {
    exchange_.run(0, Command::unconditional_delete(kLock));
    EXPECT_TRUE(release_all().empty());
    EXPECT_EQ(exchange_.phases, 1);
}

TEST_F(LockReleaseTest, ReleasesALockThatPeclMemcacheHasTried) {
    ASSERT_TRUE(
        exchange_.model(0).increment(kLock, cluster_.clock.now().time_since_epoch().count()));
    EXPECT_TRUE(release_all().empty());
    EXPECT_FALSE(has_lock(0));
    EXPECT_EQ(exchange_.phases, 3) << "released, looked at, released";
}

TEST_F(LockReleaseTest, GivesUpALockThatPeclMemcacheTriesAgainAndAgain) {
    exchange_.after_phase = [this](int) {
        exchange_.model(0).increment(kLock, cluster_.clock.now().time_since_epoch().count());
    };
    ASSERT_TRUE(
        exchange_.model(0).increment(kLock, cluster_.clock.now().time_since_epoch().count()));
    EXPECT_TRUE(release_all().empty());
    EXPECT_TRUE(has_lock(0)) << "its lease ends it";
    EXPECT_FALSE(has_lock(1));
    EXPECT_EQ(exchange_.phases, 32) << "16 releases, and a look after each";
}

TEST_F(LockReleaseTest, LooksWhoseTheLockIsIfItsConnectionWasLost) {
    exchange_.drop_connection(0);
    exchange_.drop_connection(1);
    replace_lock(1);
    EXPECT_TRUE(release_all().empty());
    EXPECT_FALSE(has_lock(0));
    EXPECT_EQ(exchange_.find(1, kLock)->value, others_);
}

TEST_F(LockReleaseTest, SendsNoCasOfBeforeARestart) {
    const uint64_t cas = exchange_.find(0, kLock)->cas;
    exchange_.restart(0);
    replace_lock(0);
    ASSERT_EQ(exchange_.find(0, kLock)->cas, cas);
    EXPECT_TRUE(release_all().empty());
    ASSERT_TRUE(has_lock(0));
    EXPECT_EQ(exchange_.find(0, kLock)->value, others_);
}

TEST_F(LockReleaseTest, ReleasesALockWhoseFirstReleaseLostItsAnswer) {
    exchange_.lose_next_answers(0);
    EXPECT_TRUE(release_all().empty());
    EXPECT_FALSE(has_lock(0));
    EXPECT_FALSE(has_lock(1));
}

TEST_F(LockReleaseTest, ReturnsTheServersThatAreSilent) {
    exchange_.down[0] = true;
    const Failures silent = release_all();
    ASSERT_EQ(silent.size(), 1u);
    EXPECT_EQ(silent[0].server, 0u);
    EXPECT_EQ(silent[0].failure.kind, FailureKind::kConnect);
    EXPECT_FALSE(has_lock(1));
    EXPECT_EQ(exchange_.phases, 1) << "a silent server is not waited for twice";
    EXPECT_FALSE(members_.at(0).lock.held);
}

TEST_F(LockReleaseTest, ReturnsAServerThatIsSilentWhenItIsLookedAt) {
    replace_lock(0);
    exchange_.after_phase = [this](int) { exchange_.down[0] = true; };
    const Failures silent = release_all();
    ASSERT_EQ(silent.size(), 1u);
    EXPECT_EQ(silent[0].server, 0u);
}

TEST_F(LockReleaseTest, DeletesALockWhereTheServerHasNoMemoryForItsEnd) {
    exchange_.model(0).set_memory_short(true);
    EXPECT_TRUE(release_all().empty());
    EXPECT_FALSE(has_lock(0));
    EXPECT_FALSE(has_lock(1));
    ASSERT_EQ(exchange_.sent.size(), 4u) << "two releases, a look and a delete";
    EXPECT_EQ(exchange_.sent.back().verb, Verb::kDelete);
}

TEST_F(LockReleaseTest, LeavesTheLockOfAnotherOnAServerWithoutMemory) {
    replace_lock(0);
    exchange_.model(0).set_memory_short(true);
    EXPECT_TRUE(release_all().empty());
    EXPECT_EQ(exchange_.find(0, kLock)->value, others_);
}

TEST_F(LockReleaseTest, LooksAgainBeforeItDeletesOnANewConnectionToAServerWithoutMemory) {
    exchange_.model(0).set_memory_short(true);
    exchange_.after_phase = [this](int phase) {
        if (phase == 2) {  // the look
            exchange_.drop_connection(0);
        }
    };
    EXPECT_TRUE(release_all().empty());
    EXPECT_FALSE(has_lock(0));
    EXPECT_FALSE(has_lock(1));
    const size_t sent = exchange_.sent.size();
    EXPECT_EQ(exchange_.sent[sent - 1].verb, Verb::kDelete);
    EXPECT_EQ(exchange_.sent[sent - 2].verb, Verb::kReadForUpdate);
}

}  // namespace
}  // namespace memcache_session
