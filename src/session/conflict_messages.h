// The texts that users read when another request has changed or destroyed the session meanwhile.
#pragma once

#include <string>

#include "src/base/clock.h"
#include "src/merge/session_merge.h"

namespace memcache_session {

// Another request has stored the session since this one read it. `lease`: memcache.lock_timeout.
std::string conflict_message(Duration lease);

// The same for a request that read without lock.
std::string changed_message();

// Another request has changed the same variables since this one read the session.
// REQUIRES: merge.conflicts > 0.
std::string merge_conflict_message(const SessionMerge& merge);

// The same of a request that has changed the id of the session, and is stored under the new one.
// It follows "a request to /login". REQUIRES: merge.conflicts > 0.
std::string carried_conflict_note(const SessionMerge& merge);

// A session that was read without lock could not be locked before its id was changed. `why` is the
// reason.
std::string id_not_changed_message(const std::string& why);

// Another request has destroyed the session since this one opened it, or came for it.
std::string destroyed_message();

// No server has the session that was read.
std::string gone_message();

// Changes that are not merged: another program has stored the session meanwhile; or the session has
// been open for so long that nothing tells whether it was destroyed meanwhile.
std::string foreign_change_message();
std::string too_late_message();

}  // namespace memcache_session
