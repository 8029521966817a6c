// What became of a commit, judged from another look: protocol.md, "What became of a commit".
#include "src/replica/commit_sight.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

constexpr Version kRead = 7;   // of the session that was read
constexpr Version kOurs = 8;   // of our commit
constexpr uint64_t kKey = 99;  // of fingerprints

// A session item as a look shows it; without version it is absent.
struct Shown {
    Version version = 0;
    std::string_view value;
    bool tombstone = false;
    bool present = true;
    ConnectionId connection = 1;
};

constexpr Shown kNothing{0, "", false, false};
constexpr Shown kWasRead{kRead, "old"};
constexpr Shown kOurCommit{kOurs, "ours"};
constexpr Shown kNextCommit{kOurs + 1, "theirs"};
constexpr Shown kForeign{0, "foreign"};
constexpr Shown kTombstone{kOurs, "", true};

// The set of two servers, as it shows these items and as it was opened.
class Set {
public:
    Set(const Shown& first, const Shown& second, std::vector<uint32_t> servers = {0, 1})
        : exchange_(3, clock_), members_(preference_in(std::move(servers)), 2, true) {
        EXPECT_TRUE(members_.fill(exchange_));
        for (size_t i = 0; i < members_.list().size(); ++i) {
            const Shown& shown = i == 0 ? first : second;
            Item& item = members_.list()[i].item;
            item.present = shown.present;
            item.flags =
                shown.present ? ItemFlags::encode(shown.version, shown.tombstone, false) : 0;
            item.value = shown.value;
            item.connection = shown.connection;
            item.cas = 1;
        }
        now_ = choose_newest(&members_, nullptr, kKey);
    }

    const Members& members() const { return members_; }
    const StoredSession& now() const { return now_; }

private:
    FakeClock clock_;
    FakeExchange exchange_;
    Members members_;
    StoredSession now_;
};

CommitAttempt attempt() {
    return {ItemFlags::encode(kOurs, false, false), "ours", kRead};
}

// Stores on both servers, the first of which had our lock and released it.
StoreRound round_of(StoreOutcome first, StoreOutcome second) {
    StoreRound round(2);
    round.outcomes = {first, second};
    round.first_held_on = first == StoreOutcome::kStored ? 1 : 0;
    return round;
}

const StoreRound kDisputedRound = round_of(StoreOutcome::kStored, StoreOutcome::kConflict);
const StoreRound kHalfStored = round_of(StoreOutcome::kStored, StoreOutcome::kSilent);

Sight judge(const StoreRound& round, Verdict verdict, const Set& now,
            const Set& before = {kWasRead, kWasRead}) {
    return judge_sight(attempt(), round, verdict, before.members(), now.members(), now.now());
}

struct Row {
    const char* name;
    Verdict verdict;
    Shown first;
    Shown second;
    Sight sight;
};

TEST(CommitSight, FollowsTheTable) {
    const std::vector<Row> rows = {
        {"all copies are lost", Verdict::kGone, kNothing, kNothing, Sight::kMayStore},
        {"a tombstone is there", Verdict::kGone, kNothing, kTombstone, Sight::kUnknown},
        {"another's copy is there", Verdict::kGone, kForeign, kNothing, Sight::kUnknown},

        {"only the cas has moved", Verdict::kConflict, kWasRead, kWasRead, Sight::kMayStore},
        {"it is ours by half", Verdict::kConflict, kOurCommit, kWasRead, Sight::kMayStore},
        {"somebody has stored", Verdict::kConflict, kNextCommit, kWasRead, Sight::kUnknown},
        {"one copy is lost", Verdict::kConflict, kNothing, kWasRead, Sight::kUnknown},

        {"the copies are ours", Verdict::kStoreAgain, kOurCommit, kOurCommit, Sight::kMayStore},
        {"one copy is ours", Verdict::kStoreAgain, kOurCommit, kWasRead, Sight::kMayStore},
        {"ours was read", Verdict::kStoreAgain, kNextCommit, kNextCommit, Sight::kSuperseded},
        {"ours was read by pecl", Verdict::kStoreAgain, kForeign, kForeign, Sight::kSuperseded},
        {"ours was lost", Verdict::kStoreAgain, kWasRead, kWasRead, Sight::kUnknown},
        {"it was destroyed", Verdict::kStoreAgain, kOurCommit, kTombstone, Sight::kUnknown},

        {"ours counts", Verdict::kDisputed, kOurCommit, kForeign, Sight::kMayStore},
        {"only a cas has moved", Verdict::kDisputed, kOurCommit, kWasRead, Sight::kMayStore},
        {"a tombstone was read", Verdict::kDisputed, kNextCommit, kNextCommit, Sight::kUnknown},
        {"pecl read the first", Verdict::kDisputed, kForeign, kForeign, Sight::kSuperseded},
        {"first destroyed", Verdict::kDisputed, {kOurs + 1, "", true}, kNothing, Sight::kUnknown},
    };
    for (const Row& row : rows) {
        const StoreRound& round = row.verdict == Verdict::kDisputed ? kDisputedRound : kHalfStored;
        EXPECT_EQ(judge(round, row.verdict, {row.first, row.second}), row.sight) << row.name;
    }
}

