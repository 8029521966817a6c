#include "src/pool/host.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "src/base/text.h"
#include "src/net/socket.h"

namespace memcache_session {
namespace {

constexpr size_t kHostLengthMax = 253;  // of a DNS name
constexpr size_t kZoneLengthMax = 32;

// Only ASCII counts, whatever the locale of the process.
bool is_name_char(char byte) {
    const char lower = to_lower(byte);
    return is_digit(byte) || (lower >= 'a' && lower <= 'z') || byte == '.' || byte == '-' ||
           byte == '_';
}

}  // namespace

bool is_ipv4(std::string_view text) {
    in_addr address;
    return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool is_ipv6(std::string_view text) {
    const size_t percent = text.find('%');
    in6_addr address;
    if (inet_pton(AF_INET6, std::string(text.substr(0, percent)).c_str(), &address) != 1) {
        return false;
    }
    if (percent == std::string_view::npos) {
        return true;
    }
    const std::string_view zone = text.substr(percent + 1);
    return !zone.empty() && zone.size() <= kZoneLengthMax &&
           std::all_of(zone.begin(), zone.end(), is_name_char);
}

bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > kHostLengthMax ||
        !std::all_of(text.begin(), text.end(), is_name_char)) {
        return false;
    }
    if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
        return is_ipv4(text);
    }
    return text[0] != '.' && text[0] != '-' && text.find("..") == std::string_view::npos;
}

}  // namespace memcache_session
