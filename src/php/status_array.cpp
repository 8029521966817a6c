#include "src/php/status_array.h"

#include "php_memcache_session.h"
#include "src/php/figure_entries.h"
#include "src/php/server_entries.h"

// No frame here may have an object with a destructor, because Zend may bail out. Figures and
// histograms have none.

namespace memcache_session {
namespace {

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
    zval sources;
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
    array_init_size(&sources, static_cast<uint32_t>(report.sources.size()));
    add_array(array, "sources", &sources);
    for (const SourceState& source : report.sources) {
        add_source(&sources, source, report.now);
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
