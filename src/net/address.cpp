#include "src/net/address.h"

#ifdef __GLIBC__
#include <netinet/in.h>
#include <resolv.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace memcache_session {

namespace {

std::vector<SocketAddress> unix_address(const std::string& path, Failure* failure) {
    sockaddr_un name{};
    if (path.size() > kUnixPathMax) {
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

#ifdef __GLIBC__
// While this object lives, the resolver asks each name server once, and waits for its answer no
// longer than the timeout in whole seconds. By default it waits 5 s, twice. Each thread has its own
// options of the resolver.
class ResolverPatience {
public:
    explicit ResolverPatience(Duration timeout) {
        res_init();  // reads a changed resolv.conf, which later changes of the options prevent
        retransmit_s_ = _res.retrans;
        tries_ = _res.retry;
        const auto timeout_s = std::chrono::ceil<std::chrono::seconds>(timeout).count();
        _res.retrans = static_cast<int>(std::min<int64_t>(_res.retrans, timeout_s));
        _res.retry = 1;
    }
    ~ResolverPatience() {
        _res.retrans = retransmit_s_;
        _res.retry = tries_;
    }
    ResolverPatience(const ResolverPatience&) = delete;
    ResolverPatience& operator=(const ResolverPatience&) = delete;

private:
    int retransmit_s_;
    int tries_;
};
#else
struct ResolverPatience {
    explicit ResolverPatience(Duration) {}
};
#endif

}  // namespace

std::vector<SocketAddress> resolve(const Server& server, bool may_block, Failure* failure) {
    prepare_sockets();
    if (server.endpoint.is_unix()) {
        return unix_address(server.endpoint.host, failure);
    }
    const std::string port = std::to_string(server.endpoint.port);
    const std::string& host = server.address.empty() ? server.endpoint.host : server.address;
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
    int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (error != 0 && !may_block) {
        error = EAI_AGAIN;
    } else if (error != 0) {
        const ResolverPatience patience(server.timeout);
        hints.ai_flags = AI_NUMERICSERV;
        error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
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
        addresses.back().length = static_cast<socklen_t>(one->ai_addrlen);
    }
    freeaddrinfo(found);
    if (addresses.empty()) {
        *failure = {FailureKind::kResolve, EAI_NONAME};
    }
    return addresses;
}

}  // namespace memcache_session
