#include "src/net/tls_failure.h"

#ifdef MEMCACHE_SESSION_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "src/net/tls_library.h"
#endif

#include <string_view>

#include "src/base/file.h"
#include "src/base/text.h"
#include "src/net/socket.h"

namespace memcache_session {

namespace {

// `what` is a parameter of the server that names a file, and `content` what the file must have.
std::string file_text(std::string_view what, std::string_view content, int error) {
    std::string text = "the file that " + std::string(what) + " names in the save_path ";
    switch (error) {
        case kMalformedFile:
            return text + "has no " + std::string(content);
        case kNotRegularFile:
            return text + "cannot be read: it is a FIFO, a device or a socket";
        case kWantsPassphrase:
            return text + "is encrypted: give passphrase_file, too";
        case kWrongPassphrase:
            return text + "is encrypted, and the passphrase in passphrase_file does not open it";
        case kOtherKey:
            return text + "has a private key that does not belong to the certificate in local_cert";
        default:
            return text + "cannot be read: " + socket_error_text(error);
    }
}

#ifdef MEMCACHE_SESSION_TLS

// Codes of X509_STORE_CTX_get_error().
std::string certificate_text(int code) {
    switch (code) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "the certificate of the server, or one above it, has expired: renew it";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the certificate of the server, or one above it, is not valid yet: check the "
                   "clocks, or renew it";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "the certificate of the server is self-signed, and nobody trusts it: name it in "
                   "cafile=, among the parameters in the save_path";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "the certificate of the server was signed by an authority that is not trusted: "
                   "name the authority's certificate in cafile=, among the parameters in "
                   "the save_path";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "the certificate of the server is for another name: write a name of its "
                   "subjectAltName in the save_path, as the host or as peer_name= (an address "
                   "must be there as IP:)";
        default:
            return std::string("the certificate of the server cannot be trusted: ") +
                   X509_verify_cert_error_string(code);
    }
}

std::string alert_text(int alert) {
    const std::string name = SSL_alert_desc_string_long(alert);
    switch (alert) {
        case SSL3_AD_HANDSHAKE_FAILURE:
        case TLS1_AD_PROTOCOL_VERSION:
        case TLS1_AD_INSUFFICIENT_SECURITY:
            return "the server refused the TLS connection (" + name +
                   "): it has no version or cipher of TLS in common with ciphers and min_version";
        case SSL3_AD_NO_CERTIFICATE:
        case SSL3_AD_BAD_CERTIFICATE:
        case SSL3_AD_UNSUPPORTED_CERTIFICATE:
        case SSL3_AD_CERTIFICATE_REVOKED:
        case SSL3_AD_CERTIFICATE_EXPIRED:
        case SSL3_AD_CERTIFICATE_UNKNOWN:
        case TLS1_AD_UNKNOWN_CA:
        case TLS1_AD_ACCESS_DENIED:
        case TLS13_AD_CERTIFICATE_REQUIRED:
            return "the server refused the certificate of this client, or wants one (" + name +
                   "): name a certificate that it trusts in local_cert=, among the parameters in "
                   "the save_path";
        default:
            return "the server refused the TLS connection (" + name + ")";
    }
}

std::string protocol_text(int reason) {
    if (reason == kUnreadReplies) {
        return "the TLS connection failed: the server asks for new keys or new handshakes without "
               "end, and reads no reply";
    }
    const char* const words =
        ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, static_cast<unsigned long>(reason)));
    return std::string("the TLS connection failed: ") + (words != nullptr ? words : "bad record");
}

#else

std::string certificate_text(int) {
    return "the certificate of the server cannot be trusted";
}
std::string alert_text(int) {
    return "the server refused the TLS connection";
}
std::string protocol_text(int) {
    return "the TLS connection failed";
}

#endif

}  // namespace

#ifdef MEMCACHE_SESSION_TLS

int TlsErrors::latest_reason() {
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
}

#endif

std::string tls_failure_text(Failure failure, Duration timeout) {
    constexpr std::string_view kCertificates = "certificate in PEM format";
    const int detail = failure.system_error;
    switch (failure.kind) {
        case FailureKind::kHandshakeTimeout:
            return "the TLS handshake was not finished within " + seconds_text(timeout) +
                   ": check that the server speaks TLS on this port, because one that does not may "
                   "wait in silence";
        case FailureKind::kHandshakeClosed:
            return "the server closed the connection during the TLS handshake: check that it "
                   "speaks TLS on this port";
        case FailureKind::kSpeaksPlainText:
            return "the server does not speak TLS on this port: start it with TLS (memcached -Z), "
                   "or write tcp:// in place of tls:// in the save_path";
        case FailureKind::kTlsAlert:
            return alert_text(detail);
        case FailureKind::kTlsProtocol:
            return protocol_text(detail);
        case FailureKind::kCertificate:
            return certificate_text(detail);
        case FailureKind::kCaFile:
            return file_text("cafile", kCertificates, detail);
        case FailureKind::kCaPath:
            return file_text("capath", "certificates", detail);
        case FailureKind::kLocalCert:
            return file_text("local_cert", kCertificates, detail);
        case FailureKind::kLocalKey:
            return file_text("local_pk (or local_cert)", "private key in PEM format", detail);
        case FailureKind::kPassphraseFile:
            return file_text("passphrase_file", "passphrase in its first line", detail);
        case FailureKind::kCiphers:
            return "OpenSSL knows none of the ciphers that the save_path names";
        case FailureKind::kTlsVersion:
            return "OpenSSL of this machine allows no version of TLS from min_version on: lower "
                   "min_version in the save_path, or change the policy in openssl.cnf";
        case FailureKind::kPasswordFile:
            return file_text("password_file", "password in its first line", detail);
        case FailureKind::kLoginRefused:
            return "the server refused the user or the password: compare user and password_file in "
                   "the save_path with the server's file (memcached -Y)";
        default:
            return "unknown failure";
    }
}

}  // namespace memcache_session
