// How a connection is encrypted, and who uses it. All secrets are in files, which are read when a
// connection is made, so that settings can be shown and compared.
#pragma once

#include <string>

namespace memcache_session {

enum class TlsVersion { k12, k13 };

// Named as PHP names the options of its ssl:// streams. All paths are absolute.
struct TlsSettings {
    std::string cafile;            // the certificates of trusted authorities, as PEM
    std::string capath;            // a folder of them, named by their hashes
    bool verify_peer = true;       // the certificate must lead to a trusted authority
    bool verify_peer_name = true;  // it must be for the peer's name, even without verify_peer
    std::string peer_name;         // the name of the peer; empty: the host of the endpoint
    std::string local_cert;        // the client's certificate and those above it, as PEM
    std::string local_pk;          // its private key; empty: it is in local_cert, too
    std::string passphrase_file;   // the first line opens the private key
    std::string ciphers;           // OpenSSL's list for TLS 1.2; empty: OpenSSL's choice
    TlsVersion min_version = TlsVersion::k12;
};

// For memcached -Y.
struct Login {
    std::string user;           // without blanks, which end it for memcached
    std::string password_file;  // the password is its first line
};

}  // namespace memcache_session
