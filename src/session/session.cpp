#include "src/session/session.h"

#include <algorithm>
#include <utility>

#include "src/base/process.h"
#include "src/session/compression.h"
#include "src/session/messages.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// How long a tombstone is kept where sessions themselves never expire. Seconds.
constexpr int64_t kTombstoneLifetimeMax = 60 * 60 * 24 * 30;

int64_t tombstone_lifetime(int64_t session_lifetime) {
    return session_lifetime > 0 && session_lifetime < kTombstoneLifetimeMax / 2
               ? 2 * session_lifetime
               : kTombstoneLifetimeMax;
}

}  // namespace

Session::Session(const SessionParts& parts, SessionOptions options)
    : parts_(parts), options_(std::move(options)), process_(process_generation()) {}

void Session::id_created(std::string_view sid) {
    created_sid_ = sid;
}

Answer Session::validate(std::string_view sid, bool lock) {
    warning_.clear();
    if (stage_ == Stage::kRead && !is_open(sid)) {
        return look_up(sid);
    }
    if (!is_open(sid)) {
        if (!open(sid, lock)) {
            return Answer::kMissing;  // nobody can have stored an id that makes no key
        }
        stage_ = Stage::kValidated;
    }
    // PHP knows no "cannot tell": it would take a failure for an unknown id, and rotate the
    // visitor's cookie. An id that is called valid is read next, and that fails.
    return open_->failure.ok() && open_->stored.missing ? Answer::kMissing : Answer::kOk;
}

Answer Session::read(std::string_view sid, bool lock, std::string_view* value) {
    warning_.clear();
    const bool is_validated = stage_ == Stage::kValidated && is_open(sid);
    if (!is_validated && !open(sid, lock)) {
        return Answer::kFailed;
    }
    if (!open_->failure.ok()) {
        return end(open_->failure);
    }
    *value = open_->stored.value;
    if (ItemFlags::is_zlib(open_->stored.flags) && !open_->stored.missing) {
        const size_t stored_size = open_->stored.value.size();
        const size_t size_max = std::min(value_max_, kUncompressedMax);
        const Inflated inflated = uncompress_value(open_->stored.value, size_max, &buffer_);
        if (inflated != Inflated::kWhole) {
            close();
            return fail(inflated == Inflated::kDamaged
                            ? damaged_message()
                            : inflates_too_far_message(stored_size, size_max, value_max_));
        }
        *value = buffer_;
    } else if (value->size() > value_max_) {
        const size_t stored_size = value->size();
        *value = {};
        close();
        return fail(too_large_message(stored_size, value_max_));
    }
    stage_ = Stage::kRead;
    return Answer::kOk;
}

Answer Session::write(std::string_view sid, std::string_view value, int64_t lifetime) {
    warning_.clear();
    if (is_inherited()) {
        return fail("this process was forked from the one that opened the session: only that one "
                    "may store it, and the changes made here were not stored");
    }
    if (!is_open(sid) || stage_ != Stage::kRead) {
        return fail("the session was not read by this request, or has been closed since: nothing "
                    "was stored, and the stored session was not changed");
    }
    if (!open_->read_only_reason.empty()) {
        return fail(read_only_message(open_->read_only_reason));
    }
    return store(value, lifetime, true);
}

Answer Session::update_timestamp(std::string_view sid, std::string_view value, int64_t lifetime) {
    warning_.clear();
    if (is_inherited()) {
        return Answer::kOk;  // nothing has changed, and the parent extends it
    }
    if (!is_open(sid) || stage_ != Stage::kRead) {
        return write(sid, value, lifetime);
    }
    return store(value, lifetime, open_->stored.missing);
}

Answer Session::store(std::string_view value, int64_t lifetime, bool changed) {
    const bool zlib = options_.compress_threshold > 0 &&
                      value.size() > options_.compress_threshold && compress_value(value, &buffer_);
    const std::string_view stored = zlib ? std::string_view(buffer_) : value;
    const int32_t exptime = exptime_of(lifetime, parts_.clock.unix_time());
    if (changed && open_->access == Access::kUnlocked) {
        // A SessionHandler subclass has write() called for an unchanged session too.
        changed = !open_->stored.has_value(stored, zlib);
        const Status status = changed ? lock_after_all() : Status();
        if (!status.ok()) {
            return end(status);
        }
    }
    return end(changed ? open_->store->commit(stored, zlib, exptime)
                       : open_->store->extend(stored, zlib, exptime));
}

