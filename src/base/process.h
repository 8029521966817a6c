// This process and its family, as the system tells: process_posix.cpp or process_windows.cpp.
// With process.cpp they have the only mutable statics of the core: the handler of pthread_atfork()
// takes no argument, and connection ids are unique across all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace memcache_session {

// Grows by one in the child of every fork(), so what was made under another generation belongs to
// an ancestor: compare it with the one stored when the thing was made. An atomic load, where
// getpid() is a system call. Thread-safe. A raw clone() or vfork() is not seen.
uint32_t process_generation();

// A number that was returned neither in this process before nor in an ancestor before its fork();
// never 0. Thread-safe.
uint64_t process_unique_number();

// By which the system knows this process.
int64_t process_id();

// The name of this machine, at most 64 bytes; empty if it has none.
std::string machine_name();

// Tells apart all sets of process ids: another boot, machine or pid namespace (a container) has
// another text. Empty where the system has nothing to tell them by: it takes Linux.
std::string process_space();

// Whether no process of this space has that id, or only one that was killed and not collected.
// False when that cannot be known.
bool process_is_gone(int64_t id);

// Zeroed memory that this process and all that it forks later have in common. Null when there is
// none: Windows does not fork.
void* map_family_memory(size_t size);
void unmap_family_memory(void* memory, size_t size);

}  // namespace memcache_session
