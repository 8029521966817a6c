#include "src/session/direct_destroy.h"

#include <cassert>

#include "src/replica/rules.h"
#include "src/session/direct_search.h"
#include "src/session/lifetime.h"
#include "src/session/messages.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// Each further try means that another request stored since our look, that a reply was lost, or that
// a server had to be outranked.
constexpr int kTriesMax = 8;

// Whether the reply to a read shows a session, and no tombstone.
bool shows_copy(const Request& look) {
    return !look.failure && look.answered > 0 && look.replies[0].kind == ReplyKind::kHit &&
           !ItemFlags::is_tombstone(look.replies[0].flags);
}

// Without the lock, another destroy may have stored the very same tombstone.
bool holds_lease(const DirectSession& session) {
    return session.locked && !session.lock.is_overdue(session.lease_began);
}

bool shows(const Item& item, uint32_t flags) {
    return item.present && item.flags == flags;
}

}  // namespace

DirectDestroy::DirectDestroy(DirectSession* session, int64_t lifetime)
    : session_(*session), round_(session->members.list().size()) {
    store_.aim = Aim::kDestroy;
    store_.exptime = exptime_of(tombstone_lifetime(lifetime), session_.parts.clock.unix_time());
    store_.keeps_locks = true;
    incarnation_ = session_.stored.next_incarnation();
    continued_from_ = session_.stored.newest_version;
    if (session_.stored.is_unseen()) {
        session_.stored.saw(kBeyondExpired);  // protocol.md, "Versions"
    }
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
        if (round_.has(StoreOutcome::kUnsent)) {
            const size_t absent = session_.members.absent_first_choices() + silent;
            store_.flags = ItemFlags::encode(next_version(session_, absent, Raise::kTombstone),
                                             true, false, incarnation_);
        }
        bool is_outranked = false;
        if (stores.send(&round_, beside)) {
            is_outranked = beside != nullptr && saw_newer(elsewhere);
            beside = nullptr;
        }
        const size_t silent_now =
            round_.count(StoreOutcome::kSilent) + round_.count(StoreOutcome::kRefused);
        const std::vector<size_t> again =
            to_store_again(is_outranked || (rules.raise_after_silence && silent_now > silent));
        if (silent_now > 0) {  // one of them may run the command later
            session_.stored.saw(ItemFlags::version(store_.flags));
        }
        silent = silent_now;
        if (again.empty() || tries + 1 == kTriesMax || !read_again(again, tries == 0)) {
            break;
        }
    }
    replace_elsewhere(elsewhere);
    session_.lock.release_all(&session_.members);
    return result();
}

Status DirectDestroy::result() const {
    if (round_.has(StoreOutcome::kStored)) {
        return {};
    }
    if (troubles_.failures.empty() &&
        round_.count(StoreOutcome::kUnsent) == round_.outcomes.size()) {
        return {Code::kNotStored, cut_off_message("destroyed")};
    }
    return {Code::kNotStored,
            not_destroyed_message(session_.parts.pool.servers, troubles_.failures)};
}

std::vector<Request> DirectDestroy::looks_elsewhere() const {
    std::vector<Request> looks;
    for (const uint32_t server : searched_servers(session_.members, session_.options.search)) {
        if (may_be_asked(session_.parts, session_.members, server)) {
            Request& look = looks.emplace_back();
            look.server = server;
            look.add(Command::read_metadata(session_.lock.key().session()));
        }
    }
    return looks;
}

// Takes note of the versions outside the set. Returns whether one is newer than the tombstone, and
// not that of a session that has begun over it. protocol.md, "Destroying", step 3.
bool DirectDestroy::saw_newer(const std::vector<Request>& looks) {
    bool is_outranked = false;
    for (const Request& look : looks) {
        if (!shows_copy(look) || shows_successor(look)) {
            continue;
        }
        const Version version = ItemFlags::version(look.replies[0].flags);
        is_outranked = is_outranked || is_newer(version, ItemFlags::version(store_.flags));
        session_.stored.saw(version);
    }
    return is_outranked;
}

