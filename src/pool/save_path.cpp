#include "src/pool/save_path.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "src/net/address.h"

namespace memcache_session {

namespace {

constexpr size_t kQuotedLengthMax = 64;
constexpr size_t kHostLengthMax = 253;  // of a DNS name
constexpr size_t kZoneLengthMax = 32;
constexpr uint64_t kPortMax = std::numeric_limits<uint16_t>::max();

constexpr std::string_view kSeparators = ", \t\n\v\f\r";
constexpr std::string_view kUnixScheme = "unix:";
constexpr std::string_view kSchemeEnd = "://";
constexpr std::string_view kNoPort = ":0";  // pecl/memcache's examples end a socket's path so
constexpr std::string_view kWeight = "weight";
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Of ASCII alone, whatever the locale of the process.
bool is_name_char(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return to_lower(c); });
    return lower;
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool is_unix_entry(std::string_view entry) {
    return to_lower(entry.substr(0, kUnixScheme.size())) == kUnixScheme;
}

std::optional<uint64_t> parse_whole_number(std::string_view text, uint64_t max) {
    if (text.empty()) return std::nullopt;
    uint64_t number = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        number = number * 10 + static_cast<uint64_t>(c - '0');
        if (number > max) return std::nullopt;
    }
    return number;
}

// Decimal seconds, as in "2", "0.25" or ".5"; digits beyond the microsecond are dropped.
std::optional<Duration> parse_seconds(std::string_view text, Duration max) {
    const size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction =
        point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (whole.empty() && fraction.empty()) return std::nullopt;

    const auto max_seconds =
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(max).count());
    uint64_t seconds = 0;
    if (!whole.empty()) {
        const auto number = parse_whole_number(whole, max_seconds);
        if (!number) return std::nullopt;
        seconds = *number;
    }
    uint64_t microseconds = 0;
    uint64_t unit = 100000;
    for (const char c : fraction) {
        if (!is_digit(c)) return std::nullopt;
        microseconds += unit * static_cast<uint64_t>(c - '0');
        unit /= 10;
    }
    const Duration duration(static_cast<int64_t>(seconds * 1000000 + microseconds));
    return duration <= max ? std::optional<Duration>(duration) : std::nullopt;
}

std::optional<bool> parse_switch(std::string_view text) {
    const std::string value = to_lower(text);
    if (value == "1" || value == "on" || value == "yes" || value == "true") return true;
    if (value == "0" || value == "off" || value == "no" || value == "false") return false;
    return std::nullopt;
}

std::string quote(std::string_view piece) {
    std::string quoted = "\"";
    for (const char c : piece.substr(0, kQuotedLengthMax)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\') {
            quoted += "\\x";
            quoted += kHexDigits[byte >> 4];
            quoted += kHexDigits[byte & 0x0f];
        } else {
            quoted += c;
        }
    }
    quoted += piece.size() > kQuotedLengthMax ? "...\"" : "\"";
    return quoted;
}

bool is_ipv4(std::string_view text) {
    in_addr address;
    return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

// The zone says which network card a link-local address belongs to: fe80::1%eth0.
bool is_ipv6(std::string_view text) {
    const size_t percent = text.find('%');
    in6_addr address;
    if (inet_pton(AF_INET6, std::string(text.substr(0, percent)).c_str(), &address) != 1) {
        return false;
    }
    if (percent == std::string_view::npos) return true;
    const std::string_view zone = text.substr(percent + 1);
    return !zone.empty() && zone.size() <= kZoneLengthMax &&
           std::all_of(zone.begin(), zone.end(), is_name_char);
}

bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > kHostLengthMax) return false;
    if (!std::all_of(text.begin(), text.end(), is_name_char)) return false;
    if (text.find_first_not_of("0123456789.") == std::string_view::npos) return is_ipv4(text);
    return text[0] != '.' && text[0] != '-' && text.find("..") == std::string_view::npos;
}

// Pieces are views into the save path, so that each knows its offset.
class Parser {
public:
    Parser(std::string_view save_path, uint16_t default_port)
        : save_path_(save_path), default_port_(default_port) {}

