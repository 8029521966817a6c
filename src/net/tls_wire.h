// Encrypted bytes between OpenSSL and a socket.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "src/base/buffer.h"
#include "src/net/socket.h"

namespace memcache_session {

// OpenSSL's BIO reads from it and writes to it. It exists because OpenSSL's own BIO receives twice
// for each record, sends each record on its own, and lets SIGPIPE come. Here a receive takes what
// the socket has, and everything that was written is sent in one call of flush(). One thread.
class TlsWire {
public:
    // How much is received in one system call, in bytes: four records.
    static constexpr size_t kReceiveSize = size_t{64} << 10;

    // The most bytes that wait to be sent. TlsStream stops earlier with bytes of its own, so that
    // many replies of OpenSSL to the server have room, too.
    static constexpr size_t kUnsentMax = size_t{128} << 10;

    // Does not own the socket.
    explicit TlsWire(SocketHandle socket) : socket_(socket) {}
    TlsWire(const TlsWire&) = delete;
    TlsWire& operator=(const TlsWire&) = delete;

    // A call of OpenSSL begins. Its reads may receive from the socket, in so many system calls: a
    // server may send for ever what OpenSSL skips.
    void begin(int receives_max);

    // Takes bytes that were received. Returns 0 when none are there, and state() says why.
    size_t read(char* space, size_t size);

    // Whether the call of OpenSSL ended because bytes were missing: its latest read() found none.
    // SSL_want_read() does not tell, because it stays as it was when the bytes were no good TLS.
    bool is_starved() const { return is_starved_; }

    // How the latest receive from the socket ended: kClosed, kBroken, or kNothingYet.
    const Transfer& state() const { return state_; }

    // Whether bytes were received that were not read.
    bool has_unread() const { return next_unread_ < received_.size(); }

    // Keeps the bytes for flush(). False when there is no memory, or when more than kUnsentMax
    // bytes would wait.
    [[nodiscard]] bool write(const char* bytes, size_t size);

    // Whether a write() failed because of kUnsentMax.
    bool has_overflowed() const { return has_overflowed_; }

    size_t unsent_size() const { return written_.size() - next_unsent_; }

    // Sends as much as goes without waiting. kBytes when nothing is left, kNothingYet when
    // something is.
    Transfer flush();

    // The first bytes that the server sent, at most 32: they tell what it speaks.
    std::string_view first_bytes() const { return {first_bytes_.data(), first_size_}; }

private:
    bool receive();

    SocketHandle socket_;
    int receives_left_ = 0;
    bool is_starved_ = false;
    Transfer state_;
    Buffer received_;
    size_t next_unread_ = 0;
    Buffer written_;
    size_t next_unsent_ = 0;
    bool has_overflowed_ = false;
    std::array<char, 32> first_bytes_{};
    size_t first_size_ = 0;
};

}  // namespace memcache_session
