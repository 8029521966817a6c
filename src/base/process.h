// This process and its forks. The system's part is process_posix.cpp or process_windows.cpp.
// These files have the only mutable statics of the core, because the handler of pthread_atfork()
// takes no argument, and because connection ids are unique across all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace memcache_session {

// Grows by one in the child of every fork(). An object that was made under another generation
// belongs to an ancestor. Costs an atomic load, where getpid() is a system call. Thread-safe. A raw
// clone() or vfork() is not noticed.
uint32_t process_generation();

// Returns a number that was not returned before, neither in this process nor in an ancestor before
// its fork(). Never 0. Thread-safe.
uint64_t process_unique_number();

// The id by which the system knows this process.
int64_t process_id();

// Distinguishes processes that may see other files and names: another user or another root
// directory (chroot) has another text. Costs a system call.
std::string process_rights();

// The name of this machine, at most 64 bytes; empty if it has none.
std::string machine_name();

// Distinguishes all sets of process ids: another boot, machine or pid namespace (a container) has
// another text. Empty on systems other than Linux, which have no such names.
std::string process_space();

// Whether no process of this space has that id, or the process has ended and was not collected.
// False when that is unknown.
bool process_is_gone(int64_t id);

// The most files and sockets that this process may have open at once, as the system says now.
// SIZE_MAX if there is no limit.
size_t descriptors_max();

// Returns zeroed memory that this process and all that it forks later have in common. Null when the
// system refuses, and on Windows, which does not fork.
void* map_family_memory(size_t size);
void unmap_family_memory(void* memory, size_t size);

}  // namespace memcache_session
