// Where a server listens, in the form that connect() takes.
#pragma once

#include <sys/socket.h>

#include <vector>

#include "src/net/failure.h"
#include "src/net/server.h"

namespace memcache_session {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    int family() const { return storage.ss_family; }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Asked of one name; further ones are not tried.
constexpr size_t kAddressesMax = 8;

// The addresses of `server`, in the order to try them; none, and `failure` set, when there are
// none. A numeric address and a Unix path cost no resolver. A host name blocks for as long as the
// system's resolver takes (resolv.conf bounds it, not the server's timeout).
std::vector<SocketAddress> resolve(const Server& server, Failure* failure);

}  // namespace memcache_session
