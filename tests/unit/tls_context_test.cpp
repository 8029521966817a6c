#ifdef MEMCACHE_SESSION_TLS

#include "src/net/tls_context.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "src/net/tls_failure.h"
#include "tests/unit/tls_peers.h"

namespace memcache_session {
namespace {

using testing::Authority;
using testing::Certificates;

class TlsContextTest : public ::testing::Test {
protected:
    TlsContextTest() {
        settings_.cafile = certificates_.cafile;
        settings_.local_cert = certificates_.certificate;
        settings_.local_pk = certificates_.key;
    }

    Failure failure() {
        const TlsErrors errors;
        Failure failure;
        const std::shared_ptr<TlsContext> context = TlsContext::make(settings_, &failure);
        EXPECT_EQ(context == nullptr, static_cast<bool>(failure));
        return failure;
    }
    void expect_failure(FailureKind kind, int detail) {
        const Failure failed = failure();
        EXPECT_EQ(failed.kind, kind) << describe(failed, std::chrono::seconds(1));
        EXPECT_EQ(failed.system_error, detail) << describe(failed, std::chrono::seconds(1));
        EXPECT_EQ(reach_of(failed, true), Reach::kProcess);
    }

    std::string file(const std::string& name) { return certificates_.folder.file(name); }
    std::string junk() { return certificates_.folder.write("junk", "junk\n"); }

