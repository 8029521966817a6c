// Work beside the thread of a request. The system's part is thread_posix.cpp or thread_windows.cpp.
#pragma once

namespace memcache_session {

// Runs `work(context)` in a thread of its own that nobody joins. The thread takes no signal,
// because the handlers of PHP must run in PHP's own threads, and it has a small stack. The library
// that has this code stays loaded until the process ends. Returns 0, or the system's error: then
// `work` is never called.
int start_background_thread(void (*work)(void* context), void* context);

}  // namespace memcache_session
