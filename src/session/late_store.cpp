#include "src/session/late_store.h"

#include "src/session/conflict_messages.h"
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
    if (session_.options.merges() && !changes_nothing(value)) {
        return commit_merged(value, now.value().session, lifetime);
    }
    session_.store.release();
    return changes_nothing(value) ? Status() : Status(Code::kConflict, changed_message());
}

// PHP stores the empty session of a request that has read none and changed nothing.
bool LateStore::changes_nothing(std::string_view ours) const {
    return session_.read.missing ? is_empty_session(ours)
                                 : session_.options.merges() && ours == session_.base;
}

// Where all requests merge, nobody else brings an unchanged session back to a server that has lost
// it. If another request holds the lock, only the copies that exist are extended.
Status LateStore::extend(const PackedValue& packed, int64_t lifetime) {
    if (session_.options.merges() && !session_.read.is_whole &&
        session_.read.has_value(packed.text, packed.zlib)) {
        const Result<Relocked> now = session_.store.lock_after_all(session_.search, Duration(0));
        if (now.ok() && !now.value().is_unchanged) {
            session_.store.release();
            return {};
        }
        if (!now.ok()) {
            const Result<StoredSession> opened =
                session_.store.open(Access::kUnlocked, session_.search);
            if (!opened.ok()) {
                return opened.status();
            }
        }
    }
    return session_.store.extend(packed.text, packed.zlib, lifetime);
}

Status LateStore::destroy(int64_t lifetime) {
    return session_.options.merges() ? session_.store.destroy_after_all(session_.search, lifetime)
                                     : session_.store.destroy(lifetime);
}

// `now`: as others have stored it since.
Status LateStore::commit_merged(std::string_view ours, const StoredSession& now, int64_t lifetime) {
    const Result<MergedChanges> merge = merged(ours, now, lifetime);
    if (!merge.ok()) {
        session_.store.release();
        return merge.status();
    }
    std::string buffer;
    const PackedValue packed =
        pack_value(merge.value().value, session_.options.compress_threshold, &buffer);
    const Status status = now.has_value(packed.text, packed.zlib)
                              ? session_.store.extend(packed.text, packed.zlib, lifetime)
                              : session_.store.commit(packed.text, packed.zlib, lifetime);
    if (status.ok() && !now.missing) {
        session_.parts.count(Event::kMerged);
        session_.parts.count(Event::kOverwritten, merge.value().conflicts);
    }
    return status;
}

Result<MergedChanges> LateStore::merged(std::string_view ours, const StoredSession& now,
                                        int64_t lifetime) {
    const Duration held = session_.parts.clock.now() - session_.read_at;
    switch (judge_late_change(session_.read, now, held, lifetime)) {
        case LateChange::kDestroyed:
            return Status(Code::kDestroyed, destroyed_message());
        case LateChange::kForeign:
            return Status(Code::kConflict, foreign_change_message());
        case LateChange::kTooLate:
            return Status(Code::kExpired, too_late_message());
        case LateChange::kRestore:
            return MergedChanges{std::string(ours)};
        case LateChange::kMerge:
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
