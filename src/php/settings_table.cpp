#include "src/php/settings_table.h"

#include "src/base/text.h"
#include "src/php/path_patterns.h"
#include "src/php/php_api.h"
#include "src/worker/masking.h"
#include "src/worker/setting_values.h"

namespace memcache_session {
namespace {

template <auto parse>
bool allows(std::string_view text) {
    return parse(text).has_value();
}

template <auto parse>
bool allows_or_empty(std::string_view text) {
    return text.empty() || parse(text).has_value();
}

bool allows_anything(std::string_view /*text*/) {
    return true;
}

struct Setting {
    std::string_view name;
    const char* initial;  // null: none
    bool (*allows)(std::string_view);
    const char* allowed;
    void (*display)(zend_ini_entry*, int);  // null: PHP's own way
};

ZEND_INI_DISP(display_save_path);
ZEND_INI_DISP(display_text);
template <const auto& kMeaning>
ZEND_INI_DISP(display_default);

constexpr const char* kPositive = "a whole number from 1 to 2147483647";
constexpr const char* kNumber = "a whole number from 0 to 2147483647";
constexpr const char* kPort = "a port number from 1 to 65535";
constexpr const char* kSwitch = "0 or 1";
constexpr const char* kStrategy = "consistent, standard, ketama, ketama_unweighted or modula";
constexpr const char* kStrategyOrEmpty =
    "consistent, standard, ketama, ketama_unweighted or modula, or empty for that of "
    "memcache.hash_strategy";
constexpr const char* kHashFunction = "crc32 or fnv";
constexpr const char* kSecondsOrEmpty =
    "a number of seconds from 0 to 2147483647, or empty for twice memcache.lock_timeout";
constexpr const char* kWaiters = "a whole number from 0 to 1000";
constexpr const char* kPatterns =
    "patterns for script paths, of at most 1024 characters each, separated by blanks or commas";
constexpr const char* kLockFailure = "fail or readonly";
constexpr const char* kIds = "any or php";
constexpr const char* kSeparator =
    "at most 16 characters, none of them a blank or control character";
constexpr const char* kStaticKey =
    "at most 200 characters, none of them a blank or control character";

// The meaning of two settings that are empty.
constexpr char kTwiceLease[] = "twice memcache.lock_timeout";
constexpr char kCommonStrategy[] = "that of memcache.hash_strategy";

// The save_path is checked when a session is opened. To replace a bad one by the default here would
// mean to look for the sessions on other servers.
constexpr Setting kSettings[] = {
    {"memcache.allow_failover", "1", allows<parse_ini_switch>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.max_failover_attempts", "20", allows<parse_positive>, kPositive, nullptr},
    {"memcache.default_port", "11211", allows<parse_port>, kPort, nullptr},
    {"memcache.hash_strategy", "consistent", allows<parse_strategy>, kStrategy, nullptr},
    {"memcache.hash_function", "crc32", allows<parse_hash_function>, kHashFunction, nullptr},
    {"memcache.compress_threshold", "20000", allows<parse_number>, kNumber, nullptr},
    {"memcache.lock_timeout", "15", allows<parse_positive>, kPositive, nullptr},
    {"memcache.session_redundancy", "2", allows<parse_positive>, kPositive, nullptr},
    {"memcache.session_save_path", nullptr, allows_anything, "", display_save_path},
    {"memcache.session_ids", "any", allows<parse_session_ids>, kIds, nullptr},
    {"memcache.session_prefix_static_key", nullptr, allows<parse_static_key>, kStaticKey,
     display_text},
    {"memcache.session_prefix_host_key", "0", allows<parse_ini_switch>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_prefix_host_key_remove_www", "1", allows<parse_ini_switch>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_prefix_host_key_remove_subdomain", "0", allows<parse_ini_switch>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_prefix_separator", "", allows<parse_prefix_separator>, kSeparator,
     display_text},
    {"memcache.session_hash_strategy", "", allows_or_empty<parse_strategy>, kStrategyOrEmpty,
     display_default<kCommonStrategy>},
    {"memcache.session_lock", "1", allows<parse_ini_switch>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_lock_wait", "", allows_or_empty<parse_ini_seconds>, kSecondsOrEmpty,
     display_default<kTwiceLease>},
    {"memcache.session_lock_waiters", "0", allows<parse_waiters>, kWaiters, nullptr},
    {"memcache.session_readonly_paths", "", are_path_patterns, kPatterns, display_text},
    {"memcache.session_lock_failure", "fail", allows<parse_lock_failure>, kLockFailure, nullptr},
};

// For a refused value, PHP keeps the old one at run time, and takes our default in place of
// php.ini's.
ZEND_INI_MH(validate_setting) {
    static_cast<void>(mh_arg2);
    static_cast<void>(mh_arg3);
    static_cast<void>(stage);
    const Setting& setting = *static_cast<const Setting*>(mh_arg1);
    const std::string_view value = as_view(new_value);
    if (setting.allows(value)) {
        return SUCCESS;
    }
    char shown[kShownValueSize];
    copy_printable(value, shown, sizeof shown);
    php_error_docref(nullptr, E_WARNING, "%s must be %s; the given value is \"%s\"",
                     ZSTR_VAL(entry->name), setting.allowed, shown);
    return FAILURE;
}

std::string_view chosen_value(const zend_ini_entry* entry, int type) {
    const bool original = type == ZEND_INI_DISPLAY_ORIG && entry->modified != 0;
    return as_view(original ? entry->orig_value : entry->value);
}

// `text` stands for a value that is empty.
void display_in_place_of_empty(const char* text) {
    php_printf(sapi_module.phpinfo_as_text != 0 ? "%s" : "<i>%s</i>", text);
}

// The value to display, or empty after writing that there is none.
std::string_view displayed_value(const zend_ini_entry* entry, int type) {
    const std::string_view value = chosen_value(entry, type);
    if (value.empty()) {
        display_in_place_of_empty("no value");
    }
    return value;
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

// Hides passwords, because the output of phpinfo() is often public or sent by mail.
ZEND_INI_DISP(display_save_path) {
    VisiblePieces pieces(displayed_value(ini_entry, type));
    for (std::string_view piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
        display(piece);
    }
}

// For values that may hold any bytes.
ZEND_INI_DISP(display_text) {
    display(displayed_value(ini_entry, type));
}

// For values of which the empty one has a meaning of its own.
template <const auto& kMeaning>
ZEND_INI_DISP(display_default) {
    const std::string_view value = chosen_value(ini_entry, type);
    if (value.empty()) {
        display_in_place_of_empty(kMeaning);
    }
    display(value);
}

std::string_view text_of(std::string_view name) {
    return as_view(zend_ini_string_ex(name.data(), name.size(), 0, nullptr));
}

// Reads settings one by one, and remembers the first that cannot be used.
class Reader {
public:
    template <class T>
    void read(std::string_view name, std::optional<T> (*parse)(std::string_view), T* target) {
        const std::string_view text = text_of(name);
        if (const std::optional<T> value = parse(text)) {
            *target = *value;
        } else if (bad_.name == nullptr) {
            bad_ = {name.data(), allowed(name), text};
        }
    }

    const BadSetting& bad() const { return bad_; }

private:
    static const char* allowed(std::string_view name) {
        for (const Setting& setting : kSettings) {
            if (setting.name == name) {
                return setting.allowed;
            }
        }
        return "";
    }

    BadSetting bad_;
};

}  // namespace

void register_settings(int module_number) {
    // Each is an entry and the end of its list. PHP keeps the pointer, and 8.6 shows defaults by
    // it.
    static zend_ini_entry_def definitions[std::size(kSettings)][2];
    for (const Setting& setting : kSettings) {
        if (zend_hash_str_exists(EG(ini_directives), setting.name.data(), setting.name.size())) {
            // The other module would show passwords, and bytes that are not text.
            if (setting.display == display_save_path || setting.display == display_text) {
                zend_ini_register_displayer(setting.name.data(),
                                            static_cast<uint32_t>(setting.name.size()),
                                            setting.display);
            }
            continue;
        }
        zend_ini_entry_def& entry = definitions[&setting - kSettings][0];
        entry.name = setting.name.data();
        entry.name_length = static_cast<uint16_t>(setting.name.size());
        entry.value = setting.initial;
        entry.value_length = static_cast<uint32_t>(as_view(setting.initial).size());
        entry.on_modify = validate_setting;
        entry.mh_arg1 = const_cast<Setting*>(&setting);
        entry.displayer = setting.display;
        entry.modifiable = PHP_INI_ALL;
        zend_register_ini_entries(&entry, module_number);
    }
}

BadSetting read_settings(Settings* settings) {
    Reader reader;
    settings->save_path = text_of("memcache.session_save_path");
    reader.read("memcache.default_port", parse_port, &settings->default_port);
    const bool own_strategy = !text_of("memcache.session_hash_strategy").empty();
    reader.read(own_strategy ? "memcache.session_hash_strategy" : "memcache.hash_strategy",
                parse_strategy, &settings->placement.strategy);
    reader.read("memcache.hash_function", parse_hash_function, &settings->placement.hash_function);

    reader.read("memcache.session_redundancy", parse_positive, &settings->redundancy);
    reader.read("memcache.allow_failover", parse_ini_switch, &settings->allow_failover);
    reader.read("memcache.max_failover_attempts", parse_positive, &settings->failover_attempts_max);

    reader.read("memcache.session_lock", parse_ini_switch, &settings->locking);
    reader.read("memcache.session_lock_failure", parse_lock_failure, &settings->lock_failure);
    reader.read("memcache.lock_timeout", parse_ini_seconds, &settings->lock_timeout);
    settings->lock_wait = 2 * settings->lock_timeout;
    if (!text_of("memcache.session_lock_wait").empty()) {
        reader.read("memcache.session_lock_wait", parse_ini_seconds, &settings->lock_wait);
    }

    reader.read("memcache.session_lock_waiters", parse_waiters, &settings->lock_waiters_max);
    settings->readonly_paths = text_of("memcache.session_readonly_paths");

    reader.read("memcache.compress_threshold", parse_number, &settings->compress_threshold);

    reader.read("memcache.session_ids", parse_session_ids, &settings->ids);
    reader.read("memcache.session_prefix_static_key", parse_static_key,
                &settings->prefix_static_key);
    reader.read("memcache.session_prefix_host_key", parse_ini_switch, &settings->prefix_host_key);
    reader.read("memcache.session_prefix_host_key_remove_www", parse_ini_switch,
                &settings->prefix_host_key_remove_www);
    reader.read("memcache.session_prefix_host_key_remove_subdomain", parse_ini_switch,
                &settings->prefix_host_key_remove_subdomain);
    reader.read("memcache.session_prefix_separator", parse_prefix_separator,
                &settings->prefix_separator);
    return reader.bad();
}

}  // namespace memcache_session
