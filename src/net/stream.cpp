#include "src/net/stream.h"

#include <cassert>

namespace memcache_session {

Stream::Stream(SocketHandle socket) : socket_(socket) {
    assert(socket != kNoSocket);
}

Stream::~Stream() {
    close_socket(socket_);
}

Transfer PlainStream::send(const std::string_view* pieces, size_t count) {
    assert(count > 0);
    return send_pieces(socket(), pieces, count);
}

Transfer PlainStream::receive(char* space, size_t size) {
    assert(size > 0);
    return receive_some(socket(), space, size);
}

bool PlainStream::can_wait() {
    if (waiting_ == Waiting::kUnknown) {
        waiting_ =
            allow_waiting(socket(), kReceiveWait) ? Waiting::kPossible : Waiting::kImpossible;
    }
    return waiting_ == Waiting::kPossible;
}

Transfer PlainStream::receive_waiting(char* space, size_t size) {
    assert(waiting_ == Waiting::kPossible && size > 0);
    return memcache_session::receive_waiting(socket(), space, size);
}

short PlainStream::interest(Direction direction) const {
    return direction == Direction::kSend ? POLLOUT : POLLIN;
}

std::optional<size_t> PlainStream::unacknowledged() const {
    return memcache_session::unacknowledged(socket());
}

}  // namespace memcache_session
