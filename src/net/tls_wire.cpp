#include "src/net/tls_wire.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace memcache_session {

namespace {

// More memory than this is not kept for the next request.
constexpr size_t kKeptMax = size_t{20} << 10;

}  // namespace

void TlsWire::begin(int receives_max) {
    receives_left_ = receives_max;
    is_starved_ = false;
}

// Whether bytes were received.
bool TlsWire::receive() {
    if (receives_left_ == 0 || state_.state != Transfer::State::kNothingYet) {
        return false;
    }
    received_.clear();
    next_unread_ = 0;
    if (!received_.reserve(kReceiveSize)) {
        state_ = {Transfer::State::kBroken, 0, ENOMEM};
        return false;
    }
    const Transfer transfer = receive_some(socket_, received_.free_space(), received_.free_size());
    if (transfer.state != Transfer::State::kBytes) {
        receives_left_ = 0;
        state_ = transfer;
        return false;
    }
    --receives_left_;
    received_.append_written(transfer.count);
    const size_t noted = std::min(first_bytes_.size() - first_size_, transfer.count);
    std::memcpy(first_bytes_.data() + first_size_, received_.content().data(), noted);
    first_size_ += noted;
    return true;
}

size_t TlsWire::read(char* space, size_t size) {
    is_starved_ = !has_unread() && !receive();
    if (is_starved_) {
        return 0;
    }
    const size_t count = std::min(size, received_.size() - next_unread_);
    std::memcpy(space, received_.content().data() + next_unread_, count);
    next_unread_ += count;
    if (!has_unread()) {
        received_.free();  // an idle connection keeps no memory
        next_unread_ = 0;
    }
    return count;
}

bool TlsWire::write(const char* bytes, size_t size) {
    has_overflowed_ = has_overflowed_ || unsent_size() + size > kUnsentMax;
    if (has_overflowed_) {
        return false;
    }
    if (next_unsent_ > 0 && size > written_.free_size()) {
        written_.erase_front(next_unsent_);
        next_unsent_ = 0;
    }
    const size_t needed = written_.size() + size;
    if (needed > written_.capacity() &&
        !written_.reserve(std::max(needed, 2 * written_.capacity()))) {
        return false;
    }
    std::memcpy(written_.free_space(), bytes, size);
    written_.append_written(size);
    return true;
}

Transfer TlsWire::flush() {
    if (unsent_size() > 0) {
        const std::string_view rest = written_.content().substr(next_unsent_);
        const Transfer sent = send_pieces(socket_, &rest, 1);
        if (sent.state != Transfer::State::kBytes) {
            return sent;
        }
        next_unsent_ += sent.count;
        if (sent.count < rest.size()) {
            return {};
        }
    }
    if (written_.capacity() > kKeptMax) {
        written_.free();
    }
    written_.clear();
    next_unsent_ = 0;
    return {Transfer::State::kBytes, 0, 0};
}

}  // namespace memcache_session
