// A TLS server in this process that passes the decrypted bytes on to a port of the loopback. The
// program behind it can spoil the text inside of TLS. And a certificate for tests.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace memcache_session::fuzz {

// A key, and a certificate for 127.0.0.1 that is signed by itself, in files of a temporary folder,
// which is removed with the object.
class TestCertificate {
public:
    TestCertificate();
    ~TestCertificate();
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;

    // PEM files.
    std::string path() const { return folder_ + "/cert.pem"; }
    std::string key_path() const { return folder_ + "/key.pem"; }

private:
    std::string folder_;
};

// Serves each connection in a thread of its own. The destructor closes all and waits for them.
class TlsEnd {
public:
    TlsEnd(uint16_t behind, const TestCertificate& certificate);
    ~TlsEnd();
    TlsEnd(const TlsEnd&) = delete;
    TlsEnd& operator=(const TlsEnd&) = delete;

    uint16_t port() const { return port_; }

private:
    void accept_all();
    void serve(int client);

    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    uint16_t behind_;
    uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<bool> stopped_{false};
    std::vector<std::thread> connections_;
    std::thread acceptor_;
};

}  // namespace memcache_session::fuzz