    Result<std::vector<Server>> parse();

private:
    std::vector<std::string_view> entries() const;
    Status check_text(const std::vector<std::string_view>& entries) const;
    Status parse_entry(std::string_view entry, Server* server) const;
    Status parse_tcp(std::string_view address, std::string_view entry, Server* server) const;
    Status parse_bare(std::string_view entry, std::set<std::string_view>* seen,
                      Server* server) const;
    Status parse_bare_socket(std::string_view entry, std::set<std::string_view>* seen,
                             Server* server) const;
    Status parse_unix(std::string_view path, std::string_view entry, Server* server) const;
    // Takes the host off the front of `rest`; what is left is nothing, "/", or a colon and more.
    Status take_host(std::string_view* rest, std::string_view entry, Server* server) const;
    // `piece` is what to quote if `digits` are none.
    Status parse_port(std::string_view digits, std::string_view piece, Server* server) const;
    Status parse_weight(std::string_view digits, std::string_view piece, Server* server) const;
    // `seen` are the parameters that are given already.
    Status parse_parameters(std::string_view query, std::set<std::string_view> seen,
                            Server* server) const;
    Status parse_parameter(std::string_view parameter, Server* server) const;

    Status error(std::string_view piece, const std::string& reason) const {
        return error(piece, quote(piece), reason);
    }

    Status error(std::string_view piece, const std::string& shown,
                 const std::string& reason) const {
        const auto offset = static_cast<size_t>(piece.data() - save_path_.data());
        return {Code::kInvalidArgument,
                "save_path at offset " + std::to_string(offset) + ", " + shown + ": " + reason};
    }

    std::string_view save_path_;
    uint16_t default_port_;
};

Result<std::vector<Server>> Parser::parse() {
    if (save_path_.size() > kSavePathLengthMax) {
        return Status(Code::kInvalidArgument,
                      "save_path is longer than " + std::to_string(kSavePathLengthMax) + " bytes");
    }
    const std::vector<std::string_view> list = entries();
    if (list.empty()) {
        return error(save_path_, "no server; write tcp://host:port, several with commas between");
    }
    if (Status status = check_text(list); !status.ok()) return status;

    std::vector<Server> servers;
    servers.reserve(std::min(list.size(), kServersMax));
    std::set<std::pair<std::string, uint16_t>> seen;
    for (const std::string_view entry : list) {
        if (servers.size() == kServersMax) {
            return error(entry, "more than " + std::to_string(kServersMax) + " servers");
        }
        Server server;
        if (Status status = parse_entry(entry, &server); !status.ok()) return status;
        if (!servers.empty() && server.proxy != servers.front().proxy) {
            return error(entry, "proxy=1 is given for all servers or for none");
        }
        const Endpoint& endpoint = server.endpoint;
        const std::string place = endpoint.is_unix() ? endpoint.host : to_lower(endpoint.host);
        if (!seen.emplace(place, endpoint.port).second) {
            return error(entry, "this server is given twice");
        }
        servers.push_back(std::move(server));
    }
    return servers;
}

std::vector<std::string_view> Parser::entries() const {
    std::vector<std::string_view> entries;
    size_t begin = save_path_.find_first_not_of(kSeparators);
    while (begin != std::string_view::npos) {
        const size_t end =
            std::min(save_path_.find_first_of(kSeparators, begin), save_path_.size());
        entries.push_back(save_path_.substr(begin, end - begin));
        begin = save_path_.find_first_not_of(kSeparators, end);
    }
    return entries;
}

// Before any piece is quoted: a password may hold anything, separators and @ too, so if there may
// be one, quote nothing but what follows the last @ of all.
Status Parser::check_text(const std::vector<std::string_view>& entries) const {
    const auto last = std::find_if(entries.rbegin(), entries.rend(), [](std::string_view entry) {
        return !is_unix_entry(entry) && entry.find('@') != std::string_view::npos;
    });
    if (last != entries.rend()) {
        const std::string_view behind = last->substr(last->rfind('@') + 1);
        return error(*last, "***@" + quote(behind),
                     "user names and passwords are not allowed in a server's address");
    }
    for (const std::string_view entry : entries) {
        const auto control = std::find_if(entry.begin(), entry.end(), is_control);
        if (control != entry.end()) {
            const auto at = static_cast<size_t>(control - entry.begin());
            return error(entry.substr(at, 1), "control characters are not allowed");
        }
    }
    return {};
}

