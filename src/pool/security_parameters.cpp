#include "src/pool/security_parameters.h"

#include <algorithm>
#include <cassert>
#include <memory>

#include "src/base/text.h"
#include "src/pool/server_parameters.h"

namespace memcache_session {
namespace {

constexpr std::string_view kBracketsBegin = "stream[";
constexpr size_t kUserMax = 128;

// The shortest limit of the systems that PHP runs on. PHP itself would warn of a longer path while
// it compares the path with open_basedir.
constexpr size_t kPathMax = 1023;

// OpenSSL takes no longer one, because DNS knows none.
constexpr size_t kPeerNameMax = 255;

constexpr std::string_view kNames[] = {
    "cafile",   "capath",          "verify_peer", "verify_peer_name", "peer_name", "local_cert",
    "local_pk", "passphrase_file", "ciphers",     "min_version",      "user",      "password_file"};

constexpr bool is_of_login(std::string_view name) {
    return name == "user" || name == "password_file";
}

constexpr bool is_of_key(std::string_view name) {
    return name == "local_pk" || name == "passphrase_file";
}

int value_of_hex_digit(char digit) {
    const char lower = to_lower(digit);
    if (is_digit(lower)) {
        return lower - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Replaces %XX by its byte. Nothing if digits are missing, or the byte is a control character.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (size_t at = 0; at < text.size(); ++at) {
        char byte = text[at];
        if (byte == '%') {
            const int high = at + 2 < text.size() ? value_of_hex_digit(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? value_of_hex_digit(text[at + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            byte = static_cast<char>(high << 4 | low);
            at += 2;
        }
        if (is_control(byte)) {
            return std::nullopt;
        }
        decoded += byte;
    }
    return decoded;
}

// A worker's current folder may be any, so a path must not depend on it.
bool is_absolute(const std::string& path) {
#ifdef _WIN32
    return path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
#else
    return path.front() == '/';
#endif
}

std::optional<ParseError> check_path(std::string_view name, const std::string& path) {
    if (!is_absolute(path)) {
        return ParseError{name, "the path of the file must be absolute"};
    }
    if (path.size() > kPathMax) {
        return ParseError{
            name, "the path of the file has more than " + std::to_string(kPathMax) + " bytes"};
    }
    return std::nullopt;
}

std::optional<TlsVersion> parse_version(std::string_view text) {
    constexpr Word<TlsVersion> kVersions[] = {{"1.2", TlsVersion::k12}, {"1.3", TlsVersion::k13}};
    return parse_word(text, kVersions);
}

// All that decides who the peer is and who we are. A structured binding names every field, so this
// does not compile when a field is added and not named.
std::string access_text(const TlsSettings& tls, const Login& login, bool is_tls) {
    const auto& [cafile, capath, verify_peer, verify_peer_name, peer_name, local_cert, local_pk,
                 passphrase_file, ciphers, min_version] = tls;
    const auto& [user, password_file] = login;
    std::string text;
    if (is_tls) {
        for (const std::string& part :
             {cafile, capath, peer_name, local_cert, local_pk, passphrase_file, ciphers}) {
            text += part + '\n';
        }
        for (const bool flag : {verify_peer, verify_peer_name, min_version == TlsVersion::k13}) {
            text += flag ? '1' : '0';
        }
    }
    return user.empty() ? text : text + '\n' + user + '\n' + password_file;
}

}  // namespace

std::string_view without_brackets(std::string_view name) {
    const bool has_brackets = name.substr(0, kBracketsBegin.size()) == kBracketsBegin &&
                              name.size() > kBracketsBegin.size() && name.back() == ']';
    return has_brackets
               ? name.substr(kBracketsBegin.size(), name.size() - kBracketsBegin.size() - 1)
               : name;
}

bool SecurityParameters::has(std::string_view name) {
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::optional<ParseError> SecurityParameters::set(std::string_view parameter, std::string_view name,
                                                  std::string_view value) {
    assert(has(name));
    (is_of_login(name) ? login_name_ : tls_name_) = name;
    key_name_ = is_of_key(name) ? name : key_name_;
    if (name == "verify_peer" || name == "verify_peer_name") {
        bool* const flag = name == "verify_peer" ? &tls_.verify_peer : &tls_.verify_peer_name;
        return set_switch(parameter, name, value, flag);
    }
    if (name == "min_version") {
        const std::optional<TlsVersion> version = parse_version(value);
        tls_.min_version = version.value_or(tls_.min_version);
        return version ? std::nullopt
                       : std::optional(ParseError{parameter, "min_version is 1.2 or 1.3"});
    }
    const std::optional<std::string> decoded = percent_decoded(value);
    if (!decoded || decoded->empty()) {
        return ParseError{name, "the value is empty, or has a % without two hexadecimal digits"};
    }
    return set_text(name, *decoded);
}

// The place of a parameter whose value is a path; null for another parameter.
std::string* SecurityParameters::file_of(std::string_view name) {
    const Word<std::string*> files[] = {{"cafile", &tls_.cafile},
                                        {"capath", &tls_.capath},
                                        {"local_cert", &tls_.local_cert},
                                        {"local_pk", &tls_.local_pk},
                                        {"passphrase_file", &tls_.passphrase_file},
                                        {"password_file", &login_.password_file}};
    return parse_word(name, files).value_or(nullptr);
}

std::optional<ParseError> SecurityParameters::set_text(std::string_view name,
                                                       const std::string& value) {
    if (std::string* const file = file_of(name)) {
        *file = value;
        return check_path(name, value);
    }
    if (name == "user") {
        login_.user = value;
        const bool is_usable = value.size() <= kUserMax && value.find(' ') == std::string::npos;
        return is_usable ? std::nullopt
                         : std::optional(ParseError{name, "a user has no blanks and at most " +
                                                              std::to_string(kUserMax) + " bytes"});
    }
    if (name == "peer_name") {
        tls_.peer_name = value;
        return value.size() <= kPeerNameMax
                   ? std::nullopt
                   : std::optional(ParseError{
                         name, "peer_name has at most " + std::to_string(kPeerNameMax) + " bytes"});
    }
    tls_.ciphers = value;
    return std::nullopt;
}

std::optional<ParseError> SecurityParameters::check(const Server& server) const {
    if (!server.endpoint.is_tls() && !tls_name_.empty()) {
        return ParseError{tls_name_, "this parameter is for tls:// only"};
    }
    if (login_.user.empty() != login_.password_file.empty()) {
        return ParseError{login_name_, "user and password_file are given together"};
    }
    if (tls_.local_cert.empty() && !(tls_.local_pk.empty() && tls_.passphrase_file.empty())) {
        return ParseError{key_name_, "local_pk and passphrase_file need local_cert"};
    }
    return std::nullopt;
}

std::optional<ParseError> SecurityParameters::finish(Server* server) const {
    if (std::optional<ParseError> wrong = check(*server)) {
        return wrong;
    }
    const bool is_tls = server->endpoint.is_tls();
    if (is_tls) {
        server->tls = std::make_shared<TlsSettings>(tls_);
    }
    if (!login_.user.empty()) {
        server->login = std::make_shared<Login>(login_);
    }
    server->endpoint.access = access_text(tls_, login_, is_tls);
    return std::nullopt;
}

}  // namespace memcache_session
