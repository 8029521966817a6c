#include "src/worker/session_report.h"

#include "src/base/text.h"
#include "src/session/inspection.h"
#include "src/worker/look_exchange.h"

namespace memcache_session {
namespace {

const char* state_word(InspectedCopy::State state) {
    switch (state) {
        case InspectedCopy::State::kStored:
            return "stored";
        case InspectedCopy::State::kDestroyed:
            return "destroyed";
        case InspectedCopy::State::kMissing:
            return "missing";
        case InspectedCopy::State::kDown:
            return "down";
        case InspectedCopy::State::kFailed:
            break;
    }
    return "failed";
}

const char* state_word(Inspection::State state) {
    switch (state) {
        case Inspection::State::kStored:
            return "stored";
        case Inspection::State::kDestroyed:
            return "destroyed";
        case Inspection::State::kMissing:
            return "missing";
        case Inspection::State::kUnknown:
            break;
    }
    return "unknown";
}

std::optional<int64_t> expiry_of(int32_t seconds_left, int64_t unix_now) {
    if (seconds_left == kExpiryUnknown) {
        return std::nullopt;
    }
    return seconds_left == kNeverExpires ? 0 : unix_now + seconds_left;
}

CopyReport copy_report(const InspectedCopy& copy, const Server& server, int64_t unix_now) {
    CopyReport report;
    report.name = printable(server.name());
    report.in_set = copy.in_set;
    report.state = state_word(copy.state);
    if (copy.failure) {
        report.reason = printable(describe(copy.failure, server.timeout, copy.words));
    }
    report.has_item = copy.state == InspectedCopy::State::kStored ||
                      copy.state == InspectedCopy::State::kDestroyed;
    report.version = ItemFlags::version(copy.flags);
    report.size = copy.size;
    report.compressed = ItemFlags::is_zlib(copy.flags);
    report.expires = expiry_of(copy.seconds_left, unix_now);
    report.locked = copy.holder.has_value();
    return report;
}

// Whether the holder is one of this machine's processes, and whether that still holds the lock.
const char* holder_word(const ProcessTable& processes, const Holder& holder) {
    if (is_abandoned(processes, holder)) {
        return "gone";
    }
    return !holder.host.empty() && holder.host == processes.host() ? "alive" : "unknown";
}

LockReport lock_report(const ProcessTable& processes, const Holder& holder, int64_t unix_now) {
    LockReport report;
    report.pid = holder.pid;
    report.host = printable(host_name(holder.host));
    report.path = printable(holder.path);
    report.since = holder.since_unix;
    report.age =
        holder.since_unix > 0 && holder.since_unix < unix_now ? unix_now - holder.since_unix : 0;
    report.holder = holder_word(processes, holder);
    return report;
}

}  // namespace

SessionReport session_report(const std::shared_ptr<const Pool>& pool, const SessionOptions& options,
                             const WorkerParts& parts, std::string_view sid) {
    LookExchange look(*pool, parts, options.meta);
    SessionReport report;
    const Result<Inspection> inspected = inspect_session(
        {*pool, look.exchange, parts.clock, parts.random, parts.processes, look.budget}, options,
        sid);
    parts.log.add(look.exchange.take_events(), *pool);
    if (!inspected.ok()) {
        report.problem = printable(inspected.status().message());
        return report;
    }
    const Inspection& inspection = inspected.value();
    const int64_t unix_now = parts.clock.unix_time();
    report.state = state_word(inspection.state);
    report.newest = inspection.newest;
    report.copies = inspection.copies;
    for (const InspectedCopy& copy : inspection.list) {
        report.servers.push_back(copy_report(copy, pool->servers[copy.server], unix_now));
        if (copy.holder && !report.lock) {
            report.lock = lock_report(parts.processes, *copy.holder, unix_now);
        }
    }
    return report;
}

}  // namespace memcache_session
