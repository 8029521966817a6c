#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>

#include "src/base/process.h"

// Darwin has an older name for it.
#if !defined(MAP_ANONYMOUS) && defined(MAP_ANON)
#define MAP_ANONYMOUS MAP_ANON
#endif

namespace memcache_session {

namespace {

constexpr size_t kMachineNameMax = 64;

std::atomic<uint32_t> generation{0};

void count_fork() {
    generation.fetch_add(1, std::memory_order_relaxed);
}

// Whether /proc shows the processes of our pid namespace. A container may have that of its host,
// where our ids belong to other processes. Such a /proc shows that we have another id there, or one
// more id in each inner namespace (NSpid, since Linux 4.1).
bool proc_is_ours() {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("Pid:", 0) == 0 && line != "Pid:\t" + std::to_string(getpid())) {
            return false;
        }
        if (line.rfind("NSpid:", 0) == 0) {
            return line == "NSpid:\t" + std::to_string(getpid());
        }
    }
    return !file.bad() && file.eof();
}

// Whether the process has ended, and its parent has not collected it. In a container whose first
// process never collects, it stays like that.
bool is_zombie(int64_t id) {
    std::ifstream file("/proc/" + std::to_string(id) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const size_t name_end = stat.rfind(')');  // the name before it may have any byte
    return name_end != std::string::npos && stat.size() > name_end + 2 &&
           (stat[name_end + 2] == 'Z' || stat[name_end + 2] == 'X');
}

}  // namespace

uint32_t process_generation() {
    // Registering at the first call is soon enough: to compare generations, a caller stores one
    // first.
    static const bool registered = pthread_atfork(nullptr, nullptr, count_fork) == 0;
    static_cast<void>(registered);
    return generation.load(std::memory_order_relaxed);
}

int64_t process_id() {
    return getpid();
}

std::string process_rights() {
    struct stat root {};
    static_cast<void>(stat("/", &root));  // otherwise zeros
    return std::to_string(geteuid()) + '/' + std::to_string(root.st_dev) + '/' +
           std::to_string(root.st_ino);
}

std::string machine_name() {
    char name[kMachineNameMax + 1] = {};
    return gethostname(name, kMachineNameMax) == 0 ? name : std::string();
}

std::string process_space() {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    char space[64] = {};
    const ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    if (boot.empty() || length <= 0) {
        return {};
    }
    return boot + '/' + std::string(space, static_cast<size_t>(length));
}

bool process_is_gone(int64_t id) {
    if (id <= 0 || id > std::numeric_limits<pid_t>::max()) {
        return false;
    }
    if (kill(static_cast<pid_t>(id), 0) != 0) {
        return errno == ESRCH;
    }
    return is_zombie(id) && proc_is_ours();
}

size_t descriptors_max() {
    rlimit limit{};
    const bool is_known = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    return is_known && limit.rlim_cur != RLIM_INFINITY ? static_cast<size_t>(limit.rlim_cur)
                                                       : SIZE_MAX;
}

void* map_family_memory(size_t size) {
    void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return mapped != MAP_FAILED ? mapped : nullptr;
}

void unmap_family_memory(void* memory, size_t size) {
    munmap(memory, size);
}

}  // namespace memcache_session
