#include "src/session/proxied_opening.h"

#include "src/net/server_words.h"
#include "src/session/messages.h"

namespace memcache_session {

ProxiedOpening::ProxiedOpening(ProxiedSession* session, LockWait::Policy wait)
    : session_(*session),
      places_(session->parts, session->lock),
      wait_(session->parts, places_, wait) {}

Status ProxiedOpening::run(Access access) {
    session_.locked = access == Access::kLocked;
    session_.fenced = access != Access::kUnfenced;
    while (session_.proxy() != nullptr || ask_marked()) {
        const Status locked = session_.locked ? take_lock() : Status();
        if (locked.code() == Code::kLocked) {
            return locked;
        }
        if (locked.ok() && read()) {
            return {};
        }
        if (is_too_large(failure_)) {
            return {Code::kTooLarge, too_large_reply_message(session_.parts.pool.servers,
                                                             {session_.proxy()->server, failure_})};
        }
        give_up_proxy();
    }
    return unavailable();
}

// Waits for the lock if need be. kUnavailable: the proxy gave no usable reply.
Status ProxiedOpening::take_lock() {
    if (lock_) {
        lock_->move_to(*session_.proxy());
    } else {
        lock_.emplace(session_.parts, session_.lock, *session_.proxy());
    }
    ContendedLock::Try taken = confirm_or_take();
    if (taken == ContendedLock::Try::kRefused) {
        note_whether_known();
        const LockWait::End end = wait_.run(&*lock_, WaitSchedule::kSleepMin);
        if (end == LockWait::End::kTimedOut || end == LockWait::End::kRoomFull) {
            Status held{Code::kLocked, waited_in_vain_reason(session_.parts, *lock_, wait_, end)};
            wait_.leave();
            return held;
        }
        taken = end == LockWait::End::kGranted ? ContendedLock::Try::kGranted
                                               : ContendedLock::Try::kServerFailed;
    }
    note(lock_->answer());
    wait_.leave();
    if (taken == ContendedLock::Try::kServerFailed) {
        return {Code::kUnavailable, words_};
    }
    if (!session_.holds_lock) {
        session_.lease_began = lock_->lease_began();
        session_.holds_lock = true;
    }
    return {};
}

// An id is judged before any wait: protocol.md, "Validating an id".
void ProxiedOpening::note_whether_known() {
    if (!was_known_ && wait_.policy().limit > Duration(0) && read()) {
        was_known_ = !session_.stored.missing;
    }
}

// session_reset() opens a session again that is open.
ContendedLock::Try ProxiedOpening::confirm_or_take() {
    if (session_.holds_lock) {
        const ContendedLock::Try confirmed = lock_->confirm();
        if (confirmed != ContendedLock::Try::kRefused) {
            return confirmed;
        }
        session_.holds_lock = false;
    }
    return lock_->take();
}

// False if the proxy gave no usable reply.
bool ProxiedOpening::read() {
    const Request request = ask_proxy(session_.parts, Purpose::kOpen, session_.proxy()->server,
                                      Command::read(session_.lock.key().session()));
    if (request.failure || is_error(request.replies[0])) {
        note(request);
        return false;
    }
    const Item item = Item::from(request.replies[0], request.connection);
    StoredSession& stored = session_.stored;
    stored.missing = !item.present || item.tombstone();
    stored.flags = item.flags;
    stored.value = stored.missing ? std::string_view() : item.value;
    stored.content = fingerprint_of(stored.value, session_.lock.token());
    stored.newest_version = item.version();
    stored.was_known = stored.missing && was_known_.value_or(false);
    stored.ended_meanwhile = stored.was_known && item.tombstone();
    return true;
}

// Keeps the parts of a reply that do not outlive the next command.
void ProxiedOpening::note(const Request& request) {
    answered_ = !request.failure;
    failure_ = failure_of(request);
    words_ = words_of(request);
}

// An error that the proxy reports is one of a server behind it. Other sessions can use this proxy,
// so it is not marked down.
void ProxiedOpening::give_up_proxy() {
    if (answered_ && session_.holds_lock) {
        ProxiedLock(session_.parts, session_.lock, *session_.proxy()).release();
        session_.holds_lock = false;
    }
    if (stand_ins_++ < session_.options.failover_attempts_max) {
        session_.next_proxy(failure_, words_);
    } else {
        session_.proxies.drop(session_.proxy()->server, failure_, words_);
    }
}

// As DirectOpening::ask_marked(), but proxies are asked one after another.
bool ProxiedOpening::ask_marked() {
    return session_.proxies.fill_with_marked(1);
}

Status ProxiedOpening::unavailable() const {
    return {Code::kUnavailable,
            unavailable_message(session_.parts.pool.servers, session_.proxies.passed_over())};
}

}  // namespace memcache_session
