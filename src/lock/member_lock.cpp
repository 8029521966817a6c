#include "src/lock/member_lock.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "src/replica/rules.h"

namespace memcache_session {
namespace {

// A hold younger than this is not examined for being an orphan.
constexpr Duration kOrphanAge = std::chrono::seconds(1);

bool names(const Holder& holder, uint32_t lock_name) {
    return std::find(holder.set.begin(), holder.set.end(), lock_name) != holder.set.end();
}

}  // namespace

MemberLock::MemberLock(const SessionParts& parts, const SessionLock& lock, Members* members,
                       uint32_t server, LockSeen seen)
    : parts_(parts), lock_(lock), members_(*members), server_(server), seen_(std::move(seen)) {
    assert(members->contains(server));
    release_behind();
}

void MemberLock::release_behind() {
    if (!rules.keep_earlier_locks_only) {
        return;
    }
    const uint32_t position = members_.at(server_).position;
    std::vector<Member*> behind;
    for (Member& member : members_.list()) {
        if (member.position > position && member.lock.held) {
            behind.push_back(&member);
        }
    }
    if (behind.empty()) {
        return;
    }
    for (const ServerFailure& silent : lock_.release(std::move(behind))) {
        members_.drop(silent.server, silent.failure);
    }
}

bool MemberLock::may_take_over(Duration hold_age) {
    return is_replaceable(parts_.processes, seen_) ||
           (rules.take_over_orphans && is_orphan(hold_age));
}

// protocol.md, "Taking over a lock", case 4. The first grant makes the lock suspected, and a second
// one confirms it after one more sleep, if nobody has stored the session in between.
bool MemberLock::is_orphan(Duration hold_age) {
    const TimePoint now = parts_.clock.now();
    const bool is_due = !orphan_checked_ || now - *orphan_checked_ >= kOrphanAge;
    if (hold_age < kOrphanAge || !(orphan_suspected_ || is_due)) {
        return false;
    }
    orphan_checked_ = now;
    const bool was_suspected = std::exchange(orphan_suspected_, false);
    std::vector<ItemState> shown;
    if (!is_granted_elsewhere(&shown)) {
        return false;
    }
    if (was_suspected && shown == suspected_at_) {
        return true;
    }
    orphan_suspected_ = true;
    suspected_at_ = std::move(shown);
    release_behind();
    return false;
}

// Asks the other members that the holder names for their locks, and notes in `*shown` what they
// have of the session. A lock there that nobody holds is replaced, because two such locks, on one
// server each, would protect each other.
bool MemberLock::is_granted_elsewhere(std::vector<ItemState>* shown) {
    const std::string value = lock_.value(members_.lock_names());
    std::vector<Request> requests;
    for (const Member& member : members_.list()) {
        if (member.server != server_ && names(seen_.holder, members_.lock_name_of(member))) {
            Request& request = requests.emplace_back();
            request.server = member.server;
            lock_.add_take(&request, value, Reading::kMetadata);
        }
    }
    if (requests.empty()) {
        return false;
    }
    parts_.exchange.run(Purpose::kWait, requests.data(), requests.size());
    bool granted = false;
    std::vector<Request> replacements;
    for (const Request& request : requests) {
        Member& member = members_.at(request.server);
        if (is_too_large(request.failure)) {
            member.lock.held = true;  // it may be
            lose_connection(&member.lock);
            continue;
        }
        if (!lock_.accept(&member, request)) {
            drop_failed(&members_, parts_.exchange, request);
            continue;
        }
        granted = granted || member.lock.held;
        shown->push_back({request.server, request.connection, member.item.cas});
        const LockSeen lock =
            lock_.read_shown(request.replies[SessionLock::kLockReply], request.connection);
        if (is_replaceable(parts_.processes, lock)) {
            Request& replacement = replacements.emplace_back();
            replacement.server = request.server;
            replacement.bound_to = request.connection;
            lock_.add_renewal(&replacement, value, lock.cas, Reading::kMetadata);
        }
    }
    return granted || (!replacements.empty() && replace(&replacements));
}

// Whether one of these locks, which nobody holds, is ours now.
bool MemberLock::replace(std::vector<Request>* replacements) {
    parts_.exchange.run(Purpose::kWait, replacements->data(), replacements->size());
    bool granted = false;
    for (const Request& request : *replacements) {
        Member& member = members_.at(request.server);
        if (request.failure.kind == FailureKind::kConnectionLost || is_too_large(request.failure)) {
            member.lock.held = true;  // it may be
            lose_connection(&member.lock);
        } else if (!lock_.accept(&member, request)) {
            drop_failed(&members_, parts_.exchange, request);
        } else {
            granted = granted || member.lock.held;
        }
    }
    return granted;
}

// Stores the lock by `add`, or by `cas` over the value that the server showed. The request reads no
// session data.
Request MemberLock::request_for(std::string_view value, bool take_over) const {
    Request request;
    request.server = server_;
    if (take_over) {
        request.bound_to = seen_.connection;
        request.add(
            Command::replace_if(lock_.key().lock(), value, kLockFlags, lock_.exptime(), seen_.cas));
    } else {
        request.add(Command::add(lock_.key().lock(), value, kLockFlags, lock_.exptime()));
    }
    request.add(read_lock_for_update(lock_.key().lock()));
    return request;
}

// Asks no other server.
ContendedLock::Try MemberLock::ask(bool take_over) {
    const std::string value = lock_.value(members_.lock_names());
    Request request = request_for(value, take_over);
    parts_.exchange.run(Purpose::kWait, &request, 1);

    if (request.failure.kind == FailureKind::kConnectionLost) {
        return ask(false);  // because the lock may be ours, which a new connection shows
    }
    const bool no_memory =
        !request.failure && is_out_of_memory(request.commands[0], request.replies[0]);
    if (request.failure || (is_error(request.replies[0]) && !no_memory) ||
        is_error(request.replies[1])) {
        drop_failed(&members_, parts_.exchange, request);
        return Try::kServerFailed;
    }
    const LockSeen before =
        std::exchange(seen_, lock_.read_shown(request.replies[1], request.connection));
    if (seen_.state == LockSeen::State::kOurs) {
        members_.at(server_).lock = {true, seen_.cas, request.connection};
        if (take_over && before.is_taken()) {
            parts_.count(is_abandoned(parts_.processes, before.holder) ? Event::kReplacedDeadHolder
                                                                       : Event::kReplacedOrphan);
        }
        return Try::kGranted;
    }
    if (no_memory && !seen_.is_taken()) {
        members_.at(server_).lock = {false, 0, request.connection, true};
        return Try::kGranted;
    }
    if (!same_token(seen_.holder.token, before.holder.token)) {
        orphan_checked_.reset();
        orphan_suspected_ = false;
    }
    release_behind();
    return Try::kRefused;
}

}  // namespace memcache_session
