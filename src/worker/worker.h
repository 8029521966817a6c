// The core as the glue calls it: what one thread of PHP keeps from request to request, and the
// sessions it has open. It knows nothing of Zend, and no exception leaves it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/discovery/followed_pool.h"
#include "src/lock/process_table.h"
#include "src/net/connection_pool.h"
#include "src/net/dated_exchange.h"
#include "src/net/dialect.h"
#include "src/net/health.h"
#include "src/net/server_trips.h"
#include "src/pool/pool_cache.h"
#include "src/worker/call_guard.h"
#include "src/worker/log_lines.h"
#include "src/worker/opened_session.h"
#include "src/worker/pool_status.h"
#include "src/worker/session_report.h"
#include "src/worker/settings.h"
#include "src/worker/status_report.h"

namespace memcache_session {

// One thread only. Survives fork(): the child gets other random numbers and no connection.
class Worker {
public:
    // `health` and `statistics` outlive the worker; null: nothing is counted. See LocalProcessTable
    // for `holders`. `discovery`: outlives the worker; null: save_paths with sources are refused.
    Worker(HealthTable& health, std::shared_ptr<HolderTable> holders,
           Statistics* statistics = nullptr, Discovery* discovery = nullptr);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // The open session that `mod_data` points to, or null: PHP may keep a pointer to a session that
    // was closed long ago.
    OpenedSession* find(const void* mod_data) const noexcept;

    // Sets `*session`, and null if it fails. PHP has one session at a time, so every other open
    // session was forgotten by its owner and is closed. If `*session` is open with the same pool
    // and options, it is kept, with its lock; otherwise it is closed and replaced. REQUIRES:
    // *session is null or open.
    CallResult open(const OpenParameters& opening, OpenedSession** session) noexcept;

    // Releases the session's lock and deletes the object. Null is ignored.
    // REQUIRES: session is null or open.
    void close(OpenedSession* session) noexcept;

    // Closes every open session but `kept`, which may be null.
    void close_all_but(const OpenedSession* kept) noexcept;

    // The request is over: nothing of its sessions is kept.
    void end_request() noexcept;

    // What became known of servers since it was last read.
    LogLines& log() { return log_; }

    // The servers that `opening` would use. Asks none of them. Lives until the next call.
    const PoolStatus& pool_status(const OpenParameters& opening) noexcept;
    // The same again, as pool_status() made it last. Output of PHP may run a script that calls
    // pool_status(), so who prints takes it anew for each piece.
    const PoolStatus& latest_pool_status() const { return pool_status_; }

    // What was counted, and the servers that `opening` would use; with `ask` each of them is asked,
    // for at most twice the largest timeout. Null when memory is short or nothing is counted. Lives
    // until the next call.
    const StatusReport* status_report(const OpenParameters& opening, bool ask) noexcept;

    // Sets to 0 what was counted.
    void reset_status() noexcept;

    // What the servers that `opening` would use show of the session. Null when memory is short.
    // Lives until the next call.
    const SessionReport* inspect(const OpenParameters& opening, std::string_view sid) noexcept;

    // Destroys a session, whether it is open or not. `lifetime`: as for Session::destroy().
    CallResult kill(const OpenParameters& opening, std::string_view sid, int64_t lifetime) noexcept;

private:
    WorkerParts parts() { return parts(trips_); }
    WorkerParts parts(ServerTrips& trips);
    void keep_carried(OpenedSession& session) noexcept;
    std::vector<AskedServer> asked(const Pool& pool, bool meta);
    Result<std::shared_ptr<const Pool>> pool_for(const OpenParameters& opening);
    void take_source_events();
    void know_process();
    void freshen_random();

    HealthTable& health_;
    Statistics* const statistics_;
    SystemClock clock_;
    Random random_{0};
    LocalProcessTable processes_;
    ConnectionPool connections_{ConnectionPool::idle_max_of_process()};
    MetaServers meta_servers_;
    WorkerDialect dialect_;
    Probes probes_{health_, clock_, dialect_};
    ServerTrips trips_{clock_, dialect_};
    ServerClocks clocks_;
    std::optional<FollowedPools> followed_pools_;  // nothing: no source can be asked
    PoolCache pools_;

    bool process_known_ = false;
    uint32_t process_ = 0;  // process_generation() for which pid_, random_ and processes_ are right
    int64_t pid_ = 0;       // asked once: getpid() is a system call
    uint32_t sessions_until_seed_ = 0;  // of random_

    CallGuard guard_;
    LogLines log_;
    PoolStatus pool_status_;
    StatusReport status_report_;
    SessionReport session_report_;
    std::vector<std::unique_ptr<OpenedSession>> open_;  // at most one between two calls
    std::optional<CarriedChanges> carried_;  // from the old id to the new one, between two sessions
};

// Null when memory is short.
Worker* make_worker(HealthTable& health, const std::shared_ptr<HolderTable>& holders,
                    Statistics* statistics, Discovery* discovery = nullptr) noexcept;

}  // namespace memcache_session
