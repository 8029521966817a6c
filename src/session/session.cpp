#include "src/session/session.h"

#include <utility>

#include "src/base/process.h"
#include "src/session/closing.h"
#include "src/session/compression.h"
#include "src/session/locks.h"
#include "src/session/messages.h"
#include "src/session/opening.h"
#include "src/session/proxied_closing.h"
#include "src/session/proxied_lock.h"
#include "src/session/proxied_opening.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// How long the mark of a destroyed session stays where sessions themselves never expire.
constexpr int64_t kTombstoneLifetimeMax = 60 * 60 * 24 * 30;

int64_t tombstone_lifetime(int64_t session_lifetime) {
    return session_lifetime > 0 && session_lifetime < kTombstoneLifetimeMax / 2
               ? 2 * session_lifetime
               : kTombstoneLifetimeMax;
}

// Whether the session was stored anew between two openings, though it may look the same: another
// program writes without versions, and a destroy after that begins them again, so that flags and
// value can come back. The cas numbers of one connection do not. One copy that is untouched is
// enough to deny it: a server may give an item that nobody wrote a new cas (slab rebalancing before
// memcached 1.6.24).
bool is_rewritten(const OpenSession& before, const OpenSession& now) {
    bool is_rewritten = false;
    for (const Copy& old : before.set.copies()) {
        for (const Copy& copy : now.set.copies()) {
            const bool comparable = copy.server == old.server && old.item.present &&
                                    old.item.flags == before.flags && copy.item.present &&
                                    copy.item.connection == old.item.connection;
            if (comparable && copy.item.cas == old.item.cas) {
                return false;
            }
            is_rewritten = is_rewritten || comparable;
        }
    }
    return is_rewritten;
}

}  // namespace

Session::Session(const SessionParts& parts, SessionOptions options)
    : parts_(parts), options_(std::move(options)), process_(process_generation()) {}

void Session::id_created(std::string_view sid) {
    created_sid_ = sid;
}

Answer Session::validate(std::string_view sid, bool lock) {
    warning_.clear();
    if (open_ && !unread_ && !is_open(sid)) {
        return look_up(sid);
    }
    if (!is_open(sid)) {
        unread_ = open(sid, lock);
        if (!unread_) {
            return Answer::kMissing;  // nobody can have stored what is not a key
        }
    }
    // PHP knows no "cannot tell": it would take a failure for an unknown id, and rotate the
    // visitor's cookie. Said to be valid, the id is read next, and that fails.
    return open_->failure.ok() && open_->missing ? Answer::kMissing : Answer::kOk;
}

Answer Session::read(std::string_view sid, bool lock, std::string_view* value) {
    warning_.clear();
    if (!(unread_ && is_open(sid)) && !open(sid, lock)) {
        return Answer::kFailed;
    }
    unread_ = false;
    if (!open_->failure.ok()) {
        return conclude(open_->failure);
    }
    if (!decode(value)) {
        close();
        return fail("the stored session is damaged: it is marked as compressed, but is no zlib "
                    "stream of at most " +
                    std::to_string(kUncompressedMax >> 20) +
                    " MB. It was not opened, and stays as it is");
    }
    was_read_ = true;
    return Answer::kOk;
}

Answer Session::write(std::string_view sid, std::string_view value, int64_t lifetime) {
    warning_.clear();
    if (is_inherited()) {
        return fail("this process was forked from the one that opened the session: only that one "
                    "may store it, and the changes made here were not stored");
    }
    if (!is_open(sid) || !was_read_) {
        return fail("the session was not read by this request, or has been closed since: nothing "
                    "was stored, and what is stored stays");
    }
    if (open_->read_only) {
        return fail(read_only_message(open_->read_only_reason));
    }
    return commit(value, lifetime, true);
}

Answer Session::update_timestamp(std::string_view sid, std::string_view value, int64_t lifetime) {
    warning_.clear();
    if (is_inherited()) {
        return Answer::kOk;  // nothing has changed, and the parent will see to it
    }
    if (!is_open(sid) || !was_read_) {
        return write(sid, value, lifetime);
    }
    return commit(value, lifetime, open_->missing);
}

Answer Session::commit(std::string_view value, int64_t lifetime, bool changed) {
    const bool zlib = options_.compress_threshold > 0 &&
                      value.size() > options_.compress_threshold && compress_value(value, &buffer_);
    const std::string_view stored = zlib ? std::string_view(buffer_) : value;
    const int32_t exptime = exptime_of(lifetime, parts_.clock.unix_time());
    if (changed && !open_->locked && open_->fenced && open_->has_value(stored, zlib)) {
        changed = false;  // a SessionHandler subclass has write() called for an unchanged one too
    }
    if (changed && !open_->locked && open_->fenced) {
        const Status status = lock_what_was_read();
        if (!status.ok()) {
            return conclude(status);
        }
    }
    if (parts_.pool.is_proxied()) {
        ProxiedClosing closing(parts_, options_, &*open_);
        return conclude(changed ? closing.commit(stored, zlib, exptime)
                                : closing.extend(stored, zlib, exptime));
    }
    Closing closing(parts_, options_, &*open_);
    return conclude(changed ? closing.commit(stored, zlib, exptime)
                            : closing.extend(stored, zlib, exptime));
}

