#include "src/php/settings_table.h"

#include "src/base/text.h"
#include "src/php/globals.h"
#include "src/php/path_patterns.h"
#include "src/php/php_api.h"
#include "src/php/settings_display.h"
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

// Stores the value of the text in a field of the settings. False if the text has no value.
template <auto parse, auto... field>
bool take(std::string_view text, Settings* settings) {
    const auto value = parse(text);
    if (value) {
        (*settings.*....*field) = *value;
    }
    return value.has_value();
}

template <auto parse, auto... field>
bool take_unless_empty(std::string_view text, Settings* settings) {
    return text.empty() || take<parse, field...>(text, settings);
}

template <auto field>
bool take_text(std::string_view text, Settings* settings) {
    settings->*field = text;
    return true;
}

bool take_lock_wait(std::string_view text, Settings* settings) {
    settings->lock_wait = 2 * settings->lock_timeout;
    return take_unless_empty<parse_ini_seconds, &Settings::lock_wait>(text, settings);
}

// The values that a setting can be given, and those that can be used: another module may allow
// more.
struct Values {
    bool (*allows)(std::string_view);
    bool (*take)(std::string_view, Settings*);
};

template <auto parse, auto... field>
constexpr Values kValues = {allows<parse>, take<parse, field...>};

struct Setting {
    std::string_view name;
    const char* initial;  // null: none
    Values values;
    const char* allowed;
    void (*display)(zend_ini_entry*, int);  // null: PHP's own way
    int modifiable = PHP_INI_ALL;           // PHP_INI_SYSTEM: in php.ini only
};

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
constexpr const char* kSearch = "a whole number from 0 to 1024";
constexpr const char* kPatterns =
    "patterns for script paths, of at most 1024 characters each, separated by blanks or commas";
constexpr const char* kLockFailure = "fail or readonly";
constexpr const char* kMerging = "off, fail or last";
constexpr const char* kIds = "any or php";
constexpr const char* kMeta = "auto or off";
constexpr const char* kSeparator =
    "at most 16 characters, none of them a blank or control character";
constexpr const char* kStaticKey =
    "at most 200 characters, none of them a blank or control character";

// The save_path is checked when a session is opened. To replace a bad one by the default here would
// mean to look for the sessions on other servers.
//
// The settings are read in this order: one that is empty takes its value from one before it.
constexpr Setting kSettings[] = {
    {"memcache.allow_failover", "1", kValues<parse_ini_switch, &Settings::allow_failover>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.max_failover_attempts", "20",
     kValues<parse_positive, &Settings::failover_attempts_max>, kPositive, nullptr},
    {"memcache.default_port", "11211", kValues<parse_port, &Settings::default_port>, kPort,
     nullptr},
    {"memcache.hash_strategy", "consistent",
     kValues<parse_strategy, &Settings::placement, &PlacementSettings::strategy>, kStrategy,
     nullptr},
    {"memcache.hash_function", "crc32",
     kValues<parse_hash_function, &Settings::placement, &PlacementSettings::hash_function>,
     kHashFunction, nullptr},
    {"memcache.compress_threshold", "20000", kValues<parse_number, &Settings::compress_threshold>,
     kNumber, nullptr},
    {"memcache.lock_timeout",
     "15",
     {allows<parse_positive>, take<parse_ini_seconds, &Settings::lock_timeout>},
     kPositive,
     nullptr},
    {"memcache.session_redundancy", "2", kValues<parse_positive, &Settings::redundancy>, kPositive,
     nullptr},
    {"memcache.session_search", "14", kValues<parse_search, &Settings::search>, kSearch, nullptr},
    {"memcache.session_save_path",
     nullptr,
     {allows_anything, take_text<&Settings::save_path>},
     "",
     display_save_path},
    {"memcache.session_ids", "any", kValues<parse_session_ids, &Settings::ids>, kIds, nullptr},
    {"memcache.session_meta", "auto", kValues<parse_meta, &Settings::meta>, kMeta, display_off},
    {"memcache.session_prefix_static_key", nullptr,
     kValues<parse_static_key, &Settings::prefix_static_key>, kStaticKey, display_text},
    {"memcache.session_prefix_host_key", "0", kValues<parse_ini_switch, &Settings::prefix_host_key>,
     kSwitch, zend_ini_boolean_displayer_cb},
    {"memcache.session_prefix_host_key_remove_www", "1",
     kValues<parse_ini_switch, &Settings::prefix_host_key_remove_www>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_prefix_host_key_remove_subdomain", "0",
     kValues<parse_ini_switch, &Settings::prefix_host_key_remove_subdomain>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_prefix_separator", "",
     kValues<parse_prefix_separator, &Settings::prefix_separator>, kSeparator, display_text},
    {"memcache.session_hash_strategy",
     "",
     {allows_or_empty<parse_strategy>,
      take_unless_empty<parse_strategy, &Settings::placement, &PlacementSettings::strategy>},
     kStrategyOrEmpty,
     display_session_strategy},
    {"memcache.session_lock", "1", kValues<parse_ini_switch, &Settings::locking>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_lock_wait",
     "",
     {allows_or_empty<parse_ini_seconds>, take_lock_wait},
     kSecondsOrEmpty,
     display_lock_wait},
    {"memcache.session_lock_waiters", "0", kValues<parse_waiters, &Settings::lock_waiters_max>,
     kWaiters, nullptr},
    {"memcache.session_readonly_paths",
     "",
     {are_path_patterns, take_text<&Settings::readonly_paths>},
     kPatterns,
     display_text},
    {"memcache.session_status", "1", kValues<parse_ini_switch, &Settings::counting>, kSwitch,
     zend_ini_boolean_displayer_cb},
    {"memcache.session_status_reset", "0", kValues<parse_ini_switch, &Settings::may_reset_status>,
     kSwitch, zend_ini_boolean_displayer_cb, PHP_INI_SYSTEM},
    {"memcache.session_inspect", "0", kValues<parse_ini_switch, &Settings::may_inspect>, kSwitch,
     zend_ini_boolean_displayer_cb, PHP_INI_SYSTEM},
    {"memcache.session_warn_size", "0", kValues<parse_number, &Settings::warn_size>, kNumber,
     nullptr},
    {"memcache.session_lock_failure", "fail", kValues<parse_lock_failure, &Settings::lock_failure>,
     kLockFailure, nullptr},
    {"memcache.session_merge", "off", kValues<parse_merging, &Settings::merging>, kMerging,
     display_off},
};

