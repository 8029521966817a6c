// How one session is kept: on memcached servers directly, or behind a proxy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/lock/lock_item.h"
#include "src/lock/session_key.h"
#include "src/replica/stored_session.h"
#include "src/session/options.h"

namespace memcache_session {

// How a session is opened.
enum class Access {
    kLocked,    // under its lock
    kUnlocked,  // without; a store is still refused if another request has stored meanwhile
    kUnfenced,  // without; the last store wins (memcache.session_lock = 0)
};

// Where to look for a session that a server of its set does not have.
enum class Search {
    kOtherServers,
    kNowhere,  // PHP made the id in this request, so nobody can have stored it
};

// A session that was read without lock, and read again under its lock to be stored.
struct Relocked {
    StoredSession session;
    bool is_unchanged = false;  // nobody has stored it in between, not even the same value
};

// One object per open session. Commit, extend and destroy are each the last use of it: afterwards
// its lock is released, whatever the outcome. Nothing is released by the destructor.
class SessionStore {
public:
    virtual ~SessionStore() = default;

    // Reads the session, which need not exist. It may be called again, and then keeps its servers
    // and its lock. kUnavailable: no server can be used. kUnknownState: too few servers answered to
    // tell whether it exists. kTooLarge: it does not fit into this process. kLocked: another
    // request holds it, and the message is the reason, as in "the session is ...". After a failure
    // no lock is held.
    virtual Result<StoredSession> open(Access access, Search search) = 0;

    // Locks a session that was opened kUnlocked, because it is to be stored after all. Waits for
    // the lock for at most `wait_max`, however many wait already. Fails as open() does.
    virtual Result<Relocked> lock_after_all(Search search, Duration wait_max) = 0;

    // Stores a new version. `lifetime` in seconds, 0 for ever. Success: it is stored on at least
    // one server, and no other request had stored.
    virtual Status commit(const PackedValue& value, int64_t lifetime) = 0;

    // Extends the life of the session, whose value has not changed, and brings it to servers of the
    // set that do not have it.
    virtual Status extend(const PackedValue& value, int64_t lifetime) = 0;

    // Puts tombstones in place of the session. Success: at least one server of the set has one.
    virtual Status destroy(int64_t lifetime) = 0;

    // The same for a session that was opened kUnlocked, and whose lock is to be waited for first.
    // If the wait is in vain, the session is destroyed in spite of the lock, but behind a proxy it
    // is not: kLocked.
    virtual Status destroy_after_all(Search search, int64_t lifetime) = 0;

    // Brings the tombstone of a session that was opened kUnlocked, and is_partly_destroyed, to the
    // servers that lack it, under the lock, and opens it again. If the wait for the lock is in
    // vain, this is left to others.
    virtual Result<StoredSession> complete_destroy(Search search, Duration wait_max) = 0;

    // Releases the lock if it is held, and stores nothing.
    virtual void release() = 0;
};

// The store of the session of `key` in the pool of `parts`. `token` names us in its lock, if it is
// to be locked. `parts`, `options` and `key` outlive the store.
std::unique_ptr<SessionStore> make_session_store(const SessionParts& parts,
                                                 const SessionOptions& options,
                                                 const SessionKey& key, LockToken token);

}  // namespace memcache_session
