// The lock of one session on the servers of its set: making its value, taking it, reading whose it
// is, and releasing it. Waiting for it is in lock_wait.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/lock/lock_item.h"
#include "src/lock/session_key.h"
#include "src/lock/session_parts.h"
#include "src/replica/members.h"

namespace memcache_session {

// A lock item as a server showed it.
struct LockSeen {
    enum class State {
        kNone,  // there is none
        kFree,  // pecl/memcache has released it
        kOurs,
        kAnothers,
    };
    State state = State::kNone;
    uint64_t cas = 0;  // valid on `connection` only
    ConnectionId connection = 0;
    Holder holder;  // set if kAnothers

    bool is_taken() const { return state == State::kAnothers; }
};

// Whether nobody holds the lock, as its value and the processes of this machine show: protocol.md,
// "Taking over a lock", cases 1 to 3.
bool is_replaceable(const ProcessTable& processes, const LockSeen& seen);

// What the reply to the read of a lock shows; `ours` is the token of our session. REQUIRES:
// reply.kind is kHit or kMiss.
LockSeen lock_seen(const Reply& reply, ConnectionId connection, LockToken ours);

// What is read of a session's item beside its lock.
enum class Reading : uint8_t {
    kWhole,
    kMetadata,  // the value is left out, if the server can
};

// The command for that.
Command read_session(std::string_view key, Reading reading);

// One object per open session. What it refers to outlives it.
class SessionLock {
public:
    SessionLock(const SessionParts& parts, const LockOptions& options, const SessionKey& key,
                LockToken token)
        : parts_(parts), options_(options), key_(key), token_(token) {}

    LockToken token() const { return token_; }
    const SessionKey& key() const { return key_; }

    // The item's value: our token, the present set (Members::lock_names()) and our identity.
    std::string value(const LockNames& names) const;

    // The lease as memcached's exptime.
    int32_t exptime() const;

    // Whether a lock taken at `lease_began` may have run out. protocol.md, "The lease".
    bool is_overdue(TimePoint lease_began) const;

    // Appends [store of the lock, read of the session, read of the lock]. The store is an `add`, or
    // replaces the lock that we hold. `value` outlives the request.
    void add_take(Request* request, std::string_view value, Reading reading) const;
    void add_renewal(Request* request, std::string_view value, uint64_t lock_cas,
                     Reading reading) const;

    // The indexes of their replies.
    static constexpr size_t kStoreReply = 0;
    static constexpr size_t kSessionReply = 1;
    static constexpr size_t kLockReply = 2;

    // Takes over the replies to one of these into `*member`. False, with nothing changed, if the
    // server failed, reported an error or gives no cas numbers. A server without memory for the
    // lock has not failed: protocol.md, "Full servers".
    bool accept(Member* member, const Request& request) const;

    // The lock as the reply shows it: lock_seen(). If it shows that another program locks the
    // session too, the process table takes note of that.
    LockSeen read_shown(const Reply& reply, ConnectionId connection) const;

    // Our lock as the replies to one of these show it. REQUIRES: the lock was read.
    HeldLock lock_shown(const Request& request) const;

    // The command that releases our lock on the server of `member` if it is still ours. The reply
    // is kDone for released, kGone for expired, kExists for changed or another's.
    Command release_command(const HeldLock& lock) const;

    // Releases our locks of these members, which are held. Returns the servers that did not reply.
    // protocol.md, "Releasing a lock".
    Failures release(std::vector<Member*> members) const;

    // The same for all locks that are held.
    Failures release_all(Members* members) const;

private:
    const SessionParts& parts_;
    const LockOptions& options_;
    const SessionKey& key_;
    LockToken token_;
};

}  // namespace memcache_session