// The session was read without lock and is to be stored after all: under the lock, because a holder
// relies on it, and only if it is still the session that was read.
Status Session::lock_after_all() {
    Status status = open_->store->lock_after_all(open_->search);
    if (status.code() == Code::kUnavailable) {
        return {status.code(), not_stored_then_message(status.message())};
    }
    if (status.code() == Code::kLocked) {
        return {status.code(), options_.lock_failure == LockFailure::kReadOnly
                                   ? read_only_message(status.message())
                                   : not_stored_then_message(not_opened_message(status.message()))};
    }
    return status;
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
        return end(open_->failure);
    }
    return end(
        open_->store->destroy(exptime_of(tombstone_lifetime(lifetime), parts_.clock.unix_time())));
}

void Session::close() {
    if (open_ && !is_inherited()) {
        open_->store->release();
    }
    open_.reset();
    stage_ = Stage::kClosed;
}

// The result of the opening, its failure too, is in open_ then. False if there is no such key.
bool Session::open(std::string_view sid, bool lock) {
    // session_reset() opens a session again that is open: our own locks are no obstacle.
    const bool again = is_open(sid) && !is_inherited() && open_->failure.ok();
    if (!again) {
        close();
    }
    process_ = process_generation();
    stage_ = Stage::kClosed;
    Result<SessionKey> key = SessionKey::make(options_.key_prefix, sid, options_.ids);
    if (!key.ok()) {
        warning_ = key.status().message();
        return false;
    }
    if (!again) {
        open_.emplace();
        open_->sid = sid;
        open_->store = make_session_store(parts_, options_, sid, std::move(key.value()),
                                          make_token(parts_.random.next()));
    }
    open_->search = sid == created_sid_ ? Search::kNowhere : Search::kOtherServers;
    open_->access = !options_.locking ? Access::kUnfenced
                    : lock            ? Access::kLocked
                                      : Access::kUnlocked;
    run_opening();
    return true;
}

void Session::run_opening() {
    open_->read_only_reason.clear();
    Result<StoredSession> opened = open_->store->open(open_->access, open_->search);
    if (!opened.ok() && opened.status().code() == Code::kLocked) {
        if (options_.lock_failure == LockFailure::kFail) {
            open_->failure = {Code::kLocked, not_opened_message(opened.status().message())};
            return;
        }
        open_->read_only_reason = opened.status().message();
        open_->access = Access::kUnlocked;
        opened = open_->store->open(open_->access, open_->search);
    }
    open_->failure = opened.ok() ? Status() : opened.status();
    open_->stored = opened.ok() ? opened.value() : StoredSession();
}

// Another id while a session is open, for session_create_id(): just a look.
Answer Session::look_up(std::string_view sid) {
    Result<SessionKey> key = SessionKey::make(options_.key_prefix, sid, options_.ids);
    if (!key.ok()) {
        return Answer::kMissing;
    }
    const Search search = sid == created_sid_ ? Search::kNowhere : Search::kOtherServers;
    const Result<StoredSession> other =
        make_session_store(parts_, options_, sid, std::move(key.value()), LockToken{0})
            ->open(Access::kUnlocked, search);
    return other.ok() && other.value().missing ? Answer::kMissing : Answer::kOk;
}

bool Session::is_inherited() const {
    return open_ && process_ != process_generation();
}

// The session is closed: its locks are released, or could not be.
Answer Session::end(const Status& status) {
    const Answer answer = status.ok() ? Answer::kOk : fail(status.message());
    open_.reset();
    stage_ = Stage::kClosed;
    return answer;
}

Answer Session::fail(std::string warning) {
    warning_ = std::move(warning);
    return Answer::kFailed;
}

}  // namespace memcache_session
