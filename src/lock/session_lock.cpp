#include "src/lock/session_lock.h"

#include <cassert>
#include <chrono>
#include <utility>

#include "src/lock/lock_release.h"
#include "src/replica/rules.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// The client takes a lease to end so much early, because clocks and replies are not exact.
constexpr Duration kLeaseMargin = std::chrono::seconds(1);

void add_look(Request* request, const SessionKey& key, Reading reading) {
    request->add(read_session(key.session(), reading));
    request->add(read_lock_for_update(key.lock()));
}

}  // namespace

Command read_session(std::string_view key, Reading reading) {
    return reading == Reading::kWhole ? Command::read_for_update(key) : Command::read_metadata(key);
}

bool is_replaceable(const ProcessTable& processes, const LockSeen& seen) {
    return seen.state == LockSeen::State::kFree ||
           (seen.is_taken() && is_abandoned(processes, seen.holder));
}

LockSeen lock_seen(const Reply& reply, ConnectionId connection, LockToken ours) {
    assert(reply.kind == ReplyKind::kHit || reply.kind == ReplyKind::kMiss);
    LockSeen seen;
    seen.connection = connection;
    if (reply.kind == ReplyKind::kMiss) {
        return seen;
    }
    seen.cas = reply.cas;
    if (is_free(reply.value)) {
        seen.state = LockSeen::State::kFree;
        return seen;
    }
    if (same_token(parse_lock_token(reply.value), ours)) {
        seen.state = LockSeen::State::kOurs;
        return seen;
    }
    seen.state = LockSeen::State::kAnothers;
    seen.holder = parse_lock(reply.value);
    return seen;
}

std::string SessionLock::value(const LockNames& names) const {
    return encode_lock(token_, names, parts_.processes.host(), options_.pid,
                       parts_.clock.unix_time(), options_.request_path);
}

int32_t SessionLock::exptime() const {
    return exptime_of(options_.lease(), parts_.clock.unix_time());
}

bool SessionLock::is_overdue(TimePoint lease_began) const {
    return parts_.clock.now() - lease_began >= options_.lease() - kLeaseMargin;
}

void SessionLock::add_take(Request* request, std::string_view value, Reading reading) const {
    request->add(Command::add(key_.lock(), value, kLockFlags, exptime()));
    add_look(request, key_, reading);
}

void SessionLock::add_renewal(Request* request, std::string_view value, uint64_t lock_cas,
                              Reading reading) const {
    request->add(Command::replace_if(key_.lock(), value, kLockFlags, exptime(), lock_cas));
    add_look(request, key_, reading);
}

bool SessionLock::accept(Member* member, const Request& request) const {
    const auto is_refused = [&request](size_t index) {
        return is_error(request.replies[index]) &&
               !is_out_of_memory(request.commands[index], request.replies[index]);
    };
    if (request.failure || is_refused(kStoreReply) || is_refused(kSessionReply) ||
        is_refused(kLockReply) || lacks_cas(request)) {
        return false;
    }
    member->item = Item::from(request.replies[kSessionReply], request.connection);
    member->lock = lock_shown(request);
    return true;
}

LockSeen SessionLock::read_shown(const Reply& reply, ConnectionId connection) const {
    if (reply.kind == ReplyKind::kHit && shows_other_program(reply.value)) {
        parts_.processes.note_foreign_lock(parts_.clock.unix_time());
    }
    return lock_seen(reply, connection, token_);
}

HeldLock SessionLock::lock_shown(const Request& request) const {
    const Reply& shown = request.replies[kLockReply];
    if (shown.kind == ReplyKind::kHit && shown.value == request.commands[kStoreReply].value) {
        return {true, shown.cas, request.connection, false};  // it is what was stored: as usual
    }
    // If a server refused the `add` but shows our token, its first reply was lost.
    const LockSeen seen = read_shown(shown, request.connection);
    const bool ours = seen.state == LockSeen::State::kOurs;
    const bool no_memory =
        is_out_of_memory(request.commands[kStoreReply], request.replies[kStoreReply]);
    return {ours, ours ? seen.cas : 0, request.connection, no_memory && !ours && !seen.is_taken()};
}

Command SessionLock::release_command(const HeldLock& lock) const {
    return rules.release_by_cas ? Command::delete_if(key_.lock(), lock.cas)
                                : Command::unconditional_delete(key_.lock());
}

Failures SessionLock::release(std::vector<Member*> members) const {
    for (Member* member : members) {
        assert(member->lock.held);
        member->lock.held = false;
    }
    return LockRelease(*this, parts_.exchange, std::move(members)).run();
}

Failures SessionLock::release_all(Members* members) const {
    std::vector<Member*> held;
    for (Member& member : members->list()) {
        if (member.lock.held) {
            held.push_back(&member);
        }
    }
    return held.empty() ? Failures() : release(std::move(held));
}

}  // namespace memcache_session
