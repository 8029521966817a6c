// A session that PHP has open, and what it stands on.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "src/net/socket_exchange.h"
#include "src/pool/pool_cache.h"
#include "src/session/session.h"

namespace memcache_session {

// What open() gives PHP as mod_data. Outlived by the parts that the worker lends it.
class OpenedSession {
public:
    OpenedSession(std::shared_ptr<const Pool> pool, SessionOptions options,
                  ConnectionPool& connections, HealthTable& health, Clock& clock, Random& random,
                  const ProcessTable& processes)
        : pool_(std::move(pool)),
          exchange_(pool_->servers, connections, health, clock),
          session_({*pool_, exchange_, clock, random, processes}, std::move(options)) {}

    const Pool& pool() const { return *pool_; }
    SocketExchange& exchange() { return exchange_; }
    Session& session() { return session_; }

    // The script is one of memcache.session_readonly_paths.
    bool without_lock = false;

    // The id of the last read, and whether PHP has got what that gave.
    std::string read_sid;
    bool read_confirmed = false;

private:
    std::shared_ptr<const Pool> pool_;
    SocketExchange exchange_;
    Session session_;
};

}  // namespace memcache_session
