#include "src/replica/commit_verdict.h"

#include <algorithm>
#include <cassert>

#include "src/replica/rules.h"

namespace memcache_session {
namespace {

// protocol.md, "Servers that were silent".
bool is_incomplete(const StoreRound& round, const StoreTerms& terms) {
    const bool has_lost_copies = round.has(StoreOutcome::kGone);
    if (terms.aim == Aim::kExtend) {
        // A server that does not know `touch` is sent the value, whatever the terms.
        return round.has(StoreOutcome::kUnknownCommand) ||
               (has_lost_copies && (terms.locked || !terms.fenced));
    }
    const bool some_did_not_store = round.count(StoreOutcome::kStored) < round.outcomes.size();
    return terms.fenced && (has_lost_copies || (rules.raise_after_silence && some_did_not_store));
}

}  // namespace

StoreOutcome outcome_of(const Request& request) {
    assert(request.command_count > 0);
    if (request.failure.kind == FailureKind::kConnectionLost) {
        return StoreOutcome::kUnsent;
    }
    if (request.answered == 0) {
        return StoreOutcome::kSilent;
    }
    switch (request.replies[0].kind) {
        case ReplyKind::kDone:
            return StoreOutcome::kStored;
        case ReplyKind::kExists:
            return StoreOutcome::kConflict;
        case ReplyKind::kGone:
            return StoreOutcome::kGone;
        case ReplyKind::kUnknownCommand:
            return request.commands[0].verb == Verb::kTouch ? StoreOutcome::kUnknownCommand
                                                            : StoreOutcome::kRefused;
        default:
            return StoreOutcome::kRefused;
    }
}

size_t StoreRound::count(StoreOutcome outcome) const {
    return static_cast<size_t>(std::count(outcomes.begin(), outcomes.end(), outcome));
}

bool StoreRound::has(StoreOutcome outcome) const {
    return std::find(outcomes.begin(), outcomes.end(), outcome) != outcomes.end();
}

bool StoreRound::has(Hold hold) const {
    return std::find(holds.begin(), holds.end(), hold) != holds.end();
}

Verdict judge_commit(const StoreRound& round, const StoreTerms& terms) {
    const bool stored = round.has(StoreOutcome::kStored);
    const bool conflict = round.has(StoreOutcome::kConflict);
    if (terms.aim != Aim::kExtend) {
        if (stored && conflict && terms.fenced) {
            return Verdict::kDisputed;
        }
        if (conflict) {
            return Verdict::kConflict;
        }
    }
    if (round.has(StoreOutcome::kChanged) && !stored) {
        return Verdict::kConflict;
    }
    const bool more_to_come = round.has(StoreOutcome::kUnknownCommand) ||
                              (round.has(StoreOutcome::kGone) && !rules.refill_is_fenced);
    if (!stored && !conflict && !more_to_come) {
        return round.has(StoreOutcome::kGone) ? Verdict::kGone : Verdict::kNotStored;
    }
    return terms.first_of_two || is_incomplete(round, terms) ? Verdict::kStoreAgain
                                                             : Verdict::kDone;
}

}  // namespace memcache_session
