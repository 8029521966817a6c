#include "src/session/session.h"

#include <cassert>
#include <utility>

#include "src/base/process.h"
#include "src/session/counting.h"
#include "src/session/messages.h"

namespace memcache_session {

// Defined here, because clang cannot use the initializers of the members within Session's own
// declaration.
Session::Open::Open(const SessionParts& parts, const SessionOptions& options,
                    SessionKey session_key, LockToken token)
    : key(std::move(session_key)) {
    if (options.locking) {
        listed.emplace(parts.processes, options.lock.pid, token);
    }
    store = make_session_store(parts, options, key, token);
}

Session::Session(const SessionParts& parts, SessionOptions options)
    : parts_(parts), options_(std::move(options)), process_(process_generation()) {
    assert(options_.locking || !options_.merges());
}

void Session::id_created(std::string_view sid) {
    created_sid_ = sid;
}

Answer Session::validate(std::string_view sid, bool lock) {
    begin_call();
    if (stage_ == Stage::kRead && !is_open(sid)) {
        return look_up(sid);
    }
    if (!is_open(sid)) {
        if (!open(sid, lock)) {
            return Answer::kMissing;  // because nobody can have stored an id that makes no key
        }
        stage_ = Stage::kValidated;
    }
    // PHP knows no "cannot tell": it would take a failure for an unknown id, and rotate the
    // visitor's cookie. An id that is called valid is read next, and that fails.
    const StoredSession& stored = open_->stored;
    if (!open_->failure.ok() || !stored.missing || stored.was_known) {
        return Answer::kOk;
    }
    if (is_id_sent(sid)) {
        parts_.count(Event::kMissing);
    }
    return Answer::kMissing;
}

Answer Session::read(std::string_view sid, bool lock, std::string_view* value) {
    begin_call();
    const bool is_validated = stage_ == Stage::kValidated && is_open(sid);
    if (!is_validated && !open(sid, lock)) {
        return Answer::kFailed;
    }
    if (!open_->failure.ok()) {
        return end(open_->failure);
    }
    const Result<std::string_view> readable = unpack_value(open_->stored, value_max_, &buffer_);
    if (!readable.ok()) {
        release();
        return fail(readable.status().code(), readable.status().message());
    }
    *value = readable.value();
    if (options_.merges() && open_->access == Access::kUnlocked) {
        open_->base = *value;
    }
    stage_ = Stage::kRead;
    count_opening(parts_.totals, open_->opening_time, open_->stored,
                  open_->access == Access::kLocked, is_id_sent(sid));
    return Answer::kOk;
}

std::optional<CarriedChanges> Session::take_carried() {
    return open_ ? std::nullopt : std::exchange(carried_, std::nullopt);
}

void Session::close() {
    begin_call();
    carried_.reset();
    release();
}

// All phases of a call share its time, and at most the wait for a lock comes in addition.
void Session::begin_call() {
    warning_.clear();
    lost_note_.clear();
    stored_.reset();
    parts_.budget.begin(2 * parts_.pool.timeout_max);
}

void Session::release() {
    if (open_ && !is_inherited()) {
        open_->store->release();
    }
    open_.reset();
    stage_ = Stage::kClosed;
}

// Leaves the result of the opening, its failure too, in open_. False if there is no such key.
bool Session::open(std::string_view sid, bool lock) {
    // session_reset() opens a session again that is open. Our own locks do not refuse us.
    const bool again = is_open(sid) && !is_inherited() && open_->failure.ok();
    if (!again) {
        release();
    }
    process_ = process_generation();
    stage_ = Stage::kClosed;
    Result<SessionKey> key = SessionKey::make(options_.key_prefix, sid, options_.ids);
    if (!key.ok()) {
        fail(key.status().code(), key.status().message());
        return false;
    }
    if (!again) {
        open_.emplace(parts_, options_, std::move(key.value()), make_token(parts_.random.next()));
    }
    open_->search = search_for(sid);
    open_->asked_for_lock = lock;
    open_->access = !options_.locking            ? Access::kUnfenced
                    : lock && !options_.merges() ? Access::kLocked
                                                 : Access::kUnlocked;
    run_opening();
    return true;
}

void Session::run_opening() {
    open_->read_only_reason.clear();
    open_->read_at = parts_.budget.began();
    if (parts_.totals != nullptr) {
        parts_.totals->begin_moment(open_->read_at);
    }
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
    if (opened.ok() && opened.value().is_partly_destroyed && options_.merges()) {
        const Duration wait_max = open_->asked_for_lock ? options_.lock.wait : Duration(0);
        opened = open_->store->complete_destroy(open_->search, wait_max);
    }
    const bool had_ended = open_->stored.ended_meanwhile;
    open_->failure = opened.ok() ? Status() : opened.status();
    open_->stored = opened.ok() ? opened.value() : StoredSession();
    open_->opening_time = parts_.budget.taken();
    // session_reset() does not bring a destroyed session back.
    if (had_ended && open_->stored.missing) {
        open_->stored.ended_meanwhile = true;
        open_->stored.was_known = true;
    }
}

// session_create_id() asks for another id while a session is open. This only looks.
Answer Session::look_up(std::string_view sid) {
    const Result<SessionKey> key = SessionKey::make(options_.key_prefix, sid, options_.ids);
    if (!key.ok()) {
        return Answer::kMissing;
    }
    const Result<StoredSession> other =
        make_session_store(parts_, options_, key.value(), LockToken{0})
            ->open(Access::kUnlocked, search_for(sid));
    return other.ok() && other.value().missing ? Answer::kMissing : Answer::kOk;
}

bool Session::is_inherited() const {
    return open_ && process_ != process_generation();
}

// The session is closed: its locks are released, or could not be.
Answer Session::end(const Status& status) {
    const Answer answer = status.ok() ? Answer::kOk : fail(status.code(), status.message());
    open_.reset();
    stage_ = Stage::kClosed;
    return answer;
}

Answer Session::fail(Code cause, std::string warning) {
    parts_.count(refusal_of(cause));
    warning_ = std::move(warning);
    return Answer::kFailed;
}

}  // namespace memcache_session
