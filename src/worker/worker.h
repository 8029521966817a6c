// The core as the glue calls it: what one thread of PHP keeps from request to request, and the
// sessions it has open. Knows nothing of Zend; nothing escapes from it as an exception.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/lock/process_table.h"
#include "src/net/connection_pool.h"
#include "src/net/health.h"
#include "src/net/socket_exchange.h"
#include "src/pool/pool_cache.h"
#include "src/session/session.h"
#include "src/worker/settings.h"

namespace memcache_session {

// A session and what it stands on.
class OpenedSession;

// What came of a call. Plain data: it may stand in a frame that calls Zend.
struct Outcome {
    Answer answer = Answer::kFailed;
    std::string_view value;    // of read(): lives until the next call for this session
    std::string_view warning;  // printable, ends in a NUL; lives until the worker's next call
};

// What is needed to open a session. Views, only read during the call.
struct OpenParameters {
    Settings settings;
    std::string_view save_path;
    std::string_view server_name;
    std::string_view request_path;
    bool without_lock = false;  // whatever read() is told
};

// One server of a pool, for people to read.
struct ServerState {
    std::string server;
    std::string state;
};

// One thread only. Survives fork(): the child gets other random numbers and no connection.
class Worker {
public:
    // `health` outlives the worker.
    explicit Worker(HealthTable& health);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // The session behind what PHP keeps for us, or null: PHP may keep what was freed long ago.
    OpenedSession* find(const void* mod_data) const noexcept;

    // Sets `*session`, which must be null or open: then it is kept, with its lock, if the settings
    // are still those it was opened with, and else closed and replaced. Null if this fails. PHP has
    // one session at a time, so others that are open were forgotten, and are closed.
    Outcome open(const OpenParameters& opening, OpenedSession** session) noexcept;

    // See Session. What read() gives must have reached PHP, and confirm_read() been called, before
    // anything is stored: PHP writes an empty session when it could not take the value.
    void id_created(OpenedSession& session, std::string_view sid) noexcept;
    Outcome validate(OpenedSession& session, std::string_view sid, bool lock) noexcept;
    Outcome read(OpenedSession& session, std::string_view sid, bool lock) noexcept;
    void confirm_read(OpenedSession& session) noexcept;
    Outcome write(OpenedSession& session, std::string_view sid, std::string_view value,
                  int64_t lifetime) noexcept;
    Outcome update_timestamp(OpenedSession& session, std::string_view sid, std::string_view value,
                             int64_t lifetime) noexcept;
    Outcome destroy(OpenedSession& session, std::string_view sid, int64_t lifetime) noexcept;

    // Gives the lock back and stores nothing. The session stays with its owner.
    void release(OpenedSession& session) noexcept;

    // release(), and the object is gone.
    void close(OpenedSession* session) noexcept;

    // close() for what its owner forgot; `kept` may be null.
    void close_all_but(const OpenedSession* kept) noexcept;

    // For the error log: the next line of what became known of servers, or null. The text lives
    // until the next call.
    const char* next_log_line() noexcept;

    // The servers of a save_path and what is known of each, without asking it; or why there are
    // none. Lives until the next call.
    const std::vector<ServerState>& server_states(const OpenParameters& opening) noexcept;

private:
    template <class Call>
    Outcome guarded(Call call) noexcept;
    Outcome outcome_of(OpenedSession& session, Answer answer);
    Outcome may_store(OpenedSession& session, std::string_view sid, std::string_view value);
    Outcome failure(std::string warning);
    Result<std::shared_ptr<const Pool>> pool_for(const OpenParameters& opening);
    void know_process();
    void note_health(OpenedSession& session);

    HealthTable& health_;
    SystemClock clock_;
    Random random_{0};
    LocalProcessTable processes_;
    ConnectionPool connections_;
    PoolCache pools_;

    bool process_known_ = false;
    uint32_t process_ = 0;  // process_generation() of the next
    int64_t pid_ = 0;       // asked once: getpid() is a system call

    std::vector<std::unique_ptr<OpenedSession>> open_;
    std::string warning_;
    std::vector<std::string> log_lines_;
    size_t log_lines_taken_ = 0;
    std::vector<ServerState> server_states_;
};

// Null when memory is short.
Worker* make_worker(HealthTable& health) noexcept;

}  // namespace memcache_session
