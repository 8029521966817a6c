// Storing a session on memcached servers and releasing its locks, in one phase. More phases follow
// when a copy was lost, a server fails, or another request has stored. protocol.md, "Closing".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/status.h"
#include "src/replica/commit_sight.h"
#include "src/session/direct_stores.h"

namespace memcache_session {

// One use; afterwards the locks of the session are released, whatever the outcome.
class DirectCommit {
public:
    // `lifetime` in seconds, 0 for ever.
    // REQUIRES: aim is kCommit or kExtend.
    DirectCommit(DirectSession* session, Aim aim, const PackedValue& value, int64_t lifetime);

    // SessionStore::commit() or extend().
    Status run();

private:
    Status store_until_complete();
    StoreRound store_round();
    void count_copies(const StoreRound& round);
    bool is_worth_a_look(Verdict verdict) const;
    Sight look_again(Verdict verdict, StoreRound* round);
    void note_overtaken(const Member& theirs);
    Status undo();
    Status status_after(Verdict verdict, Sight sight);
    Status status_of(Verdict verdict) const;

    DirectSession& session_;
    const int64_t lifetime_;
    const uint32_t incarnation_;  // of the commit, in all its rounds
    CommitAttempt attempt_;
    // The commit that ours must not outrank (Sight::kTooLate). A tombstone has no value.
    std::optional<std::string> overtaken_value_;
    uint32_t overtaken_flags_ = 0;
    bool has_all_copies_ = false;     // R members have stored the session
    std::vector<uint32_t> refusing_;  // servers that have refused a round
    Store store_;
    Troubles troubles_;
    DirectStores stores_;
};

}  // namespace memcache_session