Status Parser::parse_entry(std::string_view entry, Server* server) const {
    const size_t question = std::min(entry.find('?'), entry.size());
    const std::string_view address = entry.substr(0, question);
    const std::string_view query = entry.substr(std::min(question + 1, entry.size()));
    const size_t scheme_end = address.find(kSchemeEnd);
    std::set<std::string_view> seen;
    Status status;
    if (is_unix_entry(address)) {
        status = parse_unix(address.substr(kUnixScheme.size()), entry, server);
    } else if (scheme_end == std::string_view::npos) {
        status = parse_bare(address, &seen, server);
    } else if (to_lower(address.substr(0, scheme_end)) == "tcp") {
        status = parse_tcp(address.substr(scheme_end + kSchemeEnd.size()), entry, server);
    } else {
        status = error(address.substr(0, scheme_end + kSchemeEnd.size()),
                       "unknown scheme; allowed are tcp:// and unix://");
    }
    if (!status.ok()) return status;
    return parse_parameters(query, std::move(seen), server);
}

Status Parser::parse_tcp(std::string_view address, std::string_view entry, Server* server) const {
    if (Status status = take_host(&address, entry, server); !status.ok()) return status;
    if (!address.empty() && address.back() == '/') address.remove_suffix(1);
    if (address.empty()) return {};
    return parse_port(address.substr(1), entry, server);
}

Status Parser::parse_bare(std::string_view entry, std::set<std::string_view>* seen,
                          Server* server) const {
    if (starts_with(entry, "/")) return parse_bare_socket(entry, seen, server);
    if (starts_with(entry, "PERSISTENT=")) {
        return error(entry,
                     "persistent is a parameter of each server here; write host:port?persistent=1");
    }
    if (starts_with(entry, "--")) {
        return error(entry, "options of libmemcached are not understood; write host:port:weight or "
                            "tcp://host:port?weight=1");
    }
    std::string_view rest = entry;
    if (Status status = take_host(&rest, entry, server); !status.ok()) return status;
    if (rest.empty()) return {};
    if (rest == "/") return error(entry, "a path is allowed behind unix: only");
    rest.remove_prefix(1);
    const size_t colon = rest.find(':');
    if (Status status = parse_port(rest.substr(0, colon), entry, server); !status.ok()) {
        return status;
    }
    if (colon == std::string_view::npos) return {};
    seen->insert(kWeight);
    return parse_weight(rest.substr(colon + 1), entry, server);
}

Status Parser::parse_bare_socket(std::string_view entry, std::set<std::string_view>* seen,
                                 Server* server) const {
    const size_t colon = std::min(entry.find(':'), entry.size());
    std::string_view rest = entry.substr(colon);
    if (starts_with(rest, kNoPort)) {
        rest.remove_prefix(kNoPort.size());
        if (starts_with(rest, ":")) {
            if (Status status = parse_weight(rest.substr(1), entry, server); !status.ok()) {
                return status;
            }
            seen->insert(kWeight);
            rest = {};
        }
    }
    if (!rest.empty()) {
        return error(entry, "behind the path of a socket only :0 and :0:weight are allowed");
    }
    return parse_unix(entry.substr(0, colon), entry, server);
}

Status Parser::parse_unix(std::string_view path, std::string_view entry, Server* server) const {
    if (starts_with(path, "//")) path.remove_prefix(2);
    if (path.size() > kNoPort.size() && path.substr(path.size() - kNoPort.size()) == kNoPort) {
        path.remove_suffix(kNoPort.size());
    }
    if (path.size() < 2 || path.front() != '/' || path.back() == '/') {
        return error(entry, "no path of a socket; write unix:///path, with three slashes");
    }
    if (path.size() > kUnixPathMax) {
        return error(path,
                     "the path of a socket has at most " + std::to_string(kUnixPathMax) + " bytes");
    }
    server->endpoint = Endpoint::unix_socket(std::string(path));
    return {};
}

