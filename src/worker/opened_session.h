// A session that PHP has open, and what it works with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/net/dated_exchange.h"
#include "src/net/socket_exchange.h"
#include "src/net/statistics.h"
#include "src/pool/pool.h"
#include "src/session/session.h"
#include "src/worker/call_guard.h"
#include "src/worker/log_lines.h"

namespace memcache_session {

// What the worker lends each of its sessions, and what outlives them.
struct WorkerParts {
    ConnectionPool& connections;
    ServerTrips& trips;  // one session at a time uses them
    MetaServers& meta_servers;
    HealthTable& health;
    const Dialect& dialect;
    Probes& probes;
    ServerClocks& clocks;
    Clock& clock;
    Random& random;
    ProcessTable& processes;
    CallGuard& guard;
    LogLines& log;
    Statistics* statistics;  // null: nothing is counted, and no size is logged
};

// The object that open() gives PHP as mod_data. Each call takes what became known of servers into
// the worker's log. See Session for the meaning of the calls.
class OpenedSession {
public:
    OpenedSession(std::shared_ptr<const Pool> pool, SessionOptions options,
                  const WorkerParts& parts);

    const Pool& pool() const { return *pool_; }
    const SessionOptions& options() const { return session_.options(); }

    // `never`: validate() and read() take no lock, whatever they are told, because the script is
    // one of memcache.session_readonly_paths.
    void set_never_locks(bool never) { never_locks_ = never; }

    // What PHP has left of its memory, in bytes. It limits the value that read() gives, and what is
    // received from all servers together.
    void set_memory_left(size_t bytes) {
        session_.set_value_max(bytes);
        exchange_.set_receive_max(bytes);
    }

    // Whether the request brought an id, as in a cookie.
    void set_id_sent(bool sent) { session_.set_id_sent(sent); }

    void id_created(std::string_view sid) noexcept;
    CallResult validate(std::string_view sid, bool lock) noexcept;

    // PHP must have got the value, and confirm_read() been called, before anything is stored: when
    // PHP could not take the value, it continues with an empty session and writes that.
    CallResult read(std::string_view sid, bool lock) noexcept;
    void confirm_read() noexcept { read_confirmed_ = true; }

    CallResult write(std::string_view sid, std::string_view value, int64_t lifetime,
                     Next next = Next::kNothing) noexcept;
    CallResult update_timestamp(std::string_view sid, std::string_view value,
                                int64_t lifetime) noexcept;
    CallResult destroy(std::string_view sid, int64_t lifetime, Next next = Next::kNothing) noexcept;

    std::optional<CarriedChanges> take_carried() { return session_.take_carried(); }
    void carry(std::optional<CarriedChanges> carried) { session_.carry(std::move(carried)); }

    // Releases the lock and stores nothing. The object stays usable.
    void release() noexcept;

private:
    CallResult result_of(Answer answer);
    CallResult check_before_store(std::string_view sid, std::string_view value);
    void collect_log_lines();
    void log_size(size_t size);
    CallResult misused(const char* why);

    std::shared_ptr<const Pool> pool_;
    CallGuard& guard_;
    LogLines& log_;
    Probes& probes_;
    Statistics* const statistics_;  // null: no size is logged
    Statistics* const counted_;     // null: nothing is counted
    TimeBudget budget_;
    SocketExchange exchange_;
    DatedExchange dated_exchange_;
    Session session_;

    bool never_locks_ = false;
    std::string read_sid_;         // the id of the latest read()
    bool read_confirmed_ = false;  // PHP got the value of that read()
};

}  // namespace memcache_session
