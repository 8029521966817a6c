#include "src/session/proxied_opening.h"

#include <algorithm>
#include <vector>

#include "src/session/locks.h"
#include "src/session/messages.h"
#include "src/session/waiting_room.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// Beside the lock while a request clears away one that nobody holds.
constexpr std::string_view kClearingSuffix = ".clear";

}  // namespace

ProxiedOpening::ProxiedOpening(const SessionParts& parts, const SessionOptions& options,
                               OpenSession* session)
    : parts_(parts),
      options_(options),
      session_(*session),
      lock_(parts, session_.key.lock, session_.token) {}

Status ProxiedOpening::run(bool lock) {
    if (proxy_of(session_) == nullptr) {
        session_.set.reset(preference_list(parts_, session_), 1, options_.allow_failover);
        session_.set.fill(parts_.exchange);
    }
    session_.locked = lock;
    while (proxy_of(session_) != nullptr) {
        const LockState state = session_.locked ? take_lock() : LockState::kOurs;
        if (state == LockState::kAnothers) {
            was_held_ = true;
            if (options_.lock_failure == LockFailure::kFail) {
                return {Code::kUnavailable, not_opened_message(held_by_)};
            }
            session_.locked = false;
            session_.read_only = true;
            session_.read_only_reason = held_by_;
        }
        if (state != LockState::kUnknown && read()) {
            return {};
        }
        give_up_proxy();
    }
    return unavailable();
}

// Waits for it if need be. kAnothers: in vain.
ProxiedOpening::LockState ProxiedOpening::take_lock() {
    const LockState state = wait_for_lock();
    leave_waiting_room();
    return state;
}

ProxiedOpening::LockState ProxiedOpening::wait_for_lock() {
    WaitSchedule schedule(parts_.clock.now());
    if (!wait_began_) {
        wait_began_ = parts_.clock.now();
    }
    const TimePoint give_up = *wait_began_ + options_.lock_wait;
    bool asked_at_once = false;  // never twice in a row
    LockState state = try_lock();
    while (state == LockState::kAnothers || state == LockState::kNone) {
        if (!asked_at_once &&
            (state == LockState::kNone || (is_abandoned() && clear_abandoned()))) {
            asked_at_once = true;
            state = try_lock();
            continue;
        }
        asked_at_once = false;
        const TimePoint now = parts_.clock.now();
        if (now >= give_up || !enter_waiting_room(give_up)) {
            return give_up_waiting();
        }
        parts_.clock.sleep_until(std::min(now + schedule.next_sleep(now, parts_.random), give_up));
        const LockToken holder = lock_.holder().token;
        state = poll_lock();
        if (!same_token(lock_.holder().token, holder)) {
            schedule.holder_changed(parts_.clock.now());
        }
    }
    return state;
}

ProxiedOpening::LockState ProxiedOpening::try_lock() {
    Copy* const proxy = proxy_of(session_);
    if (proxy->locked) {  // session_reset() opens again what is open
        const LockState state = lock_.look(proxy->server);
        note(lock_.answer());
        if (state == LockState::kOurs || state == LockState::kUnknown) {
            return state;
        }
        proxy->locked = false;
    }
    if (!add_began_) {
        add_began_ = parts_.clock.now();
    }
    const LockState state = lock_.take(proxy->server, lock_value(parts_, options_, session_),
                                       lease_exptime(parts_, options_));
    note(lock_.answer());
    if (state == LockState::kOurs) {
        session_.lease_began = *add_began_;
        proxy->locked = true;
    } else if (state == LockState::kAnothers) {
        add_began_.reset();
    }
    return state;
}

// A look costs the server less than an add with its look.
ProxiedOpening::LockState ProxiedOpening::poll_lock() {
    const LockState state = lock_.look(proxy_of(session_)->server);
    note(lock_.answer());
    return state == LockState::kNone || state == LockState::kOurs ? try_lock() : state;
}

bool ProxiedOpening::is_abandoned() const {
    return lock_.is_left_free() ||
           parts_.processes.is_gone(lock_.holder().host, lock_.holder().pid);
}

