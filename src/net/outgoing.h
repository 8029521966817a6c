// The commands of one request on their way to a server.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "src/net/exchange.h"
#include "src/net/socket.h"
#include "src/net/stream.h"
#include "src/wire/protocol.h"

namespace memcache_session {

class Outgoing {
public:
    Outgoing() = default;
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;

    // Encodes the commands of `request`, whose views must live until all is sent. Nothing of it
    // has been sent, whatever was sent before. `prefix` is sent before them; it must live as long.
    void prepare(const Protocol& protocol, const Request& request, std::string_view prefix = {});

    // Sends as much of the rest as goes without waiting, in one call of the stream.
    // REQUIRES: !is_sent().
    Transfer send(Stream& stream);

    bool is_sent() const { return next_ == count_; }

    // How many bytes were sent since prepare().
    size_t sent_size() const { return sent_size_; }

private:
    static constexpr size_t kPiecesMax = 1 + kCommandsMax * kCommandPiecesMax;
    static_assert(kPiecesMax <= kSendPiecesMax, "a request is sent in one system call");

    std::array<std::string_view, kPiecesMax> pieces_;
    std::array<char, kCommandsMax * kCommandSpaceMax> space_;  // bytes that the protocol wrote
    size_t next_ = 0;  // the first piece that is not fully sent; its view is shortened to the rest
    size_t count_ = 0;
    size_t sent_size_ = 0;
};

}  // namespace memcache_session
