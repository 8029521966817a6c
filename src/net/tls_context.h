// What the TLS connections of one set of settings have in common.
#pragma once

#include "src/net/tls_library.h"

#ifdef MEMCACHE_SESSION_TLS

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/file.h"
#include "src/net/endpoint.h"
#include "src/net/failure.h"
#include "src/net/security.h"

namespace memcache_session {

// Certificates and keys, as their files had them when it was made, and for each server the session
// that a new connection may resume. That spares both sides the certificates. A session vouches for
// a server that was verified by this context, so it is never used with another one. One thread. A
// forked child may go on using its copy.
class TlsContext {
public:
    // The most servers whose sessions are kept. Beyond it the oldest session is dropped.
    static constexpr size_t kSessionsMax = 256;

    // Reads the files. Null, and `failure` is set, if one of them cannot be used. REQUIRES: the
    // caller has a TlsErrors, and so for TlsContexts::get().
    static std::shared_ptr<TlsContext> make(const TlsSettings& settings, Failure* failure);

    // Whether it can serve these settings: they differ at most in what concerns the peer's name.
    bool is_for(const TlsSettings& settings) const;

    // Whether the files are those that were read, and the system's authorities are still looked for
    // in the same places, which a script can change by putenv(). Costs a system call for each file.
    bool is_current() const;

    SSL_CTX* get() const { return context_.get(); }
    const BIO_METHOD* wire_method() const { return wire_method_.get(); }

    // The newest session of the server; null if there is none.
    SSL_SESSION* session_of(const Endpoint& endpoint) const;
    void keep_session(const Endpoint& endpoint, TlsPointer<SSL_SESSION> session);
    void drop_session(const Endpoint& endpoint);

private:
    struct Kept {
        uint64_t hash;
        Endpoint endpoint;
        TlsPointer<SSL_SESSION> session;
    };

    using Authorities = std::pair<std::string, std::string>;  // the file and the folder

    explicit TlsContext(const TlsSettings& settings);
    Authorities authorities() const;
    Failure load();
    bool set_modes();
    Failure load_authorities();
    Failure load_identity();
    Failure load_certificate();
    Failure load_key();
    std::vector<Kept>::const_iterator find(const Endpoint& endpoint) const;

    TlsSettings settings_;
    Authorities authorities_;  // that were loaded
    std::vector<std::pair<std::string, FileStamp>> files_;
    TlsPointer<SSL_CTX> context_;
    TlsPointer<BIO_METHOD> wire_method_;
    std::vector<Kept> sessions_;  // the oldest comes first
};

// The contexts of one thread.
class TlsContexts {
public:
    // The most contexts. Beyond it the one is dropped that was not used for the longest time.
    static constexpr size_t kContextsMax = 16;

    // The context for the settings, made anew if its files have changed. Null, and `failure` is
    // set, if a file cannot be used.
    std::shared_ptr<TlsContext> get(const TlsSettings& settings, Failure* failure);

private:
    std::vector<std::shared_ptr<TlsContext>> contexts_;  // the one used last comes first
};

}  // namespace memcache_session

#endif
