// The lock of one session: its value, whose it is, and what a reply to its taking shows.
#include "src/lock/session_lock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

constexpr LockToken kToken = make_token(7u << 17);
constexpr LockToken kOther = make_token(8u << 17);

Reply hit(std::string_view value, uint64_t cas = 5) {
    Reply reply;
    reply.kind = ReplyKind::kHit;
    reply.value = value;
    reply.cas = cas;
    return reply;
}

Reply reply_of(ReplyKind kind) {
    Reply reply;
    reply.kind = kind;
    return reply;
}

TEST(LockSeen, SaysWhoseTheLockIs) {
    const std::string ours = encode_lock(kToken, {0}, "web1~1", 1, 0, "/");
    const std::string others = encode_lock(kOther, {0, 1}, "web2~1", 2, 0, "/other.php");
    const struct {
        std::string value;
        LockSeen::State state;
    } rows[] = {
        {ours, LockSeen::State::kOurs},
        {std::to_string(kToken + 3) + "   ", LockSeen::State::kOurs},
        {others, LockSeen::State::kAnothers},
        {"0", LockSeen::State::kFree},
        {"0   ", LockSeen::State::kFree},
        {"1", LockSeen::State::kAnothers},
        {"", LockSeen::State::kAnothers},
        {"any other value", LockSeen::State::kAnothers},
    };
    for (const auto& row : rows) {
        const LockSeen seen = lock_seen(hit(row.value, 5), 2, kToken);
        EXPECT_EQ(seen.state, row.state) << row.value;
        EXPECT_EQ(seen.is_taken(), row.state == LockSeen::State::kAnothers) << row.value;
        EXPECT_EQ(seen.cas, 5u) << row.value;
        EXPECT_EQ(seen.connection, 2u) << row.value;
    }
    EXPECT_EQ(lock_seen(hit(others), 2, kToken).holder.path, "/other.php");
    const LockSeen none = lock_seen(reply_of(ReplyKind::kMiss), 2, kToken);
    EXPECT_EQ(none.state, LockSeen::State::kNone);
    EXPECT_FALSE(none.is_taken());
    EXPECT_EQ(none.connection, 2u);
}

TEST(LockSeenDeathTest, IsNotReadFromAnError) {
    EXPECT_DEATH((void)lock_seen(reply_of(ReplyKind::kRefused), 1, kToken), "kHit");
}

class SessionLockTest : public testing::Test {
protected:
    Request taken(const Reply& store, const Reply& session, const Reply& shown) {
        Request request;
        lock_.add_take(&request, value_, Reading::kWhole);
        request.replies = {store, session, shown, Reply()};
        request.answered = 3;
        request.connection = 4;
        return request;
    }

    FakeCluster cluster_{2};
    SessionParts parts_ = cluster_.parts();
    SessionKey key_ = SessionKey::make("", "abc").value();
    SessionLock lock_{parts_, cluster_.options.lock, key_, kToken};
    std::string value_ = lock_.value({0, 1});
    Member member_;
};

TEST_F(SessionLockTest, ValueNamesTheHolder) {
    const Holder holder = parse_lock(lock_.value({0, 2}));
    EXPECT_EQ(holder.token, kToken);
    EXPECT_EQ(holder.set, std::vector<uint32_t>({0, 2}));
    EXPECT_EQ(holder.host, cluster_.processes.host());
    EXPECT_EQ(holder.pid, 100);
    EXPECT_EQ(holder.since_unix, cluster_.clock.unix_time());
    EXPECT_EQ(holder.path, "/index.php");
}

TEST_F(SessionLockTest, LeaseHasTwoSecondsAtLeast) {
    for (const auto& [timeout, exptime] :
         {std::pair<Duration, int>{15s, 15}, {2s, 2}, {1s, 2}, {0s, 2}, {2500ms, 3}}) {
        cluster_.options.lock.timeout = timeout;
        EXPECT_EQ(lock_.exptime(), exptime) << timeout.count();
    }
}

TEST_F(SessionLockTest, IsOverdueASecondBeforeItsLeaseEnds) {
    const TimePoint began = cluster_.clock.now();
    EXPECT_FALSE(lock_.is_overdue(began));
    cluster_.clock.advance(14s - 1us);
    EXPECT_FALSE(lock_.is_overdue(began));
    cluster_.clock.advance(1us);
    EXPECT_TRUE(lock_.is_overdue(began));
}