TEST(CommitSight, NewerCopyOnAStandInIsNoProofIfNobodyHasReplacedOurs) {
    StoreRound round = kHalfStored;
    round.failures[1] = {FailureKind::kTimeout, 0};
    const Set before(kWasRead, kNothing, {0});  // the second was dropped
    EXPECT_EQ(judge(round, Verdict::kStoreAgain, {kOurCommit, kNextCommit, {0, 2}}, before),
              Sight::kUnknown);
    EXPECT_EQ(judge(round, Verdict::kStoreAgain, {kNextCommit, kNextCommit, {0, 2}}, before),
              Sight::kSuperseded);
    EXPECT_EQ(judge(round, Verdict::kStoreAgain, {kWasRead, kNextCommit, {0, 2}}, before),
              Sight::kSuperseded);
}

TEST(CommitSight, OfADisputeNeedsProofThatOursWasRead) {
    const Set read(kForeign, kForeign);
    StoreRound round = kDisputedRound;
    EXPECT_EQ(judge(round, Verdict::kDisputed, read), Sight::kSuperseded);
    round.holds[1] = Hold::kUnknown;
    EXPECT_EQ(judge(round, Verdict::kDisputed, read), Sight::kUnknown)
        << "a repair of an unseen commit may have come";
    round = kDisputedRound;
    round.first_held_on = 0;
    EXPECT_EQ(judge(round, Verdict::kDisputed, read), Sight::kUnknown)
        << "the first server did not store under our lock";
    Shown restarted = kForeign;
    restarted.connection = 2;
    EXPECT_EQ(judge(kDisputedRound, Verdict::kDisputed, {restarted, kForeign}), Sight::kUnknown)
        << "the first server may have been restarted";
}

// Whether the next holder of the locks reads ours, while the second server shows this.
bool is_read_after(const StoreRound& round, const Shown& second = kWasRead,
                   CommitAttempt ours = attempt()) {
    const Set before(kWasRead, kWasRead);
    const Set now(kOurCommit, second);
    return is_read_by_next(ours, round, before.members(), now.members());
}

TEST(CommitSight, NextHolderReadsACommitThatAllMembersTookOrHadLostUnderTheLock) {
    StoreRound round = round_of(StoreOutcome::kStored, StoreOutcome::kGone);
    EXPECT_TRUE(is_read_after(round));
    EXPECT_TRUE(is_read_after(round_of(StoreOutcome::kStored, StoreOutcome::kStored)));
    EXPECT_FALSE(is_read_after(kHalfStored)) << "a silent server may hold what outranks it";
    EXPECT_FALSE(is_read_after(kDisputedRound));
    EXPECT_FALSE(is_read_after(round_of(StoreOutcome::kGone, StoreOutcome::kGone)));
    round.failures[0] = {FailureKind::kTimeout, 0};
    EXPECT_FALSE(is_read_after(round)) << "the first server was silent after its store";
    round.failures[0] = {};
    round.holds[1] = Hold::kUnknown;
    EXPECT_FALSE(is_read_after(round));
}

