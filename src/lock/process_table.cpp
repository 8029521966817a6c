#include "src/lock/process_table.h"

#include <algorithm>
#include <cstdio>

#include "src/base/process.h"
#include "src/base/text.h"

namespace memcache_session {
namespace {

// One printable word, without the `~` that ends it.
std::string read_host_name() {
    std::string name = printable(machine_name(), "_");
    std::replace_if(
        name.begin(), name.end(), [](char byte) { return byte == ' ' || byte == '~'; }, '_');
    return name.empty() ? "unknown" : name;
}

}  // namespace

LocalProcessTable::LocalProcessTable() : host_(read_host_name()) {
    const std::string space = process_space();
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
    return identified_ && host == host_ && process_is_gone(pid);
}

std::string_view host_name(std::string_view host) {
    return host.substr(0, host.find('~'));
}

}  // namespace memcache_session
