#include "src/net/dialect.h"

namespace memcache_session {

std::unique_ptr<Stream> Dialect::make_stream(SocketHandle socket, const Server& server) const {
    static_cast<void>(server);
    return std::make_unique<PlainStream>(socket);
}

std::unique_ptr<Greeting> Dialect::make_greeting(const Server& server) const {
    static_cast<void>(server);
    return nullptr;
}

}  // namespace memcache_session
