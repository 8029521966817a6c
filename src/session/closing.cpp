#include "src/session/closing.h"

#include <algorithm>

#include "src/replica/rules.h"
#include "src/session/locks.h"
#include "src/session/messages.h"
#include "src/session/opening.h"

namespace memcache_session {
namespace {

// Each further round means that a copy was lost in the one before.
constexpr int kRoundsMax = 8;

}  // namespace

Closing::Closing(const SessionParts& parts, const SessionOptions& options, OpenSession* session)
    : parts_(parts),
      options_(options),
      session_(*session),
      replaces_foreign_(!session->missing &&
                        ItemFlags::version(session->flags) == kForeignVersion) {}

Status Closing::commit(std::string_view value, bool zlib, int32_t exptime) {
    value_ = value;
    flags_ = ItemFlags::encode(kForeignVersion, false, zlib);
    exptime_ = exptime;
    return store_until_complete();
}

Status Closing::extend(std::string_view value, bool zlib, int32_t exptime) {
    extending_ = true;
    value_ = value;
    flags_ = ItemFlags::encode(ItemFlags::version(session_.flags), false, zlib);
    exptime_ = exptime;
    return store_until_complete();
}

// The locks are released behind the stores, in the same write. What has to be stored then after all
// is stored under the locks again, for whoever has got them meanwhile relies on them.
Status Closing::store_until_complete() {
    Status status;
    for (int round = 0; round < kRoundsMax; ++round) {
        const bool first_of_two = round == 0 && is_first_of_two();
        keeps_locks_ = first_of_two;
        if (!extending_) {
            flags_ = ItemFlags::encode(next_version(session_.set.absent_first_choices()), false,
                                       ItemFlags::is_zlib(flags_));
        }
        store();
        status = conclude();
        const bool disputed = is_disputed();
        if (!disputed && (!status.ok() || !(first_of_two || is_incomplete()))) {
            break;
        }
        const Standing standing = look_again();
        if (standing == Standing::kOurs) {
            continue;
        }
        if (disputed && standing == Standing::kSuperseded) {
            status = {};
        } else if (!disputed && standing == Standing::kUnknown && !extending_) {
            status = {Code::kUnavailable, unconfirmed_message(parts_.pool.servers, failures_)};
        }
        break;
    }
    release_locks(parts_, &session_);
    return status;
}

// A commit that leaves out servers outranks whatever they still hold, or run late.
Version Closing::next_version(size_t left_out) const {
    const auto redundancy = static_cast<uint32_t>(session_.set.redundancy());
    const bool higher = left_out > 0 && rules.version_counts_absent;
    return advance(session_.newest_version, higher ? std::max(redundancy, 2U) : 1);
}

// Where there are three copies and more, two requests in succession may each miss a server that the
// other has. The first may die when its commit stands on that server alone, where the second cannot
// see it: both would have the same version. So a commit that leaves out a server is stored twice,
// on all before it is stored again on any: what was never acknowledged has the lower version.
bool Closing::is_first_of_two() const {
    return rules.store_twice_with_gaps && !extending_ && session_.fenced &&
           session_.set.redundancy() > 2 && session_.set.absent_first_choices() > 0;
}

// A copy that was evicted, or lost by a restart, is stored again beside one that stands. A server
// that was silent may yet run what it was sent, or come back with what it has: a commit is stored
// again without it, so that its version outranks that.
bool Closing::is_incomplete() const {
    const size_t gone = count(Outcome::kGone) + count(Outcome::kUnknownCommand);
    if (extending_) {
        return gone > 0 && (session_.locked || !session_.fenced);
    }
    return session_.fenced &&
           (gone > 0 || (rules.raise_after_silence && count(Outcome::kStored) < copies().size()));
}

// Some servers took the store, and others show a conflict. Under the locks it turns out which of
// the two is the session: pecl/memcache, which locks the first server only, may have been late at
// another.
bool Closing::is_disputed() const {
    return !extending_ && session_.fenced && count(Outcome::kStored) > 0 &&
           count(Outcome::kConflict) > 0;
}

// pecl/memcache frees the lock on the first server while its copy for a later one is under way:
// that may arrive after our opening, and is a conflict there. Where the first server of all took
// the store under our lock and has not been restarted since, whoever has written there now had its
// lock after us. What it wrote tells whether it went on from ours: it is pecl/memcache's, which
// reads this server alone, or has the version after ours; or ours itself replaced one of
// pecl/memcache, before which nothing else can have been newer.
bool Closing::first_was_read() const {
    const Item& item = copies().front().item;
    if (first_held_on_ == 0 || copies().front().position != 0 ||
        item.connection != first_held_on_ || !item.present || item.tombstone()) {
        return false;
    }
    const Version ours = ItemFlags::version(flags_);
    return item.version() == kForeignVersion || item.version() == advance(ours, 1) ||
           (replaces_foreign_ && item.version() != ours);
}

// Takes the locks, or refreshes them, on the servers that are left and on stand-ins for the others.
Closing::Standing Closing::look_again() {
    touches_ = touches_ && count(Outcome::kUnknownCommand) == 0;
    drop_silent();
    session_.set.fill(parts_.exchange);
    SessionOptions options = options_;
    options.lock_failure = LockFailure::kFail;
    if (extending_) {
        options.lock_wait = Duration(0);  // whoever holds the lock extends it too
    }
    if (copies().empty() || !Opening(parts_, options, &session_).run(session_.locked, true).ok()) {
        return Standing::kUnknown;
    }
    if (!rules.refill_is_fenced && session_.missing) {
        return Standing::kOurs;
    }
    if (!session_.missing && session_.flags == flags_ && session_.value == value_) {
        return Standing::kOurs;
    }
    const bool foreign = !session_.missing && session_.newest_version == kForeignVersion;
    const bool newer = foreign || is_newer(session_.newest_version, ItemFlags::version(flags_));
    const bool was_read = is_disputed() ? first_was_read() : newer && was_held_;
    return was_read ? Standing::kSuperseded : Standing::kUnknown;
}

void Closing::drop_silent() {
    Failures dropped;
    std::vector<Copy*> locked;
    for (size_t i = 0; i < copies().size(); ++i) {
        Copy& copy = copies()[i];
        const bool refused = outcomes_[i] == Outcome::kRefused;
        if (refused || outcomes_[i] == Outcome::kSilent || is_lost(copy.server)) {
            dropped.push_back({copy.server, {FailureKind::kServerError, 0}});
        }
        if (refused && copy.locked) {
            locked.push_back(&copy);
        }
    }
    release_locks(parts_, &session_, std::move(locked));
    for (const ServerFailure& entry : dropped) {
        session_.set.drop(entry.server, entry.failure);
    }
}

void Closing::store() {
    was_held_ = true;
    first_held_on_ = 0;
    outcomes_.assign(copies().size(), Outcome::kUnsent);
    if (extending_ && session_.fenced && !session_.locked) {
        for (size_t i = 0; i < copies().size(); ++i) {
            outcomes_[i] = copies()[i].current ? Outcome::kUnsent : Outcome::kLeftOut;
        }
    }
    if (rules.recheck_overdue_lease && lease_is_overdue(parts_, options_, session_)) {
        recheck();
    }
    if (count(Outcome::kChanged) == 0) {
        store_phase();
    }
    if (count(Outcome::kUnsent) > 0 && count(Outcome::kChanged) == 0 &&
        count(Outcome::kConflict) == 0) {
        recheck();
        if (count(Outcome::kChanged) == 0 || count(Outcome::kStored) > 0) {
            store_phase();
        }
    }
}

// Sends the store, and behind it the release of the lock, to every server that has not had it.
void Closing::store_phase() {
    const std::vector<size_t> first = extending_ ? std::vector<size_t>() : who_commits_first();
    if (!first.empty()) {
        run_stores(first, nullptr);
        const Outcome outcome = outcomes_[first.front()];
        if (outcome == Outcome::kConflict || outcome == Outcome::kUnsent) {
            return;
        }
    }
    run_stores(with(Outcome::kUnsent), nullptr);
}

std::vector<size_t> Closing::who_commits_first() const {
    if (rules.first_choice_commits_first && session_.set.absent_first_choices() > 0) {
        for (const size_t i : with(Outcome::kUnsent)) {
            if (copies()[i].position < session_.set.redundancy()) {
                return {i};
            }
        }
    }
    return {};
}

// One phase: the stores of `copies`, and in parallel the requests `beside`, to other servers.
void Closing::run_stores(const std::vector<size_t>& copies_to_store, std::vector<Request>* beside) {
    std::vector<Request> requests;
    requests.reserve(copies_to_store.size() + (beside != nullptr ? beside->size() : 0));
    for (const size_t i : copies_to_store) {
        const Copy& copy = copies()[i];
        Request& request = requests.emplace_back();
        request.server = copy.server;
        if (is_fenced() && rules.recheck_new_connection) {
            request.bound_to = copy.item.connection;
        }
        request.add(store_command(copy));
        if (copy.locked && !keeps_locks_ && copy.lock_connection == copy.item.connection) {
            request.add(release_command(session_, copy));
        }
    }
    if (beside != nullptr) {
        requests.insert(requests.end(), beside->begin(), beside->end());
    }
    parts_.exchange.run(Purpose::kStore, requests.data(), requests.size());
    for (size_t i = 0; i < copies_to_store.size(); ++i) {
        Copy& copy = copies()[copies_to_store[i]];
        const Request& request = requests[i];
        outcomes_[copies_to_store[i]] = judge(copy, request);
        if (outcomes_[copies_to_store[i]] == Outcome::kStored) {
            const bool held = request.answered == 2 && request.replies[1].kind == ReplyKind::kDone;
            was_held_ = was_held_ && held;
            if (held && copy.position == 0) {
                first_held_on_ = request.connection;
            }
        }
        if (request.command_count == 2 && request.failure.kind != FailureKind::kConnectionLost) {
            const bool kept =
                request.answered == 2 &&
                (is_error(request.replies[1]) || request.replies[1].kind == ReplyKind::kExists);
            copy.locked = kept;
        }
    }
    if (beside != nullptr) {
        std::copy(requests.end() - static_cast<std::ptrdiff_t>(beside->size()), requests.end(),
                  beside->begin());
    }
}

Command Closing::store_command(const Copy& copy) const {
    const std::string& key = session_.key.session;
    if (!rules.tombstones && ItemFlags::is_tombstone(flags_)) {
        return Command::unconditional_delete(key);
    }
    if (extending_ && copy.current && touches_) {
        return Command::touch(key, exptime_);
    }
    if (!is_fenced()) {
        return Command::set(key, value_, flags_, exptime_);
    }
    if (!copy.item.present) {
        return Command::add(key, value_, flags_, exptime_);
    }
    return Command::replace_if(key, value_, flags_, exptime_, copy.item.cas);
}

Closing::Outcome Closing::judge(Copy& copy, const Request& request) {
    if (request.failure.kind == FailureKind::kConnectionLost) {
        return Outcome::kUnsent;
    }
    if (request.answered == 0) {
        copy.locked = false;  // out of reach
        failures_.push_back({copy.server, request.failure});
        return Outcome::kSilent;
    }
    if (request.failure) {
        lost_.push_back(copy.server);
    }
    const Reply& reply = request.replies[0];
    switch (reply.kind) {
        case ReplyKind::kDone:
            return Outcome::kStored;
        case ReplyKind::kExists:
            return Outcome::kConflict;
        case ReplyKind::kGone:
            return Outcome::kGone;
        default:
            break;
    }
    if (request.commands[0].verb == Verb::kTouch && reply.kind == ReplyKind::kUnknownCommand) {
        return Outcome::kUnknownCommand;
    }
    if (refusal_.empty()) {
        refusal_ = refusal_text(reply);
        failures_.insert(failures_.begin(), {copy.server, cause(request)});
    }
    return Outcome::kRefused;
}

// Looks again, where no store was answered: on a connection that is new, or after the lease may
// have ended. Takes over the fresh cas numbers where lock and session are as they were. A server
// that has lost the session meanwhile gets it again beside a copy that was stored; a silent one is
// left out.
void Closing::recheck() {
    const std::vector<size_t> unsent = with(Outcome::kUnsent);
    const std::string value = lock_value(parts_, options_, session_);
    std::vector<Request> requests;
    requests.reserve(unsent.size());
    const TimePoint began = parts_.clock.now();
    for (const size_t i : unsent) {
        Request& request = requests.emplace_back();
        request.server = copies()[i].server;
        if (session_.locked) {
            add_lock_and_look(&request, session_, value, lease_exptime(parts_, options_));
        } else {
            request.add(Command::read_for_update(session_.key.session));
        }
    }
    parts_.exchange.run(Purpose::kRecheck, requests.data(), requests.size());
    session_.lease_began = began;

    const bool stored = count(Outcome::kStored) > 0;
    for (size_t i = 0; i < unsent.size(); ++i) {
        Copy& copy = copies()[unsent[i]];
        const Request& request = requests[i];
        const Reply& shown = request.replies[session_.locked ? kSessionReply : 0];
        if (request.failure || is_error(shown)) {
            outcomes_[unsent[i]] = Outcome::kSilent;
            failures_.push_back({copy.server, cause(request)});
            copy.locked = false;
            continue;
        }
        const Item item = Item::from(shown, request.connection);
        const bool same_connection = item.connection == copy.item.connection;
        const bool as_before =
            item.same_content(copy.item) && (!same_connection || item.cas == copy.item.cas);
        const bool as_good = as_before || (stored && !item.present);
        const bool has_ours = !extending_ && item.present && item.flags == flags_ &&
                              item.value == value_;  // only the answer to our store was lost
        copy.item = item;
        if (session_.locked) {
            const Reply& lock = request.replies[kLockReply];
            copy.locked = shows_our_lock(lock, session_);
            copy.lock_cas = lock.cas;
            copy.lock_connection = request.connection;
        }
        if (has_ours) {
            outcomes_[unsent[i]] = Outcome::kStored;
            was_held_ = was_held_ && copy.locked == session_.locked;
        } else if (!as_good || copy.locked != session_.locked) {
            outcomes_[unsent[i]] = Outcome::kChanged;
            was_held_ = false;
        }
    }
}

Status Closing::conclude() const {
    const bool changed = count(Outcome::kChanged) > 0 && count(Outcome::kStored) == 0;
    if (changed || (!extending_ && count(Outcome::kConflict) > 0)) {
        return {Code::kUnavailable, conflict_message(lease(options_))};
    }
    if (count(Outcome::kStored) + count(Outcome::kConflict) > 0) {
        return {};
    }
    if (count(Outcome::kUnknownCommand) > 0 ||
        (count(Outcome::kGone) > 0 && !rules.refill_is_fenced)) {
        return {};  // there is more to come
    }
    if (count(Outcome::kGone) > 0) {
        return {Code::kUnavailable, gone_message()};
    }
    return {Code::kUnavailable,
            not_stored_message(parts_.pool.servers, failures_, refusal_, value_.size())};
}

bool Closing::is_lost(uint32_t server) const {
    return std::find(lost_.begin(), lost_.end(), server) != lost_.end();
}

std::vector<size_t> Closing::with(Outcome outcome) const {
    std::vector<size_t> indexes;
    for (size_t i = 0; i < outcomes_.size(); ++i) {
        if (outcomes_[i] == outcome) {
            indexes.push_back(i);
        }
    }
    return indexes;
}

}  // namespace memcache_session
