#include "src/session/late_store.h"

#include <cassert>
#include <string>
#include <utility>

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
        return commit_value(value, packed, lifetime);
    }
    if (session_.options.merges() && !changes_nothing(value)) {
        const Result<Newest> merged = commit_merged(value, now.value().session, lifetime);
        return merged.ok() ? Status() : merged.status();
    }
    session_.store.release();
    return changes_nothing(value) ? Status() : Status(Code::kConflict, changed_message());
}

Status LateStore::commit_value(std::string_view value, const PackedValue& packed,
                               int64_t lifetime) {
    const Status status = session_.store.commit(packed, lifetime);
    if (status.ok()) {
        stored_ = {value.size(), packed.text.size()};
    }
    return status;
}

// PHP stores the empty session of a request that has read none and changed nothing.
bool LateStore::changes_nothing(std::string_view ours) const {
    return session_.read.missing ? is_empty_session(ours)
                                 : session_.options.merges() && ours == session_.base;
}

// Where all requests merge, nobody else brings an unchanged session back to a server that has lost
// it. If another request holds the lock, only the copies that exist are extended.
Status LateStore::extend(const PackedValue& packed, int64_t lifetime) {
    if (session_.options.merges() && !session_.read.is_whole && session_.read.has_value(packed)) {
        const Result<Relocked> now = session_.store.lock_after_all(session_.search, Duration(0));
        if (now.ok() && !now.value().is_unchanged) {
            return extend_theirs(now.value().session, lifetime);
        }
        if (!now.ok() && now.status().code() != Code::kLocked) {
            return now.status();
        }
        if (!now.ok()) {
            const Result<StoredSession> opened =
                session_.store.open(Access::kUnlocked, session_.search);
            if (!opened.ok()) {
                return opened.status();
            }
        }
    }
    return session_.store.extend(packed, lifetime);
}

// Others have stored the session since, and this request is later: the visitor was here.
Status LateStore::extend_theirs(const StoredSession& now, int64_t lifetime) {
    if (now.missing) {
        session_.store.release();
        return {};
    }
    const std::string value(now.value);  // the view does not outlive the next phase
    return session_.store.extend({value, ItemFlags::is_zlib(now.flags)}, lifetime);
}

Status LateStore::destroy(int64_t lifetime) {
    return session_.options.merges() ? session_.store.destroy_after_all(session_.search, lifetime)
                                     : session_.store.destroy(lifetime);
}

Result<LateStore::Newest> LateStore::commit_before_new_id(std::string_view value,
                                                          const PackedValue& packed,
                                                          int64_t lifetime) {
    assert(session_.options.merges());
    const Result<Relocked> now =
        session_.store.lock_after_all(session_.search, session_.options.lock.wait);
    if (!now.ok()) {
        return why_not_locked(now.status());
    }
    if (!now.value().is_unchanged) {
        return commit_merged(value, now.value().session, lifetime);
    }
    const Status status = session_.read.has_value(packed) ? session_.store.extend(packed, lifetime)
                                                          : commit_value(value, packed, lifetime);
    return status.ok() ? Result<Newest>(Newest()) : status;
}

Result<LateStore::Newest> LateStore::destroy_before_new_id(int64_t lifetime) {
    assert(session_.options.merges());
    const Result<Relocked> now =
        session_.store.lock_after_all(session_.search, session_.options.lock.wait);
    if (!now.ok()) {
        return Status(now.status().code(),
                      id_not_changed_message(now.status().code() == Code::kLocked
                                                 ? "the session is " + now.status().message()
                                                 : now.status().message()));
    }
    if (now.value().session.destroyed() && !now.value().is_unchanged) {
        session_.store.release();
        return Newest(std::string());
    }
    Result<Newest> theirs =
        now.value().is_unchanged ? Newest() : changed_by_others(now.value().session, lifetime);
    if (!theirs.ok()) {
        session_.store.release();
        return theirs;
    }
    const Status status = session_.store.destroy(lifetime);
    return status.ok() ? theirs : status;
}

// `now`: as others have stored it since.
Result<LateStore::Newest> LateStore::commit_merged(std::string_view ours, const StoredSession& now,
                                                   int64_t lifetime) {
    const Result<Newest> theirs = changed_by_others(now, lifetime);
    Result<MergedChanges> merge =
        !theirs.ok()     ? Result<MergedChanges>(theirs.status())
        : theirs.value() ? merge_changes(session_.options, session_.base, ours, *theirs.value())
                         : MergedChanges{std::string(ours)};
    if (!merge.ok()) {
        session_.store.release();
        return merge.status();
    }
    std::string buffer;
    const PackedValue packed =
        pack_value(merge.value().value, session_.options.compress_threshold, &buffer);
    const Status status = now.has_value(packed)
                              ? session_.store.extend(packed, lifetime)
                              : commit_value(merge.value().value, packed, lifetime);
    if (!status.ok()) {
        return status;
    }
    if (!now.missing) {
        session_.parts.count(Event::kMerged);
        session_.parts.count(Event::kOverwritten, merge.value().conflicts);
    }
    return Newest(std::move(merge.value().value));
}

// Nothing: the servers have lost the session.
Result<LateStore::Newest> LateStore::changed_by_others(const StoredSession& now, int64_t lifetime) {
    const Duration held = session_.parts.clock.now() - session_.read_at;
    switch (judge_late_change(session_.read, now, held, lifetime)) {
        case LateChange::kDestroyed:
            return Status(Code::kDestroyed, destroyed_message());
        case LateChange::kForeign:
            return Status(Code::kConflict, foreign_change_message());
        case LateChange::kTooLate:
            return Status(Code::kExpired, too_late_message());
        case LateChange::kRestore:
            return Newest();
        case LateChange::kMerge:
            break;
    }
    std::string buffer;
    const Result<std::string_view> theirs = unpack_value(now, session_.value_max, &buffer);
    return theirs.ok() ? Result<Newest>(std::string(theirs.value())) : theirs.status();
}

Status LateStore::why_not_locked(const Status& status) const {
    if (status.code() == Code::kLocked) {
        return {status.code(), session_.options.lock_failure == LockFailure::kReadOnly
                                   ? read_only_message(status.message())
                                   : not_stored_then_message("the session is " + status.message())};
    }
    return {status.code(), not_stored_then_message(status.message())};
}

}  // namespace memcache_session
