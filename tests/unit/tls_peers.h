// Certificates, and the server's side of a TLS connection, for tests.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "src/net/server.h"
#include "src/net/tls_library.h"
#include "src/net/tls_stream.h"

namespace memcache_session::testing {

// Removed with the object.
class Folder {
public:
    Folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "tls_test_XXXXXX";
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(file(name)) << content;
        return file(name);
    }

private:
    std::string path_;
};

struct Names {
    std::string subject = "IP:127.0.0.1,DNS:localhost";  // as subjectAltName
    long valid_from_s = -3600;                           // from now
    long valid_until_s = 3600;
};

// Signs certificates, its own one first.
class Authority {
public:
    explicit Authority(const std::string& name = "authority") : key_(make_key()) {
        certificate_ = make_certificate(name, key_.get(), Names{}, true);
    }
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    void write_own(const std::string& path) const { write(path, certificate_.get()); }

    // Writes a certificate and its key, encrypted if there is a passphrase. Paths may be equal.
    void issue(const Names& names, const std::string& certificate_path, const std::string& key_path,
               const std::string& passphrase = "") const {
        const Key key = make_key();
        write(certificate_path, make_certificate("server", key.get(), names, false).get());
        std::string phrase = passphrase;  // OpenSSL 1.1.1 takes bytes that it could change
        std::FILE* const file = std::fopen(key_path.c_str(), "a");
        PEM_write_PrivateKey(file, key.get(), passphrase.empty() ? nullptr : EVP_aes_128_cbc(),
                             reinterpret_cast<unsigned char*>(phrase.data()),
                             static_cast<int>(phrase.size()), nullptr, nullptr);
        std::fclose(file);
    }

private:
    struct Deleter {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
    };
    using Key = std::unique_ptr<EVP_PKEY, Deleter>;
    using Certificate = std::unique_ptr<X509, Deleter>;

    static Key make_key() {
        EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr);
        EVP_PKEY* key = nullptr;
        EVP_PKEY_keygen_init(context);
        EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1);
        EVP_PKEY_CTX_set_ec_param_enc(context, OPENSSL_EC_NAMED_CURVE);
        EVP_PKEY_keygen(context, &key);
        EVP_PKEY_CTX_free(context);
        return Key(key);
    }

    static void write(const std::string& path, X509* certificate) {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        PEM_write_X509(file, certificate);
        std::fclose(file);
    }

    Certificate make_certificate(const std::string& name, EVP_PKEY* key, const Names& names,
                                 bool is_authority) const {
        Certificate made(X509_new());
        X509_set_version(made.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), is_authority ? 1 : rand() + 2L);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), names.valid_from_s);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), names.valid_until_s);
        X509_set_pubkey(made.get(), key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.data()),
                                   static_cast<int>(name.size()), -1, 0);
        X509* const issuer = is_authority ? made.get() : certificate_.get();
        X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer, made.get(), nullptr, nullptr, 0);
        X509_EXTENSION* const extension =
            is_authority
                ? X509V3_EXT_conf_nid(nullptr, &context, NID_basic_constraints, "critical,CA:TRUE")
                : X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name,
                                      names.subject.c_str());
        X509_add_ext(made.get(), extension, -1);
        X509_EXTENSION_free(extension);
        X509_sign(made.get(), key_.get(), EVP_sha256());
        return made;
    }

    Key key_;
    Certificate certificate_;
};

// An authority that the client trusts, and a server's certificate that it has signed.
struct Certificates {
    Certificates() {
        authority.write_own(cafile);
        authority.issue({}, certificate, key);
    }

    Folder folder;
    Authority authority;
    std::string cafile = folder.file("ca.pem");
    std::string certificate = folder.file("server.pem");
    std::string key = folder.file("server.key");
};

// The server's end of a connection. OpenSSL reads and writes memory, and the test moves the bytes.
class TlsPeer {
public:
    TlsPeer(const std::string& certificate, const std::string& key, int version = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_set_min_proto_version(context_.get(), version);
        SSL_CTX_set_max_proto_version(context_.get(), version);
        SSL_CTX_set_session_id_context(context_.get(),
                                       reinterpret_cast<const unsigned char*>("test"), 4);
    }
    ~TlsPeer() {
        if (socket_ >= 0) {
            close(socket_);
        }
    }
    TlsPeer(const TlsPeer&) = delete;
    TlsPeer& operator=(const TlsPeer&) = delete;

    SSL_CTX* context() { return context_.get(); }
    SSL* tls() { return tls_.get(); }
    int socket() const { return socket_; }

    // A new connection, whose other end is returned. The former one is closed.
    SocketHandle connect() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        if (socket_ >= 0) {
            close(socket_);
        }
        socket_ = ends[0];
        tls_.reset(SSL_new(context_.get()));
        SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(tls_.get());
        return ends[1];
    }

    // Takes all bytes from the socket.
    void pull() {
        char bytes[65536];
        ssize_t count = 0;
        while ((count = read(socket_, bytes, sizeof bytes)) > 0) {
            BIO_write(SSL_get_rbio(tls_.get()), bytes, static_cast<int>(count));
        }
    }

    // The encrypted bytes that are to be sent.
    std::string take_outgoing() {
        std::string bytes(BIO_ctrl_pending(SSL_get_wbio(tls_.get())), '\0');
        if (!bytes.empty()) {
            BIO_read(SSL_get_wbio(tls_.get()), bytes.data(), static_cast<int>(bytes.size()));
        }
        return bytes;
    }
    void push(const std::string& bytes) {
        EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    void push() {
        if (const std::string bytes = take_outgoing(); !bytes.empty()) {
            push(bytes);
        }
    }

    // Encrypts, and keeps the bytes for push().
    void say(const std::string& text) {
        EXPECT_EQ(SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())),
                  static_cast<int>(text.size()));
    }

    // All that the client has sent, decrypted.
    std::string hear() {
        pull();
        std::string text;
        char bytes[65536];
        int count = 0;
        while ((count = SSL_read(tls_.get(), bytes, sizeof bytes)) > 0) {
            text.append(bytes, static_cast<size_t>(count));
        }
        ERR_clear_error();
        return text;
    }

    // Goes on with the handshake.
    void accept() {
        pull();
        SSL_do_handshake(tls_.get());
        ERR_clear_error();
        push();
    }

private:
    TlsPointer<SSL_CTX> context_;
    TlsPointer<SSL> tls_;
    int socket_ = -1;
};

inline Server tls_server(const std::string& cafile, const std::string& host = "127.0.0.1") {
    auto tls = std::make_shared<TlsSettings>();
    tls->cafile = cafile;
    Server server;
    server.endpoint = {Endpoint::Transport::kTls, host, 11211, cafile};
    server.tls = tls;
    return server;
}

// Lets both sides shake hands, until the client has nothing to do.
inline Stream::Step shake_hands(TlsStream& client, TlsPeer& server) {
    Stream::Step step = client.establish();
    for (int i = 0; i < 10 && step == Stream::Step::kPending; ++i) {
        server.accept();
        step = client.establish();
    }
    return step;
}

}  // namespace memcache_session::testing
