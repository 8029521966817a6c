// The part of Closing that destroys: a tombstone outranks every old copy, on whichever server it
// turns up later.
#include <algorithm>
#include <cstddef>

#include "src/replica/rules.h"
#include "src/session/closing.h"
#include "src/session/locks.h"
#include "src/session/messages.h"

namespace memcache_session {
namespace {

// Each further try means that another request wrote between our look and our store.
constexpr int kTriesMax = 8;

bool shows_session(const Request& request) {
    return !request.failure && request.replies[0].kind == ReplyKind::kHit;
}

}  // namespace

Status Closing::destroy(int32_t tombstone_exptime) {
    exptime_ = tombstone_exptime;
    keeps_locks_ = true;
    outcomes_.assign(copies().size(), Outcome::kUnsent);
    if (!rules.destroy_unlocks_last) {
        release_locks(parts_, &session_);
    }
    std::vector<Request> elsewhere;
    for (const uint32_t server : session_.set.preference()) {
        if (!session_.set.contains(server) && !session_.set.has_failed(server) &&
            parts_.exchange.usable(server)) {
            Request& request = elsewhere.emplace_back();
            request.server = server;
            request.add(Command::read_for_update(session_.key.session));
        }
    }
    std::vector<Request>* beside = &elsewhere;
    size_t silent = 0;
    for (int tries = 0; tries < kTriesMax; ++tries) {
        flags_ = ItemFlags::encode(next_version(session_.set.absent_first_choices() + silent), true,
                                   false);
        tombstone_phase(&beside);
        const size_t silent_now = count(Outcome::kSilent) + count(Outcome::kRefused);
        const bool refused = count(Outcome::kConflict) + count(Outcome::kGone) > 0;
        // All tombstones get the version of the last: who sees only one of them must outrank all.
        const bool raise = refused || (rules.raise_after_silence && silent_now > silent);
        std::vector<size_t> again = with(Outcome::kUnsent);
        for (size_t i = 0; i < outcomes_.size(); ++i) {
            const Outcome outcome = outcomes_[i];
            if (outcome == Outcome::kConflict || outcome == Outcome::kGone ||
                (raise && outcome == Outcome::kStored && !is_lost(copies()[i].server))) {
                again.push_back(i);
            }
        }
        silent = silent_now;
        if (again.empty()) {
            break;
        }
        read_again(again);
    }
    release_locks(parts_, &session_);
    remove_elsewhere(elsewhere);
    return count(Outcome::kStored) > 0
               ? Status()
               : Status(Code::kUnavailable,
                        not_destroyed_message(parts_.pool.servers, failures_, refusal_));
}

// Sends `*elsewhere` along, once.
void Closing::tombstone_phase(std::vector<Request>** elsewhere) {
    const std::vector<size_t> first = who_commits_first();
    if (!first.empty()) {
        run_stores(first, nullptr);
        const Outcome outcome = outcomes_[first.front()];
        if (outcome == Outcome::kConflict || outcome == Outcome::kUnsent) {
            return;
        }
    }
    run_stores(with(Outcome::kUnsent), *elsewhere);
    *elsewhere = nullptr;
}

// A logout wins: what another request has written meanwhile gets its tombstone too.
void Closing::read_again(const std::vector<size_t>& again) {
    std::vector<Request> requests;
    for (const size_t i : again) {
        Request& request = requests.emplace_back();
        request.server = copies()[i].server;
        request.add(Command::read_for_update(session_.key.session));
    }
    parts_.exchange.run(Purpose::kDestroy, requests.data(), requests.size());
    for (size_t i = 0; i < again.size(); ++i) {
        const Request& request = requests[i];
        Copy& copy = copies()[again[i]];
        if (request.failure || is_error(request.replies[0])) {
            outcomes_[again[i]] = Outcome::kSilent;
            copy.locked = false;  // out of reach
            failures_.push_back({copy.server, cause(request)});
            continue;
        }
        outcomes_[again[i]] = Outcome::kUnsent;
        copy.item = Item::from(request.replies[0], request.connection);
        const Version version = copy.item.version();
        if (session_.newest_version == kForeignVersion ||
            is_newer(version, session_.newest_version)) {
            session_.newest_version = version;
        }
    }
}

// Copies on servers outside the set are of no use any more. A server that refuses keeps its copy:
// it is older than the tombstone.
void Closing::remove_elsewhere(const std::vector<Request>& elsewhere) {
    std::vector<Request> removals;
    for (const Request& look : elsewhere) {
        if (!shows_session(look)) {
            continue;
        }
        const Reply& shown = look.replies[0];
        if (ItemFlags::is_tombstone(shown.flags) ||
            is_newer(ItemFlags::version(shown.flags), ItemFlags::version(flags_))) {
            continue;
        }
        Request& request = removals.emplace_back();
        request.server = look.server;
        request.bound_to = look.connection;
        request.add(Command::delete_if(session_.key.session, shown.cas));
    }
    if (!removals.empty()) {
        parts_.exchange.run(Purpose::kDestroy, removals.data(), removals.size());
    }
}

}  // namespace memcache_session