// The members to read again, and to store on unless they refused. `must_raise`: more are silent
// than before, or another server outranks the tombstone. protocol.md, "Destroying", steps 2 and 3.
std::vector<size_t> DirectDestroy::to_store_again(bool must_raise) const {
    const bool raise = round_.has(StoreOutcome::kConflict) || round_.has(StoreOutcome::kGone) ||
                       (round_.has(StoreOutcome::kUnsent) && !holds_lease(session_)) || must_raise;
    std::vector<size_t> again;
    for (size_t i = 0; i < round_.outcomes.size(); ++i) {
        const StoreOutcome outcome = round_.outcomes[i];
        if (outcome == StoreOutcome::kUnsent || outcome == StoreOutcome::kConflict ||
            outcome == StoreOutcome::kGone || (must_raise && outcome == StoreOutcome::kRefused) ||
            (raise && outcome == StoreOutcome::kStored && !round_.is_lost(i))) {
            again.push_back(i);
        }
    }
    return again;
}

// Another request has stored the session meanwhile. A logout wins, so it is read and replaced too.
// A server that refuses the tombstone keeps what it has, which the other tombstones must outrank.
// False: there is nothing to replace, because a session has begun over our tombstone. (Where others
// have stored, it may have begun over an equal tombstone of theirs, before this destroy.)
bool DirectDestroy::read_again(const std::vector<size_t>& members, bool first_time) {
    Requests requests;
    for (const size_t index : members) {
        Request& request = requests.emplace_back();
        request.server = session_.members.list()[index].server;
        request.add(Command::read_metadata(session_.lock.key().session()));
    }
    session_.parts.exchange.run(Purpose::kDestroy, requests.data(), requests.size());
    const Outcomes before = round_.outcomes;
    const bool others_stored = others_have_stored(members, requests);
    for (size_t i = 0; i < members.size() && !others_stored; ++i) {
        if (before[members[i]] == StoreOutcome::kStored && shows_successor(requests[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < members.size(); ++i) {
        take_over_look(requests[i], members[i], others_stored);
    }
    continue_incarnations(members, before, first_time);
    return true;
}

// Whether others have stored the session since the opening: a store met that, or a server that
// refused ours shows it.
bool DirectDestroy::others_have_stored(const std::vector<size_t>& members,
                                       const Requests& looks) const {
    if (round_.has(StoreOutcome::kConflict) || round_.has(StoreOutcome::kGone)) {
        return true;
    }
    for (size_t i = 0; i < members.size(); ++i) {
        const bool is_shown = !looks[i].failure && !is_error(looks[i].replies[0]);
        if (round_.outcomes[members[i]] == StoreOutcome::kRefused && is_shown &&
            !is_unchanged(session_.members.list()[members[i]],
                          Item::from(looks[i].replies[0], looks[i].connection))) {
            return true;
        }
    }
    return false;
}

// Whether a look at a server that took our tombstone shows the session that follows it.
bool DirectDestroy::shows_successor(const Request& look) const {
    const uint32_t flags = look.replies[0].flags;
    return shows_copy(look) && ItemFlags::version(flags) != kForeignVersion &&
           ItemFlags::incarnation(flags) == ItemFlags::next_incarnation(store_.flags);
}

void DirectDestroy::take_over_look(const Request& request, size_t index, bool others_stored) {
    Member& member = session_.members.list()[index];
    if (request.failure || is_error(request.replies[0])) {
        round_.outcomes[index] = StoreOutcome::kSilent;
        round_.failures[index] = failure_of(request);
        member.lock.held = member.lock.held && is_too_large(request.failure);
        lose_connection(&member.lock);
        troubles_.add(request);
        return;
    }
    member.item = Item::from(request.replies[0], request.connection);
    session_.stored.saw(member.item.version());
    if (round_.outcomes[index] == StoreOutcome::kUnsent && !others_stored &&
        holds_lease(session_) && shows(member.item, store_.flags)) {
        round_.outcomes[index] = StoreOutcome::kStored;  // only the reply was lost
    } else if (round_.outcomes[index] != StoreOutcome::kRefused) {
        round_.outcomes[index] = StoreOutcome::kUnsent;
    }
}

// Counts on where these members show what others have stored. An item that is over ours on one of
// them came after ours; another one may be older than this destroy.
void DirectDestroy::continue_incarnations(const std::vector<size_t>& members,
                                          const Outcomes& before, bool first_time) {
    uint32_t over_ours = 0;  // flags
    const auto shows_others = [&](size_t index) {
        const Item& item = session_.members.list()[index].item;
        const bool is_ours = before[index] == StoreOutcome::kStored ||
                             round_.outcomes[index] == StoreOutcome::kStored;
        return round_.outcomes[index] != StoreOutcome::kSilent && item.present &&
               item.version() != kForeignVersion && !(is_ours && shows(item, store_.flags));
    };
    for (const size_t index : members) {
        if (before[index] == StoreOutcome::kStored && shows_others(index)) {
            over_ours = session_.members.list()[index].item.flags;
        }
    }
    for (const size_t index : members) {
        const Item& item = session_.members.list()[index].item;
        if (shows_others(index)) {
            const bool is_later =
                !first_time || before[index] == StoreOutcome::kStored || item.flags == over_ours;
            continue_incarnation(item, is_later ? ItemFlags::incarnation(item.flags)
                                                : ItemFlags::next_incarnation(item.flags));
        }
    }
}

// Incarnations are few, and others may have counted them on by more than one since the opening. So
// the newest item tells which this is. `follows`: the next one after a tombstone of before this
// destroy, and the item's own otherwise. If ours is one ahead of it, ours stays. Two destroys that
// meet again and again would count without end otherwise.
void DirectDestroy::continue_incarnation(const Item& item, uint32_t follows) {
    const bool is_one_behind = (follows + 1) % ItemFlags::kIncarnations == incarnation_;
    if (continued_from_ == kForeignVersion || is_newer(item.version(), continued_from_)) {
        incarnation_ = is_one_behind ? incarnation_ : follows;
        continued_from_ = item.version();
    } else if (item.version() == continued_from_) {
        incarnation_ = ItemFlags::later_incarnation(incarnation_, follows);
    }
}

// protocol.md, "Destroying", step 4.
void DirectDestroy::replace_elsewhere(const std::vector<Request>& looks) {
    if (!rules.tombstones) {
        return;
    }
    std::vector<Request> stores;
    for (const Request& look : looks) {
        const Reply& shown = look.replies[0];
        if (!shows_copy(look) ||
            is_newer(ItemFlags::version(shown.flags), ItemFlags::version(store_.flags))) {
            continue;
        }
        Request& store = stores.emplace_back();
        store.server = look.server;
        store.bound_to = look.connection;
        store.add(Command::replace_if(session_.lock.key().session(), {}, store_.flags,
                                      store_.exptime, shown.cas));
    }
    if (!stores.empty()) {
        session_.parts.exchange.run(Purpose::kDestroy, stores.data(), stores.size());
    }
}

void repair_tombstones(DirectSession* session) {
    assert(session->stored.destroyed() && session->locked);
    const SessionParts& parts = session->parts;
    const uint32_t flags = session->stored.flags;
    const int32_t exptime =
        exptime_of(tombstone_lifetime(session->options.lifetime), parts.clock.unix_time());
    Requests requests;
    for (const Member& member : session->members.list()) {
        if (is_before_destroy(member.item, flags)) {
            Request& request = requests.emplace_back();
            request.server = member.server;
            request.bound_to = member.item.connection;
            request.add(Command::replace_if(session->lock.key().session(), {}, flags, exptime,
                                            member.item.cas));
        }
    }
    parts.exchange.run(Purpose::kDestroy, requests.data(), requests.size());
}

}  // namespace memcache_session
