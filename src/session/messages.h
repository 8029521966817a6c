// The texts that users read when a call fails. Each names the server, the event, its meaning for
// the session, and the remedy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/lock/lock_item.h"
#include "src/lock/lock_wait.h"
#include "src/net/exchange.h"
#include "src/net/failure.h"
#include "src/net/server.h"

namespace memcache_session {

// The text of a server that refused a command. REQUIRES: is_error(reply).
std::string refusal_text(const Reply& reply);

// No server of the set replied.
std::string unavailable_message(const std::vector<Server>& servers, const Failures& failures);

// The server with the newest copy failed while other servers were searched.
std::string newest_lost_message(const std::vector<Server>& servers, const Failures& failures);

// Silent servers had used up the time, and the latest of `failures` may be well.
std::string out_of_time_message(const std::vector<Server>& servers, const Failures& failures);

// No copy was found, and too many servers are silent to prove that there is none.
std::string state_unknown_message(const std::vector<Server>& servers, const Failures& failures);

// Why a lock was not granted, as in "the session is ...": the wait of `waited` has reached its
// `limit`. `unix_now` tells the age of the hold.
std::string held_reason(const Holder& holder, const Server& server, int64_t unix_now,
                        Duration waited, Duration limit);

// The same: `waiters_max` others wait already.
std::string too_many_wait_reason(const Holder& holder, const Server& server, int64_t unix_now,
                                 uint32_t waiters_max);

// One of these two reasons, for a wait that has ended with `end`. REQUIRES: `end` is kTimedOut or
// kRoomFull.
std::string waited_in_vain_reason(const SessionParts& parts, const ContendedLock& lock,
                                  const LockWait& wait, LockWait::End end);

// The lock was lost to other requests so many `times`.
std::string lock_lost_message(int times);

// The value is marked as compressed, and cannot be inflated.
std::string damaged_message();

// A reply was too large for this process: is_too_large().
std::string too_large_reply_message(const std::vector<Server>& servers,
                                    const ServerFailure& failure);

// The value of `size` bytes is longer than memory_limit leaves, which is `memory_left`. Bytes.
std::string too_large_message(size_t size, size_t memory_left);

// The compressed value of `size` bytes inflates to more than `size_max`, which is `memory_left` or
// less. Bytes.
std::string inflates_too_far_message(size_t size, size_t size_max, size_t memory_left);

// A session that was read without lock could not be locked before its store. `why` is the reason.
std::string not_stored_then_message(const std::string& why);

// The session was not opened, or it was opened only for reading and then changed. `reason` is of
// the form above.
std::string not_opened_message(const std::string& reason);
std::string read_only_message(const std::string& reason);

// A store that no server took. Sizes are in bytes.
struct RefusedStore {
    std::string_view text;           // of the server that refused it; empty if all were silent
    size_t size = 0;                 // of the new value
    std::optional<size_t> old_size;  // of the value that it was to replace, if there is one
    bool kept = true;                // that server still has the old value
};

// The server that refused the store is the first of `failures`.
std::string not_stored_message(const std::vector<Server>& servers, const Failures& failures,
                               const RefusedStore& store);

// No proxy answered the store, so it may have been run.
std::string unknown_store_message(const std::vector<Server>& servers, const Failures& failures);

// The session was stored, but `failures` happened meanwhile. It could not be locked again to
// outrank the copies that these servers hold.
std::string unconfirmed_message(const std::vector<Server>& servers, const Failures& failures);

// Every connection was closed while the servers were to store or to destroy the session, and again
// after a look. `what`: "stored" or "destroyed".
std::string cut_off_message(std::string_view what);

// No server took the tombstone.
std::string not_destroyed_message(const std::vector<Server>& servers, const Failures& failures);

}  // namespace memcache_session
