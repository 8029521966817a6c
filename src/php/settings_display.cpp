#include "src/php/settings_display.h"

#include <string_view>

#include "src/base/text.h"
#include "src/worker/masking.h"

namespace memcache_session {
namespace {

std::string_view chosen_value(const zend_ini_entry* entry, int type) {
    const bool original = type == ZEND_INI_DISPLAY_ORIG && entry->modified != 0;
    return as_view(original ? entry->orig_value : entry->value);
}

// `text` stands for a value that is empty.
void display_in_place_of_empty(const char* text) {
    php_printf(sapi_module.phpinfo_as_text != 0 ? "%s" : "<i>%s</i>", text);
}

void display(std::string_view text) {
    while (!text.empty()) {
        const std::string_view piece = next_printable(&text);
        if (sapi_module.phpinfo_as_text != 0) {
            PHPWRITE(piece.data(), piece.size());
        } else {
            zend_html_puts(piece.data(), piece.size());
        }
    }
}

// The value to display, or empty after writing that there is none.
std::string_view displayed_value(const zend_ini_entry* entry, int type) {
    const std::string_view value = chosen_value(entry, type);
    if (value.empty()) {
        display_in_place_of_empty("no value");
    }
    return value;
}

void display_with_meaning(const zend_ini_entry* entry, int type, const char* of_empty) {
    const std::string_view value = chosen_value(entry, type);
    if (value.empty()) {
        display_in_place_of_empty(of_empty);
    }
    display(value);
}

}  // namespace

ZEND_INI_DISP(display_save_path) {
    VisiblePieces pieces(displayed_value(ini_entry, type));
    for (std::string_view piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
        display(piece);
    }
}

ZEND_INI_DISP(display_text) {
    display(displayed_value(ini_entry, type));
}

ZEND_INI_DISP(display_lock_wait) {
    display_with_meaning(ini_entry, type, "twice memcache.lock_timeout");
}

ZEND_INI_DISP(display_off) {
    display_with_meaning(ini_entry, type, "off");
}

ZEND_INI_DISP(display_session_strategy) {
    display_with_meaning(ini_entry, type, "that of memcache.hash_strategy");
}

}  // namespace memcache_session
