#include "src/net/dialect.h"

#include "src/wire/classic.h"

namespace memcache_session {

const Protocol& Dialect::protocol(const Server& server) const {
    static_cast<void>(server);
    return kClassicProtocol;
}

std::unique_ptr<Stream> Dialect::make_stream(SocketHandle socket, const Server& server) const {
    static_cast<void>(server);
    return std::make_unique<PlainStream>(socket);
}

std::unique_ptr<Greeting> Dialect::make_greeting(const Server& server) const {
    static_cast<void>(server);
    return nullptr;
}

}  // namespace memcache_session
