#include "src/net/address.h"

#include <netdb.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace memcache_session {

namespace {

std::vector<SocketAddress> unix_address(const std::string& path, Failure* failure) {
    sockaddr_un name{};
    if (path.size() >= sizeof name.sun_path) {
        *failure = {FailureKind::kConnect, ENAMETOOLONG};
        return {};
    }
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    std::vector<SocketAddress> addresses(1);
    addresses[0].length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    std::memcpy(&addresses[0].storage, &name, sizeof name);
    return addresses;
}

}  // namespace

std::vector<SocketAddress> resolve(const Server& server, Failure* failure) {
    if (server.is_unix) {
        return unix_address(server.host, failure);
    }
    const std::string port = std::to_string(server.port);
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
    int error = getaddrinfo(server.host.c_str(), port.c_str(), &hints, &found);
    if (error != 0) {
        hints.ai_flags = AI_NUMERICSERV;
        error = getaddrinfo(server.host.c_str(), port.c_str(), &hints, &found);
    }
    if (error != 0) {
        *failure = {FailureKind::kResolve, error};
        return {};
    }
    std::vector<SocketAddress> addresses;
    for (const addrinfo* one = found; one != nullptr && addresses.size() < kAddressesMax;
         one = one->ai_next) {
        if (one->ai_addrlen > sizeof(sockaddr_storage)) {
            continue;
        }
        addresses.emplace_back();
        std::memcpy(&addresses.back().storage, one->ai_addr, one->ai_addrlen);
        addresses.back().length = one->ai_addrlen;
    }
    freeaddrinfo(found);
    if (addresses.empty()) {
        *failure = {FailureKind::kResolve, EAI_NONAME};
    }
    return addresses;
}

}  // namespace memcache_session
