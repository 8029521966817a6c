#include "src/net/tls_context.h"

#ifdef MEMCACHE_SESSION_TLS

#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include "src/net/tls_failure.h"
#include "src/net/tls_stream.h"

namespace memcache_session {

namespace {

// The place of the system's own authorities: the variable of the environment, or the folder that
// OpenSSL was built for.
std::string system_place(const char* variable, const char* built_in) {
    const char* const set = std::getenv(variable);
    return set != nullptr ? set : built_in;
}

// For OpenSSL, which asks for the passphrase of an encrypted private key, and even of an encrypted
// certificate.
struct Passphrase {
    Secret secret;
    bool was_asked = false;
};

int give_passphrase(char* space, int size, int, void* data) {
    auto* const passphrase = static_cast<Passphrase*>(data);
    passphrase->was_asked = true;
    const std::string& text = passphrase->secret.text();
    if (text.empty() || size < 0 || text.size() > static_cast<size_t>(size)) {
        return -1;  // OpenSSL would ask on the terminal if it had no function to call
    }
    std::memcpy(space, text.data(), text.size());
    return static_cast<int>(text.size());
}

}  // namespace

TlsContext::TlsContext(const TlsSettings& settings) : settings_(settings) {}

bool TlsContext::is_for(const TlsSettings& settings) const {
    const auto shared = [](const TlsSettings& of) {
        return std::tie(of.cafile, of.capath, of.local_cert, of.local_pk, of.passphrase_file,
                        of.ciphers, of.min_version);
    };
    return shared(settings) == shared(settings_);
}

bool TlsContext::is_current() const {
    return authorities() == authorities_ &&
           std::all_of(files_.begin(), files_.end(),
                       [](const auto& file) { return stamp_of(file.first) == file.second; });
}

TlsContext::Authorities TlsContext::authorities() const {
    if (!settings_.cafile.empty() || !settings_.capath.empty()) {
        return {settings_.cafile, settings_.capath};
    }
    return {system_place(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
            system_place(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())};
}

std::shared_ptr<TlsContext> TlsContext::make(const TlsSettings& settings, Failure* failure) {
    std::shared_ptr<TlsContext> context(new TlsContext(settings));
    *failure = context->load();
    return *failure ? nullptr : context;
}

Failure TlsContext::load() {
    authorities_ = authorities();
    // Before they are read, so that a change meanwhile is noticed.
    for (const std::string& path : {authorities_.first, authorities_.second, settings_.local_cert,
                                    settings_.local_pk, settings_.passphrase_file}) {
        if (!path.empty()) {
            files_.emplace_back(path, stamp_of(path));
        }
    }
    context_.reset(SSL_CTX_new(TLS_client_method()));
    wire_method_.reset(TlsStream::make_wire_method());
    if (!context_ || !wire_method_) {
        return {FailureKind::kBroken, ENOMEM};
    }
    if (!set_modes()) {
        return {FailureKind::kTlsVersion, 0};
    }
    // Without a certificate nobody is verified, whatever the operator's list allows.
    const std::string ciphers = settings_.ciphers + ":!aNULL:!eNULL";
    if (!settings_.ciphers.empty() &&
        SSL_CTX_set_cipher_list(context_.get(), ciphers.c_str()) != 1) {
        return {FailureKind::kCiphers, 0};
    }
    Failure failure = load_authorities();
    if (!failure && !settings_.local_cert.empty()) {
        failure = load_identity();
    }
    return failure;
}

// False if OpenSSL refuses the version.
bool TlsContext::set_modes() {
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                         SSL_MODE_RELEASE_BUFFERS);
    // A server that asks for a certificate does not resume: TlsStream::keep_new_session().
    const bool resumes = settings_.local_cert.empty();
    SSL_CTX_set_session_cache_mode(
        context_.get(),
        resumes ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
    SSL_CTX_set_client_cert_cb(context_.get(), TlsStream::note_certificate_request);
    SSL_CTX_sess_set_new_cb(context_.get(), TlsStream::take_session);
    const int version = settings_.min_version == TlsVersion::k13 ? TLS1_3_VERSION : TLS1_2_VERSION;
    return SSL_CTX_get_min_proto_version(context_.get()) >= version ||
           SSL_CTX_set_min_proto_version(context_.get(), version) == 1;
}

Failure TlsContext::load_authorities() {
    if (settings_.cafile.empty() && settings_.capath.empty()) {
        SSL_CTX_set_default_verify_paths(context_.get());
        return {};
    }
    if (!settings_.cafile.empty()) {
        if (const int error = why_unreadable(settings_.cafile)) {
            return {FailureKind::kCaFile, error};
        }
        if (SSL_CTX_load_verify_locations(context_.get(), settings_.cafile.c_str(), nullptr) != 1) {
            return {FailureKind::kCaFile, kMalformedFile};
        }
    }
    if (!settings_.capath.empty()) {
        // A folder cannot be read like a file, and says so.
        const int error = why_unreadable(settings_.capath);
        if (error != EISDIR) {
            return {FailureKind::kCaPath, error == 0 ? ENOTDIR : error};
        }
        SSL_CTX_load_verify_locations(context_.get(), nullptr, settings_.capath.c_str());
    }
    return {};
}

// The certificate and the key.
Failure TlsContext::load_identity() {
    Passphrase passphrase;
    if (!settings_.passphrase_file.empty()) {
        if (const int error = read_secret(settings_.passphrase_file, &passphrase.secret)) {
            return {FailureKind::kPassphraseFile, error};
        }
    }
    SSL_CTX_set_default_passwd_cb(context_.get(), give_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context_.get(), &passphrase);
    Failure failure = load_certificate();
    if (!failure) {
        failure = load_key();
    }
    SSL_CTX_set_default_passwd_cb_userdata(context_.get(), nullptr);
    if (failure.system_error == kMalformedFile && passphrase.was_asked) {
        const bool is_given = !settings_.passphrase_file.empty();
        failure.system_error = is_given ? kWrongPassphrase : kWantsPassphrase;
    }
    return failure;
}

Failure TlsContext::load_certificate() {
    if (const int error = why_unreadable(settings_.local_cert)) {
        return {FailureKind::kLocalCert, error};
    }
    const bool is_used =
        SSL_CTX_use_certificate_chain_file(context_.get(), settings_.local_cert.c_str()) == 1;
    return is_used ? Failure{} : Failure{FailureKind::kLocalCert, kMalformedFile};
}

Failure TlsContext::load_key() {
    const std::string& path =
        settings_.local_pk.empty() ? settings_.local_cert : settings_.local_pk;
    if (const int error = why_unreadable(path)) {
        return {FailureKind::kLocalKey, error};
    }
    const bool is_used =
        SSL_CTX_use_PrivateKey_file(context_.get(), path.c_str(), SSL_FILETYPE_PEM) == 1;
    const bool is_other_key = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509;
    if (is_used && SSL_CTX_check_private_key(context_.get()) == 1) {
        return {};
    }
    return {FailureKind::kLocalKey, is_used || is_other_key ? kOtherKey : kMalformedFile};
}

std::vector<TlsContext::Kept>::const_iterator TlsContext::find(const Endpoint& endpoint) const {
    const uint64_t hash = endpoint.hash();
    return std::find_if(sessions_.begin(), sessions_.end(), [&](const Kept& kept) {
        return kept.hash == hash && kept.endpoint == endpoint;
    });
}

SSL_SESSION* TlsContext::session_of(const Endpoint& endpoint) const {
    const auto found = find(endpoint);
    return found == sessions_.end() ? nullptr : found->session.get();
}

void TlsContext::keep_session(const Endpoint& endpoint, TlsPointer<SSL_SESSION> session) {
    drop_session(endpoint);
    if (sessions_.size() == kSessionsMax) {
        sessions_.erase(sessions_.begin());
    }
    sessions_.push_back({endpoint.hash(), endpoint, std::move(session)});
}

void TlsContext::drop_session(const Endpoint& endpoint) {
    const auto found = find(endpoint);
    if (found != sessions_.end()) {
        sessions_.erase(found);
    }
}

std::shared_ptr<TlsContext> TlsContexts::get(const TlsSettings& settings, Failure* failure) {
    const auto found = std::find_if(contexts_.begin(), contexts_.end(),
                                    [&](const auto& context) { return context->is_for(settings); });
    if (found != contexts_.end() && (*found)->is_current()) {
        std::rotate(contexts_.begin(), found, found + 1);
        return contexts_.front();
    }
    if (found != contexts_.end()) {
        contexts_.erase(found);
    }
    std::shared_ptr<TlsContext> made = TlsContext::make(settings, failure);
    if (made) {
        if (contexts_.size() == kContextsMax) {
            contexts_.pop_back();
        }
        contexts_.insert(contexts_.begin(), made);
    }
    return made;
}

}  // namespace memcache_session

#endif
