// One session as PHP sees it: opened, read, written or destroyed, closed.
//
// Start reading here. session.cpp opens a session, and session_closing.cpp ends it. Both
// call a SessionStore: session_store.h, then direct_store.h with the phases behind these calls. A
// session that was read without lock ends in late_store.h, which may merge it (merging.h), and
// carried_changes.h is for a session whose id changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/lock/session_parts.h"
#include "src/replica/commit_verdict.h"
#include "src/session/carried_changes.h"
#include "src/session/late_store.h"
#include "src/session/options.h"
#include "src/session/session_store.h"

namespace memcache_session {

// The answer to a call of PHP.
enum class Answer {
    kOk,
    kMissing,  // validate(): the id is unknown. read() gives kOk and an empty value instead.
    kFailed,   // warning() says why
};

// What PHP does after it has written or destroyed the session.
enum class Next {
    kNothing,
    kNewId,  // it opens a session of another id, and goes on there (session_regenerate_id())
};

// Calls come in PHP's order: validate() or read() first, then write() or update_timestamp() or
// destroy(), then close(); any of them may be left out or come again. Each call is complete: it
// leaves nothing running, and takes at most twice the largest timeout of the pool, plus the wait
// for a lock. Not thread-safe. All of `parts` outlives the session.
class Session {
public:
    Session(const SessionParts& parts, SessionOptions options);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // The longest value that read() gives, in bytes: as much as PHP has memory for.
    void set_value_max(size_t value_max) { value_max_ = value_max; }

    // Whether the request brought an id, as in a cookie. A missing session is counted as a lost
    // login then, unless PHP has made its id.
    void set_id_sent(bool sent) { id_sent_ = sent; }

    // Remembers that PHP made this id in this request: nobody can have stored it, so a miss needs
    // no search.
    void id_created(std::string_view sid);

    // Whether the id is known. The first call for an id opens and locks the session, and read() of
    // the same id then costs nothing. While another session is open, the call only looks. It is kOk
    // also if the servers cannot tell, because read() fails then, and if the session was destroyed
    // while the request waited for it. protocol.md, "Validating an id".
    Answer validate(std::string_view sid, bool lock);

    // Opens the session. `*value` lives until the next call; empty for a new session.
    Answer read(std::string_view sid, bool lock, std::string_view* value);

    // Stores the session and releases its lock. `lifetime` in seconds, 0 for ever. Refused unless
    // read() of this id was the last to succeed, because PHP writes also after a read that it broke
    // off.
    Answer write(std::string_view sid, std::string_view value, int64_t lifetime,
                 Next next = Next::kNothing);

    // Extends the life of the unchanged session, repairs its copies and releases its lock.
    Answer update_timestamp(std::string_view sid, std::string_view value, int64_t lifetime);

    // Stores tombstones, so that no old copy brings the session back. `lifetime` as for write().
    Answer destroy(std::string_view sid, int64_t lifetime, Next next = Next::kNothing);

    // The changes of others that the script does not know of, after a write() or destroy() with
    // kNewId that was the last call. Nothing if there are none, and nothing the second time.
    std::optional<CarriedChanges> take_carried();

    // The next store merges these changes, unless close(), or a destroy() without kNewId, comes
    // first. Nothing: drops what was given before.
    void carry(std::optional<CarriedChanges> carried) { carried_ = std::move(carried); }

    // Releases the lock if it is still held. In a process that forked after the opening nothing is
    // sent. Always called before the destructor, which sends nothing.
    void close();

    // Why the last call failed, for the user: server, event, meaning, remedy. Empty otherwise.
    const std::string& warning() const { return warning_; }

    // What the last call could not keep of the changes that carry() had given, although it
    // succeeded, for the log: as in "a request to /login ...". Empty otherwise.
    const std::string& lost_note() const { return lost_note_; }

    // The size of the value that the latest call has stored, as PHP knows it, in bytes. It is not
    // that of the call if changes were merged. Nothing: the call has stored no value.
    std::optional<size_t> stored_size() const {
        return stored_ ? std::optional(stored_->value) : std::nullopt;
    }

    // Settings may change between requests of one object (session_reset()).
    const SessionOptions& options() const { return options_; }

private:
    // How far PHP has come with the session in open_.
    enum class Stage {
        kClosed,     // open_ is empty
        kValidated,  // opened by validate(), and not read yet
        kRead,       // read() succeeded: it may be stored
    };

    struct Open {
        Open(const SessionParts& parts, const SessionOptions& options, SessionKey session_key,
             LockToken token);
        const SessionKey key;
        std::optional<ListedToken> listed;  // while locking is on
        std::unique_ptr<SessionStore> store;
        bool asked_for_lock = false;
        Access access = Access::kLocked;
        Search search = Search::kOtherServers;
        Status failure;  // not ok: it could not be opened, and nothing below means anything
        StoredSession stored;
        std::string base;     // what read() gave, if changes are merged
        TimePoint read_at{};  // no later than the first look at the session
        Duration opening_time{0};
        std::string read_only_reason;  // not empty: nothing may be stored
    };

    void begin_call();
    bool open(std::string_view sid, bool lock);
    void run_opening();
    void release();
    bool is_open(std::string_view sid) const { return open_ && open_->key.sid() == sid; }
    bool is_inherited() const;
    // Nobody can have stored an id that PHP made in this request.
    Search search_for(std::string_view sid) const {
        return sid == created_sid_ ? Search::kNowhere : Search::kOtherServers;
    }
    bool is_id_sent(std::string_view sid) const { return id_sent_ && sid != created_sid_; }
    Answer look_up(std::string_view sid);
    Answer store(std::string_view value, int64_t lifetime, Aim aim, Next next);
    Status store_text(std::string_view text, int64_t lifetime, Aim aim, Next next,
                      LateStore::Newest* newest);
    Status destroy_stored(int64_t lifetime, Next next);
    LateStore late_store() const;
    Status count_end(Status status);
    Answer end(const Status& status);
    Answer fail(Code cause, std::string warning);

    SessionParts parts_;
    SessionOptions options_;
    uint32_t process_;  // process_generation() of the process that opened the session
    std::string created_sid_;
    bool id_sent_ = false;
    size_t value_max_ = SIZE_MAX;
    Stage stage_ = Stage::kClosed;
    std::optional<Open> open_;
    std::optional<CarriedChanges> carried_;  // given by carry(), or to be taken by take_carried()
    std::string buffer_;                     // the uncompressed, or the compressed, value
    std::optional<LateStore::Sizes> stored_;
    std::string warning_;
    std::string lost_note_;
};

}  // namespace memcache_session