// The names as PHP's strings, which know their hashes: a look-up costs a quarter. Set in MINIT.
zend_string* names[std::size(kSettings)];
zend_string* our_save_path;
zend_string* phps_save_path;

zend_string* lasting(std::string_view name) {
    return zend_string_init_interned(name.data(), name.size(), true);
}

static_assert(std::size(kSettings) <= kChangedSettingsMax);

// Whether on_setting_change() hears of every change. Set in MINIT.
bool all_are_ours = true;

// PHP calls this before each change: by php.ini, its sections, a .user.ini, the web server or
// ini_set(), and when it takes the change back at the end of the request. For a refused value PHP
// keeps the old one at run time, and takes our default in place of php.ini's.
ZEND_INI_MH(on_setting_change) {
    static_cast<void>(mh_arg2);
    static_cast<void>(mh_arg3);
    MEMCACHE_SESSION_G(settings_are_known) = false;
    if (stage == ZEND_INI_STAGE_RUNTIME && !MEMCACHE_SESSION_G(is_request_of_php)) {
        remember_setting(&MEMCACHE_SESSION_G(changed_settings), entry);
    }
    const Setting& setting = *static_cast<const Setting*>(mh_arg1);
    const std::string_view value = as_view(new_value);
    if (setting.values.allows(value)) {
        return SUCCESS;
    }
    char shown[kShownValueSize];
    copy_printable(value, shown, sizeof shown);
    php_error_docref(nullptr, E_WARNING, "%s must be %s; the given value is \"%s\"",
                     ZSTR_VAL(entry->name), setting.allowed, shown);
    return FAILURE;
}

std::string_view text_of(zend_string* name) {
    const void* const entry = zend_hash_find_ptr(EG(ini_directives), name);
    return entry != nullptr ? as_view(static_cast<const zend_ini_entry*>(entry)->value)
                            : std::string_view();
}

}  // namespace

void register_settings(int module_number) {
    all_are_ours = true;
    our_save_path = lasting("memcache.session_save_path");
    phps_save_path = lasting("session.save_path");
    // Each is an entry and the end of its list. PHP keeps the pointer, and 8.6 shows defaults by
    // it.
    static zend_ini_entry_def definitions[std::size(kSettings)][2];
    for (const Setting& setting : kSettings) {
        zend_string*& name = names[&setting - kSettings];
        name = lasting(setting.name);
        if (zend_hash_exists(EG(ini_directives), name)) {
            all_are_ours = false;
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
        entry.on_modify = on_setting_change;
        entry.mh_arg1 = const_cast<Setting*>(&setting);
        entry.displayer = setting.display;
        entry.modifiable = static_cast<uint8_t>(setting.modifiable);
        zend_register_ini_entries(&entry, module_number);
    }
}

IdentifiedText used_save_path(const Settings& settings, const char* given) {
    const bool is_ours = !settings.save_path.empty();
    const char* const text = is_ours ? settings.save_path.data() : given;
    const bool is_setting = is_ours || text == bytes_of(PS(save_path));  // not SessionHandler's
    const auto* const entry = static_cast<const zend_ini_entry*>(
        zend_hash_find_ptr(EG(ini_directives), is_ours ? our_save_path : phps_save_path));
    if (!is_setting || entry == nullptr || entry->modified != 0 || entry->value == nullptr) {
        return {as_view(text), 0, is_setting};
    }
    return {as_view(entry->value), reinterpret_cast<uintptr_t>(entry->value), true};
}

BadSetting read_settings(Settings* settings) {
    if (MEMCACHE_SESSION_G(settings_are_known)) {
        *settings = MEMCACHE_SESSION_G(settings);
        return {};
    }
    BadSetting bad;
    for (const Setting& setting : kSettings) {
        const std::string_view text = text_of(names[&setting - kSettings]);
        if (!setting.values.take(text, settings) && bad.name == nullptr) {
            bad = {setting.name.data(), setting.allowed, text};
        }
    }
    MEMCACHE_SESSION_G(settings) = *settings;
    MEMCACHE_SESSION_G(settings_are_known) = all_are_ours && bad.name == nullptr;
    return bad;
}

}  // namespace memcache_session