// Deletes a lock that nobody holds. Two requests must not do so at once: without cas, the second
// would delete the lock that the first has taken meanwhile. So it is the right of one, by an item.
bool ProxiedOpening::clear_abandoned() {
    const uint32_t proxy = proxy_of(session_)->server;
    const std::string key = session_.key.lock + std::string(kClearingSuffix);
    if (key.size() > kKeyLengthMax) {
        return false;  // its lease ends it
    }
    ProxiedLock right(parts_, key, session_.token);
    const int32_t exptime = exptime_of(kLeaseMin, parts_.clock.unix_time());
    if (right.take(proxy, std::to_string(session_.token), exptime) != LockState::kOurs) {
        return false;
    }
    const bool cleared = lock_.look(proxy) == LockState::kAnothers && is_abandoned() &&
                         lock_.remove(proxy) == LockState::kNone;
    right.give_back(proxy);
    return cleared;
}

// False if the proxy is of no use.
bool ProxiedOpening::read() {
    Copy* const proxy = proxy_of(session_);
    const Request request = ask_proxy(parts_, proxy->server, Command::read(session_.key.session));
    if (request.failure || is_error(request.replies[0])) {
        note(request);
        return false;
    }
    proxy->item = Item::from(request.replies[0], request.connection);
    session_.missing = !proxy->item.present || proxy->item.tombstone();
    session_.flags = proxy->item.flags;
    session_.value = session_.missing ? std::string_view() : proxy->item.value;
    session_.newest_version = proxy->item.version();
    session_.fingerprint = fingerprint_of(session_.value, session_.token);
    return true;
}

// Keeps what does not outlive the next command.
void ProxiedOpening::note(const Request& request) {
    answered_ = !request.failure;
    failure_ = cause(request);
    refusal_.clear();
    if (answered_ && is_error(request.replies[0])) {
        refusal_ = request.replies[0].value;
    }
}

// An error that the proxy reports is one of a server behind it: other sessions go on by this proxy,
// so it is not marked down.
void ProxiedOpening::give_up_proxy() {
    Copy* const proxy = proxy_of(session_);
    if (answered_ && proxy->locked) {
        lock_.give_back(proxy->server);
    }
    if (stand_ins_++ < options_.failover_attempts_max) {
        next_proxy(parts_, &session_, failure_);
    } else {
        session_.set.drop(proxy->server, failure_);
    }
}

// Takes one of memcache.session_lock_waiters places, as WaitingRoom does: the limit protects the
// web server, it is no condition for a session.
bool ProxiedOpening::enter_waiting_room(TimePoint until) {
    if (options_.lock_waiters_max == 0 || !place_.empty()) {
        return true;
    }
    const int32_t exptime = waiting_place_exptime(parts_, until - parts_.clock.now());
    for (uint32_t number = 1; number <= options_.lock_waiters_max; ++number) {
        const std::string key = waiting_place_key(session_, number);
        if (key.size() > kKeyLengthMax) {
            return true;
        }
        ProxiedLock place(parts_, key, session_.token);
        const LockState state =
            place.take(proxy_of(session_)->server, std::to_string(session_.token), exptime);
        if (state == LockState::kOurs) {
            place_ = key;
        }
        if (state == LockState::kOurs || state == LockState::kUnknown) {
            return true;
        }
    }
    return false;
}

void ProxiedOpening::leave_waiting_room() {
    if (!place_.empty()) {
        ProxiedLock(parts_, place_, session_.token).give_back(proxy_of(session_)->server);
        place_.clear();
    }
}

ProxiedOpening::LockState ProxiedOpening::give_up_waiting() {
    const TimePoint now = parts_.clock.now();
    const Server& proxy = parts_.pool.servers[proxy_of(session_)->server];
    const int64_t unix_now = parts_.clock.unix_time();
    held_by_ =
        now < *wait_began_ + options_.lock_wait
            ? too_many_wait_reason(lock_.holder(), proxy, unix_now, options_.lock_waiters_max)
            : held_reason(lock_.holder(), proxy, unix_now, now - *wait_began_, options_.lock_wait);
    return LockState::kAnothers;
}

Status ProxiedOpening::unavailable() const {
    return {Code::kUnavailable,
            unavailable_message(parts_.pool.servers, session_.set.passed_over()) +
                (refusal_.empty() ? "" : ". A proxy said: " + refusal_)};
}

}  // namespace memcache_session
