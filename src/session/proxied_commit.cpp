#include "src/session/proxied_commit.h"

#include "src/net/server_words.h"
#include "src/session/conflict_messages.h"
#include "src/session/lifetime.h"
#include "src/session/messages.h"
#include "src/session/proxied_opening.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// memcached refuses values of more than a megabyte, unless told otherwise, and a refused `set` has
// dropped the old value. So the old value is read before a store of this size.
constexpr size_t kRefusableSize = size_t{512} << 10;

uint32_t flags_for(const StoredSession& stored, Aim aim, bool zlib) {
    const Version version =
        aim == Aim::kExtend ? ItemFlags::version(stored.flags) : advance(stored.newest_version, 1);
    return ItemFlags::encode(version, aim == Aim::kDestroy, zlib, stored.next_incarnation());
}

}  // namespace

ProxiedCommit::ProxiedCommit(ProxiedSession* session, Aim aim, const PackedValue& value,
                             int64_t lifetime)
    : session_(*session),
      aim_(aim),
      value_(value.text),
      flags_(flags_for(session->stored, aim, value.zlib)),
      exptime_(exptime_of(aim == Aim::kDestroy ? tombstone_lifetime(lifetime) : lifetime,
                          session->parts.clock.unix_time())) {}

Status ProxiedCommit::run() {
    const Status status = store();
    session_.release();
    return status;
}

Status ProxiedCommit::store() {
    bool look_first = must_look_first();
    while (session_.proxy() != nullptr) {
        if (look_first) {
            const Sight sight = look_again();
            if (sight != Sight::kAsRead) {
                return not_as_read(sight);
            }
        }
        const uint32_t proxy = session_.proxy()->server;
        const std::optional<OldItem> old = read_old(proxy);
        const Request request =
            ask_proxy(session_.parts, Purpose::kStore, proxy,
                      Command::set(session_.lock.key().session(), value_, flags_, exptime_));
        if (!request.failure) {
            return request.replies[0].kind == ReplyKind::kDone ? Status() : refused(request, old);
        }
        session_.next_proxy(request.failure, words_of(request));
        look_first = session_.fenced || aim_ == Aim::kExtend;
    }
    return unanswered();
}

// A session that was read without lock is stored under the lock. With memcache.session_lock = 0 the
// last write wins, but an unchanged session is no write.
bool ProxiedCommit::must_look_first() const {
    if (!session_.fenced) {
        return aim_ == Aim::kExtend;
    }
    return !session_.locked || session_.lock.is_overdue(session_.lease_began);
}

ProxiedCommit::Sight ProxiedCommit::look_again() {
    const StoredSession before = session_.stored;
    // Another holder has read the session too, so only a logout waits for the lock.
    const LockWait::Policy wait{aim_ == Aim::kDestroy ? session_.options.lock.wait : Duration(0),
                                session_.options.lock.waiters_max};
    ProxiedOpening opening(&session_, wait);
    const Status status = opening.run(session_.fenced ? Access::kLocked : Access::kUnfenced);
    const StoredSession now = std::exchange(session_.stored, before);
    if (!status.ok()) {
        held_by_ =
            status.code() == Code::kLocked ? not_opened_message(status.message()) : std::string();
        return status.code() == Code::kLocked ? Sight::kHeld : Sight::kUnanswered;
    }
    if (aim_ == Aim::kDestroy) {  // a logout wins
        flags_ = flags_for(now, aim_, false);
        return Sight::kAsRead;
    }
    if (now.equals(before)) {
        return Sight::kAsRead;
    }
    const bool is_stored = !now.missing && now.flags == flags_ && now.value == value_;
    return is_stored ? Sight::kStored : Sight::kChanged;
}

Status ProxiedCommit::not_as_read(Sight sight) const {
    if (sight == Sight::kUnanswered) {
        return unanswered();
    }
    if (aim_ == Aim::kDestroy) {
        return {Code::kLocked, held_by_};
    }
    if (aim_ == Aim::kExtend || sight == Sight::kStored) {
        return {};
    }
    return {Code::kConflict, conflict_message(session_.options.lock.lease())};
}

std::optional<ProxiedCommit::OldItem> ProxiedCommit::read_old(uint32_t proxy) const {
    if (value_.size() < kRefusableSize) {
        return std::nullopt;
    }
    const Request request = ask_proxy(session_.parts, Purpose::kStore, proxy,
                                      Command::read(session_.lock.key().session()));
    const Reply& old = request.replies[0];
    if (request.failure || old.kind != ReplyKind::kHit) {
        return std::nullopt;
    }
    return OldItem{std::string(old.value), old.flags};
}

bool ProxiedCommit::put_back(uint32_t proxy, const OldItem& old) const {
    const Request request =
        ask_proxy(session_.parts, Purpose::kRepair, proxy,
                  Command::set(session_.lock.key().session(), old.value, old.flags, exptime_));
    return !request.failure && request.replies[0].kind == ReplyKind::kDone;
}

Status ProxiedCommit::refused(const Request& request, const std::optional<OldItem>& old) const {
    const std::vector<Server>& servers = session_.parts.pool.servers;
    const Failures failures = {{request.server, failure_of(request), true, words_of(request)}};
    const std::string text = refusal_text(request.replies[0]);
    if (aim_ == Aim::kDestroy) {
        return {Code::kNotStored, not_destroyed_message(servers, failures)};
    }
    const bool is_kept = old && put_back(request.server, *old);
    return {Code::kNotStored,
            not_stored_message(servers, failures,
                               {text, value_.size(), session_.stored.size(), is_kept})};
}

Status ProxiedCommit::unanswered() const {
    const std::vector<Server>& servers = session_.parts.pool.servers;
    const Failures& failures = session_.proxies.passed_over();
    return {Code::kNotStored, aim_ == Aim::kDestroy ? not_destroyed_message(servers, failures)
                                                    : unknown_store_message(servers, failures)};
}

}  // namespace memcache_session
