#include "src/php/session_array.h"

#include "src/php/array_entries.h"

// As in status_array.cpp, no frame here may have an object with a destructor.

namespace memcache_session {
namespace {

// `copy`: null: there is none.
void add_item(zval* array, const CopyReport* copy) {
    if (copy == nullptr || !copy->has_item) {
        add_null(array, "version");
        add_null(array, "size");
        add_null(array, "compressed");
        add_null(array, "expires");
        return;
    }
    add_int(array, "version", copy->version);
    add_int(array, "size", copy->size);
    add_bool(array, "compressed", copy->compressed);
    add_int_or_null(array, "expires", copy->expires);
}

void add_lock(zval* array, const LockReport& lock) {
    zval shown;
    array_init(&shown);
    add_array(array, "lock", &shown);
    add_int(&shown, "pid", static_cast<uint64_t>(lock.pid));
    add_text(&shown, "host", lock.host.c_str());
    add_text(&shown, "path", lock.path.c_str());
    add_int(&shown, "since", static_cast<uint64_t>(lock.since));
    add_int(&shown, "age", static_cast<uint64_t>(lock.age));
    add_text(&shown, "holder", lock.holder);
}

void add_copy(zval* list, const CopyReport& copy) {
    zval shown;
    array_init(&shown);
    add_next_index_zval(list, &shown);
    add_text(&shown, "name", copy.name.c_str());
    add_bool(&shown, "in_set", copy.in_set);
    add_text(&shown, "state", copy.state);
    add_text_or_null(&shown, "reason", copy.reason.c_str());
    add_item(&shown, &copy);
    add_bool(&shown, "locked", copy.locked);
}

}  // namespace

void make_session_array(zval* array, const SessionReport& report) {
    zval servers;
    array_init(array);
    add_text(array, "state", report.state);
    add_item(array, report.newest ? &report.servers[*report.newest] : nullptr);
    add_int(array, "copies", report.copies);
    if (report.lock) {
        add_lock(array, *report.lock);
    } else {
        add_null(array, "lock");
    }
    array_init_size(&servers, static_cast<uint32_t>(report.servers.size()));
    add_array(array, "servers", &servers);
    for (const CopyReport& copy : report.servers) {
        add_copy(&servers, copy);
    }
}

}  // namespace memcache_session
