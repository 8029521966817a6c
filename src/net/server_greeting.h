// The greeting of a memcached server that wants TLS, a user and a password, or both.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "src/base/file.h"
#include "src/net/greeting.h"
#include "src/net/server.h"

namespace memcache_session {

// First the stream is established. Then user and password are the value of a `set`, which must be
// the first command of a connection to memcached -Y. Its lifetime has ended already, so that a
// memcached without -Y does not keep them. The password is read from its file each time, and the
// words of the server are not shown, because some servers repeat what they do not understand.
class ServerGreeting final : public Greeting {
public:
    // `server` outlives the object.
    explicit ServerGreeting(const Server& server) : server_(server) {}

    State advance(Stream& stream) override;
    short interest(const Stream& stream) const override;
    Failure failure() const override { return failure_; }
    Failure on_timeout() const override;

private:
    enum class Stage { kEstablishing, kSending, kReceiving, kDone };

    State establish(Stream& stream);
    State prepare_login();
    State send_login(Stream& stream);
    State receive_reply(Stream& stream);
    State judge();
    State failed(Failure failure);
    State after(Stream& stream, const Transfer& transfer);

    const Server& server_;
    Stage stage_ = Stage::kEstablishing;
    Secret command_;
    size_t sent_size_ = 0;
    std::array<char, 256> reply_{};
    size_t reply_size_ = 0;
    Failure failure_;
};

}  // namespace memcache_session
