// An open connection to one server.
#pragma once

#include <cstdint>
#include <memory>

#include "src/net/endpoint.h"
#include "src/net/exchange.h"
#include "src/net/stream.h"
#include "src/wire/classic.h"

namespace memcache_session {

// A stream, and the server to which it leads. Owned and used by one owner at a time.
class Connection {
public:
    // REQUIRES: `stream` is not null and leads to `endpoint`.
    Connection(std::unique_ptr<Stream> stream, const Endpoint& endpoint);

    ConnectionId id() const { return id_; }
    const Endpoint& endpoint() const { return endpoint_; }
    uint64_t endpoint_hash() const { return endpoint_hash_; }
    Stream& stream() { return *stream_; }
    const Stream& stream() const { return *stream_; }

    // How the server is spoken to in this connection: in the classic protocol at first.
    const Protocol& protocol() const { return *protocol_; }
    void set_protocol(const Protocol& protocol) { protocol_ = &protocol; }

private:
    std::unique_ptr<Stream> stream_;
    ConnectionId id_;
    Endpoint endpoint_;
    uint64_t endpoint_hash_;
    const Protocol* protocol_ = &kClassicProtocol;
};

}  // namespace memcache_session
