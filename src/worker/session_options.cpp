#include "src/worker/session_options.h"

#include <optional>
#include <string_view>
#include <tuple>

#include "src/worker/key_prefix.h"

namespace memcache_session {
namespace {

// A structured binding names every field, so this does not compile when a field is added and not
// named. A field that is not compared fails SessionOptionsOfAnOpening.EachChangeIsNoticed.
auto fields(const LockOptions& options) {
    const auto& [timeout, wait, waiters_max, pid, request_path] = options;
    return std::tie(timeout, wait, waiters_max, pid, request_path);
}

auto fields(const SessionOptions& options) {
    const auto& [key_prefix, ids, redundancy, allow_failover, meta, failover_attempts_max, search,
                 locking, lock_failure, lock, merging, serialize_handler, lifetime,
                 compress_threshold, warn_size, counting] = options;
    return std::tuple_cat(
        std::tie(key_prefix, ids, redundancy, allow_failover, meta, failover_attempts_max, search,
                 locking, lock_failure, merging, serialize_handler, lifetime, compress_threshold,
                 warn_size, counting),
        fields(lock));
}

// Nothing for a handler whose text is not merged.
std::optional<SerializeHandler> serialize_handler_of(std::string_view name) {
    if (name == "php") {
        return SerializeHandler::kPhp;
    }
    return name == "php_serialize" ? std::optional(SerializeHandler::kPhpSerialize) : std::nullopt;
}

}  // namespace

SessionOptions session_options(const OpenParameters& opening, int64_t pid) {
    const Settings& settings = opening.settings;
    SessionOptions options;
    options.key_prefix = key_prefix(settings, opening.server_name);
    options.ids = settings.ids;
    options.redundancy = settings.redundancy;
    options.allow_failover = settings.allow_failover;
    options.meta = settings.meta;
    options.failover_attempts_max = settings.failover_attempts_max;
    options.search = settings.search;
    options.locking = settings.locking;
    options.lock_failure = settings.lock_failure;
    options.lock.timeout = settings.lock_timeout;
    options.lock.wait = settings.lock_wait;
    options.lock.waiters_max = settings.lock_waiters_max;
    options.lock.pid = pid;
    options.lock.request_path = opening.request_path;
    if (const auto handler = serialize_handler_of(opening.serialize_handler)) {
        options.merging = settings.locking ? settings.merging : Merging::kOff;
        options.serialize_handler = *handler;
        options.lifetime = opening.lifetime;
    }
    options.compress_threshold = settings.compress_threshold;
    options.warn_size = settings.warn_size;
    options.counting = settings.counting;
    return options;
}

bool is_unmergeable(const OpenParameters& opening) {
    return opening.settings.locking && opening.settings.merging != Merging::kOff &&
           !serialize_handler_of(opening.serialize_handler);
}

bool are_same(const SessionOptions& a, const SessionOptions& b) {
    return fields(a) == fields(b);
}

}  // namespace memcache_session
