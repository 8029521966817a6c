#include "src/session/proxied_closing.h"

#include <utility>

#include "src/session/locks.h"
#include "src/session/messages.h"
#include "src/session/proxied_lock.h"
#include "src/session/proxied_opening.h"

namespace memcache_session {
namespace {

// memcached refuses values of more than a megabyte, unless told otherwise, and a `set` that is
// refused has dropped the old value: for one that may be refused the old one is kept at hand.
constexpr size_t kRefusableSize = size_t{512} << 10;

}  // namespace

ProxiedClosing::ProxiedClosing(const SessionParts& parts, const SessionOptions& options,
                               OpenSession* session)
    : parts_(parts), options_(options), session_(*session) {}

Status ProxiedClosing::commit(std::string_view value, bool zlib, int32_t exptime) {
    aim_ = Aim::kCommit;
    value_ = value;
    flags_ = ItemFlags::encode(advance(session_.newest_version, 1), false, zlib);
    exptime_ = exptime;
    return finish();
}

Status ProxiedClosing::extend(std::string_view value, bool zlib, int32_t exptime) {
    aim_ = Aim::kExtend;
    value_ = value;
    flags_ = ItemFlags::encode(ItemFlags::version(session_.flags), false, zlib);
    exptime_ = exptime;
    return finish();
}

// Not `delete`: who has read the session before, and looks again, must see that it has ended.
Status ProxiedClosing::destroy(int32_t tombstone_exptime) {
    aim_ = Aim::kDestroy;
    flags_ = ItemFlags::encode(advance(session_.newest_version, 1), true, false);
    exptime_ = tombstone_exptime;
    return finish();
}

Status ProxiedClosing::finish() {
    const Status status = store();
    release_proxied_lock(parts_, &session_);
    return status;
}

Status ProxiedClosing::store() {
    bool look_first = must_look_first();
    while (proxy_of(session_) != nullptr) {
        if (look_first) {
            const Standing standing = look_again();
            if (standing != Standing::kAsRead) {
                return not_as_read(standing);
            }
        }
        const uint32_t proxy = proxy_of(session_)->server;
        keep_old(proxy);
        const Request request =
            ask_proxy(parts_, proxy, Command::set(session_.key.session, value_, flags_, exptime_));
        if (!request.failure) {
            return request.replies[0].kind == ReplyKind::kDone ? Status() : refused(request);
        }
        next_proxy(parts_, &session_, request.failure);
        look_first = session_.fenced || aim_ == Aim::kExtend;
    }
    return unanswered();
}

// What was read without lock is stored under the lock. With memcache.session_lock = 0 the last
// write wins, but an unchanged session is no write.
bool ProxiedClosing::must_look_first() const {
    if (!session_.fenced) {
        return aim_ == Aim::kExtend;
    }
    return !session_.locked || lease_is_overdue(parts_, options_, session_);
}

ProxiedClosing::Standing ProxiedClosing::look_again() {
    OpenSession now;
    now.sid = session_.sid;
    now.key = session_.key;
    now.token = session_.token;
    now.set = session_.set;
    SessionOptions options = options_;
    options.lock_failure = LockFailure::kFail;
    if (aim_ != Aim::kDestroy) {
        options.lock_wait = Duration(0);  // whoever has got the lock has got the session
    }
    ProxiedOpening opening(parts_, options, &now);
    const Status status = opening.run(session_.fenced);
    session_.set = std::move(now.set);
    session_.locked = now.locked;
    if (!status.ok()) {
        held_by_ = status.message();
        return opening.was_held() ? Standing::kHeld : Standing::kUnanswered;
    }
    if (aim_ == Aim::kDestroy) {  // a logout wins
        flags_ = ItemFlags::encode(advance(now.newest_version, 1), true, false);
        return Standing::kAsRead;
    }
    if (now.missing == session_.missing && now.flags == session_.flags &&
        now.fingerprint == session_.fingerprint) {
        return Standing::kAsRead;
    }
    const bool stored = !now.missing && now.flags == flags_ && now.value == value_;
    return stored ? Standing::kStored : Standing::kChanged;
}

Status ProxiedClosing::not_as_read(Standing standing) const {
    if (standing == Standing::kUnanswered) {
        return unanswered();
    }
    if (aim_ == Aim::kDestroy) {
        return {Code::kUnavailable, held_by_};
    }
    if (aim_ == Aim::kExtend || standing == Standing::kStored) {
        return {};
    }
    return {Code::kUnavailable, conflict_message(lease(options_))};
}

void ProxiedClosing::keep_old(uint32_t proxy) {
    has_old_ = false;
    if (value_.size() < kRefusableSize) {
        return;
    }
    const Request request = ask_proxy(parts_, proxy, Command::read(session_.key.session));
    const Reply& old = request.replies[0];
    if (!request.failure && old.kind == ReplyKind::kHit) {
        has_old_ = true;
        old_value_ = old.value;
        old_flags_ = old.flags;
    }
}

bool ProxiedClosing::put_back_old(uint32_t proxy) {
    if (!has_old_) {
        return false;
    }
    const Request request = ask_proxy(
        parts_, proxy, Command::set(session_.key.session, old_value_, old_flags_, exptime_));
    return !request.failure && request.replies[0].kind == ReplyKind::kDone;
}

Status ProxiedClosing::refused(const Request& request) {
    const Failures failures = {{request.server, cause(request)}};
    const std::string text = refusal_text(request.replies[0]);
    if (aim_ == Aim::kDestroy) {
        return {Code::kUnavailable, not_destroyed_message(parts_.pool.servers, failures, text)};
    }
    const bool kept = put_back_old(request.server);
    return {Code::kUnavailable,
            not_stored_message(parts_.pool.servers, failures, text, value_.size(), kept)};
}

Status ProxiedClosing::unanswered() const {
    const Failures& failures = session_.set.passed_over();
    return {Code::kUnavailable, aim_ == Aim::kDestroy
                                    ? not_destroyed_message(parts_.pool.servers, failures, {})
                                    : unknown_store_message(parts_.pool.servers, failures)};
}

}  // namespace memcache_session
