#include "src/pool/server_url.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "src/base/text.h"
#include "src/net/address.h"
#include "src/net/tls_failure.h"
#include "src/pool/host.h"
#include "src/pool/server_parameters.h"

namespace memcache_session {
namespace {

constexpr std::string_view kUnixScheme = "unix:";
constexpr std::string_view kSchemeEnd = "://";
constexpr std::string_view kNoPort = ":0";  // pecl/memcache's examples end a socket's path so

struct Scheme {
    SourceKind kind;
    bool is_tls;
};

constexpr Word<Scheme> kSchemes[] = {
    {"tcp://", {SourceKind::kNone, false}},
    {"tls://", {SourceKind::kNone, true}},
    {"dns+tcp://", {SourceKind::kAddresses, false}},
    {"dns+tls://", {SourceKind::kAddresses, true}},
    {"srv+tcp://", {SourceKind::kServices, false}},
    {"srv+tls://", {SourceKind::kServices, true}},
    {"elasticache://", {SourceKind::kElastiCache, false}},
    {"elasticache+tcp://", {SourceKind::kElastiCache, false}},
    {"elasticache+tls://", {SourceKind::kElastiCache, true}},
};
constexpr const char* kSchemeUnknown =
    "this scheme is unknown; allowed are tcp://, tls:// and unix://, and for servers that are "
    "asked for, dns+tcp://, srv+tcp:// and elasticache://, and the same with tls";

class UrlParser {
public:
    UrlParser(std::string_view url, uint16_t default_port, Source* entry)
        : url_(url), default_port_(default_port), entry_(entry), server_(&entry->server) {}

    std::optional<ParseError> parse();

private:
    using Error = std::optional<ParseError>;

    Error parse_with_scheme(std::string_view scheme, std::string_view address);
    Error parse_tcp(std::string_view address);
    Error check_source(std::string_view written);
    Error parse_bare(std::string_view address);
    Error parse_bare_socket(std::string_view address);
    Error parse_unix(std::string_view path);
    // Takes the host off the front of `rest`. The rest is then empty, "/", or a colon and more.
    Error take_host(std::string_view* rest);
    Error take_ipv6(std::string_view* rest);
    Error take_name(std::string_view* rest);
    Error parse_port(std::string_view digits);
    Error parse_bare_weight(std::string_view digits);

    Error error(const std::string& reason) const { return ParseError{quoted_, reason}; }

