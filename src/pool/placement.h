// The order in which the servers of a pool are preferred for a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/server.h"
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
    // The servers are not those of a fixed list, so web servers may have different views of them.
    bool changing = false;
};

// The marks of servers begin here, so that none is taken for a position.
constexpr uint32_t kLockMarkMin = 1U << 31;

// Immutable, so one object serves all threads. Its functions do no I/O and allocate nothing but the
// caller's vector.
class Placement {
public:
    virtual ~Placement() = default;

    // Only endpoints and weights of the servers count. Hosts are hashed as they are written, so
    // "localhost" and "127.0.0.1" are different servers, and so are "web" and "Web".
    //
    // REQUIRES: 1 to kServersMax servers, each with a weight of at least 1; kConsistent if the
    // settings say `changing`.
    static std::unique_ptr<Placement> create(const PlacementSettings& settings,
                                             const std::vector<Server>& servers);

    size_t server_count() const { return server_count_; }

    // Whether the prefix of a session's key is hashed with its id. If not, first_servers() is given
    // the id alone.
    virtual bool hashes_prefix() const { return true; }

    // Sets `out` to the first min(count, server_count()) servers of the preference list, as
    // positions in the pool. The cost grows with the count, because the walk of kConsistent and
    // kStandard continues until it has met so many different servers. The order does not depend on
    // the count.
    // REQUIRES: key contains no NUL.
    virtual void first_servers(std::string_view key, size_t count,
                               std::vector<uint32_t>* out) const = 0;

    // A number that names the server in the lock's value, at least kLockMarkMin. It is the same in
    // every pool that has the server. 0: the server is named by its position in the preference
    // list. REQUIRES: server < server_count().
    virtual uint32_t lock_mark(uint32_t server) const {
        static_cast<void>(server);
        return 0;
    }

    // Sets `out` to min(count, server_count()) servers that may have copies of a session, if the
    // first choices do not. In this order, as far as the count reaches,
    // 1. the first 2 * redundancy - 1 servers of the preference list, where copies and stand-ins
    //    are as long as the pool stays the same;
    // 2. servers that were first choices before other servers joined the pool. The places of a
    //    strategy whose places cannot be known in this way are left out;
    // 3. the rest of the preference list.
    // REQUIRES: that of first_servers().
    virtual void search_list(std::string_view key, size_t redundancy, size_t count,
                             std::vector<uint32_t>* out) const {
        static_cast<void>(redundancy);
        first_servers(key, count, out);
    }

    // Sets `out` to every server, each once.
    void preference_list(std::string_view key, std::vector<uint32_t>* out) const {
        first_servers(key, server_count_, out);
    }

protected:
    explicit Placement(size_t server_count) : server_count_(server_count) {}

private:
    size_t server_count_;
};

}  // namespace memcache_session
