#include "src/session/messages.h"

#include <algorithm>
#include <cassert>

#include "src/base/text.h"
#include "src/lock/process_table.h"

namespace memcache_session {
namespace {

constexpr size_t kFailuresShownMax = 4;

constexpr const char* kLockRemedy =
    ": raise it, or close the session earlier in that request, see docs/locking.md)";

constexpr const char* kNotOpenedForItsSize =
    ". It was not opened, and it was not changed. Raise memory_limit, or keep less in the session";

// "10.0.0.1:11211: connection refused; 10.0.0.2:11211: no answer within 1 s"
std::string list(const std::vector<Server>& servers, const Failures& failures) {
    std::string text;
    for (size_t i = 0; i < std::min(failures.size(), kFailuresShownMax); ++i) {
        const Server& server = servers[failures[i].server];
        text += (i == 0 ? "" : "; ") + server.name() +
                (failures[i].asked ? ": " : " (marked down, not asked now): ") +
                describe(failures[i].failure, server.timeout, failures[i].words);
    }
    if (failures.size() > kFailuresShownMax) {
        text += "; and " + std::to_string(failures.size() - kFailuresShownMax) + " more";
    }
    return text;
}

// A remedy, in case the save_path names a proxy as if it were memcached.
std::string proxy_remedy(const std::vector<Server>& servers, const Failures& failures) {
    for (const ServerFailure& entry : failures) {
        const Server& server = servers[entry.server];
        if (!server.proxy && is_typical_of_proxies(entry.failure)) {
            return ". If " + server.name() +
                   " is a proxy, it may need proxy=1 among its parameters in the save_path";
        }
    }
    return {};
}

// A remedy, in case a server expects something else than plain text, and closes without a word.
std::string plain_text_remedy(const std::vector<Server>& servers, const Failures& failures) {
    for (const ServerFailure& entry : failures) {
        const Server& server = servers[entry.server];
        if (is_closing(entry.failure) && entry.words.empty() && !server.endpoint.is_tls()) {
            return ". If " + server.name() +
                   " expects TLS (memcached -Z), write tls:// in place of tcp://. If it expects "
                   "the binary protocol (memcached -B binary), start it without";
        }
    }
    return {};
}

// Whether the server was asked and has refused. A bare ERROR leaves no words.
bool has_replied(const ServerFailure& entry) {
    return !entry.words.empty() ||
           (entry.asked && entry.failure.kind == FailureKind::kUnknownCommand);
}

std::string remedies(const std::vector<Server>& servers, const Failures& failures) {
    return proxy_remedy(servers, failures) + plain_text_remedy(servers, failures);
}

std::string describe_holder(const Holder& holder, int64_t unix_now) {
    if (holder.is_foreign() || holder.pid <= 0) {
        return "another request (of pecl/memcache, or of unknown origin)";
    }
    std::string text =
        "process " + std::to_string(holder.pid) + " on " + std::string(host_name(holder.host));
    if (!holder.path.empty()) {
        text += " (" + holder.path + ")";
    }
    if (holder.since_unix > 0 && unix_now >= holder.since_unix) {
        text += " for " + std::to_string(unix_now - holder.since_unix) + " s";
    }
    return text;
}

}  // namespace

std::string refusal_text(const Reply& reply) {
    assert(is_error(reply));
    return reply.value.empty() ? "ERROR" : std::string(reply.value);
}

std::string unavailable_message(const std::vector<Server>& servers, const Failures& failures) {
    return "no memcached server could be used for the session (" + list(servers, failures) +
           "); the session was not opened, and the stored session was not changed. Check the "
           "servers, and check that the save_path names them" +
           remedies(servers, failures);
}

std::string newest_lost_message(const std::vector<Server>& servers, const Failures& failures) {
    return "the server that showed the newest copy of the session failed then (" +
           list(servers, failures) +
           "); the session was not opened, so that an older copy does not replace it. Check the "
           "servers" +
           remedies(servers, failures);
}

std::string out_of_time_message(const std::vector<Server>& servers, const Failures& failures) {
    return "silent servers have used up the time for opening the session (" +
           list(servers, failures) +
           "); it was not opened, so that an older copy does not replace it. Check the servers";
}

std::string state_unknown_message(const std::vector<Server>& servers, const Failures& failures) {
    return "it is unknown whether the session exists, because too many servers are silent (" +
           list(servers, failures) +
           "); it was not opened, so that an empty session does not replace it. Check the "
           "servers" +
           remedies(servers, failures);
}

std::string held_reason(const Holder& holder, const Server& server, int64_t unix_now,
                        Duration waited, Duration limit) {
    return "locked by " + describe_holder(holder, unix_now) + ", at " + server.name() +
           "; this request waited " + seconds_text(waited) +
           " (memcache.session_lock_wait allows " + seconds_text(limit) + kLockRemedy;
}

std::string too_many_wait_reason(const Holder& holder, const Server& server, int64_t unix_now,
                                 uint32_t waiters_max) {
    return "locked by " + describe_holder(holder, unix_now) + ", at " + server.name() + ", and " +
           std::to_string(waiters_max) + (waiters_max == 1 ? " request waits" : " requests wait") +
           " for it already (memcache.session_lock_waiters allows no more" + kLockRemedy;
}

std::string waited_in_vain_reason(const SessionParts& parts, const ContendedLock& lock,
                                  const LockWait& wait, LockWait::End end) {
    assert(end == LockWait::End::kTimedOut || end == LockWait::End::kRoomFull);
    const Server& server = parts.pool.servers[lock.server()];
    const Holder& holder = lock.seen().holder;
    const int64_t unix_now = parts.clock.unix_time();
    return end == LockWait::End::kRoomFull
               ? too_many_wait_reason(holder, server, unix_now, wait.policy().waiters_max)
               : held_reason(holder, server, unix_now, wait.waited(), wait.policy().limit);
}

std::string lock_lost_message(int times) {
    return "the lock of the session was lost " + std::to_string(times) +
           " times while it was being taken; the session was not opened. Check that its servers do "
           "not evict, and are not emptied or restarted all the time";
}

std::string damaged_message() {
    return "the stored session is damaged: it is marked as compressed, but it is no zlib stream. "
           "It was not opened, and it was not changed. Another program has stored it so: it stays "
           "as it is until it expires, or memcache-session kill destroys it";
}

std::string too_large_reply_message(const std::vector<Server>& servers,
                                    const ServerFailure& failure) {
    const bool is_session = failure.failure.kind == FailureKind::kTooLarge;
    return list(servers, {failure}) + ". The session was not opened, and it was not changed. " +
           (is_session ? "Raise memory_limit, or keep less in the session"
                       : "Another program has stored the lock of the session: delete it");
}

std::string too_large_message(size_t size, size_t memory_left) {
    return "the stored session has " + std::to_string(size) +
           " bytes, but memory_limit leaves this request " + std::to_string(memory_left) +
           kNotOpenedForItsSize;
}

std::string inflates_too_far_message(size_t size, size_t size_max, size_t memory_left) {
    const std::string limit = std::to_string(size_max);
    return "the stored session has " + std::to_string(size) + " bytes and inflates to more than " +
           (size_max == memory_left ? "the " + limit + " that memory_limit leaves this request"
                                    : limit + ", the most that is inflated") +
           kNotOpenedForItsSize;
}

std::string not_stored_then_message(const std::string& why) {
    return why + ". The changes of this request were not stored";
}

std::string not_opened_message(const std::string& reason) {
    return "the session is " + reason + ". It was not opened, and it was not changed";
}

std::string read_only_message(const std::string& reason) {
    return "the session is read-only in this request (memcache.session_lock_failure), because it "
           "was " +
           reason + ". The changes of this request were not stored";
}

std::string not_stored_message(const std::vector<Server>& servers, const Failures& failures,
                               const RefusedStore& store) {
    const std::string_view text = store.text;
    std::string message = store.kept
                              ? "the session was not stored, and its previous state is kept: "
                              : "the session was not stored, and its previous state may be lost: ";
    if (text.empty()) {
        return message + "no server of its set replied (" + list(servers, failures) + ")" +
               proxy_remedy(servers, failures);
    }
    message += servers[failures.front().server].name() + " refused " + std::to_string(store.size) +
               " bytes" +
               (store.old_size ? " in place of " + std::to_string(*store.old_size) : "") + ": " +
               std::string(text);
    if (text.find("too large") != std::string_view::npos) {
        message +=
            ". The limit is the server's item size (memcached -I, 1 MB if not set): keep less in "
            "the session, lower memcache.compress_threshold, or raise -I on every server";
    } else if (text.find("memory") != std::string_view::npos) {
        message += ". Give the server more memory (memcached -m), or let it evict (without -M)";
    }
    return message;
}

std::string unknown_store_message(const std::vector<Server>& servers, const Failures& failures) {
    return "it is unknown whether the session was stored, because no proxy replied (" +
           list(servers, failures) + "); the changes of this request may be lost. Check the proxy";
}

std::string unconfirmed_message(const std::vector<Server>& servers, const Failures& failures) {
    if (failures.empty()) {
        return "the session was stored, but another state may replace it: a server lost its copy "
               "or its lock meanwhile, because it evicts, or was emptied or restarted, and "
               "another request has the session now. The changes of this request may be lost. "
               "Check the servers' memory and uptime";
    }
    return "the session was stored, but another state may replace it: a server failed meanwhile (" +
           list(servers, failures) +
           "), and the others could not be asked again. The changes of this request may be lost. "
           "Check the servers" +
           proxy_remedy(servers, failures);
}

std::string cut_off_message(std::string_view what) {
    return "it is unknown whether the session was " + std::string(what) +
           ", because each server of its set closed its connection before it replied. Check how "
           "long the servers have been running, and what closes connections to them";
}

std::string not_destroyed_message(const std::vector<Server>& servers, const Failures& failures) {
    // A silent server may run later what it was sent.
    const bool all_replied = std::all_of(failures.begin(), failures.end(), has_replied);
    const std::string message = std::string("the session was not destroyed, and it ") +
                                (all_replied ? "still exists: " : "may still exist: ");
    if (failures.empty()) {
        return message + "other requests kept storing it; open it again, and destroy it then";
    }
    return message + "no server of its set stored the mark that ends it (" +
           list(servers, failures) + "); open it again, and destroy it when the servers take it";
}

}  // namespace memcache_session
