// Which files of this machine a script may have read for it.
#pragma once

#include <string_view>

#include "src/worker/worker.h"

namespace memcache_session {

// The warning about such a list.
constexpr std::string_view kForbiddenFile =
    "the list of servers names a file outside of open_basedir";

// Whether the script has chosen the servers itself, by ini_set(), session_save_path() or
// SessionHandler::open(), and their parameters name a file outside of open_basedir. Such a script
// could have the first line of any file sent as a password. A list that scripts cannot change may
// name any file, and so may that of php.ini. This may bail out, so no caller may hold an object
// with a destructor.
bool names_forbidden_file(Worker& worker, const OpenParameters& opening);

}  // namespace memcache_session
