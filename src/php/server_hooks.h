// The beginning and the end of a request, as PHP's part for the web server sees them. FrankenPHP's
// worker mode serves many requests within one request of PHP. For each of them it resets the
// modules session and filter, and calls PHP's hooks for the web server. RINIT and RSHUTDOWN of
// other modules run only for the whole.
#pragma once

namespace memcache_session {

// Call in MINIT and MSHUTDOWN.
void add_server_hooks();
void remove_server_hooks();

// Call in RINIT: PHP itself ends this request, and takes back what scripts have set.
void begin_request_of_php();

// Call in post_deactivate: PHP has taken back all settings, so that none is left to be taken back
// at the end of the web server's request.
void end_request_of_php();

}  // namespace memcache_session