    std::string_view url_;
    std::string_view quoted_ = url_;  // in errors that no smaller piece shows
    uint16_t default_port_;
    Source* entry_;
    Server* server_;
    bool weight_given_ = false;
};

std::optional<ParseError> UrlParser::parse() {
    const size_t question = std::min(url_.find('?'), url_.size());
    const std::string_view address = url_.substr(0, question);
    const std::string_view query = url_.substr(std::min(question + 1, url_.size()));
    const size_t scheme_end = address.find(kSchemeEnd);
    Error wrong;
    if (is_unix_url(address)) {
        wrong = parse_unix(address.substr(kUnixScheme.size()));
    } else if (scheme_end == std::string_view::npos) {
        wrong = parse_bare(address);
    } else {
        wrong = parse_with_scheme(address.substr(0, scheme_end + kSchemeEnd.size()), address);
    }
    return wrong ? wrong : parse_parameters(query, weight_given_, entry_);
}

std::optional<ParseError> UrlParser::parse_with_scheme(std::string_view scheme,
                                                       std::string_view address) {
    const std::optional<Scheme> known = parse_word(scheme, kSchemes);
    if (!known) {
        return ParseError{scheme, kSchemeUnknown};
    }
    entry_->kind = known->kind;
    const bool is_tls = known->is_tls;
    if (is_tls && !kHasTls) {
        return ParseError{scheme, "memcache_session was built without TLS; build it with OpenSSL "
                                  "(--with-memcache-session-openssl)"};
    }
    if (is_tls) {
        server_->endpoint.transport = Endpoint::Transport::kTls;
    }
    if (entry_->kind == SourceKind::kServices && !kAsksForServices) {
        return ParseError{scheme, "memcache_session was built on a system whose resolver it cannot "
                                  "ask for SRV records; use dns+tcp://"};
    }
    const Error wrong = parse_tcp(address.substr(scheme.size()));
    return wrong ? wrong : check_source(address.substr(scheme.size()));
}

// `written`: the host, and the port if there is one.
std::optional<ParseError> UrlParser::check_source(std::string_view written) {
    const std::string& host = server_->endpoint.host;
    if (entry_->kind == SourceKind::kServices) {
        if (host.front() != '_' || written.find(':') != std::string_view::npos) {
            return ParseError{written,
                              "write the name of SRV records, which say the ports themselves, as "
                              "in srv+tcp://_memcached._tcp.example.com"};
        }
        server_->endpoint.port = 0;
    }
    if (entry_->kind == SourceKind::kAddresses && (is_ipv4(host) || is_ipv6(host))) {
        return ParseError{written, "this is an address, and dns+ asks for those of a name; write "
                                   "tcp:// or tls://"};
    }
    return std::nullopt;
}

std::optional<ParseError> UrlParser::parse_tcp(std::string_view address) {
    if (Error wrong = take_host(&address)) {
        return wrong;
    }
    if (!address.empty() && address.back() == '/') {
        address.remove_suffix(1);
    }
    return address.empty() ? std::nullopt : parse_port(address.substr(1));
}

std::optional<ParseError> UrlParser::parse_bare(std::string_view address) {
    quoted_ = address;
    if (starts_with(address, "/")) {
        return parse_bare_socket(address);
    }
    if (starts_with(address, "PERSISTENT=")) {
        return error("persistent is a parameter of each server here; write host:port?persistent=1");
    }
    if (starts_with(address, "--")) {
        return error("options of libmemcached are not understood; write host:port:weight or "
                     "tcp://host:port?weight=1");
    }
    std::string_view rest = address;
    if (Error wrong = take_host(&rest)) {
        return wrong;
    }
    if (rest.empty()) {
        return std::nullopt;
    }
    if (rest == "/") {
        return error("a path is allowed behind unix: only");
    }
    rest.remove_prefix(1);
    const size_t colon = rest.find(':');
    if (Error wrong = parse_port(rest.substr(0, colon))) {
        return wrong;
    }
    return colon == std::string_view::npos ? std::nullopt
                                           : parse_bare_weight(rest.substr(colon + 1));
}

std::optional<ParseError> UrlParser::parse_bare_socket(std::string_view address) {
    const size_t colon = std::min(address.find(':'), address.size());
    std::string_view rest = address.substr(colon);
    if (starts_with(rest, kNoPort)) {
        rest.remove_prefix(kNoPort.size());
        if (starts_with(rest, ":")) {
            if (Error wrong = parse_bare_weight(rest.substr(1))) {
                return wrong;
            }
            rest = {};
        }
    }
    if (!rest.empty()) {
        return error("behind the path of a socket only :0 and :0:weight are allowed");
    }
    return parse_unix(address.substr(0, colon));
}

std::optional<ParseError> UrlParser::parse_unix(std::string_view path) {
    if (starts_with(path, "//")) {
        path.remove_prefix(2);
    }
    if (path.size() > kNoPort.size() && ends_with(path, kNoPort)) {
        path.remove_suffix(kNoPort.size());
    }
    if (path.size() < 2 || path.front() != '/' || path.back() == '/') {
        return error("the path of the socket is missing; write unix:///path, with three slashes");
    }
    if (path.size() > kUnixPathMax) {
        return ParseError{
            path, "the path of a socket has at most " + std::to_string(kUnixPathMax) + " bytes"};
    }
    server_->endpoint = Endpoint::unix_socket(std::string(path));
    return std::nullopt;
}

std::optional<ParseError> UrlParser::take_host(std::string_view* rest) {
    Error wrong = starts_with(*rest, "[") ? take_ipv6(rest) : take_name(rest);
    if (wrong) {
        return wrong;
    }
    server_->endpoint.port = default_port_;
    if (rest->empty() || rest->front() == ':' || *rest == "/") {
        return std::nullopt;
    }
    return ParseError{*rest, "behind a host only a port and ?parameters are allowed"};
}

std::optional<ParseError> UrlParser::take_ipv6(std::string_view* rest) {
    const size_t bracket = rest->find(']');
    const std::string_view address = rest->substr(1, bracket - 1);
    if (bracket == std::string_view::npos || !is_ipv6(address)) {
        return ParseError{*rest, "this is not an IPv6 address in brackets, as in [::1]:11211"};
    }
    server_->endpoint.host = address;
    rest->remove_prefix(bracket + 1);
    return std::nullopt;
}

std::optional<ParseError> UrlParser::take_name(std::string_view* rest) {
    if (is_ipv6(rest->substr(0, rest->rfind('/'))) || rest->find("::") != std::string_view::npos) {
        return ParseError{*rest, "IPv6 addresses are written in brackets, as in [::1]:11211"};
    }
    const std::string_view host = rest->substr(0, rest->find_first_of(":/"));
    if (host.empty()) {
        return error("the host is missing; write tcp://host:port");
    }
    if (!is_host_name(host)) {
        return ParseError{
            host, "this is neither a host name (letters, digits, '.', '-', '_') nor an address"};
    }
    server_->endpoint.host = host;
    rest->remove_prefix(host.size());
    return std::nullopt;
}

std::optional<ParseError> UrlParser::parse_port(std::string_view digits) {
    const uint16_t port = parse_port_number(digits).value_or(0);
    if (port == 0) {
        return ParseError{digits.empty() ? quoted_ : digits,
                          "the port is a number from 1 to 65535"};
    }
    server_->endpoint.port = port;
    return std::nullopt;
}

std::optional<ParseError> UrlParser::parse_bare_weight(std::string_view digits) {
    weight_given_ = true;
    return parse_weight(digits, quoted_, server_);
}

}  // namespace

bool is_unix_url(std::string_view url) {
    return equals_ignoring_case(url.substr(0, kUnixScheme.size()), kUnixScheme);
}

std::optional<ParseError> parse_server_url(std::string_view url, uint16_t default_port,
                                           Source* entry) {
    assert(std::none_of(url.begin(), url.end(), is_control));
    return UrlParser(url, default_port, entry).parse();
}

}  // namespace memcache_session
