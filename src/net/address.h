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

// Of a Unix socket, in bytes.
constexpr size_t kUnixPathMax = sizeof(sockaddr_un::sun_path) - 1;

// Asked of one name; further ones are not tried.
constexpr size_t kAddressesMax = 8;

// The addresses of `server`, in the order to try them; none, and `failure` set, when there are
// none. A numeric address and a Unix path cost no resolver. A host name blocks for as long as the
// system's resolver takes: with glibc, DNS takes at most the server's timeout, rounded up to whole
// seconds, for each name server and each name that `search` in resolv.conf makes of it. Elsewhere,
// and of other sources of names, nothing bounds it but their own configuration.
std::vector<SocketAddress> resolve(const Server& server, Failure* failure);

}  // namespace memcache_session
