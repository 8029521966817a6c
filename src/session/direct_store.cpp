#include "src/session/direct_store.h"

#include <utility>

#include "src/session/direct_commit.h"
#include "src/session/direct_destroy.h"
#include "src/session/direct_opening.h"
#include "src/session/messages.h"

namespace memcache_session {
namespace {

// protocol.md, "Sessions read without lock": whether another request has stored the session between
// two openings, although flags and value are the same.
bool is_rewritten(const Members& before, uint32_t flags_before, Members* now) {
    bool has_other_cas = false;
    for (const Member& old : before.list()) {
        if (!old.item.present || old.item.flags != flags_before || !now->contains(old.server)) {
            continue;
        }
        const Item& item = now->at(old.server).item;
        if (!item.present || item.connection != old.item.connection) {
            continue;
        }
        if (item.cas == old.item.cas) {
            return false;
        }
        has_other_cas = true;
    }
    return has_other_cas;
}

}  // namespace

DirectStore::DirectStore(const SessionParts& parts, const SessionOptions& options,
                         const SessionKey& key, LockToken token)
    : lock_(parts, options.lock, key, token), session_(parts, options, lock_) {}

void DirectStore::choose_members() {
    const SessionKey& key = lock_.key();
    const uint32_t copies = session_.options.redundancy;
    session_.members =
        Members(session_.parts.pool.preference_list(key.sid(), key.session(), copies), copies,
                session_.options.allow_failover);
    session_.members.fill(session_.parts.exchange);
}

Result<StoredSession> DirectStore::open(Access access, Search search) {
    const LockOptions& lock = session_.options.lock;
    return open(access, search, {lock.wait, lock.waiters_max});
}

Result<StoredSession> DirectStore::open(Access access, Search search, LockWait::Policy wait) {
    if (session_.members.empty()) {
        choose_members();
    }
    session_.opened_at = session_.parts.clock.now();
    const StoredSession before = session_.stored;
    const Status status = DirectOpening(&session_, wait).run(access, search);
    session_.stored.follows(before);
    return status.ok() ? Result<StoredSession>(session_.stored) : status;
}

// Chooses the servers anew, because some may be down by now, or well again. The number of waiters
// is not limited, because a request that has run would lose its changes.
Result<Relocked> DirectStore::lock_after_all(Search search, Duration wait_max) {
    release();  // a session that was read under its lock, and then again without it, has locks
    const StoredSession before = session_.stored;
    const Members members_before = std::move(session_.members);
    choose_members();
    const Result<StoredSession> now = open(Access::kLocked, search, {wait_max});
    if (!now.ok()) {
        return now.status();
    }
    return Relocked{session_.stored,
                    session_.stored.equals(before) &&
                        !is_rewritten(members_before, before.flags, &session_.members)};
}

Status DirectStore::commit(const PackedValue& value, int64_t lifetime) {
    return DirectCommit(&session_, Aim::kCommit, value, lifetime).run();
}

Status DirectStore::extend(const PackedValue& value, int64_t lifetime) {
    return DirectCommit(&session_, Aim::kExtend, value, lifetime).run();
}

Status DirectStore::destroy(int64_t lifetime) {
    return DirectDestroy(&session_, lifetime).run();
}

// Locks the session, or reads it without where another request holds the lock for so long. After
// any other failure the servers would fail again.
Status DirectStore::lock_or_read(Search search, Duration wait_max) {
    const Result<Relocked> locked = lock_after_all(search, wait_max);
    if (locked.ok()) {
        return {};
    }
    if (locked.status().code() != Code::kLocked) {
        return locked.status();
    }
    const Result<StoredSession> opened = open(Access::kUnlocked, search);
    return opened.ok() ? Status() : opened.status();
}

// A holder relies on the lock, so that it is to store the session first. If that takes too long,
// the destroy wins, because the tombstone outranks a store that comes later.
Status DirectStore::destroy_after_all(Search search, int64_t lifetime) {
    const Status status = lock_or_read(search, session_.options.lock.wait);
    return status.ok() ? destroy(lifetime) : status;
}

// protocol.md, "Merging".
Result<StoredSession> DirectStore::complete_destroy(Search search, Duration wait_max) {
    const StoredSession before = session_.stored;
    const Members members_before = session_.members;
    const Status status = lock_or_read(search, wait_max);
    if (!status.ok()) {  // what was read without that still counts
        session_.stored = before;
        session_.members = members_before;
        return before;
    }
    if (!session_.locked) {
        return session_.stored;
    }
    if (session_.stored.is_partly_destroyed) {
        repair_tombstones(&session_);
    }
    release();
    return open(Access::kUnlocked, search);
}

void DirectStore::release() {
    session_.locked = false;
    session_.lock.release_all(&session_.members);
}

}  // namespace memcache_session
