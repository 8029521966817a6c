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
    if (!prefix.empty()) {
        prefix.append(settings.prefix_separator);
    }
    return prefix;
}

std::string prefix_overlap(const Settings& settings, std::string_view prefix) {
    if (prefix.empty()) {
        return {};
    }
    const bool ends_in_id_byte = is_php_id_byte(prefix.back());
    if (settings.ids == SessionIds::kPhp && !ends_in_id_byte) {
        return {};
    }
    const std::string_view separator = settings.prefix_separator;
    if (!separator.empty() && prefix.find(separator) == prefix.size() - separator.size()) {
        return {};
    }
    const std::string quoted = '"' + std::string(prefix);
    return printable(quoted +
                     "\" ends in a character that ids can have: the id 2abc here is the id "
                     "abc of an application whose prefix is " +
                     quoted + "2\". Set memcache.session_" +
                     (ends_in_id_byte ? "prefix_separator, in all applications, to a text that "
                                        "none of their prefixes has"
                                      : "ids to php"));
}

}  // namespace memcache_session
