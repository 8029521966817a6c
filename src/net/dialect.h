// How a server is spoken to.
#pragma once

#include <memory>

#include "src/net/greeting.h"
#include "src/net/server.h"
#include "src/net/socket.h"
#include "src/net/stream.h"

namespace memcache_session {

// Chooses by the settings of each server. Safe on any thread, unless a subclass says otherwise.
// Tests replace parts of it.
class Dialect {
public:
    // The stream over a new connection to the server, a plain one. REQUIRES: as for the constructor
    // of Stream, and the server has no settings for TLS, which only WorkerDialect knows.
    virtual std::unique_ptr<Stream> make_stream(SocketHandle socket, const Server& server) const;

    // The greeting of a new connection to the server; null for a server that needs none.
    virtual std::unique_ptr<Greeting> make_greeting(const Server& server) const;

protected:
    ~Dialect() = default;  // nobody owns a dialect through its base
};

class DefaultDialect final : public Dialect {};

inline constexpr DefaultDialect kDefaultDialect{};

class TlsContexts;

// Speaks TLS, too, and keeps from connection to connection what that needs. One thread.
class WorkerDialect final : public Dialect {
public:
    WorkerDialect();
    ~WorkerDialect();
    WorkerDialect(const WorkerDialect&) = delete;
    WorkerDialect& operator=(const WorkerDialect&) = delete;

    std::unique_ptr<Stream> make_stream(SocketHandle socket, const Server& server) const override;

private:
    std::unique_ptr<TlsContexts> contexts_;
};

}  // namespace memcache_session
