#include "src/session/opening.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/replica/rules.h"
#include "src/session/locks.h"
#include "src/session/messages.h"

namespace memcache_session {
namespace {

// A hold younger than this is not examined for being an orphan.
constexpr Duration kOrphanAge{1000000};

// Waiting and failing over have bounds of their own; this one is for locks that are lost as fast as
// they are won.
constexpr int kRoundsMax = 100;

// The foreign version orders with nothing: any other is preferred.
constexpr Version newer_of(Version a, Version b) {
    return a == kForeignVersion || is_newer(b, a) ? b : a;
}

}  // namespace

Opening::Opening(const SessionParts& parts, const SessionOptions& options, OpenSession* session)
    : parts_(parts), options_(options), session_(*session), waiting_room_(parts, *session) {}

Status Opening::run(bool lock, bool created_here) {
    if (session_.set.copies().empty()) {  // otherwise it is opened again, and keeps its set
        session_.set.reset(preference_list(parts_, session_), options_.redundancy,
                           options_.allow_failover);
        session_.set.fill(parts_.exchange);
    }

    Status status = lock ? acquire() : look();
    if (status.ok()) {
        choose_newest(nullptr);
        const std::vector<Copy>& copies = session_.set.copies();
        if (rules.sweep_before_missing && !created_here &&
            std::any_of(copies.begin(), copies.end(),
                        [](const Copy& copy) { return !copy.item.present; })) {
            status = sweep();
        }
    }
    if (!status.ok()) {
        leave_waiting_room();
        release_locks(parts_, &session_);
    }
    return status;
}

Status Opening::acquire() {
    session_.locked = true;
    for (int round = 0; round < kRoundsMax; ++round) {
        if (session_.set.copies().empty()) {
            return unavailable();
        }
        const bool all_answered = lock_and_read();
        if (refused_) {
            const Status status = wait_for_lock();
            if (!status.ok()) {
                if (options_.lock_failure == LockFailure::kReadOnly) {
                    return look_instead(status.message());
                }
                return {status.code(), not_opened_message(status.message())};
            }
            leave_waiting_room();
        } else if (all_answered) {
            return {};
        }
        fill_set();
    }
    return {Code::kUnavailable, "the lock of the session was lost " + std::to_string(kRoundsMax) +
                                    " times while it was being taken; the session was not opened"};
}

// Asks every server of the set for its lock and, behind that, for the session: data counts only
// when it was read in the phase in which all the locks are shown to be ours. A lock that we have
// already is stored anew, so that all name the final set and begin their leases together. Returns
// whether all answered; those that did not are dropped. Sets refused_ and refusal_.
bool Opening::lock_and_read() {
    const std::string value = lock_value(parts_, options_, session_);
    const int32_t lease = lease_exptime(parts_, options_);
    session_.lease_began = parts_.clock.now();
    requests_.clear();
    for (const Copy& copy : session_.set.copies()) {
        if (copy.locked && !rules.reread_after_wait) {
            continue;
        }
        Request& request = requests_.emplace_back();
        request.server = copy.server;
        if (copy.locked && copy.lock_connection != kLostConnection) {
            request.bound_to = copy.lock_connection;
            renew_lock_and_look(&request, session_, value, lease, copy.lock_cas);
        } else {
            add_lock_and_look(&request, session_, value, lease);
        }
    }
    parts_.exchange.run(requests_.data(), requests_.size());

    refused_ = false;
    bool all_answered = true;
    for (const Request& request : requests_) {
        Copy* copy = find_copy(request.server);
        if (request.failure.kind == FailureKind::kConnectionLost) {
            copy->lock_connection = kLostConnection;  // a new one shows whether it is still ours
            all_answered = false;
        } else if (!accept(copy, request)) {
            drop(request.server, request);
            all_answered = false;
        } else if (!copy->locked && !refused_) {
            refused_ = true;
            note_refusal(request.server, request.replies[kLockReply], request.connection);
        }
    }
    return all_answered;
}

// Takes over what the server answered to [store of the lock, gets session, gets lock]. False if the
// server is of no use.
bool Opening::accept(Copy* copy, const Request& request) {
    if (request.failure) {
        return false;
    }
    const Reply& lock = request.replies[kLockReply];
    if (is_error(request.replies[kLockStoreReply]) || is_error(request.replies[kSessionReply]) ||
        is_error(lock)) {
        return false;
    }
    copy->item = Item::from(request.replies[kSessionReply], request.connection);
    newest_seen_ = newer_of(newest_seen_, copy->item.version());
    // Our token in the lock of a server that refused it is ours all the same: its first answer was
    // lost.
    copy->locked = shows_our_lock(lock, session_);
    copy->lock_cas = copy->locked ? lock.cas : 0;
    copy->lock_connection = request.connection;
    return true;
}

// Reads without lock.
Status Opening::look() {
    session_.locked = false;
    while (!session_.set.copies().empty()) {
        requests_.clear();
        for (const Copy& copy : session_.set.copies()) {
            Request& request = requests_.emplace_back();
            request.server = copy.server;
            request.add(Command::read_for_update(session_.key.session));
        }
        parts_.exchange.run(requests_.data(), requests_.size());
        for (const Request& request : requests_) {
            if (request.failure || is_error(request.replies[0])) {
                drop(request.server, request);
            } else {
                find_copy(request.server)->item =
                    Item::from(request.replies[0], request.connection);
            }
        }
        // A stand-in makes all be asked again: views of answers do not outlive their phase.
        if (!fill_set() && !session_.set.copies().empty()) {
            return {};
        }
    }
    return unavailable();
}

Status Opening::look_instead(const std::string& why) {
    leave_waiting_room();
    give_back_from(0);
    session_.read_only = true;
    session_.read_only_reason = why;
    return look();
}

void Opening::leave_waiting_room() {
    waiting_room_.leave();
    drop_silent_of_waiting_room();
}

bool Opening::drop_silent_of_waiting_room() {
    const std::optional<ServerFailure>& silent = waiting_room_.silent();
    if (!silent || !session_.set.contains(silent->server)) {
        return false;
    }
    session_.set.drop(silent->server, silent->failure);
    return true;
}

void Opening::give_back_behind_refusal() {
    if (rules.keep_earlier_locks_only) {
        give_back_from(find_copy(refusal_.server)->position + 1);
    }
}

void Opening::give_back_from(uint32_t position) {
    std::vector<Copy*> ours;
    for (Copy& copy : session_.set.copies()) {
        if (copy.position >= position && copy.locked) {
            ours.push_back(&copy);
        }
    }
    for (const ServerFailure& silent : release_locks(parts_, &session_, ours)) {
        session_.set.drop(silent.server, silent.failure);
    }
}

// Waits for the refusing server alone, and asks it for the lock alone. Success when it granted the
// lock, and when it failed and was dropped.
Status Opening::wait_for_lock() {
    const bool is_first = session_.set.copies().front().server == refusal_.server;
    WaitSchedule schedule(parts_.clock.now(),
                          is_first ? WaitSchedule::kSleepMin : WaitSchedule::kSleepMinBehindOurs);
    if (!wait_began_) {
        wait_began_ = parts_.clock.now();
    }
    const TimePoint give_up = *wait_began_ + options_.lock_wait;
    give_back_behind_refusal();
    forget_orphan();
    bool asked_at_once = false;  // never twice in a row
    for (bool first_try = true;; first_try = false) {
        const bool take_over = may_take_over(schedule);
        const TimePoint now = parts_.clock.now();
        if (!first_try && now >= give_up) {
            return held();
        }
        const bool at_once = (take_over || !refusal_.present) && !asked_at_once;
        asked_at_once = at_once;
        if (!at_once) {
            if (now >= give_up) {
                return held();
            }
            if (options_.lock_waiters_max > 0) {
                if (!waiting_room_.enter(refusal_.server, options_.lock_waiters_max,
                                         give_up - now)) {
                    return too_many_wait();
                }
                if (drop_silent_of_waiting_room()) {
                    return {};
                }
            }
            parts_.clock.sleep_until(
                std::min(now + schedule.next_sleep(now, parts_.random), give_up));
        }
        const LockToken holder = refusal_.holder.token;
        switch (poll_for_lock(take_over)) {
            case Poll::kGranted:
            case Poll::kFailed:
                return {};
            case Poll::kRefused:
                if (!same_token(refusal_.holder.token, holder)) {
                    schedule.holder_changed(parts_.clock.now());
                    forget_orphan();
                }
                give_back_behind_refusal();
        }
    }
}

void Opening::forget_orphan() {
    orphan_checked_.reset();
    orphan_suspected_ = false;
}

bool Opening::may_take_over(const WaitSchedule& schedule) {
    return refusal_.present &&
           (is_replaceable(refusal_) || (rules.take_over_orphans && is_orphan(schedule)));
}

// Nobody holds this lock, as its value alone shows.
bool Opening::is_replaceable(const Refusal& lock) const {
    return lock.free || (rules.take_over_dead_holders &&
                         parts_.processes.is_gone(lock.holder.host, lock.holder.pid));
}

// A hung server that wakes up runs the `add` of a connection closed long ago, so a lock can be
// stored on one server alone. Another server that its holder names grants us its lock then.
// One grant is not enough: a holder that is just releasing its locks may have reached the other
// server first. So the other lock is given back, and the refusing one must outlast a second check
// after one more sleep. A live holder that waits for the other server has got that lock by then.
bool Opening::is_orphan(const WaitSchedule& schedule) {
    const TimePoint now = parts_.clock.now();
    const bool is_due = !orphan_checked_ || now - *orphan_checked_ >= kOrphanAge;
    if (schedule.hold_age(now) < kOrphanAge || !(orphan_suspected_ || is_due)) {
        return false;
    }
    orphan_checked_ = now;
    const bool was_suspected = std::exchange(orphan_suspected_, false);
    const bool granted = is_granted_elsewhere();
    if (granted && !was_suspected) {
        orphan_suspected_ = true;
        give_back_behind_refusal();
    }
    return granted && was_suspected;
}

// Asks the other servers that the holder names for their locks. What is granted stays, behind the
// refusing server, until that one is taken over or refuses again. A lock there that nobody holds
// either is replaced: two of them, on one server each, would guard each other.
bool Opening::is_granted_elsewhere() {
    const std::string value = lock_value(parts_, options_, session_);
    const int32_t lease = lease_exptime(parts_, options_);
    requests_.clear();
    for (const Copy& copy : session_.set.copies()) {
        const std::vector<uint32_t>& named = refusal_.holder.set;
        if (copy.server == refusal_.server ||
            std::find(named.begin(), named.end(), copy.position) == named.end()) {
            continue;
        }
        Request& request = requests_.emplace_back();
        request.server = copy.server;
        add_lock_and_look(&request, session_, value, lease);
    }
    parts_.exchange.run(requests_.data(), requests_.size());
    bool granted = false;
    std::vector<Request> replacements;
    for (const Request& request : requests_) {
        Copy* copy = find_copy(request.server);
        if (!accept(copy, request)) {
            drop(request.server, request);
            continue;
        }
        granted = granted || copy->locked;
        const Refusal shown =
            refusal_of(request.server, request.replies[kLockReply], request.connection);
        if (!copy->locked && shown.present && is_replaceable(shown)) {
            Request& replacement = replacements.emplace_back();
            replacement.server = request.server;
            replacement.bound_to = request.connection;
            renew_lock_and_look(&replacement, session_, value, lease, shown.cas);
        }
    }
    if (granted || replacements.empty()) {
        return granted;
    }
    parts_.exchange.run(replacements.data(), replacements.size());
    for (const Request& request : replacements) {
        Copy* copy = find_copy(request.server);
        if (request.failure.kind == FailureKind::kConnectionLost) {
            copy->locked = true;  // it may be ours: a new connection shows it
            copy->lock_connection = kLostConnection;
        } else if (!accept(copy, request)) {
            drop(request.server, request);
        } else {
            granted = granted || copy->locked;
        }
    }
    return granted;
}

// Asks the refusing server for the lock: by `add`, or by `cas` over the value that it showed.
Opening::Poll Opening::poll_for_lock(bool take_over) {
    const std::string value = lock_value(parts_, options_, session_);
    const int32_t lease = lease_exptime(parts_, options_);
    Request request;
    request.server = refusal_.server;
    if (take_over) {
        request.bound_to = refusal_.connection;
        request.add(Command::replace_if(session_.key.lock, value, kLockFlags, lease, refusal_.cas));
    } else {
        request.add(Command::add(session_.key.lock, value, kLockFlags, lease));
    }
    request.add(Command::read_for_update(session_.key.lock));
    parts_.exchange.run(&request, 1);

    if (request.failure.kind == FailureKind::kConnectionLost) {
        return poll_for_lock(false);  // the lock may be ours: a new connection shows it
    }
    if (request.failure || is_error(request.replies[0]) || is_error(request.replies[1])) {
        drop(request.server, request);
        return Poll::kFailed;
    }
    note_refusal(request.server, request.replies[1], request.connection);
    if (shows_our_lock(request.replies[1], session_)) {
        Copy* copy = find_copy(request.server);
        copy->locked = true;
        copy->lock_cas = refusal_.cas;
        copy->lock_connection = request.connection;
        return Poll::kGranted;
    }
    return Poll::kRefused;
}

void Opening::note_refusal(uint32_t server, const Reply& lock, ConnectionId connection) {
    refusal_ = refusal_of(server, lock, connection);
}

Opening::Refusal Opening::refusal_of(uint32_t server, const Reply& lock, ConnectionId connection) {
    Refusal refusal;
    refusal.server = server;
    refusal.present = lock.kind == ReplyKind::kHit;
    refusal.free = refusal.present && is_free(lock.value);
    refusal.cas = lock.cas;
    refusal.connection = connection;
    refusal.holder = refusal.present ? parse_lock(lock.value) : Holder();
    return refusal;
}

// `elsewhere`: the item of precedence outside the set, or null.
void Opening::choose_newest(const Item* elsewhere) {
    const Item* newest = rules.versions_order_copies ? &session_.set.newest().item
                                                     : &session_.set.copies().front().item;
    if (elsewhere != nullptr && takes_precedence(*elsewhere, *newest)) {
        newest = elsewhere;
    }
    session_.missing = !newest->present || newest->tombstone();
    session_.flags = newest->flags;
    session_.value = session_.missing ? std::string_view() : newest->value;
    session_.fingerprint = fingerprint_of(session_.value, session_.token);
    // A server that failed since may come back with what it showed: the commit must outrank it.
    session_.newest_version = newer_of(newest->version(), newest_seen_);
    for (Copy& copy : session_.set.copies()) {
        const Version version = copy.item.version();
        if (session_.newest_version == kForeignVersion ||
            is_newer(version, session_.newest_version)) {
            session_.newest_version = version;
        }
        // Two commits that were never acknowledged may have one version, as all of another program
        // have.
        copy.current = !session_.missing && copy.item.present &&
                       copy.item.flags == session_.flags && copy.item.value == session_.value;
        copy.item.fingerprint =
            copy.current ? session_.fingerprint : fingerprint_of(copy.item.value, session_.token);
    }
}

// A server of the set does not have the session. It may be new there because the pool has grown or
// shrunk, and the session, or a newer version of it, be on another server.
Status Opening::sweep() {
    const Copy& newest = session_.set.newest();
    const bool all_miss = !newest.item.present;
    const uint32_t newest_server = newest.server;
    Failures silent = ask_all_others(all_miss);
    Item elsewhere;
    bool newest_is_lost = false;
    for (const Request& request : requests_) {
        const bool in_set = session_.set.contains(request.server);
        if (request.failure || is_error(request.replies[0])) {
            silent.push_back({request.server, cause(request)});
            drop(request.server, request);
            newest_is_lost = newest_is_lost || request.server == newest_server;
            continue;
        }
        const Item item = Item::from(request.replies[0], request.connection);
        if (in_set) {
            find_copy(request.server)->item = item;
        } else if (takes_precedence(item, elsewhere)) {
            elsewhere = item;
        }
    }
    if (newest_is_lost) {
        return unavailable();  // an older copy is not served
    }
    choose_newest(&elsewhere);
    const bool is_found = session_.set.newest().item.present || elsewhere.present;
    if (!is_found && !missing_is_believable(silent)) {
        return {Code::kUnavailable, state_unknown_message(parts_.pool.servers, silent)};
    }
    return {};
}

// Asks every server outside the set for the session, and where some of the set have it those too:
// the views of their answers do not outlive their phase. Returns the servers that are not asked:
// those that failed in this opening, and those marked down, unless a miss could not be believed
// without them.
Failures Opening::ask_all_others(bool all_miss) {
    Failures unasked;
    std::vector<uint32_t> servers;
    for (const uint32_t server : session_.set.preference()) {
        if (session_.set.contains(server)) {
            if (!all_miss) {
                servers.push_back(server);
            }
        } else if (!session_.set.has_failed(server) && parts_.exchange.usable(server)) {
            servers.push_back(server);
        } else {
            unasked.push_back({server, parts_.exchange.why_down(server), false});
        }
    }
    if (all_miss && (session_.set.redundancy() == 1 || !missing_is_believable(unasked))) {
        const auto first_asked = std::stable_partition(
            unasked.begin(), unasked.end(),
            [&](const ServerFailure& entry) { return session_.set.has_failed(entry.server); });
        for (auto entry = first_asked; entry != unasked.end(); ++entry) {
            servers.push_back(entry->server);
        }
        unasked.erase(first_asked, unasked.end());
    }
    requests_.clear();
    for (const uint32_t server : servers) {
        Request& request = requests_.emplace_back();
        request.server = server;
        request.add(Command::read_for_update(session_.key.session));
    }
    parts_.exchange.run(requests_.data(), requests_.size());
    return unasked;
}

// R copies may hide on R silent servers. Beyond the first 2R-1 servers no copy can be that is not
// on one of them too, as long as fewer than R have failed.
bool Opening::missing_is_believable(const Failures& silent) const {
    const ReplicaSet& set = session_.set;
    if (!rules.missing_needs_quorum || (set.redundancy() == 1 && options_.allow_failover)) {
        return true;
    }
    const std::vector<uint32_t>& preference = set.preference();
    const size_t reach = std::min(
        preference.size(), options_.allow_failover ? 2 * set.redundancy() - 1 : set.redundancy());
    size_t silent_in_reach = 0;
    for (size_t position = 0; position < reach; ++position) {
        silent_in_reach += std::any_of(silent.begin(), silent.end(), [&](const auto& entry) {
            return entry.server == preference[position];
        });
    }
    return silent_in_reach < set.redundancy();
}

// REQUIRES: the server is in the set.
Copy* Opening::find_copy(uint32_t server) {
    auto& copies = session_.set.copies();
    return &*std::find_if(copies.begin(), copies.end(),
                          [&](const Copy& copy) { return copy.server == server; });
}

// Gives up a server that failed, or that answered with an error.
void Opening::drop(uint32_t server, const Request& request) {
    const Failure failure = cause(request);
    if (!request.failure) {
        parts_.exchange.mark_down(server, failure);
    }
    session_.set.drop(server, failure);
}

bool Opening::fill_set() {
    if (stand_ins_ >= options_.failover_attempts_max || !session_.set.fill(parts_.exchange)) {
        return false;
    }
    ++stand_ins_;
    return true;
}

Status Opening::unavailable() const {
    return {Code::kUnavailable,
            unavailable_message(parts_.pool.servers, session_.set.passed_over())};
}

Status Opening::held() const {
    const TimePoint now = parts_.clock.now();
    return {Code::kUnavailable,
            held_reason(refusal_.holder, parts_.pool.servers[refusal_.server],
                        parts_.clock.unix_time(), now - *wait_began_, options_.lock_wait)};
}

Status Opening::too_many_wait() const {
    return {Code::kUnavailable,
            too_many_wait_reason(refusal_.holder, parts_.pool.servers[refusal_.server],
                                 parts_.clock.unix_time(), options_.lock_waiters_max)};
}

}  // namespace memcache_session