// A session that was read without lock is to be stored after all: under the lock, for a holder
// relies on it, and only if it is still what was read.
Status Session::lock_what_was_read() {
    OpenSession now;
    now.sid = open_->sid;
    now.key = open_->key;
    now.token = open_->token;
    const Status status = run_opening(&now, true);
    if (!status.ok()) {
        return {status.code(), status.message() + ". The changes of this request were not stored"};
    }
    const bool same = now.missing == open_->missing && now.flags == open_->flags &&
                      now.fingerprint == open_->fingerprint && !is_rewritten(*open_, now);
    if (now.read_only || !same) {
        release(&now);
        return {Code::kUnavailable,
                now.read_only ? read_only_message(now.read_only_reason) : changed_message()};
    }
    open_.emplace(std::move(now));
    return {};
}

Answer Session::destroy(std::string_view sid, int64_t lifetime) {
    warning_.clear();
    if (is_inherited()) {
        return fail("this process was forked from the one that opened the session: only that one "
                    "may destroy it");
    }
    if (!is_open(sid) && !open(sid, false)) {
        return Answer::kFailed;
    }
    if (!open_->failure.ok()) {
        return conclude(open_->failure);
    }
    const int32_t exptime = exptime_of(tombstone_lifetime(lifetime), parts_.clock.unix_time());
    if (parts_.pool.is_proxied()) {
        return conclude(ProxiedClosing(parts_, options_, &*open_).destroy(exptime));
    }
    return conclude(Closing(parts_, options_, &*open_).destroy(exptime));
}

void Session::close() {
    if (open_ && !is_inherited()) {
        release(&*open_);
    }
    open_.reset();
    unread_ = false;
    was_read_ = false;
}

// Leaves what the opening found in open_, its failure too. False if there is no such key.
bool Session::open(std::string_view sid, bool lock) {
    // session_reset() opens again what is open: our own locks are no obstacle.
    const bool again = is_open(sid) && !is_inherited() && open_->failure.ok();
    if (!again) {
        close();
    }
    process_ = process_generation();
    unread_ = false;
    was_read_ = false;
    Result<SessionKey> key = SessionKey::make(options_.key_prefix, sid);
    if (!key.ok()) {
        warning_ = key.status().message();
        return false;
    }
    if (!again) {
        open_.emplace();
        open_->sid = sid;
        open_->key = std::move(key.value());
        open_->token = make_token(parts_.random.next());
    }
    open_->read_only = false;
    open_->fenced = options_.locking;
    open_->failure = run_opening(&*open_, lock && options_.locking);
    return true;
}

Status Session::run_opening(OpenSession* session, bool lock) {
    if (parts_.pool.is_proxied()) {
        return ProxiedOpening(parts_, options_, session).run(lock);
    }
    return Opening(parts_, options_, session).run(lock, session->sid == created_sid_);
}

void Session::release(OpenSession* session) {
    if (parts_.pool.is_proxied()) {
        release_proxied_lock(parts_, session);
    } else {
        release_locks(parts_, session);
    }
}

// Another id while a session is open, for session_create_id(): just a look.
Answer Session::look_up(std::string_view sid) {
    Result<SessionKey> key = SessionKey::make(options_.key_prefix, sid);
    if (!key.ok()) {
        return Answer::kMissing;
    }
    OpenSession other;
    other.sid = sid;
    other.key = std::move(key.value());
    const Status status = run_opening(&other, false);
    return status.ok() && other.missing ? Answer::kMissing : Answer::kOk;
}

// The value as PHP is to have it.
bool Session::decode(std::string_view* value) {
    *value = open_->value;
    if (open_->missing || !ItemFlags::is_zlib(open_->flags)) {
        return true;
    }
    if (!uncompress_value(open_->value, kUncompressedMax, &buffer_)) {
        return false;
    }
    *value = buffer_;
    return true;
}

bool Session::is_inherited() const {
    return open_ && process_ != process_generation();
}

// The session is over: its locks are released, or nothing could be done about them.
Answer Session::conclude(const Status& status) {
    const Answer answer = status.ok() ? Answer::kOk : fail(status.message());
    open_.reset();
    unread_ = false;
    was_read_ = false;
    return answer;
}

Answer Session::fail(std::string warning) {
    warning_ = std::move(warning);
    return Answer::kFailed;
}

}  // namespace memcache_session
