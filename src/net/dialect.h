// How a server is spoken to.
#pragma once

#include "src/net/server.h"
#include "src/wire/protocol.h"

namespace memcache_session {

// Stateless, and safe on any thread. Tests bring their own.
class Dialect {
public:
    // The protocol of the server. It lives for the life of the process.
    virtual const Protocol& protocol(const Server& server) const;

protected:
    ~Dialect() = default;  // nobody owns a dialect
};

// The dialects of production: each server gets the one that its settings ask for.
class ConfiguredDialect final : public Dialect {};

inline constexpr ConfiguredDialect kDialect{};

}  // namespace memcache_session
