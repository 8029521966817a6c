// Where a key belongs: the order in which the servers of a pool are preferred for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/status.h"
#include "src/pool/hash.h"

namespace memcache_session {

// memcache.hash_strategy.
enum class Strategy {
    kConsistent,        // pecl/memcache's ring
    kStandard,          // pecl/memcache's table of servers, each as often as its weight says
    kKetama,            // libmemcached's weighted ketama, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED
    kKetamaUnweighted,  // another ring of libmemcached, MEMCACHED_BEHAVIOR_KETAMA
    kModula,            // libmemcached's default distribution: a hash modulo the number of servers
};

struct PlacementSettings {
    Strategy strategy = Strategy::kConsistent;
    HashFunction hash_function = HashFunction::kCrc32;  // of kConsistent and kStandard
};

// What placement must know of a server. The texts are hashed: "localhost" and "127.0.0.1" are
// different servers, and so are "web" and "Web".
struct PlacedServer {
    std::string host;   // a name or address, IPv6 without brackets; of a Unix socket the path
    uint16_t port = 0;  // 0 for a Unix socket
    bool is_unix = false;
    uint32_t weight = 1;  // at least 1
};

constexpr size_t kPlacedServersMax = 1024;

// Immutable, so one object serves all threads. Asking it does no I/O and allocates nothing but the
// caller's vector.
class Placement {
public:
    virtual ~Placement() = default;

    // kInvalidArgument: no server, more than kPlacedServersMax (ketama: more than 100), a weight
    // of 0, or a host that libmemcached refuses. kUnsupported: the strategy needs libmemcached and
    // this build has none.
    static Result<std::unique_ptr<Placement>> create(const PlacementSettings& settings,
                                                     const std::vector<PlacedServer>& servers);

    size_t server_count() const { return server_count_; }

    // Whether the prefix of a session's key is hashed with its id. Otherwise the id alone is what
    // first_servers() is to be given.
    virtual bool hashes_prefix() const { return true; }

    // Sets `out` to the first min(count, server_count()) servers of the preference list, as
    // positions in the pool. The order does not depend on count, the cost does: the walk of
    // kConsistent and kStandard goes on until it has met so many different servers.
    // REQUIRES: key contains no NUL.
    virtual void first_servers(std::string_view key, size_t count,
                               std::vector<uint32_t>* out) const = 0;

    // Every server, each once.
    void preference_list(std::string_view key, std::vector<uint32_t>* out) const {
        first_servers(key, server_count_, out);
    }

protected:
    explicit Placement(size_t server_count) : server_count_(server_count) {}

private:
    size_t server_count_;
};

}  // namespace memcache_session
