#include "src/worker/masking.h"

#include <algorithm>

#include "src/pool/security_parameters.h"

namespace memcache_session {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::string_view kScheme = "://";

constexpr std::string_view kHarmless[] = {
    "persistent", "weight",     "timeout", "retry_interval", "udp_port",
    "proxy",      "refresh",    "cafile",  "capath",         "verify_peer",
    "peer_name",  "local_cert", "ciphers", "min_version",    "verify_peer_name"};

bool is_harmless(std::string_view parameter) {
    parameter = without_brackets(parameter);
    return std::find(std::begin(kHarmless), std::end(kHarmless), parameter) != std::end(kHarmless);
}

}  // namespace

std::string_view VisiblePieces::take(size_t count) {
    const std::string_view piece = rest_.substr(0, count);
    rest_.remove_prefix(piece.size());
    return piece;
}

std::string_view VisiblePieces::next() {
    if (host_follows_) {
        // A password may contain a comma, a blank or a slash. So everything up to the last @ before
        // the next scheme is hidden, even other servers that are written without a scheme.
        host_follows_ = false;
        const size_t at = rest_.substr(0, rest_.find(kScheme)).rfind('@');
        if (at != std::string_view::npos) {
            take(at);
            return kHidden;
        }
    }
    if (value_follows_) {
        value_follows_ = false;
        take(rest_.find_first_of("&, \t\r\n"));
        return kHidden;
    }
    for (size_t position = 0; position < rest_.size(); ++position) {
        if (rest_.substr(position, kScheme.size()) == kScheme) {
            host_follows_ = true;
            return take(position + kScheme.size());
        }
        if (rest_[position] == '=') {
            const size_t begin = rest_.substr(0, position).find_last_of("?&");
            if (!is_harmless(rest_.substr(begin + 1, position - begin - 1))) {
                value_follows_ = true;
                return take(position + 1);
            }
        }
    }
    return take(rest_.size());
}

}  // namespace memcache_session
