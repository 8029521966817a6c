#include "src/net/connection.h"

#include <cassert>
#include <utility>

#include "src/base/process.h"

namespace memcache_session {

Connection::Connection(std::unique_ptr<Stream> stream, const Endpoint& endpoint)
    : stream_(std::move(stream)),
      id_(process_unique_number()),
      endpoint_(endpoint),
      endpoint_hash_(endpoint.hash()) {
    assert(stream_);
}

}  // namespace memcache_session
