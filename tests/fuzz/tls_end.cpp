#include "tests/fuzz/tls_end.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "tests/fuzz/require.h"
#include "tests/unit/local_servers.h"

namespace memcache_session::fuzz {
namespace {

constexpr int kPollMaxMs = 5;
constexpr size_t kReadMax = 65536;  // bytes

int connect_to(uint16_t port) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = testing::loopback(port);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(server);
        return -1;
    }
    return server;
}

// One connection: TLS towards the client, the clear towards the server.
class Connection {
public:
    Connection(SSL_CTX* context, int client, int server)
        : tls_(SSL_new(context)), client_(client), server_(server) {
        fcntl(client_, F_SETFL, O_NONBLOCK);
        fcntl(server_, F_SETFL, O_NONBLOCK);
        SSL_set_fd(tls_, client_);
        SSL_set_accept_state(tls_);
    }
    ~Connection() {
        SSL_free(tls_);
        close(client_);
        close(server_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Passes on what is there. False when the connection is over.
    bool step() {
        pollfd polled[] = {{client_, POLLIN, 0}, {server_, POLLIN, 0}};
        poll(polled, 2, kPollMaxMs);
        return read_client() && read_server() && write_client() && write_server();
    }

private:
    bool goes_on(int result) const {
        const int error = SSL_get_error(tls_, result);
        ERR_clear_error();
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }

    bool read_client() {
        char bytes[kReadMax];
        const int count = SSL_read(tls_, bytes, sizeof bytes);
        if (count <= 0) {
            return goes_on(count);
        }
        to_server_.append(bytes, static_cast<size_t>(count));
        return true;
    }

    bool read_server() {
        char bytes[kReadMax];
        const ssize_t count = recv(server_, bytes, sizeof bytes, 0);
        if (count > 0) {
            to_client_.append(bytes, static_cast<size_t>(count));
        }
        return count > 0 || (count < 0 && errno == EAGAIN);
    }

    bool write_client() {
        if (to_client_.empty()) {
            return true;
        }
        const int count = SSL_write(tls_, to_client_.data(), static_cast<int>(to_client_.size()));
        if (count <= 0) {
            return goes_on(count);
        }
        to_client_.erase(0, static_cast<size_t>(count));
        return true;
    }

    bool write_server() {
        const ssize_t count = send(server_, to_server_.data(), to_server_.size(), MSG_NOSIGNAL);
        if (count > 0) {
            to_server_.erase(0, static_cast<size_t>(count));
        }
        return count >= 0 || errno == EAGAIN;
    }

    SSL* tls_;
    int client_;
    int server_;
    std::string to_client_;
    std::string to_server_;
};

}  // namespace

TestCertificate::TestCertificate() {
    const char* temporary = std::getenv("TMPDIR");
    folder_ = std::string(temporary != nullptr ? temporary : "/tmp") + "/mcs-fuzz-XXXXXX";
    require(mkdtemp(folder_.data()) != nullptr, "the test can make a folder");
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30"
        " -subj /CN=fuzz -addext subjectAltName=IP:127.0.0.1 -keyout " +
        key_path() + " -out " + path() + " 2> /dev/null";
    require(std::system(command.c_str()) == 0, "openssl makes a certificate");
}

TestCertificate::~TestCertificate() {
    unlink(path().c_str());
    unlink(key_path().c_str());
    rmdir(folder_.c_str());
}

TlsEnd::TlsEnd(uint16_t behind, const TestCertificate& certificate)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), behind_(behind) {
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    require(SSL_CTX_use_certificate_chain_file(context_.get(), certificate.path().c_str()) == 1 &&
                SSL_CTX_use_PrivateKey_file(context_.get(), certificate.key_path().c_str(),
                                            SSL_FILETYPE_PEM) == 1,
            "OpenSSL takes the certificate");
    listener_ = testing::listen_on_loopback(64, &port_);
    require(listener_ >= 0, "the test can listen on a port");
    acceptor_ = std::thread([this] { accept_all(); });
}

TlsEnd::~TlsEnd() {
    stopped_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& connection : connections_) {
        connection.join();
    }
    close(listener_);
}

void TlsEnd::accept_all() {
    for (;;) {
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) {
            return;
        }
        connections_.emplace_back([this, client] { serve(client); });
    }
}

void TlsEnd::serve(int client) {
    // OpenSSL writes without MSG_NOSIGNAL. The thread under test gets its signals as ever.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    const int server = connect_to(behind_);
    if (server < 0) {
        close(client);
        return;
    }
    Connection connection(context_.get(), client, server);
    while (!stopped_ && connection.step()) {
    }
}

}  // namespace memcache_session::fuzz
