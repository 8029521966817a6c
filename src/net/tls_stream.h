// The bytes over a connected socket, encrypted by TLS.
#pragma once

#include "src/net/tls_library.h"

#ifdef MEMCACHE_SESSION_TLS

#include <memory>

#include "src/net/endpoint.h"
#include "src/net/server.h"
#include "src/net/stream.h"
#include "src/net/tls_context.h"
#include "src/net/tls_wire.h"

namespace memcache_session {

// send() and receive() are one system call each, as those of a plain stream. Nothing is sent before
// establish() has verified the peer. When OpenSSL must reply in order to read, because the server
// wants new keys, the next receive() or send() sends the rest of that reply.
class TlsStream final : public Stream {
public:
    // `server` has settings for TLS. `contexts` may end before the stream. If a file of the
    // settings cannot be used, establish() fails.
    TlsStream(SocketHandle socket, const Server& server, TlsContexts& contexts);
    ~TlsStream() override;

    Step establish() override;
    Transfer send(const std::string_view* pieces, size_t count) override;
    Transfer receive(char* space, size_t size) override;
    short interest(Direction direction) const override;
    bool has_pending() const override;
    std::optional<size_t> unacknowledged() const override;
    Failure why_broken(int error) const override;

    // Whether the peer was verified in an earlier connection. REQUIRES: establish() is done.
    bool is_resumed() const;

    // For TlsContext: how OpenSSL reads and writes; null without memory.
    static BIO_METHOD* make_wire_method();
    // For TlsContext: whom OpenSSL tells that the server asks for a certificate that the settings
    // do not name, and whom it gives its new sessions.
    static int note_certificate_request(SSL* connection, X509** certificate, EVP_PKEY** key);
    static int take_session(SSL* connection, SSL_SESSION* session);

private:
    bool prepare(const Server& server);
    Step failed(Failure failure);
    Failure why_handshake_failed() const;
    size_t encrypt(const std::string_view* pieces, size_t count);
    void keep_new_session();
    void note_ending();
    static void note_alert(const SSL* connection, int where, int value);
    Transfer ending() const;

    Endpoint endpoint_;
    std::shared_ptr<TlsContext> context_;
    TlsWire wire_;
    TlsPointer<SSL> connection_;
    TlsPointer<SSL_SESSION> new_session_;
    bool is_asked_for_certificate_ = false;
    int alert_ = 0;    // by which the server ended the connection; 0: none
    Failure failure_;  // of the handshake, or of the bytes after it
    // The pieces do not fit into one record. Then no command follows a data block within a record:
    // memcached (measured: 1.6.18) reads the last part of a large block and waits for the socket,
    // and does not notice what OpenSSL has decrypted behind it.
    bool is_long_ = false;
    bool is_over_ = false;  // OpenSSL reads no more
    bool is_told_ = false;  // receive() has said so
};

}  // namespace memcache_session

#endif
