#include "src/php/info.h"

#ifdef MEMCACHE_SESSION_TLS
#include <openssl/crypto.h>
#endif
#include <zlib.h>

#include <cinttypes>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "php_memcache_session.h"
#include "src/base/text.h"
#include "src/php/globals.h"
#include "src/php/request.h"
#include "src/php/save_handler.h"
#include "src/php/settings_table.h"
#include "src/pool/source.h"
#include "src/worker/key_prefix.h"
#include "src/worker/worker.h"

namespace memcache_session {
namespace {

// A printable text that may be in a frame that calls Zend, unlike a std::string. Longer texts are
// cut.
struct Cell {
    char text[1024] = "";
};

// The cell with the text that `make` returns.
template <class Make>
Cell cell_of(Make make) noexcept {
    Cell cell;
    try {
        const std::string text = make();
        copy_printable(text, cell.text, sizeof cell.text);
    } catch (const std::exception&) {
        // Memory is short: the cell stays empty.
    }
    return cell;
}

void print_prefix_overlap() {
    Settings settings;
    if (read_settings(&settings).name != nullptr) {
        return;
    }
    const std::string_view host = settings.prefix_host_key ? server_name() : std::string_view();
    const Cell overlap =
        cell_of([&] { return prefix_overlap(settings, key_prefix(settings, host)); });
    if (overlap.text[0] != '\0') {
        php_info_print_table_row(2, "Key prefix", overlap.text);
    }
}

void print_versions() {
    php_info_print_table_start();
    php_info_print_table_row(2, "Session save handlers",
                             _php_find_ps_module(kMemcacheHandler.s_name) == &kMemcacheHandler
                                 ? "memcache, memcache_session"
                                 : "memcache_session (memcache is pecl/memcache's)");
    php_info_print_table_row(2, "Version", PHP_MEMCACHE_SESSION_VERSION);
    php_info_print_table_row(2, "PHP extension build", ZEND_MODULE_BUILD_ID);
#ifdef MEMCACHE_SESSION_TLS
    php_info_print_table_row(2, "TLS", OpenSSL_version(OPENSSL_VERSION));
#else
    php_info_print_table_row(2, "TLS", "none (no tls://)");
#endif
    php_info_print_table_row(
        2, "SRV records", kAsksForServices ? "by the system's resolver" : "none (no srv+tcp://)");
    php_info_print_table_row(2, "zlib", zlibVersion());
    const HealthTable* const health = health_table();
    php_info_print_table_row(2, "Server health",
                             health != nullptr && health->is_shared() ? "shared by all workers"
                                                                      : "known to this process");
    print_prefix_overlap();
    php_info_print_table_end();
}

void print_number(const char* what, uint64_t number) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    php_info_print_table_row(2, what, text);
}

// The mean of the values of a histogram in microseconds.
void print_mean(const char* what, const Histogram& times) {
    const uint64_t count = times.count();
    char text[64] = "no value";
    if (count > 0) {
        snprintf(text, sizeof text, "%.6f s",
                 static_cast<double>(times.sum) / 1e6 / static_cast<double>(count));
    }
    php_info_print_table_row(2, what, text);
}

// In short what memcache_session_status() shows.
void print_figures() {
    const Statistics* const counted = statistics();
    if (counted == nullptr) {
        return;
    }
    const Figures figures = counted->totals.read();
    const Histogram waits = figures.of(Measure::kLockWait);
    php_info_print_table_start();
    php_info_print_table_header(2, "Counted",
                                counted->totals.is_shared() ? "by all workers" : "by this process");
    print_number("Sessions opened", figures.opened());
    print_number("Sessions of new visitors", figures.of(Event::kCreated));
    print_number("Sessions missing for the request's id", figures.of(Event::kMissing));
    print_number("Sessions stored", figures.stored());
    print_number("Sessions touched", figures.touched());
    print_number("Sessions merged", figures.of(Event::kMerged));
    print_number("Sessions destroyed", figures.of(Event::kDestroyed));
    print_number("Calls refused", figures.refused());
    print_number("Waits for a lock", waits.count());
    print_mean("Mean wait for a lock", waits);
    print_mean("Mean time of opening", figures.of(Measure::kOpening));
    print_mean("Mean time of closing", figures.of(Measure::kClosing));
    php_info_print_table_end();
}

// Both copy what they show first, because output may run a script's code, which may have the
// worker look at its servers again.
void print_source(const SourceState& source) {
    const Cell name = cell_of([&] { return source.name; });
    const Cell state = cell_of([&] { return state_text(source); });
    php_info_print_table_row(2, name.text, state.text);
}

void print_server(const ServerStatus& server) {
    const Cell name = cell_of([&] { return server.name; });
    const Cell state = cell_of([&] { return state_text(server); });
    const Cell label = cell_of([&] { return "Protocol of " + server.name; });
    const char* const protocol = protocol_text(server);
    php_info_print_table_row(2, name.text, state.text);
    if (protocol[0] != '\0') {
        php_info_print_table_row(2, label.text, protocol);
    }
}

void print_servers() {
    Worker* const known = worker();
    OpenParameters opening;
    if (known == nullptr || read_settings(&opening.settings).name != nullptr) {
        return;
    }
    if (opening.settings.save_path.empty()) {
        if (!is_our_handler()) {
            return;
        }
        opening.save_path = as_view(PS(save_path));
    }
    const PoolStatus& pool = known->pool_status(opening);
    const Cell problem = cell_of([&] { return pool.problem; });
    php_info_print_table_start();
    php_info_print_table_header(2, "Server", "State");
    if (problem.text[0] != '\0') {
        php_info_print_table_row(2, "none", problem.text);
    }
    for (size_t i = 0; i < known->latest_pool_status().sources.size(); ++i) {
        print_source(known->latest_pool_status().sources[i]);
    }
    for (size_t i = 0; i < known->latest_pool_status().servers.size(); ++i) {
        print_server(known->latest_pool_status().servers[i]);
    }
    php_info_print_table_end();
}

}  // namespace

void print_info(zend_module_entry* module) {
    print_versions();
    print_figures();
    print_servers();
    display_ini_entries(module);
}

}  // namespace memcache_session
