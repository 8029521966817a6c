// What PHP knows of the request it serves. Works before RINIT: an upload's progress is a session's
// whole life, before that.
#pragma once

#include <string_view>

namespace memcache_session {

// $_SERVER['SERVER_NAME'] as the web server gave it, whatever the script wrote there since; empty
// without one. Lives as long as the request. Calls Zend.
std::string_view server_name();

// The URL's path, or of a script on the command line its file; empty if neither is known.
std::string_view request_path();

// The file of the script that the web server asked for; empty if unknown.
std::string_view script_path();

}  // namespace memcache_session
