#include "src/php/file_limits.h"

#include <string_view>

#include "src/php/php_api.h"

namespace memcache_session {
namespace {

bool was_set_by_script(std::string_view name) {
    const auto* const setting = static_cast<const zend_ini_entry*>(
        zend_hash_str_find_ptr(EG(ini_directives), name.data(), name.size()));
    // php_admin_value and sections of php.ini modify a setting too, and forbid scripts to.
    return setting != nullptr && setting->modified != 0 && setting->modifiable != ZEND_INI_SYSTEM;
}

}  // namespace

bool names_forbidden_file(Worker& worker, const OpenParameters& opening) {
    const char* const limit = PG(open_basedir);
    if (limit == nullptr || *limit == '\0' ||
        (!opening.save_path_is_given &&
         !was_set_by_script(opening.settings.save_path.empty() ? "session.save_path"
                                                               : "memcache.session_save_path"))) {
        return false;
    }
    for (const std::string& file : worker.pool_status(opening).files) {
        if (php_check_open_basedir_ex(file.c_str(), 0) != 0) {
            return true;
        }
    }
    return false;
}

}  // namespace memcache_session
