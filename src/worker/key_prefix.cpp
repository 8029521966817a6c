#include "src/worker/key_prefix.h"

#include "src/base/text.h"

namespace memcache_session {
namespace {

constexpr std::string_view kWww = "www.";

std::string_view without_www(std::string_view host) {
    return equals_ignoring_case(host.substr(0, kWww.size()), kWww) ? host.substr(kWww.size())
                                                                   : host;
}

// A dot at the very beginning does not count, nor one with nothing behind it.
std::string_view last_two_labels(std::string_view host) {
    const size_t last_dot = host.rfind('.');
    if (last_dot == std::string_view::npos || last_dot == 0) {
        return host;
    }
    const size_t dot = host.rfind('.', last_dot - 1);
    return dot == std::string_view::npos || dot == 0 ? host : host.substr(dot + 1);
}

}  // namespace

std::string key_prefix(const Settings& settings, std::string_view server_name) {
    std::string prefix(settings.prefix_static_key);
    if (settings.prefix_host_key) {
        if (settings.prefix_host_key_remove_www) {
            server_name = without_www(server_name);
        }
        if (settings.prefix_host_key_remove_subdomain) {
            server_name = last_two_labels(server_name);
        }
        prefix.append(server_name);
    }
    return prefix;
}

}  // namespace memcache_session
