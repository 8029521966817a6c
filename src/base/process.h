// Facts of this process that fork() changes. The only mutable statics of the core: the handler of
// pthread_atfork() takes no argument, and connection ids are unique across all threads.
#pragma once

#include <cstdint>

namespace memcache_session {

// Grows by one in the child of every fork(), so what was made under another generation belongs to
// an ancestor: compare it with the one stored when the thing was made. An atomic load, where
// getpid() is a system call. Thread-safe. A raw clone() or vfork() is not seen.
uint32_t process_generation();

// A number that was returned neither in this process before nor in an ancestor before its fork();
// never 0. Thread-safe.
uint64_t process_unique_number();

}  // namespace memcache_session
