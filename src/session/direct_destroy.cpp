#include "src/session/direct_destroy.h"

#include "src/replica/rules.h"
#include "src/session/direct_search.h"
#include "src/session/lifetime.h"
#include "src/session/messages.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// Each further try means that another request wrote between our look and our store.
constexpr int kTriesMax = 8;

}  // namespace

DirectDestroy::DirectDestroy(DirectSession* session, int64_t lifetime)
    : session_(*session), round_(session->members.list().size()) {
    store_.aim = Aim::kDestroy;
    store_.exptime = exptime_of(tombstone_lifetime(lifetime), session_.parts.clock.unix_time());
    store_.keeps_locks = true;
    incarnation_ = session_.stored.next_incarnation();
}

Status DirectDestroy::run() {
    if (!rules.destroy_unlocks_last) {
        session_.lock.release_all(&session_.members);
    }
    std::vector<Request> elsewhere = looks_elsewhere();
    std::vector<Request>* beside = &elsewhere;
    DirectStores stores(&session_, store_, &troubles_);
    size_t silent = 0;
    for (int tries = 0; tries < kTriesMax; ++tries) {
        store_.flags = ItemFlags::encode(
            next_version(session_, session_.members.absent_first_choices() + silent,
                         Raise::kAboveFirstStores),
            true, false, incarnation_);
        if (stores.send(&round_, beside)) {
            beside = nullptr;
        }
        const size_t silent_now =
            round_.count(StoreOutcome::kSilent) + round_.count(StoreOutcome::kRefused);
        const std::vector<size_t> again = to_store_again(silent_now > silent);
        if (silent_now > 0) {  // one of them may run the command later
            session_.stored.saw(ItemFlags::version(store_.flags));
        }
        silent = silent_now;
        if (again.empty()) {
            break;
        }
        read_again(again);
    }
    session_.lock.release_all(&session_.members);
    remove_elsewhere(elsewhere);
    if (round_.has(StoreOutcome::kStored)) {
        return {};
    }
    return {Code::kNotStored,
            not_destroyed_message(session_.parts.pool.servers, troubles_.failures)};
}

std::vector<Request> DirectDestroy::looks_elsewhere() const {
    std::vector<Request> looks;
    for (const uint32_t server : searched_servers(session_.members, session_.options.search)) {
        if (!session_.members.contains(server) && !session_.members.has_failed(server) &&
            session_.parts.exchange.usable(server)) {
            Request& look = looks.emplace_back();
            look.server = server;
            look.add(Command::read_metadata(session_.lock.key().session()));
        }
    }
    return looks;
}

// The members to read again, and to store on after that unless they refused. protocol.md,
// "Destroying", steps 2 and 3.
std::vector<size_t> DirectDestroy::to_store_again(bool more_are_silent) const {
    const bool raise = round_.has(StoreOutcome::kConflict) || round_.has(StoreOutcome::kGone) ||
                       (rules.raise_after_silence && more_are_silent);
    std::vector<size_t> again;
    for (size_t i = 0; i < round_.outcomes.size(); ++i) {
        const StoreOutcome outcome = round_.outcomes[i];
        if (outcome == StoreOutcome::kUnsent || outcome == StoreOutcome::kConflict ||
            outcome == StoreOutcome::kGone ||
            (more_are_silent && outcome == StoreOutcome::kRefused) ||
            (raise && outcome == StoreOutcome::kStored && !round_.is_lost(i))) {
            again.push_back(i);
        }
    }
    return again;
}

// Another request has stored the session meanwhile. A logout wins, so it is read and replaced too.
// A server that refuses the tombstone keeps what it has, which the other tombstones must outrank.
void DirectDestroy::read_again(const std::vector<size_t>& members) {
    std::vector<Request> requests;
    requests.reserve(members.size());
    for (const size_t index : members) {
        Request& request = requests.emplace_back();
        request.server = session_.members.list()[index].server;
        request.add(Command::read_metadata(session_.lock.key().session()));
    }
    session_.parts.exchange.run(Purpose::kDestroy, requests.data(), requests.size());
    for (size_t i = 0; i < members.size(); ++i) {
        const Request& request = requests[i];
        Member& member = session_.members.list()[members[i]];
        if (request.failure || is_error(request.replies[0])) {
            round_.outcomes[members[i]] = StoreOutcome::kSilent;
            round_.failures[members[i]] = failure_of(request);
            member.lock.held = member.lock.held && is_too_large(request.failure);
            lose_connection(&member.lock);
            troubles_.add(request);
            continue;
        }
        const StoreOutcome before = round_.outcomes[members[i]];
        if (before != StoreOutcome::kRefused) {
            round_.outcomes[members[i]] = StoreOutcome::kUnsent;
        }
        member.item = Item::from(request.replies[0], request.connection);
        const bool is_ours = before == StoreOutcome::kStored && member.item.flags == store_.flags;
        if (member.item.present && member.item.version() != kForeignVersion && !is_ours) {
            incarnation_ = ItemFlags::later_incarnation(
                incarnation_, ItemFlags::next_incarnation(member.item.flags));
        }
        session_.stored.saw(member.item.version());
    }
}

// protocol.md, "Destroying", step 5.
void DirectDestroy::remove_elsewhere(const std::vector<Request>& looks) {
    std::vector<Request> removals;
    for (const Request& look : looks) {
        if (look.failure || look.answered == 0 || look.replies[0].kind != ReplyKind::kHit) {
            continue;
        }
        const Reply& shown = look.replies[0];
        if (ItemFlags::is_tombstone(shown.flags) ||
            is_newer(ItemFlags::version(shown.flags), ItemFlags::version(store_.flags))) {
            continue;
        }
        Request& removal = removals.emplace_back();
        removal.server = look.server;
        removal.bound_to = look.connection;
        removal.add(Command::delete_if(session_.lock.key().session(), shown.cas));
    }
    if (!removals.empty()) {
        session_.parts.exchange.run(Purpose::kDestroy, removals.data(), removals.size());
    }
}

}  // namespace memcache_session
