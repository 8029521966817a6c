#include "src/pool/source.h"

namespace memcache_session {

std::string Source::name() const {
    const bool is_tls = server.endpoint.is_tls();
    const std::string rest = is_tls ? "tls://" : "tcp://";
    switch (kind) {
        case SourceKind::kNone:
            return server.name();
        case SourceKind::kAddresses:
            return "dns+" + rest + server.name();
        case SourceKind::kServices:
            return "srv+" + rest + server.endpoint.host;
        case SourceKind::kElastiCache:
            break;
    }
    return (is_tls ? "elasticache+tls://" : "elasticache://") + server.name();
}

}  // namespace memcache_session
