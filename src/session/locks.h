// The lock items of an open session: what stands in them, and how they go.
#pragma once

#include <string>
#include <vector>

#include "src/session/open_session.h"
#include "src/session/options.h"

namespace memcache_session {

// What we write into a lock: our token, the set as it is now, and who we are.
std::string lock_value(const SessionParts& parts, const SessionOptions& options,
                       const OpenSession& session);

// The lease as memcached's exptime.
int32_t lease_exptime(const SessionParts& parts, const SessionOptions& options);

// Whether the lock of the session may have run out. The lease is taken to end a second early, for
// clocks and answers are not exact.
bool lease_is_overdue(const SessionParts& parts, const SessionOptions& options,
                      const OpenSession& session);

// Asks for the lock and shows session and lock, in this order.
void add_lock_and_look(Request* request, const OpenSession& session, const std::string& lock_value,
                       int32_t exptime);

// The same for a lock that we have, which is stored anew if it is still ours.
void renew_lock_and_look(Request* request, const OpenSession& session,
                         const std::string& lock_value, int32_t exptime, uint64_t lock_cas);

// Where both have their replies.
constexpr size_t kLockStoreReply = 0;
constexpr size_t kSessionReply = 1;
constexpr size_t kLockReply = 2;

// The command that releases our lock on the server of `copy`, if it is still ours. Its answer is
// kStored or kDeleted for released, kNotFound for gone, kExists for another's or changed.
Command release_command(const OpenSession& session, const Copy& copy);

// Whether the lock that a server showed is ours.
bool shows_our_lock(const Reply& lock, const OpenSession& session);

// Our token stands in these locks, as far as we know, and goes. A lock that is another's by now
// stays. Servers that do not answer, which are returned, keep the lock until its lease ends, or
// until a waiter finds that it is an orphan.
Failures release_locks(const SessionParts& parts, OpenSession* session, std::vector<Copy*> copies);

// All locks of the session.
void release_locks(const SessionParts& parts, OpenSession* session);

}  // namespace memcache_session
