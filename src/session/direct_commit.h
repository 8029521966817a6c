// Storing a session on memcached servers and releasing its locks, in one phase. More phases follow
// when a copy was lost, a server fails, or another request has stored. protocol.md, "Closing".
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/status.h"
#include "src/session/direct_stores.h"

namespace memcache_session {

// One use; afterwards the locks of the session are released, whatever the outcome.
class DirectCommit {
public:
    // `value` as it is to be stored, compressed if `zlib`. REQUIRES: aim is kCommit or kExtend.
    DirectCommit(DirectSession* session, Aim aim, std::string_view value, bool zlib,
                 int32_t exptime);

    // SessionStore::commit() or extend().
    Status run();

private:
    // A session that was stored, as another look under its locks shows it.
    enum class Sight {
        kOurs,
        kSuperseded,  // somebody has read it, and written since
        kUnknown,
    };

    Status store_until_complete();
    bool is_first_of_two() const;
    StoreRound store_round();
    void recheck(StoreRound* round);
    void take_over_look(const Request& request, Member* member, size_t index, bool stored,
                        StoreRound* round);
    Sight look_again(const StoreRound& round, Verdict verdict);
    bool first_was_read(const StoreRound& round) const;
    void drop_failed_members(const StoreRound& round);
    Status status_of(Verdict verdict) const;

    DirectSession& session_;
    const bool replaces_foreign_;  // another program wrote the item that was read
    Store store_;
    Troubles troubles_;
    DirectStores stores_;
};

}  // namespace memcache_session
