#include "src/php/status_array.h"

#include "php_memcache_session.h"
#include "src/php/array_entries.h"

// No frame here may have an object with a destructor, because Zend may bail out. Figures and
// histograms have none.

namespace memcache_session {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;

enum class Unit { kSeconds, kBytes };

double seconds(uint64_t microseconds) {
    return static_cast<double>(microseconds) / kMicrosecondsPerSecond;
}

// When it was, in Unix time. Nothing if it was not.
std::optional<int64_t> date_of(bool was, Duration ago, int64_t now) {
    return was ? std::optional(now - std::chrono::duration_cast<std::chrono::seconds>(ago).count())
               : std::nullopt;
}

void add_seconds(zval* array, const char* key, uint64_t microseconds) {
    add_assoc_double_ex(array, key, strlen(key), seconds(microseconds));
}

// Null in place of 0.
void add_seconds_or_null(zval* array, const char* key, uint64_t microseconds) {
    if (microseconds != 0) {
        add_seconds(array, key, microseconds);
    } else {
        add_null(array, key);
    }
}

// A figure under its key.
struct Named {
    const char* key;
    Event event;
};

constexpr Named kRefusals[] = {
    {"unavailable", Event::kRefusedUnavailable}, {"unknown_state", Event::kRefusedUnknownState},
    {"locked", Event::kRefusedLocked},           {"too_large", Event::kRefusedTooLarge},
    {"damaged", Event::kRefusedDamaged},         {"conflict", Event::kRefusedConflict},
    {"destroyed", Event::kRefusedDestroyed},     {"expired", Event::kRefusedExpired},
    {"not_stored", Event::kRefusedNotStored},    {"read_only", Event::kRefusedReadOnly},
    {"invalid", Event::kRefusedInvalid},
};

// In the order of FailureGroup.
constexpr const char* kFailureKeys[] = {"refused", "timeout", "closed", "protocol",
                                        "memory",  "tls",     "login",  "local"};
static_assert(std::size(kFailureKeys) == kFailureGroups);

void add_histogram(zval* array, const char* key, const Histogram& histogram, Unit unit) {
    zval shown;
    zval buckets;
    array_init_size(&shown, 3);
    add_array(array, key, &shown);
    add_int(&shown, "count", histogram.count());
    if (unit == Unit::kSeconds) {
        add_seconds(&shown, "sum", histogram.sum);
    } else {
        add_int(&shown, "sum", histogram.sum);
    }
    array_init_size(&buckets, kBuckets);
    add_array(&shown, "buckets", &buckets);
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
        zval one;
        array_init_size(&one, 2);
        add_next_index_zval(&buckets, &one);
        if (bucket + 1 == kBuckets) {
            add_null(&one, "le");
        } else if (unit == Unit::kSeconds) {
            add_seconds(&one, "le", bucket_limit(bucket));
        } else {
            add_int(&one, "le", bucket_limit(bucket));
        }
        add_int(&one, "count", histogram.counts[bucket]);
    }
}

const char* transport_text(Endpoint::Transport transport) {
    switch (transport) {
        case Endpoint::Transport::kUnix:
            return "unix";
        case Endpoint::Transport::kTls:
            return "tls";
        case Endpoint::Transport::kTcp:
            break;
    }
    return "tcp";
}

const char* state_word(ServerState state) {
    switch (state) {
        case ServerState::kClosed:
            return "closed";
        case ServerState::kDown:
            return "down";
        case ServerState::kUp:
            break;
    }
    return "up";
}

void add_protocol(zval* array, MetaServers::Speaks speaks) {
    if (speaks == MetaServers::Speaks::kUnknown) {
        add_null(array, "protocol");
    } else {
        add_text(array, "protocol", speaks == MetaServers::Speaks::kMeta ? "meta" : "classic");
    }
}

void add_asked(zval* array, const AskedServer& asked) {
    struct Number {
        const char* key;
        uint64_t value;
    };
    const Number numbers[] = {
        {"uptime", asked.uptime},       {"items", asked.items},
        {"evictions", asked.evictions}, {"bytes", asked.bytes},
        {"bytes_max", asked.bytes_max}, {"connections", asked.connections},
        {"hits", asked.hits},           {"misses", asked.misses},
    };
    zval shown;
    array_init(&shown);
    add_array(array, "asked", &shown);
    add_text_or_null(&shown, "error", asked.error.c_str());
    add_text_or_null(&shown, "version", asked.version.c_str());
    for (const Number& number : numbers) {
        add_int_or_null(&shown, number.key,
                        asked.error.empty() ? std::optional<int64_t>(number.value) : std::nullopt);
    }
}

void add_server_figures(zval* array, const ServerReport& server, int64_t now) {
    const ServerFigures& figures = server.figures;
    zval failures;
    add_bool(array, "counted", figures.is_counted);
    add_int(array, "phases", figures.phases);
    array_init(&failures);
    add_array(array, "failures", &failures);
    for (size_t group = 0; group < kFailureGroups; ++group) {
        add_int(&failures, kFailureKeys[group], figures.failures[group]);
    }
    add_int(array, "marks", figures.marks);
    add_int(array, "recoveries", figures.recoveries);
    add_int(array, "probes", figures.probes);
    const bool has_failed = figures.last_failure != TimePoint();
    add_int_or_null(array, "last_failure", date_of(has_failed, server.failed_ago, now));
    add_histogram(array, "phase_seconds", figures.time, Unit::kSeconds);
    zval history;
    array_init_size(&history, ServerFigures::kMinutes);
    add_array(array, "history", &history);
    for (const uint32_t failed : figures.history) {
        add_next_index_long(&history, failed);
    }
}

