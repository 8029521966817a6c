#include "src/net/dialect.h"

#include "src/wire/classic.h"

namespace memcache_session {

const Protocol& Dialect::protocol(const Server& server) const {
    static_cast<void>(server);
    return kClassicProtocol;
}

}  // namespace memcache_session