Status Parser::take_host(std::string_view* rest, std::string_view entry, Server* server) const {
    if (starts_with(*rest, "[")) {
        const size_t bracket = rest->find(']');
        const std::string_view address = rest->substr(1, bracket - 1);
        if (bracket == std::string_view::npos || !is_ipv6(address)) {
            return error(*rest, "not an IPv6 address in brackets, as in [::1]:11211");
        }
        server->endpoint.host = address;
        rest->remove_prefix(bracket + 1);
    } else {
        const size_t end = std::min(rest->find_first_of(":/"), rest->size());
        if (is_ipv6(rest->substr(0, rest->rfind('/'))) ||
            rest->find("::") != std::string_view::npos) {
            return error(*rest, "IPv6 addresses are written in brackets, as in [::1]:11211");
        }
        const std::string_view host = rest->substr(0, end);
        if (host.empty()) return error(entry, "no host; write tcp://host:port");
        if (!is_host_name(host)) {
            return error(host,
                         "neither a host name (letters, digits, '.', '-', '_') nor an address");
        }
        server->endpoint.host = host;
        rest->remove_prefix(end);
    }
    server->endpoint.port = default_port_;
    if (rest->empty() || rest->front() == ':' || *rest == "/") return {};
    return error(*rest, "behind a host only a port and ?parameters are allowed");
}

Status Parser::parse_port(std::string_view digits, std::string_view piece, Server* server) const {
    const auto number = parse_whole_number(digits, kPortMax);
    if (!number || *number == 0) {
        return error(digits.empty() ? piece : digits, "the port is a number from 1 to 65535");
    }
    server->endpoint.port = static_cast<uint16_t>(*number);
    return {};
}

Status Parser::parse_weight(std::string_view digits, std::string_view piece, Server* server) const {
    const auto weight = parse_whole_number(digits, kWeightMax);
    if (!weight || *weight == 0) {
        return error(piece, "the weight is a whole number from 1 to " + std::to_string(kWeightMax));
    }
    server->weight = static_cast<uint32_t>(*weight);
    return {};
}

Status Parser::parse_parameters(std::string_view query, std::set<std::string_view> seen,
                                Server* server) const {
    while (!query.empty()) {
        const size_t end = std::min(query.find('&'), query.size());
        const std::string_view parameter = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (parameter.empty()) continue;
        if (Status status = parse_parameter(parameter, server); !status.ok()) return status;
        if (!seen.insert(parameter.substr(0, parameter.find('='))).second) {
            return error(parameter, "this parameter is given twice");
        }
    }
    return {};
}

Status Parser::parse_parameter(std::string_view parameter, Server* server) const {
    const size_t name_end = std::min(parameter.find('='), parameter.size());
    const std::string_view name = parameter.substr(0, name_end);
    const std::string_view value = parameter.substr(std::min(name_end + 1, parameter.size()));

    if (name == "persistent") {
        const auto persistent = parse_switch(value);
        if (!persistent) return error(parameter, "persistent is 0 or 1");
        server->persistent = *persistent;
        return {};
    }
    if (name == kWeight) return parse_weight(value, parameter, server);
    if (name == "timeout") {
        const auto timeout = parse_seconds(value, kTimeoutMax);
        if (!timeout || *timeout < kTimeoutMin) {
            return error(parameter, "the timeout is in seconds, from 0.001 to 3600");
        }
        server->timeout = *timeout;
        return {};
    }
    if (name == "retry_interval") {
        const auto interval =
            value == "-1" ? kRetryIntervalMax : parse_seconds(value, kRetryIntervalMax);
        if (!interval) {
            return error(parameter, "retry_interval is in seconds, from 0 to 86400, or -1");
        }
        server->retry_interval = *interval;
        return {};
    }
    if (name == "proxy") {
        const auto proxy = parse_switch(value);
        if (!proxy) return error(parameter, "proxy is 0 or 1");
        server->proxy = *proxy;
        return {};
    }
    if (name == "udp_port") {
        if (parse_whole_number(value, kPortMax)) return {};
        return error(parameter, "udp_port is a number from 0 to 65535");
    }
    return error(name,
                 "unknown parameter; allowed are persistent, weight, timeout, retry_interval, "
                 "proxy and udp_port");
}

}  // namespace

Result<std::vector<Server>> parse_save_path(std::string_view save_path, uint16_t default_port) {
    return Parser(save_path, default_port).parse();
}

}  // namespace memcache_session