void add_server(zval* list, const ServerReport& server, int64_t now) {
    zval shown;
    array_init(&shown);
    add_next_index_zval(list, &shown);
    add_text(&shown, "name", server.status.name.c_str());
    add_text(&shown, "transport", transport_text(server.transport));
    add_text(&shown, "state", state_word(server.status.state));
    add_text_or_null(&shown, "reason", server.reason.c_str());
    const bool is_down = server.status.state != ServerState::kUp;
    add_int_or_null(&shown, "down_since", date_of(is_down, server.status.down_for, now));
    add_protocol(&shown, server.status.speaks);
    add_server_figures(&shown, server, now);
    if (server.asked) {
        add_asked(&shown, *server.asked);
    } else {
        add_null(&shown, "asked");
    }
}

// The figures that "sessions" and each minute have alike.
void add_session_counts(zval* array, const Figures& figures) {
    add_int(array, "opened", figures.opened());
    add_int(array, "created", figures.of(Event::kCreated));
    add_int(array, "missing", figures.of(Event::kMissing));
    add_int(array, "destroyed", figures.of(Event::kDestroyed));
    add_int(array, "stored", figures.stored());
    add_int(array, "touched", figures.touched());
    add_int(array, "merged", figures.of(Event::kMerged));
    add_int(array, "overwritten", figures.of(Event::kOverwritten));
    add_int(array, "fewer_copies", figures.of(Event::kFewerCopies));
}

void add_sessions(zval* array, const Figures& figures) {
    zval shown;
    zval refused;
    array_init(&shown);
    add_array(array, "sessions", &shown);
    add_session_counts(&shown, figures);
    array_init(&refused);
    add_array(&shown, "refused", &refused);
    for (const Named& refusal : kRefusals) {
        add_int(&refused, refusal.key, figures.of(refusal.event));
    }
}

void add_locks(zval* array, const Figures& figures) {
    const Histogram waits = figures.of(Measure::kLockWait);
    zval shown;
    zval replaced;
    array_init(&shown);
    add_array(array, "locks", &shown);
    add_int(&shown, "acquired", figures.locks_acquired());
    add_int(&shown, "waited", waits.count());
    add_histogram(&shown, "wait_seconds", waits, Unit::kSeconds);
    add_int(&shown, "gave_up", figures.of(Event::kGaveUp));
    add_int(&shown, "waiters_refused", figures.of(Event::kWaitersRefused));
    array_init(&replaced);
    add_array(&shown, "replaced", &replaced);
    add_int(&replaced, "dead_holder", figures.of(Event::kReplacedDeadHolder));
    add_int(&replaced, "orphan", figures.of(Event::kReplacedOrphan));
}

void add_time_and_bytes(zval* array, const Figures& figures) {
    zval time;
    zval bytes;
    array_init(&time);
    add_array(array, "time", &time);
    add_histogram(&time, "opening", figures.of(Measure::kOpening), Unit::kSeconds);
    add_histogram(&time, "closing", figures.of(Measure::kClosing), Unit::kSeconds);
    array_init(&bytes);
    add_array(array, "bytes", &bytes);
    add_int(&bytes, "read", figures.of(Event::kBytesRead));
    add_histogram(&bytes, "stored", figures.of(Measure::kStoredSize), Unit::kBytes);
}

void add_minute(zval* list, const EventTotals::Minute& minute, int64_t now) {
    const Figures& figures = minute.figures;
    const Histogram waits = figures.of(Measure::kLockWait);
    const Histogram opening = figures.of(Measure::kOpening);
    const Histogram closing = figures.of(Measure::kClosing);
    zval shown;
    array_init(&shown);
    add_next_index_zval(list, &shown);
    add_int_or_null(&shown, "time", date_of(true, minute.ago, now));
    add_session_counts(&shown, figures);
    add_int(&shown, "refused", figures.refused());
    add_int(&shown, "lock_waits", waits.count());
    add_seconds(&shown, "lock_wait_seconds", waits.sum);
    add_int(&shown, "lock_gave_up",
            figures.of(Event::kGaveUp) + figures.of(Event::kWaitersRefused));
    add_seconds(&shown, "opening_seconds", opening.sum);
    add_seconds(&shown, "closing_seconds", closing.sum);
    add_seconds_or_null(&shown, "opening_p50", opening.quantile(0.5));
    add_seconds_or_null(&shown, "opening_p99", opening.quantile(0.99));
    add_seconds_or_null(&shown, "closing_p50", closing.quantile(0.5));
    add_seconds_or_null(&shown, "closing_p99", closing.quantile(0.99));
    add_int(&shown, "bytes_read", figures.of(Event::kBytesRead));
    add_int(&shown, "bytes_stored", figures.of(Measure::kStoredSize).sum);
}

}  // namespace

void make_status_array(zval* array, const StatusReport& report, bool enabled) {
    zval servers;
    zval series;
    array_init(array);
    add_text(array, "version", PHP_MEMCACHE_SESSION_VERSION);
    add_bool(array, "enabled", enabled);
    add_bool(array, "shared", report.is_shared);
    add_int(array, "since", static_cast<uint64_t>(report.since));
    add_int(array, "now", static_cast<uint64_t>(report.now));
    add_text_or_null(array, "problem", report.problem.c_str());
    array_init_size(&servers, static_cast<uint32_t>(report.servers.size()));
    add_array(array, "servers", &servers);
    for (const ServerReport& server : report.servers) {
        add_server(&servers, server, report.now);
    }
    add_sessions(array, report.figures);
    add_locks(array, report.figures);
    add_time_and_bytes(array, report.figures);
    array_init_size(&series, EventTotals::kMinutes);
    add_array(array, "series", &series);
    for (const EventTotals::Minute& minute : report.minutes) {
        add_minute(&series, minute, report.now);
    }
}

}  // namespace memcache_session
