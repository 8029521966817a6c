#include "src/session/late_store.h"

#include "src/session/merging.h"
#include "src/session/messages.h"

namespace memcache_session {

Status LateStore::commit(std::string_view value, const PackedValue& packed, int64_t lifetime) {
    const Result<Relocked> now =
        session_.store.lock_after_all(session_.search, session_.options.lock.wait);
    if (!now.ok()) {
        return why_not_locked(now.status());
    }
    if (now.value().is_unchanged) {
        return session_.store.commit(packed.text, packed.zlib, lifetime);
    }
    if (session_.options.merges()) {
        return commit_merged(value, now.value().session, lifetime);
    }
    session_.store.release();
    return {Code::kConflict, changed_message()};
}

// Where all requests merge, nobody else brings an unchanged session back to a server that has lost
// it. A request that holds the lock, or has changed the session, repairs it too.
Status LateStore::extend(const PackedValue& packed, int64_t lifetime) {
    if (session_.options.merges() && !session_.read.is_whole) {
        const Result<Relocked> now = session_.store.lock_after_all(session_.search, Duration(0));
        if (!now.ok() || !now.value().is_unchanged) {
            session_.store.release();
            return {};
        }
    }
    return session_.store.extend(packed.text, packed.zlib, lifetime);
}

// A request that has locked the session is to store it first. If that takes too long, the destroy
// wins.
Status LateStore::destroy(int64_t lifetime) {
    if (session_.options.merges() &&
        !session_.store.lock_after_all(session_.search, session_.options.lock.wait).ok()) {
        const Result<StoredSession> opened =
            session_.store.open(Access::kUnlocked, session_.search);
        if (!opened.ok()) {
            return opened.status();
        }
    }
    return session_.store.destroy(lifetime);
}

// `now`: as others have stored it since.
Status LateStore::commit_merged(std::string_view ours, const StoredSession& now, int64_t lifetime) {
    const Result<std::string> value = merged(ours, now, lifetime);
    if (!value.ok()) {
        session_.store.release();
        return value.status();
    }
    std::string buffer;
    const PackedValue packed =
        pack_value(value.value(), session_.options.compress_threshold, &buffer);
    const Status status = now.has_value(packed.text, packed.zlib)
                              ? session_.store.extend(packed.text, packed.zlib, lifetime)
                              : session_.store.commit(packed.text, packed.zlib, lifetime);
    if (status.ok() && !now.missing) {
        session_.parts.count(Event::kMerged);
    }
    return status;
}

Result<std::string> LateStore::merged(std::string_view ours, const StoredSession& now,
                                      int64_t lifetime) {
    const Duration held = session_.parts.clock.now() - session_.read_at;
    switch (judge_meeting(session_.read, now, held, lifetime)) {
        case Meeting::kDestroyed:
            return Status(Code::kDestroyed, destroyed_message());
        case Meeting::kRestore:
            return std::string(ours);
        case Meeting::kMerge:
            break;
    }
    std::string buffer;
    const Result<std::string_view> theirs = unpack_value(now, session_.value_max, &buffer);
    return theirs.ok() ? merge_changes(session_.options, session_.base, ours, theirs.value())
                       : theirs.status();
}

Status LateStore::why_not_locked(const Status& status) const {
    if (status.code() == Code::kLocked) {
        return {status.code(), session_.options.lock_failure == LockFailure::kReadOnly
                                   ? read_only_message(status.message())
                                   : not_stored_then_message(not_opened_message(status.message()))};
    }
    return {status.code(), not_stored_then_message(status.message())};
}

}  // namespace memcache_session