TEST(CommitSight, NextHolderReadsACommitBesideTheTombstoneThatItReplaces) {
    constexpr Shown kReplaced{kRead, "", true};
    CommitAttempt new_session = attempt();
    new_session.flags_at_opening = ItemFlags::encode(kRead, true, false);
    EXPECT_TRUE(is_read_after(kDisputedRound, kReplaced, new_session));
    EXPECT_FALSE(is_read_after(kDisputedRound, kTombstone, new_session))
        << "it is of another destroy";
    EXPECT_FALSE(is_read_after(kDisputedRound, kWasRead, new_session));
    EXPECT_FALSE(is_read_after(kDisputedRound, kNothing, new_session));
    StoreRound round = kDisputedRound;
    round.holds[1] = Hold::kUnknown;
    EXPECT_FALSE(is_read_after(round, kReplaced, new_session));
}

TEST(CommitSight, OfAStoreThatWasNotUnderTheLockNeverTellsThatOursWasRead) {
    StoreRound round = kHalfStored;
    round.holds[1] = Hold::kUnknown;
    EXPECT_EQ(judge(round, Verdict::kStoreAgain, {kNextCommit, kNextCommit}), Sight::kUnknown);
}

TEST(CommitSight, OldCopyThatIsLostIsNoConflict) {
    const Set before(kWasRead, {kRead - 1, "older"});
    EXPECT_EQ(judge(kHalfStored, Verdict::kConflict, {kWasRead, kNothing}, before),
              Sight::kMayStore);
}

// The second server shows a commit that the opening had not seen, and that ours outranks.
TEST(CommitSight, IsTooLateBesideACommitThatCameBefore) {
    CommitAttempt late = attempt();
    late.flags = ItemFlags::encode(kOurs + 1, false, false);
    const Set before(kWasRead, kWasRead);
    for (const Shown& theirs : {Shown{kOurs, "theirs"}, kTombstone}) {
        const Set now({kOurs + 1, "ours"}, theirs);
        EXPECT_EQ(judge_sight(late, kHalfStored, Verdict::kStoreAgain, before.members(),
                              now.members(), now.now()),
                  Sight::kTooLate);
        const Member* overtaken = find_overtaken(late, before.members(), now.members());
        ASSERT_NE(overtaken, nullptr);
        EXPECT_EQ(overtaken->server, 1u);
    }
    const Set seen({kOurs + 1, "ours"}, kWasRead);
    EXPECT_EQ(find_overtaken(late, before.members(), seen.members()), nullptr)
        << "the opening had seen it";
    const Set foreign({kOurs + 1, "ours"}, kForeign);
    EXPECT_EQ(find_overtaken(late, before.members(), foreign.members()), nullptr)
        << "it orders with nothing";
}

// The opening saw one commit at the first server and an older one at the second. The second shows
// another item of the newer version now.
TEST(CommitSight, TellsAnItemOfTheVersionThatWasReadFromACopyOfIt) {
    CommitAttempt late = attempt();
    late.flags = ItemFlags::encode(kOurs + 1, false, false);
    late.version_at_opening = kOurs;
    late.flags_at_opening = ItemFlags::encode(kOurs, false, false);
    const Set before({kOurs, "read"}, kWasRead);
    const Set tombstone({kOurs + 1, "ours"}, kTombstone);
    EXPECT_NE(find_overtaken(late, before.members(), tombstone.members()), nullptr);
    const Set repaired({kOurs + 1, "ours"}, {kOurs, "read"});
    EXPECT_EQ(find_overtaken(late, before.members(), repaired.members()), nullptr)
        << "a reader brought the server up to date";
    late.flags_at_opening = 0;
    EXPECT_EQ(find_overtaken(late, before.members(), tombstone.members()), nullptr)
        << "the newest version was seen elsewhere, so its item is not known";
}

}  // namespace
}  // namespace memcache_session
