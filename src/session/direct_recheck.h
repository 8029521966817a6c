// Another look before a store: whether the session and its locks are still as the opening showed
// them. protocol.md, "Looking again before a store".
#pragma once

#include <cstdint>
#include <vector>

#include "src/replica/version.h"
#include "src/session/direct_session.h"
#include "src/session/direct_stores.h"

namespace memcache_session {

// Asks the members whose store is kUnsent, in one phase, and takes over their fresh cas numbers.
// Those that show something else become kChanged; those that have `store` already, kStored; those
// that are silent, kSilent.
void look_before_store(DirectSession* session, const Store& store, StoreRound* round,
                       Troubles* troubles);

// A full server refuses a store before it compares the cas. So a refusal can hide that another
// request has stored, if that had no lock either, or its lease was over. A member that refused
// becomes kConflict if it shows another item now. One phase, if some refused and others stored, or
// show a conflict: that may be a cas that has moved.
void look_at_refusals(DirectSession* session, StoreRound* round);

// Whether one of `servers`, which refused our commits, shows a newer one than `commit`. One phase,
// if there are any.
bool is_newer_on(const std::vector<uint32_t>& servers, Version commit, DirectSession* session);

// Whether another program has read our commit, as the members show in one phase and without lock:
// protocol.md, "Disputed commits", step 1. Its next user hides that, so they are asked at once.
// Servers that fail are noted in `round`.
bool look_whether_others_have_read(DirectSession* session, StoreRound* round);

}  // namespace memcache_session
