#include "src/pool/libmemcached_placement.h"

#ifdef HAVE_LIBMEMCACHED
#include <libmemcached/memcached.h>

#include <algorithm>
#include <utility>
#endif

#include <string>

namespace memcache_session {

namespace {

std::string name_of(Strategy strategy) {
    switch (strategy) {
        case Strategy::kKetama:
            return "memcache.hash_strategy = ketama";
        case Strategy::kKetamaUnweighted:
            return "memcache.hash_strategy = ketama_unweighted";
        default:
            return "memcache.hash_strategy = modula";
    }
}

}  // namespace

#ifdef HAVE_LIBMEMCACHED

namespace {

struct FreeMemcached {
    void operator()(memcached_st* memcached) const { memcached_free(memcached); }
};
using MemcachedHandle = std::unique_ptr<memcached_st, FreeMemcached>;

// With more servers, an assertion of libmemcached ends the process.
constexpr size_t kKetamaServersMax = MEMCACHED_CONTINUUM_SIZE / MEMCACHED_POINTS_PER_SERVER;

Status refused(const std::string& what, memcached_st* memcached, memcached_return_t reason) {
    return Status(Code::kInvalidArgument,
                  "libmemcached refuses " + what + ": " + memcached_strerror(memcached, reason));
}

class LibmemcachedPlacement final : public Placement {
public:
    LibmemcachedPlacement(MemcachedHandle memcached, size_t server_count)
        : Placement(server_count), memcached_(std::move(memcached)) {}

    bool hashes_prefix() const override { return false; }

    // memcached_generate_hash() only reads the handle, so that threads can share it.
    void first_servers(std::string_view key, size_t count,
                       std::vector<uint32_t>* out) const override {
        out->clear();
        count = std::min(count, server_count());
        const size_t first = memcached_generate_hash(memcached_.get(), key.data(), key.size());
        for (size_t i = 0; i < count; ++i) {
            out->push_back(static_cast<uint32_t>((first + i) % server_count()));
        }
    }

private:
    MemcachedHandle memcached_;
};

}  // namespace

Result<std::unique_ptr<Placement>> create_libmemcached_placement(
    Strategy strategy, const std::vector<Server>& servers) {
    if (strategy != Strategy::kModula && servers.size() > kKetamaServersMax) {
        return Status(Code::kInvalidArgument, name_of(strategy) + " takes at most " +
                                                  std::to_string(kKetamaServersMax) +
                                                  " servers, because libmemcached takes no more");
    }
    MemcachedHandle memcached(memcached_create(nullptr));
    if (memcached == nullptr) {
        return Status(Code::kUnavailable, "libmemcached could not allocate memory");
    }
    for (const Server& server : servers) {
        const Endpoint& endpoint = server.endpoint;
        const memcached_return_t added =
            endpoint.is_unix()
                ? memcached_server_add_unix_socket_with_weight(memcached.get(),
                                                               endpoint.host.c_str(), server.weight)
                : memcached_server_add_with_weight(memcached.get(), endpoint.host.c_str(),
                                                   endpoint.port, server.weight);
        if (added != MEMCACHED_SUCCESS) {
            return refused("server " + endpoint.host, memcached.get(), added);
        }
    }
    // Not before: libmemcached would build the ring anew for each server that is added.
    if (strategy != Strategy::kModula) {
        const memcached_return_t set = memcached_behavior_set(
            memcached.get(),
            strategy == Strategy::kKetama ? MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED
                                          : MEMCACHED_BEHAVIOR_KETAMA,
            1);
        if (set != MEMCACHED_SUCCESS) {
            return refused(name_of(strategy), memcached.get(), set);
        }
    }
    return std::unique_ptr<Placement>(
        std::make_unique<LibmemcachedPlacement>(std::move(memcached), servers.size()));
}

#else

Result<std::unique_ptr<Placement>> create_libmemcached_placement(Strategy strategy,
                                                                 const std::vector<Server>&) {
    return Status(Code::kUnsupported,
                  "this build has no libmemcached, which " + name_of(strategy) +
                      " needs: install libmemcached's development files and build again with "
                      "--with-libmemcached, or set consistent or standard");
}

#endif

}  // namespace memcache_session
