#include "src/net/dialect.h"

#include <cassert>

#include "src/net/server_greeting.h"
#include "src/net/tls_stream.h"

namespace memcache_session {

std::unique_ptr<Stream> Dialect::make_stream(SocketHandle socket, const Server& server) const {
    static_cast<void>(server);
    assert(!server.tls);
    return std::make_unique<PlainStream>(socket);
}

std::unique_ptr<Greeting> Dialect::make_greeting(const Server& server) const {
    if (!server.tls && !server.login) {
        return nullptr;
    }
    return std::make_unique<ServerGreeting>(server);
}

#ifdef MEMCACHE_SESSION_TLS

WorkerDialect::WorkerDialect() : contexts_(std::make_unique<TlsContexts>()) {}

WorkerDialect::~WorkerDialect() = default;

std::unique_ptr<Stream> WorkerDialect::make_stream(SocketHandle socket,
                                                   const Server& server) const {
    if (server.tls) {
        return std::make_unique<TlsStream>(socket, server, *contexts_);
    }
    return Dialect::make_stream(socket, server);
}

#else

class TlsContexts {};

WorkerDialect::WorkerDialect() = default;

WorkerDialect::~WorkerDialect() = default;

// No server of a save_path has settings for TLS: server_url.cpp refuses them.
std::unique_ptr<Stream> WorkerDialect::make_stream(SocketHandle socket,
                                                   const Server& server) const {
    return Dialect::make_stream(socket, server);
}

#endif

}  // namespace memcache_session