    Certificates certificates_;
    TlsSettings settings_;
};

TEST_F(TlsContextTest, GoodFilesAreRead) {
    EXPECT_FALSE(failure());
    settings_.capath = certificates_.folder.file("");
    settings_.ciphers = "ECDHE+AESGCM";
    EXPECT_FALSE(failure());
}

TEST_F(TlsContextTest, MissingFileIsNamed) {
    const std::string missing = file("missing");
    settings_.cafile = missing;
    expect_failure(FailureKind::kCaFile, ENOENT);
    settings_.cafile = certificates_.cafile;
    settings_.capath = missing;
    expect_failure(FailureKind::kCaPath, ENOENT);
    settings_.capath.clear();
    settings_.local_cert = missing;
    expect_failure(FailureKind::kLocalCert, ENOENT);
    settings_.local_cert = certificates_.certificate;
    settings_.local_pk = missing;
    expect_failure(FailureKind::kLocalKey, ENOENT);
    settings_.local_pk = certificates_.key;
    settings_.passphrase_file = missing;
    expect_failure(FailureKind::kPassphraseFile, ENOENT);
}

TEST_F(TlsContextTest, FileOfAnotherKindIsNamed) {
    settings_.cafile = junk();
    expect_failure(FailureKind::kCaFile, kMalformedFile);
    settings_.cafile = file("");
    expect_failure(FailureKind::kCaFile, EISDIR);
    settings_.cafile = certificates_.cafile;
    settings_.capath = junk();
    expect_failure(FailureKind::kCaPath, ENOTDIR);
    settings_.capath.clear();
    settings_.local_cert = junk();
    expect_failure(FailureKind::kLocalCert, kMalformedFile);
    settings_.local_cert = certificates_.certificate;
    settings_.local_pk = junk();
    expect_failure(FailureKind::kLocalKey, kMalformedFile);
    settings_.local_pk.clear();
    expect_failure(FailureKind::kLocalKey, kMalformedFile);  // the certificate has no key
    settings_.local_cert.clear();
    settings_.ciphers = "nonsense";
    expect_failure(FailureKind::kCiphers, 0);
}

TEST_F(TlsContextTest, NobodyWaitsForTheWriterOfAFifo) {
    const std::string fifo = file("fifo");
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    settings_.passphrase_file = fifo;
    expect_failure(FailureKind::kPassphraseFile, kNotRegularFile);
    settings_.cafile = fifo;
    expect_failure(FailureKind::kCaFile, kNotRegularFile);
}

TEST_F(TlsContextTest, EncryptedKeyNeedsItsPassphrase) {
    settings_.local_cert = file("client.pem");
    settings_.local_pk = file("client.key");
    certificates_.authority.issue({}, settings_.local_cert, settings_.local_pk, "open sesame");
    expect_failure(FailureKind::kLocalKey, kWantsPassphrase);
    settings_.passphrase_file = certificates_.folder.write("passphrase", "wrong\n");
    expect_failure(FailureKind::kLocalKey, kWrongPassphrase);
    certificates_.folder.write("passphrase", "");
    expect_failure(FailureKind::kPassphraseFile, kMalformedFile);
    certificates_.folder.write("passphrase", "open sesame\r\nsecond line\n");
    EXPECT_FALSE(failure());
}

// OpenSSL would ask for the passphrase on the terminal.
TEST_F(TlsContextTest, EncryptedCertificateNeedsThePassphrase) {
    const std::string encrypted = file("encrypted.pem");
    std::FILE* file = std::fopen(certificates_.certificate.c_str(), "r");
    X509* const certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
    std::fclose(file);
    std::string phrase = "open sesame";
    file = std::fopen(encrypted.c_str(), "w");
    PEM_ASN1_write(reinterpret_cast<i2d_of_void*>(i2d_X509), PEM_STRING_X509, file, certificate,
                   EVP_aes_128_cbc(), reinterpret_cast<unsigned char*>(phrase.data()),
                   static_cast<int>(phrase.size()), nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    settings_.local_cert = encrypted;
    expect_failure(FailureKind::kLocalCert, kWantsPassphrase);
    settings_.passphrase_file = certificates_.folder.write("passphrase", "wrong\n");
    expect_failure(FailureKind::kLocalCert, kWrongPassphrase);
    certificates_.folder.write("passphrase", phrase);
    EXPECT_FALSE(failure());
}

TEST_F(TlsContextTest, KeyOfAnotherCertificateIsRefused) {
    certificates_.authority.issue({}, file("other.pem"), file("other.key"));
    settings_.local_pk = file("other.key");
    expect_failure(FailureKind::kLocalKey, kOtherKey);
}

TEST_F(TlsContextTest, IsSharedUntilAFileChanges) {
    TlsContexts contexts;
    Failure failure;
    const std::shared_ptr<TlsContext> first = contexts.get(settings_, &failure);
    ASSERT_NE(first, nullptr);
    settings_.peer_name = "another";
    EXPECT_EQ(contexts.get(settings_, &failure), first);
    certificates_.folder.write("new", "");
    EXPECT_EQ(contexts.get(settings_, &failure), first);
    Authority("new").write_own(certificates_.cafile);
    const std::shared_ptr<TlsContext> second = contexts.get(settings_, &failure);
    ASSERT_NE(second, nullptr);
    EXPECT_NE(second, first);
    unlink(certificates_.cafile.c_str());
    EXPECT_EQ(contexts.get(settings_, &failure), nullptr);
    EXPECT_EQ(failure.kind, FailureKind::kCaFile);
}

TEST_F(TlsContextTest, OtherSettingsHaveAnotherContext) {
    TlsContexts contexts;
    Failure failure;
    const std::shared_ptr<TlsContext> first = contexts.get(settings_, &failure);
    settings_.min_version = TlsVersion::k13;
    EXPECT_NE(contexts.get(settings_, &failure), first);
}

TEST_F(TlsContextTest, KeepsABoundedNumberOfSessions) {
    Failure failure;
    const std::shared_ptr<TlsContext> context = TlsContext::make(settings_, &failure);
    const auto endpoint = [](size_t i) { return Endpoint::tcp("h", static_cast<uint16_t>(i + 1)); };
    for (size_t i = 0; i < TlsContext::kSessionsMax + 1; ++i) {
        context->keep_session(endpoint(i), TlsPointer<SSL_SESSION>(SSL_SESSION_new()));
    }
    EXPECT_EQ(context->session_of(endpoint(0)), nullptr);
    EXPECT_NE(context->session_of(endpoint(1)), nullptr);
    EXPECT_NE(context->session_of(endpoint(TlsContext::kSessionsMax)), nullptr);
    context->drop_session(endpoint(1));
    EXPECT_EQ(context->session_of(endpoint(1)), nullptr);
}

}  // namespace
}  // namespace memcache_session

#endif
