#include "src/lock/process_table.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <limits>

namespace memcache_session {
namespace {

constexpr size_t kHostNameMax = 64;

std::string read_host_name() {
    char name[kHostNameMax + 1] = {};
    if (gethostname(name, kHostNameMax) != 0 || name[0] == '\0') {
        return "unknown";
    }
    std::string clean(name);
    for (char& byte : clean) {
        if (static_cast<unsigned char>(byte) <= ' ' || byte == 127 || byte == '~') {
            byte = '_';
        }
    }
    return clean;
}

// Empty where the system has no such identity: then no holder is ever judged dead.
std::string read_process_space() {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    char space[64] = {};
    const ssize_t length = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
    if (boot.empty() || length <= 0) {
        return {};
    }
    return boot + '/' + std::string(space, static_cast<size_t>(length));
}

// A killed process that its parent has not collected (in a container whose first process never
// does) holds nothing any more.
bool is_zombie(int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const size_t name_end = stat.rfind(')');  // the name before it may hold anything
    return name_end != std::string::npos && stat.size() > name_end + 2 &&
           (stat[name_end + 2] == 'Z' || stat[name_end + 2] == 'X');
}

}  // namespace

LocalProcessTable::LocalProcessTable() : host_(read_host_name()) {
    const std::string space = read_process_space();
    identified_ = !space.empty();
    if (identified_) {
        uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
        for (const unsigned char byte : space) {
            hash = (hash ^ byte) * 0x100000001b3ULL;
        }
        char text[20];
        std::snprintf(text, sizeof(text), "~%016llx", static_cast<unsigned long long>(hash));
        host_ += text;
    }
}

bool LocalProcessTable::is_gone(std::string_view host, int64_t pid) const {
    if (!identified_ || host != host_ || pid <= 0 || pid > std::numeric_limits<pid_t>::max()) {
        return false;
    }
    if (kill(static_cast<pid_t>(pid), 0) != 0) {
        return errno == ESRCH;
    }
    return is_zombie(pid);
}

std::string_view host_name(std::string_view host) {
    return host.substr(0, host.find('~'));
}

}  // namespace memcache_session
