// The parameters of a server that concern TLS and its user. save_path.h lists them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/net/server.h"
#include "src/pool/parse_error.h"

namespace memcache_session {

// The name of a parameter without phpredis's brackets: "cafile" for "stream[cafile]".
std::string_view without_brackets(std::string_view name);

// The parameters that only tls:// has, for messages.
constexpr std::string_view kTlsParameters =
    "cafile, capath, verify_peer, verify_peer_name, peer_name, local_cert, local_pk, "
    "passphrase_file, ciphers and min_version";

// Collects the parameters of one server.
class SecurityParameters {
public:
    // Whether `name` is a parameter of this kind.
    static bool has(std::string_view name);

    // Takes the parameter, which is written `parameter`. In its value, %2C is a comma, and so on.
    // REQUIRES: has(name).
    std::optional<ParseError> set(std::string_view parameter, std::string_view name,
                                  std::string_view value);

    // Completes the server after the last parameter.
    std::optional<ParseError> finish(Server* server) const;

private:
    std::optional<ParseError> set_text(std::string_view name, const std::string& value);
    std::string* file_of(std::string_view name);
    std::optional<ParseError> check(const Server& server) const;

    TlsSettings tls_;
    Login login_;
    // The name of the latest parameter of a kind, for errors; empty: none was given.
    std::string_view tls_name_;    // only tls:// has it
    std::string_view login_name_;  // user or password_file
    std::string_view key_name_;    // local_pk or passphrase_file
};

}  // namespace memcache_session
