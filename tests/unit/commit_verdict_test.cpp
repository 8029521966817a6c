// What became of a commit: protocol.md, "What became of a commit", row by row.
#include "src/replica/commit_verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace memcache_session {
namespace {

Request answered(const Command& command, ReplyKind reply) {
    Request request;
    request.add(command);
    request.add(Command::delete_if("abc.lock", 1));
    request.replies[0].kind = reply;
    request.replies[1].kind = ReplyKind::kDone;
    request.answered = 2;
    return request;
}

const Command kStore = Command::replace_if("abc", "value", 0, 0, 1);
const Command kAddition = Command::add("abc", "value", 0, 0);
const Command kPlainStore = Command::set("abc", "value", 0, 0);
const Command kTouched = Command::touch("abc", 10);

TEST(StoreOutcome, IsWhatTheReplyToTheStoreSays) {
    const struct {
        Command command;
        ReplyKind reply;
        StoreOutcome outcome;
    } rows[] = {
        {kStore, ReplyKind::kDone, StoreOutcome::kStored},
        {kAddition, ReplyKind::kDone, StoreOutcome::kStored},
        {kPlainStore, ReplyKind::kDone, StoreOutcome::kStored},
        {kTouched, ReplyKind::kDone, StoreOutcome::kStored},
        {kStore, ReplyKind::kExists, StoreOutcome::kConflict},
        {kAddition, ReplyKind::kExists, StoreOutcome::kConflict},
        {kStore, ReplyKind::kGone, StoreOutcome::kGone},
        {kTouched, ReplyKind::kGone, StoreOutcome::kGone},
        {kTouched, ReplyKind::kUnknownCommand, StoreOutcome::kUnknownCommand},
        {kStore, ReplyKind::kUnknownCommand, StoreOutcome::kRefused},
        {kPlainStore, ReplyKind::kUnknownCommand, StoreOutcome::kRefused},
        {kStore, ReplyKind::kRefused, StoreOutcome::kRefused},
        {kTouched, ReplyKind::kRefused, StoreOutcome::kRefused},
        {kStore, ReplyKind::kRejected, StoreOutcome::kRefused},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(outcome_of(answered(row.command, row.reply)), row.outcome)
            << "verb " << static_cast<int>(row.command.verb) << ", reply "
            << static_cast<int>(row.reply);
    }
}

TEST(StoreOutcome, IsUnsentOnlyIfTheBoundConnectionWasLost) {
    Request request;
    request.add(kStore);
    for (int kind = static_cast<int>(FailureKind::kResolve);
         kind <= static_cast<int>(FailureKind::kConnectionLost); ++kind) {
        request.failure = {static_cast<FailureKind>(kind), 0};
        EXPECT_EQ(outcome_of(request), request.failure.kind == FailureKind::kConnectionLost
                                           ? StoreOutcome::kUnsent
                                           : StoreOutcome::kSilent)
            << "failure " << kind;
    }
}

TEST(StoreOutcome, CountsTheReplyThatCameBeforeTheServerFailed) {
    Request request = answered(kStore, ReplyKind::kDone);
    request.answered = 1;
    request.failure = {FailureKind::kTimeout, 0};
    EXPECT_EQ(outcome_of(request), StoreOutcome::kStored);
    request.replies[0].kind = ReplyKind::kExists;
    EXPECT_EQ(outcome_of(request), StoreOutcome::kConflict);
}

TEST(StoreOutcomeDeathTest, NeedsACommand) {
    EXPECT_DEATH((void)outcome_of(Request()), "command_count");
}

StoreRound round_of(const std::vector<StoreOutcome>& outcomes) {
    StoreRound round(outcomes.size());
    round.outcomes.assign(outcomes.begin(), outcomes.end());
    return round;
}

TEST(StoreRound, BeginsUnsentAndCountsOutcomes) {
    const StoreRound fresh(3);
    EXPECT_EQ(fresh.count(StoreOutcome::kUnsent), 3u);
    EXPECT_FALSE(fresh.has(StoreOutcome::kStored));
    EXPECT_TRUE(fresh.was_held());
    EXPECT_EQ(fresh.first_held_on, 0u);
    const StoreRound round =
        round_of({StoreOutcome::kStored, StoreOutcome::kGone, StoreOutcome::kStored});
    EXPECT_EQ(round.count(StoreOutcome::kStored), 2u);
    EXPECT_EQ(round.count(StoreOutcome::kSilent), 0u);
    EXPECT_TRUE(round.has(StoreOutcome::kGone));
}

TEST(StoreRound, MemberIsLostIfItStoredAndFailedThen) {
    StoreRound round =
        round_of({StoreOutcome::kStored, StoreOutcome::kStored, StoreOutcome::kSilent});
    round.failures[1] = {FailureKind::kTimeout, 0};
    round.failures[2] = {FailureKind::kTimeout, 0};
    EXPECT_FALSE(round.is_lost(0));
    EXPECT_TRUE(round.is_lost(1));
    EXPECT_FALSE(round.is_lost(2));
}

// "stored, silent" as outcomes.
std::vector<StoreOutcome> parse(const std::string& text) {
    const std::pair<const char*, StoreOutcome> names[] = {
        {"unsent", StoreOutcome::kUnsent},    {"changed", StoreOutcome::kChanged},
        {"stored", StoreOutcome::kStored},    {"conflict", StoreOutcome::kConflict},
        {"gone", StoreOutcome::kGone},        {"unknown", StoreOutcome::kUnknownCommand},
        {"refused", StoreOutcome::kRefused},  {"silent", StoreOutcome::kSilent},
        {"left-out", StoreOutcome::kLeftOut},
    };
    std::vector<StoreOutcome> outcomes;
    std::istringstream words(text);
    std::string word;
    while (words >> word) {
        if (word.back() == ',') {
            word.pop_back();
        }
        for (const auto& [name, outcome] : names) {
            if (word == name) {
                outcomes.push_back(outcome);
            }
        }
    }
    return outcomes;
}

constexpr Verdict kDone = Verdict::kDone;
constexpr Verdict kAgain = Verdict::kStoreAgain;
constexpr Verdict kDisputed = Verdict::kDisputed;
constexpr Verdict kConflict = Verdict::kConflict;
constexpr Verdict kGone = Verdict::kGone;
constexpr Verdict kNotStored = Verdict::kNotStored;

struct Row {
    const char* outcomes;
    Verdict commit;    // or destroy, fenced
    Verdict unfenced;  // commit or destroy with memcache.session_lock = 0
    Verdict extend;    // an unchanged session, under the lock or unfenced
    Verdict unlocked;  // an unchanged session that was read without lock, fenced
};

// No `touch` is sent for a commit, so no server answers one with "unknown".
const Row kRows[] = {
    // outcomes                   commit      unfenced    extend      unlocked
    {"stored", kDone, kDone, kDone, kDone},
    {"stored, stored", kDone, kDone, kDone, kDone},
    {"stored, stored, stored", kDone, kDone, kDone, kDone},

    {"changed", kConflict, kConflict, kConflict, kConflict},
    {"changed, changed", kConflict, kConflict, kConflict, kConflict},
    {"changed, silent", kConflict, kConflict, kConflict, kConflict},
    {"changed, refused", kConflict, kConflict, kConflict, kConflict},
    {"changed, gone", kConflict, kConflict, kConflict, kConflict},
    {"changed, left-out, gone", kConflict, kConflict, kConflict, kConflict},
    {"changed, conflict", kConflict, kConflict, kConflict, kConflict},

    {"conflict", kConflict, kConflict, kDone, kDone},
    {"conflict, conflict", kConflict, kConflict, kDone, kDone},
    {"conflict, silent", kConflict, kConflict, kDone, kDone},
    {"conflict, refused", kConflict, kConflict, kDone, kDone},
    {"conflict, unsent", kConflict, kConflict, kDone, kDone},
    {"conflict, gone", kConflict, kConflict, kAgain, kDone},
    {"conflict, conflict, gone", kConflict, kConflict, kAgain, kDone},

    {"stored, conflict", kDisputed, kConflict, kDone, kDone},
    {"stored, stored, conflict", kDisputed, kConflict, kDone, kDone},
    {"stored, conflict, conflict", kDisputed, kConflict, kDone, kDone},
    {"stored, conflict, silent", kDisputed, kConflict, kDone, kDone},
    {"stored, conflict, changed", kDisputed, kConflict, kDone, kDone},
    {"stored, conflict, gone", kDisputed, kConflict, kAgain, kDone},

    {"stored, gone", kAgain, kDone, kAgain, kDone},
    {"stored, stored, gone", kAgain, kDone, kAgain, kDone},
    {"stored, gone, gone", kAgain, kDone, kAgain, kDone},
    {"stored, gone, silent", kAgain, kDone, kAgain, kDone},

    {"stored, silent", kAgain, kDone, kDone, kDone},
    {"stored, refused", kAgain, kDone, kDone, kDone},
    {"stored, changed", kAgain, kDone, kDone, kDone},
    {"stored, unsent", kAgain, kDone, kDone, kDone},
    {"stored, left-out", kAgain, kDone, kDone, kDone},
    {"stored, stored, silent", kAgain, kDone, kDone, kDone},
    {"stored, silent, refused", kAgain, kDone, kDone, kDone},

    {"gone", kGone, kGone, kGone, kGone},
    {"gone, gone", kGone, kGone, kGone, kGone},
    {"gone, silent", kGone, kGone, kGone, kGone},
    {"gone, refused", kGone, kGone, kGone, kGone},
    {"gone, unsent, silent", kGone, kGone, kGone, kGone},

    {"silent", kNotStored, kNotStored, kNotStored, kNotStored},
    {"refused", kNotStored, kNotStored, kNotStored, kNotStored},
    {"unsent", kNotStored, kNotStored, kNotStored, kNotStored},
    {"left-out", kNotStored, kNotStored, kNotStored, kNotStored},
    {"silent, silent", kNotStored, kNotStored, kNotStored, kNotStored},
    {"silent, refused", kNotStored, kNotStored, kNotStored, kNotStored},
    {"silent, refused, unsent", kNotStored, kNotStored, kNotStored, kNotStored},
};

// Verdicts do not depend on the order of the members, and a second store that is due in any case
// changes no other verdict than success.
void expect_verdict(const Row& row, Verdict expected, StoreTerms terms) {
    std::vector<StoreOutcome> outcomes = parse(row.outcomes);
    std::sort(outcomes.begin(), outcomes.end());
    do {
        terms.first_of_two = false;
        EXPECT_EQ(judge_commit(round_of(outcomes), terms), expected)
            << row.outcomes << "; aim " << static_cast<int>(terms.aim) << ", locked "
            << terms.locked << ", fenced " << terms.fenced;
        terms.first_of_two = true;
        EXPECT_EQ(judge_commit(round_of(outcomes), terms), expected == kDone ? kAgain : expected)
            << row.outcomes << "; first of two, aim " << static_cast<int>(terms.aim);
    } while (std::next_permutation(outcomes.begin(), outcomes.end()));
}

TEST(CommitVerdict, RowsNameOutcomesOnly) {
    for (const Row& row : kRows) {
        const std::string text = row.outcomes;
        EXPECT_EQ(parse(text).size(),
                  static_cast<size_t>(std::count(text.begin(), text.end(), ',')) + 1)
            << text;
    }
}

TEST(CommitVerdict, OfACommitAndOfADestroyIsTheSame) {
    for (const Row& row : kRows) {
        for (const Aim aim : {Aim::kCommit, Aim::kDestroy}) {
            for (const bool locked : {true, false}) {
                expect_verdict(row, row.commit, {aim, locked, true, false});
                expect_verdict(row, row.unfenced, {aim, locked, false, false});
            }
        }
    }
}

TEST(CommitVerdict, OfAnUnchangedSessionIsNoConflict) {
    for (const Row& row : kRows) {
        expect_verdict(row, row.extend, {Aim::kExtend, true, true, false});
        expect_verdict(row, row.extend, {Aim::kExtend, true, false, false});
        expect_verdict(row, row.extend, {Aim::kExtend, false, false, false});
        expect_verdict(row, row.unlocked, {Aim::kExtend, false, true, false});
    }
}

TEST(CommitVerdict, OfAServerWithoutTouchIsToStoreTheValue) {
    for (const char* outcomes : {"unknown", "unknown, unknown", "stored, unknown", "gone, unknown",
                                 "silent, unknown", "conflict, unknown"}) {
        const Row row = {outcomes, kAgain, kAgain, kAgain, kAgain};
        expect_verdict(row, kAgain, {Aim::kExtend, true, true, false});
        expect_verdict(row, kAgain, {Aim::kExtend, true, false, false});
        expect_verdict(row, kAgain, {Aim::kExtend, false, false, false});
        expect_verdict(row, kAgain, {Aim::kExtend, false, true, false});
    }
    const Row changed = {"changed, unknown", kConflict, kConflict, kConflict, kConflict};
    expect_verdict(changed, kConflict, {Aim::kExtend, true, true, false});
}

}  // namespace
}  // namespace memcache_session
