#include <windows.h>

#include <cstdint>

#include "src/base/process.h"

namespace memcache_session {

uint32_t process_generation() {
    return 0;  // nothing forks
}

int64_t process_id() {
    return GetCurrentProcessId();
}

std::string process_rights() {
    return {};
}

std::string machine_name() {
    char name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD length = sizeof name;
    return GetComputerNameA(name, &length) != 0 ? std::string(name, length) : std::string();
}

// Containers and machines made from one image cannot be distinguished, so no process is taken for
// dead because of its id. Its locks end with their leases.
std::string process_space() {
    return {};
}

bool process_is_gone(int64_t) {
    return false;
}

size_t descriptors_max() {
    return SIZE_MAX;
}

void* map_family_memory(size_t) {
    return nullptr;
}

void unmap_family_memory(void*, size_t) {}

}  // namespace memcache_session
