#include "src/discovery/resolver.h"

#ifdef MEMCACHE_SESSION_SRV
#include <netinet/in.h>

#include <arpa/nameser.h>
#include <resolv.h>
#endif

#include <algorithm>
#include <chrono>

#include "src/discovery/dns_answer.h"
#include "src/discovery/node_list.h"
#include "src/net/socket.h"

namespace memcache_session {
namespace {

AskFailure not_resolved(int error) {
    return {AskFailure::Problem::kServer, {FailureKind::kResolve, error}};
}

std::string text_of(const addrinfo& found) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* const address =
        found.ai_family == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(found.ai_addr)->sin_addr)
            : &reinterpret_cast<sockaddr_in6*>(found.ai_addr)->sin6_addr;
    return inet_ntop(found.ai_family, address, text, sizeof text) != nullptr ? text : "";
}

// Returns getaddrinfo()'s code.
int look_up(const std::string& name, int family, std::vector<std::string>* addresses) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
    if (error != 0) {
        return error;
    }
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        if (one->ai_family == family) {
            addresses->push_back(text_of(*one));
        }
    }
    freeaddrinfo(found);
    return addresses->empty() ? EAI_NONAME : 0;
}

// Whether the answer is that the name has no address of this kind.
bool has_none(int error) {
#ifdef EAI_NODATA
    if (error == EAI_NODATA) {
        return true;
    }
#endif
#ifdef EAI_ADDRFAMILY
    if (error == EAI_ADDRFAMILY) {
        return true;
    }
#endif
    return error == EAI_NONAME;
}

}  // namespace

bool is_answer(const AskFailure& failure) {
    return failure.failure.kind == FailureKind::kResolve && has_none(failure.failure.system_error);
}

Resolver::Resolver(Duration timeout) {
    prepare_sockets();
#if defined(MEMCACHE_SESSION_SRV) && defined(__GLIBC__)
    res_init();  // each thread has its own state of the resolver
    const auto timeout_s = std::chrono::ceil<std::chrono::seconds>(timeout).count();
    _res.retrans = static_cast<int>(std::min<int64_t>(_res.retrans, timeout_s));
    _res.retry = 1;
    _res.options |= RES_NOALIASES;
#else
    static_cast<void>(timeout);
#endif
}

AskFailure Resolver::addresses(const std::string& name, std::vector<std::string>* addresses) const {
    addresses->clear();
    int error = look_up(name, AF_INET, addresses);
    if (has_none(error)) {
        error = look_up(name, AF_INET6, addresses);
    }
    return error == 0 ? AskFailure() : not_resolved(error);
}

#ifdef MEMCACHE_SESSION_SRV

AskFailure Resolver::service_records(const std::string& name, std::string* answer) const {
    answer->resize(kDnsAnswerMax);
    const int size = res_search(name.c_str(), ns_c_in, ns_t_srv,
                                reinterpret_cast<unsigned char*>(answer->data()),
                                static_cast<int>(answer->size()));
    if (size < 0) {
        answer->clear();
        return not_resolved(h_errno == TRY_AGAIN ? EAI_AGAIN : EAI_NONAME);
    }
    answer->resize(std::min(static_cast<size_t>(size), answer->size()));
    return {};
}

#else

AskFailure Resolver::service_records(const std::string& name, std::string* answer) const {
    static_cast<void>(name);
    answer->clear();
    return not_resolved(EAI_FAIL);  // no save_path has such a name: kAsksForServices is false
}

#endif

}  // namespace memcache_session
