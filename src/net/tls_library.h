// OpenSSL's objects with owners, and its errors.
#pragma once

#ifdef MEMCACHE_SESSION_TLS

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

namespace memcache_session {

struct TlsDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* connection) const { SSL_free(connection); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

template <class Object>
using TlsPointer = std::unique_ptr<Object, TlsDeleter>;

// OpenSSL has one queue of errors for each thread, which PHP's extension openssl uses, too. What
// was added to it during the life of this object is removed at the end, and what was there before
// stays. (OpenSSL itself empties the queue in each handshake, and 1.1.1 when it reads
// certificates.) Two objects never exist at once in a thread: OpenSSL 1.1.1 keeps one mark for two,
// so the end of the outer one would empty the queue.
class TlsErrors {
public:
    TlsErrors() { ERR_set_mark(); }
    ~TlsErrors() { ERR_pop_to_mark(); }
    TlsErrors(const TlsErrors&) = delete;
    TlsErrors& operator=(const TlsErrors&) = delete;

    // The reason of the latest error, of a call that has just failed in the protocol. 0: unknown.
    static int latest_reason();
};

}  // namespace memcache_session

#endif
