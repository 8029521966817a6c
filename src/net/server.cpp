#include "src/net/server.h"

namespace memcache_session {

std::string Server::name() const {
    if (is_unix) {
        return host;
    }
    const bool has_colons = host.find(':') != std::string::npos;
    return (has_colons ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace memcache_session
