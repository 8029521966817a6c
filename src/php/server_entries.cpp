#include "src/php/server_entries.h"

#include <iterator>
#include <optional>

#include "src/php/figure_entries.h"

// No frame here may have an object with a destructor, because Zend may bail out. Figures and
// histograms have none.

namespace memcache_session {
namespace {

// In the order of FailureGroup.
constexpr const char* kFailureKeys[] = {"refused", "timeout", "closed", "protocol",
                                        "memory",  "tls",     "login",  "local"};
static_assert(std::size(kFailureKeys) == kFailureGroups);

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

}  // namespace

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

void add_source(zval* list, const SourceState& source, int64_t now) {
    const Duration asked = source.asked_ago.value_or(Duration(0));
    const Duration changed = source.changed_ago.value_or(Duration(0));
    const bool fails = !source.failure.empty();
    zval shown;
    array_init(&shown);
    add_next_index_zval(list, &shown);
    add_text(&shown, "name", source.name.c_str());
    add_int(&shown, "servers", source.nodes);
    add_int_or_null(&shown, "version",
                    source.version != 0 ? std::optional<int64_t>(source.version) : std::nullopt);
    add_int_or_null(&shown, "asked", date_of(source.asked_ago.has_value(), asked, now));
    add_int_or_null(&shown, "changed", date_of(source.changed_ago.has_value(), changed, now));
    add_text_or_null(&shown, "failure", source.failure.c_str());
    add_int_or_null(&shown, "failing_since", date_of(fails, source.failing_for, now));
}

}  // namespace memcache_session
