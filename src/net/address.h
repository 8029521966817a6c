// Where a server listens, in the form that connect() takes.
#pragma once

#include <vector>

#include "src/net/failure.h"
#include "src/net/server.h"
#include "src/net/socket.h"

namespace memcache_session {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    int family() const { return storage.ss_family; }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// The longest path of a Unix socket, in bytes.
constexpr size_t kUnixPathMax = sizeof(sockaddr_un::sun_path) - 1;

// The most addresses of one name that are tried.
constexpr size_t kAddressesMax = 8;

// Returns the addresses of `server` in the order to try them. When there are none, it sets
// `failure`. A numeric address and a Unix path need no resolver. A host name counts as not resolved
// unless the call `may_block`. It blocks as long as the system's resolver does. With glibc, DNS
// takes at most the server's timeout, rounded up to whole seconds, for each name server and each
// name that `search` in resolv.conf adds. Other resolvers, and other sources of names, are bounded
// by their own configuration only.
std::vector<SocketAddress> resolve(const Server& server, bool may_block, Failure* failure);

}  // namespace memcache_session
