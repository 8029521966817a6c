// The part of TlsStream that comes before the first byte of memcached's: the handshake.
#include "src/net/tls_stream.h"

#ifdef MEMCACHE_SESSION_TLS

#include <openssl/x509v3.h>

#include <cassert>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "src/net/server_words.h"

namespace memcache_session {

namespace {

// How many receives one step of a handshake may take. The messages of a server fit in one.
constexpr int kReceivesMax = 4;

TlsWire& wire_of(BIO* bio) {
    return *static_cast<TlsWire*>(BIO_get_data(bio));
}

int read_wire(BIO* bio, char* space, int size) {
    TlsWire& wire = wire_of(bio);
    BIO_clear_retry_flags(bio);
    const size_t count = size > 0 ? wire.read(space, static_cast<size_t>(size)) : 0;
    if (count > 0) {
        return static_cast<int>(count);
    }
    // Otherwise OpenSSL would add an error of its own to the queue. TlsWire::state() knows better.
    BIO_set_retry_read(bio);
    return -1;
}

int write_wire(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    return size >= 0 && wire_of(bio).write(bytes, static_cast<size_t>(size)) ? size : -1;
}

long control_wire(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;  // TlsStream flushes
}

// Accepts every certificate that is for the right name.
int verify_name_only(int is_ok, X509_STORE_CTX* store) {
    const int error = X509_STORE_CTX_get_error(store);
    return is_ok == 1 ||
           (error != X509_V_ERR_HOSTNAME_MISMATCH && error != X509_V_ERR_IP_ADDRESS_MISMATCH);
}

// Whether the bytes are no TLS: each record begins with its type.
bool is_plain(std::string_view bytes) {
    return !bytes.empty() &&
           (bytes[0] < SSL3_RT_CHANGE_CIPHER_SPEC || bytes[0] > SSL3_RT_APPLICATION_DATA);
}

bool is_address(const std::string& name) {
    in6_addr address;
    return inet_pton(AF_INET, name.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

// The peer's name: as it is set, or the host. The zone of an IPv6 address and the dot that ends a
// full name are for the resolver, and no certificate has them.
std::string peer_name(const Server& server) {
    if (!server.tls->peer_name.empty()) {
        return server.tls->peer_name;
    }
    std::string name = server.endpoint.host.substr(0, server.endpoint.host.find('%'));
    if (name.size() > 1 && name.back() == '.') {
        name.pop_back();
    }
    return name;
}

bool set_peer(SSL* connection, const Server& server) {
    const std::string name = peer_name(server);
    const bool has_address = is_address(name);
    if (!has_address && SSL_set_tlsext_host_name(connection, name.c_str()) != 1) {
        return false;
    }
    const TlsSettings& settings = *server.tls;
    if (settings.verify_peer_name) {
        X509_VERIFY_PARAM* const expected = SSL_get0_param(connection);
        X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const int is_set = has_address
                               ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                               : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size());
        if (is_set != 1) {
            return false;
        }
    }
    const bool verifies = settings.verify_peer || settings.verify_peer_name;
    SSL_set_verify(connection, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                   settings.verify_peer ? nullptr : verify_name_only);
    return true;
}

}  // namespace

BIO_METHOD* TlsStream::make_wire_method() {
    BIO_METHOD* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "memcache_session");
    if (method != nullptr) {
        BIO_meth_set_read(method, read_wire);
        BIO_meth_set_write(method, write_wire);
        BIO_meth_set_ctrl(method, control_wire);
    }
    return method;
}

// OpenSSL's errors do not tell the end of a connection from an alert.
void TlsStream::note_alert(const SSL* connection, int where, int value) {
    const int level = value >> 8;
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && level == SSL3_AL_FATAL) {
        static_cast<TlsStream*>(SSL_get_app_data(connection))->alert_ = value & 0xff;
    }
}

int TlsStream::note_certificate_request(SSL* connection, X509**, EVP_PKEY**) {
    static_cast<TlsStream*>(SSL_get_app_data(connection))->is_asked_for_certificate_ = true;
    return 0;  // there is none
}

int TlsStream::take_session(SSL* connection, SSL_SESSION* session) {
    static_cast<TlsStream*>(SSL_get_app_data(connection))->new_session_.reset(session);
    return 1;  // the session belongs to the stream now
}

// With TLS 1.3 a server sends its sessions after the handshake, usually two. If memcached asks for
// certificates it refuses to resume them (an alert, internal_error), because it sets no session id
// context.
void TlsStream::keep_new_session() {
    if (new_session_ && !is_asked_for_certificate_ &&
        SSL_SESSION_is_resumable(new_session_.get()) == 1) {
        context_->keep_session(endpoint_, std::move(new_session_));
    }
    new_session_.reset();
}

TlsStream::TlsStream(SocketHandle socket, const Server& server, TlsContexts& contexts)
    : Stream(socket), endpoint_(server.endpoint), wire_(socket) {
    assert(server.tls);
    const TlsErrors errors;
    context_ = contexts.get(*server.tls, &failure_);
    if (context_ && !prepare(server)) {
        connection_.reset();
        failure_ = {FailureKind::kBroken, ENOMEM};
    }
}

bool TlsStream::prepare(const Server& server) {
    connection_.reset(SSL_new(context_->get()));
    BIO* const bio = BIO_new(context_->wire_method());
    if (!connection_ || bio == nullptr) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(connection_.get(), bio, bio);
    SSL_set_app_data(connection_.get(), this);
    SSL_set_info_callback(connection_.get(), note_alert);
    SSL_set_connect_state(connection_.get());
    if (SSL_SESSION* const session = context_->session_of(endpoint_)) {
        SSL_set_session(connection_.get(), session);
    }
    return set_peer(connection_.get(), server);
}

Stream::Step TlsStream::failed(Failure failure) {
    failure_ = failure;
    is_over_ = true;
    if (context_) {
        context_->drop_session(endpoint_);
    }
    return Step::kFailed;
}

Stream::Step TlsStream::establish() {
    if (!connection_) {
        return failed(failure_);
    }
    const TlsErrors errors;
    wire_.begin(kReceivesMax);
    if (SSL_do_handshake(connection_.get()) == 1) {
        keep_new_session();
        return Step::kDone;  // its last bytes are sent with the first command
    }
    const Transfer flushed = wire_.flush();
    const Transfer::State state = wire_.state().state;
    if (!wire_.is_starved()) {
        return failed(why_handshake_failed());
    }
    if (state == Transfer::State::kNothingYet && flushed.state != Transfer::State::kBroken) {
        return Step::kPending;
    }
    return failed(is_plain(wire_.first_bytes()) ? why_handshake_failed()
                                                : Failure{FailureKind::kHandshakeClosed, 0});
}

// OpenSSL itself has ended the handshake. Reads its latest error.
Failure TlsStream::why_handshake_failed() const {
    const std::string_view first = wire_.first_bytes();
    if (is_plain(first)) {
        return {kind_of_service(first, FailureKind::kSpeaksPlainText), 0};
    }
    if (alert_ != 0) {
        return {FailureKind::kTlsAlert, alert_};
    }
    const int reason = TlsErrors::latest_reason();
    if (reason == SSL_R_NO_PROTOCOLS_AVAILABLE) {
        return {FailureKind::kTlsVersion, 0};
    }
    const long verified = SSL_get_verify_result(connection_.get());
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
        return {FailureKind::kCertificate, static_cast<int32_t>(verified)};
    }
    return {FailureKind::kTlsProtocol, reason};
}

bool TlsStream::is_resumed() const {
    return SSL_session_reused(connection_.get()) == 1;
}

}  // namespace memcache_session

#endif
