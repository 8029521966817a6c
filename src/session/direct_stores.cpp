#include "src/session/direct_stores.h"

#include <algorithm>

#include "src/replica/rules.h"
#include "src/session/messages.h"

namespace memcache_session {
namespace {

// As the reply to the release behind the store shows it, if that was sent.
Hold hold_of(const Request& request) {
    if (request.answered < 2) {
        return Hold::kUnknown;
    }
    const ReplyKind released = request.replies[1].kind;
    return released == ReplyKind::kDone     ? Hold::kHeld
           : released == ReplyKind::kExists ? Hold::kOverwritten
                                            : Hold::kUnknown;
}

}  // namespace

bool DirectStores::send(StoreRound* round, std::vector<Request>* beside) {
    Indexes members = unsent(*round);
    if (store_.aim != Aim::kExtend && rules.first_choice_commits_first &&
        session_.members.absent_first_choices() > 0) {
        const auto first = std::find_if(members.begin(), members.end(), [this](size_t index) {
            return session_.members.is_first_choice(session_.members.list()[index]);
        });
        if (first != members.end()) {
            const size_t index = *first;
            run({index}, round, nullptr);
            const StoreOutcome outcome = round->outcomes[index];
            if (outcome == StoreOutcome::kConflict || outcome == StoreOutcome::kUnsent) {
                return false;
            }
            members.erase(first, first + 1);
        }
    }
    run(members, round, beside);
    return true;
}

DirectStores::Indexes DirectStores::unsent(const StoreRound& round) const {
    Indexes indexes;
    for (size_t i = 0; i < round.outcomes.size(); ++i) {
        if (round.outcomes[i] == StoreOutcome::kUnsent) {
            indexes.push_back(i);
        }
    }
    return indexes;
}

// Runs one phase.
void DirectStores::run(const Indexes& members, StoreRound* round, std::vector<Request>* beside) {
    Requests requests;
    for (const size_t index : members) {
        add_store(&requests.emplace_back(), session_.members.list()[index]);
    }
    if (beside != nullptr) {
        for (const Request& request : *beside) {
            requests.push_back(request);
        }
    }
    const Purpose purpose = store_.aim == Aim::kDestroy ? Purpose::kDestroy : Purpose::kStore;
    session_.parts.exchange.run(purpose, requests.data(), requests.size());
    for (size_t i = 0; i < members.size(); ++i) {
        take_over(requests[i], members[i], round);
    }
    if (beside != nullptr) {
        std::copy(requests.begin() + members.size(), requests.end(), beside->begin());
    }
}

void DirectStores::add_store(Request* request, const Member& member) const {
    const bool is_fenced = session_.fenced || store_.aim == Aim::kExtend;
    request->server = member.server;
    if (is_fenced && rules.recheck_new_connection) {
        request->bound_to = member.item.connection;
    }
    request->add(command_for(member));
    if (member.lock.held && !store_.keeps_locks &&
        member.lock.connection == member.item.connection) {
        request->add(session_.lock.release_command(member.lock));
    }
}

Command DirectStores::command_for(const Member& member) const {
    const std::string_view key = session_.lock.key().session();
    if (!rules.tombstones && store_.aim == Aim::kDestroy) {
        return Command::unconditional_delete(key);
    }
    if (store_.aim == Aim::kExtend && member.opened.current && store_.touches) {
        return Command::touch(key, store_.exptime);
    }
    // Without fence the last write wins, but an unchanged session overwrites nothing.
    if (!session_.fenced && store_.aim != Aim::kExtend) {
        return Command::set(key, store_.value, store_.flags, store_.exptime);
    }
    if (!member.item.present) {
        return Command::add(key, store_.value, store_.flags, store_.exptime);
    }
    return Command::replace_if(key, store_.value, store_.flags, store_.exptime, member.item.cas);
}

void DirectStores::take_over(const Request& request, size_t index, StoreRound* round) {
    Member& member = session_.members.list()[index];
    const StoreOutcome outcome = outcome_of(request);
    round->outcomes[index] = outcome;
    if (outcome == StoreOutcome::kSilent) {
        member.lock.held = false;  // out of reach
        troubles_.add(request);
    } else if (outcome == StoreOutcome::kRefused && troubles_.refusal.empty()) {
        troubles_.refusal = refusal_text(request.replies[0]);
        troubles_.failures.insert(troubles_.failures.begin(),
                                  {member.server, failure_of(request), true, words_of(request)});
    }
    if (outcome == StoreOutcome::kUnsent) {
        return;
    }
    if (outcome == StoreOutcome::kRefused || request.failure) {
        round->failures[index] = failure_of(request);
    }
    const Hold hold = hold_of(request);
    if (outcome == StoreOutcome::kStored || outcome == StoreOutcome::kConflict ||
        outcome == StoreOutcome::kGone) {
        round->holds[index] = hold;
    }
    if (outcome == StoreOutcome::kStored && hold == Hold::kHeld && member.position == 0) {
        round->first_held_on = request.connection;
    }
    if (request.command_count == 2) {
        member.lock.held = request.answered == 2 && (is_error(request.replies[1]) ||
                                                     request.replies[1].kind == ReplyKind::kExists);
    }
}

Version next_version(const DirectSession& session, size_t left_out, Raise raise) {
    const Version newest = session.stored.newest_version;
    const bool has_gaps = left_out > 0 && rules.version_counts_absent;
    if (!has_gaps) {
        return advance(newest, 1);
    }
    const Version base = session.stored.is_unseen() ? kBeyondExpired : newest;
    const auto redundancy = static_cast<uint32_t>(session.members.redundancy());
    const auto gaps = static_cast<uint32_t>(left_out);
    const uint32_t steps = raise == Raise::kFirstOfTwo ? redundancy * gaps
                           : raise == Raise::kLast     ? 2 * redundancy * gaps
                                                       : 2 * redundancy;
    return advance(base, std::min(steps, kStepsMax));
}

void drop_failed_members(const StoreRound& round, DirectSession* session,
                         std::vector<uint32_t>* refusing) {
    Failures dropped;
    std::vector<Member*> locked;
    for (size_t i = 0; i < round.outcomes.size(); ++i) {
        Member& member = session->members.list()[i];
        if (!round.failures[i]) {
            continue;
        }
        dropped.push_back({member.server, round.failures[i]});
        if (member.lock.held) {
            locked.push_back(&member);
        }
        if (round.outcomes[i] == StoreOutcome::kRefused) {
            refusing->push_back(member.server);
        }
    }
    session->lock.release(std::move(locked));
    for (const ServerFailure& entry : dropped) {
        session->members.drop(entry.server, entry.failure);
    }
}

}  // namespace memcache_session
