// Closing a session: storing it on its set and releasing its locks in one phase, and what is to be
// done when a copy is gone, a server fails, or another request has written meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/status.h"
#include "src/session/open_session.h"
#include "src/session/options.h"

namespace memcache_session {

// One use of an open session; afterwards its locks are released, whatever the outcome.
class Closing {
public:
    Closing(const SessionParts& parts, const SessionOptions& options, OpenSession* session);

    // Stores a new version. Success: it stands on at least one server, and nobody else had written.
    // `value` as it is to be stored, compressed if `zlib`.
    Status commit(std::string_view value, bool zlib, int32_t exptime);

    // Makes the session, whose value has not changed, live on, and brings it to servers of the set
    // that did not have it.
    Status extend(std::string_view value, bool zlib, int32_t exptime);

    // Puts tombstones in place of the session. Success: at least one server of the set has it.
    Status destroy(int32_t tombstone_exptime);

private:
    // What became of the store at one server.
    enum class Outcome {
        kUnsent,   // not asked yet, or its connection was gone before an answer
        kChanged,  // looked at again before the store: it is not what was read
        kStored,
        kConflict,        // another request has written since the opening
        kGone,            // the item that was to be replaced is not there any more
        kUnknownCommand,  // the server does not know `touch`
        kRefused,         // SERVER_ERROR: the old item is kept
        kSilent,
        kLeftOut,  // not asked, for it is to stay as it is
    };

    // What was stored, when it is looked at again.
    enum class Standing {
        kOurs,
        kSuperseded,  // somebody has read it, and written since
        kUnknown,
    };

    Status store_until_complete();
    Version next_version(size_t left_out) const;
    bool is_first_of_two() const;
    bool is_incomplete() const;
    bool is_disputed() const;
    Standing look_again();
    bool first_was_read() const;
    void drop_silent();
    void store();
    void store_phase();
    void run_stores(const std::vector<size_t>& copies_to_store, std::vector<Request>* beside);
    Command store_command(const Copy& copy) const;
    Outcome judge(Copy& copy, const Request& request);
    void recheck();
    Status conclude() const;

    void tombstone_phase(std::vector<Request>** elsewhere);
    void read_again(const std::vector<size_t>& again);
    void remove_elsewhere(const std::vector<Request>& elsewhere);

    // Where the set is not the first R servers, its first server that is one of them commits alone
    // before the others: it is the one that a request with another view of the servers asks too.
    std::vector<size_t> who_commits_first() const;
    // Without lock and fence the last write wins, but an unchanged session overwrites nothing.
    bool is_fenced() const { return session_.fenced || extending_; }

    bool is_lost(uint32_t server) const;
    std::vector<size_t> with(Outcome outcome) const;
    size_t count(Outcome outcome) const { return with(outcome).size(); }
    std::vector<Copy>& copies() { return session_.set.copies(); }
    const std::vector<Copy>& copies() const { return session_.set.copies(); }

    const SessionParts& parts_;
    const SessionOptions& options_;
    OpenSession& session_;

    const bool replaces_foreign_;     // what was read is of another program
    bool extending_ = false;          // touch where the copy is current, and no conflict can arise
    bool touches_ = true;             // false: a server does not know `touch`
    bool was_held_ = true;            // every store ran under our lock
    ConnectionId first_held_on_ = 0;  // the first server of all stored under our lock; 0: no
    bool keeps_locks_ = false;  // they are not released behind the store, but by a later phase
    std::string_view value_;
    uint32_t flags_ = 0;
    int32_t exptime_ = 0;

    std::vector<Outcome> outcomes_;  // of the copies of the set, in their order
    Failures failures_;              // of servers that were silent or refused
    std::vector<uint32_t> lost_;     // servers that stored, and were silent then
    std::string refusal_;            // the text of a SERVER_ERROR
};

}  // namespace memcache_session