TEST_F(SessionLockTest, IsTakenByAddAndRenewedByCasAndTheSessionIsReadBetween) {
    Request take;
    lock_.add_take(&take, value_, Reading::kWhole);
    Request renewal;
    lock_.add_renewal(&renewal, value_, 9, Reading::kWhole);
    for (const Request* request : {&take, &renewal}) {
        ASSERT_EQ(request->command_count, 3u);
        const Command& store = request->commands[SessionLock::kStoreReply];
        EXPECT_EQ(store.key, "abc.lock");
        EXPECT_EQ(store.value, value_);
        EXPECT_EQ(store.flags, kLockFlags);
        EXPECT_EQ(store.exptime, 15);
        EXPECT_EQ(request->commands[SessionLock::kSessionReply].key, "abc");
        EXPECT_EQ(request->commands[SessionLock::kSessionReply].verb, Verb::kReadForUpdate);
        EXPECT_EQ(request->commands[SessionLock::kLockReply].key, "abc.lock");
        EXPECT_EQ(request->commands[SessionLock::kLockReply].verb, Verb::kReadForUpdate);
    }
    EXPECT_EQ(take.commands[0].verb, Verb::kAdd);
    EXPECT_EQ(renewal.commands[0].verb, Verb::kReplaceIf);
    EXPECT_EQ(renewal.commands[0].cas, 9u);
}

TEST_F(SessionLockTest, AcceptsALockThatShowsOurTokenWhateverItsStoreSaid) {
    for (const ReplyKind store : {ReplyKind::kDone, ReplyKind::kExists, ReplyKind::kGone}) {
        member_ = Member();
        const Request request = taken(reply_of(store), hit("data", 3), hit(value_, 6));
        EXPECT_TRUE(lock_.accept(&member_, request));
        EXPECT_TRUE(member_.lock.held);
        EXPECT_EQ(member_.lock.cas, 6u);
        EXPECT_EQ(member_.lock.connection, 4u);
        EXPECT_EQ(member_.item.value, "data");
        EXPECT_EQ(member_.item.cas, 3u);
        EXPECT_EQ(member_.item.connection, 4u);
    }
}

TEST_F(SessionLockTest, AcceptsTheItemBesideALockThatIsNotOurs) {
    const std::string others = encode_lock(kOther, {0}, "web2~1", 2, 0, "/");
    for (const Reply& shown : {hit(others, 6), hit("0", 6), reply_of(ReplyKind::kMiss)}) {
        member_.lock = {true, 1, 1};
        // The store was done, and the lock has been replaced since.
        EXPECT_TRUE(
            lock_.accept(&member_, taken(reply_of(ReplyKind::kDone), hit("data", 3), shown)));
        EXPECT_FALSE(member_.lock.held);
        EXPECT_EQ(member_.lock.cas, 0u);
        EXPECT_EQ(member_.item.value, "data");
    }
}

TEST_F(SessionLockTest, AcceptsNothingFromAServerThatFailedOrReportedAnError) {
    member_.item.cas = 77;
    member_.lock = {true, 78, 1};
    for (const ReplyKind error :
         {ReplyKind::kRefused, ReplyKind::kRejected, ReplyKind::kUnknownCommand}) {
        for (size_t bad = 0; bad < 3; ++bad) {
            Request request = taken(reply_of(ReplyKind::kDone), hit("data"), hit(value_));
            request.replies[bad] = reply_of(error);
            EXPECT_FALSE(lock_.accept(&member_, request)) << bad;
        }
    }
    Request silent = taken(reply_of(ReplyKind::kDone), hit("data"), hit(value_));
    silent.failure = {FailureKind::kTimeout, 0};
    EXPECT_FALSE(lock_.accept(&member_, silent));
    EXPECT_EQ(member_.item.cas, 77u);
    EXPECT_TRUE(member_.lock.held);
    EXPECT_EQ(member_.lock.cas, 78u);
}

TEST_F(SessionLockTest, IsReleasedByItsCas) {
    const Command release = lock_.release_command({true, 6, 1});
    EXPECT_EQ(release.verb, Verb::kDeleteIf);
    EXPECT_EQ(release.key, "abc.lock");
    EXPECT_EQ(release.cas, 6u);
}

}  // namespace
}  // namespace memcache_session
