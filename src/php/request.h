// The request that PHP serves. These work before RINIT too, because the progress of an upload opens
// and closes a session before that.
#pragma once

#include <cstddef>
#include <string_view>

namespace memcache_session {

// $_SERVER['SERVER_NAME'] as the web server gave it, even if the script has changed it; empty
// without one. Lives as long as the request. Calls Zend.
std::string_view server_name();

// The path of the URL, or the file of a script on the command line; empty if neither is known.
// Lives as long as the request.
std::string_view request_path();

// The file of the script that the web server asked for; empty if unknown. Lives as long as the
// request.
std::string_view script_path();

// The name of session.serialize_handler.
std::string_view serialize_handler();

// How many bytes PHP may still allocate before memory_limit ends the script; SIZE_MAX without a
// limit. At least 2 MB, because so much may be free in the memory that PHP has already.
size_t memory_left();

}  // namespace memcache_session
