#include "src/net/tls_stream.h"

#ifdef MEMCACHE_SESSION_TLS

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <string_view>

#include "src/net/tls_failure.h"

namespace memcache_session {

namespace {

// The most plain bytes in a record.
constexpr size_t kRecordMax = SSL3_RT_MAX_PLAIN_LENGTH;

// No more is encrypted while so many bytes wait to be sent.
constexpr size_t kUnsentMax = size_t{64} << 10;

// Copies pieces one after another.
class PieceReader {
public:
    PieceReader(const std::string_view* pieces, size_t count)
        : next_(pieces), end_(pieces + count) {}

    bool is_at_end() const { return next_ == end_; }

    // Copies at most `size` bytes, and returns their number. If `ends_at_block`, they end with the
    // end of a data block, which begins a piece. The two bytes of that end stay together, because
    // the next call would not find it otherwise. REQUIRES: size >= 2.
    size_t read(char* space, size_t size, bool ends_at_block) {
        size_t copied = 0;
        bool is_last = false;
        while (next_ != end_ && copied < size && !is_last) {
            const bool is_block_end = offset_ == 0 && next_->substr(0, 2) == kBlockEnd;
            if (is_block_end && size - copied < kBlockEnd.size()) {
                break;
            }
            is_last = ends_at_block && is_block_end;
            const size_t most = is_last ? kBlockEnd.size() : next_->size();
            const size_t part = next_->copy(space + copied, std::min(size - copied, most), offset_);
            copied += part;
            offset_ += part;
            if (offset_ == next_->size()) {
                ++next_;
                offset_ = 0;
            }
        }
        return copied;
    }

private:
    static constexpr std::string_view kBlockEnd = "\r\n";

    const std::string_view* next_;
    const std::string_view* end_;
    size_t offset_ = 0;  // in the next piece
};

}  // namespace

TlsStream::~TlsStream() {
    if (connection_) {
        // Otherwise OpenSSL takes the session for one of a failed connection, and does not resume
        // it. Nothing is sent.
        SSL_set_shutdown(connection_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
}

Transfer TlsStream::send(const std::string_view* pieces, size_t count) {
    assert(count > 0);
    const TlsErrors errors;
    if (wire_.unsent_size() >= kUnsentMax) {
        const Transfer flushed = wire_.flush();
        if (flushed.state != Transfer::State::kBytes) {
            return flushed;
        }
    }
    wire_.begin(1);
    const size_t taken = encrypt(pieces, count);
    const Transfer flushed = wire_.flush();
    if (flushed.state == Transfer::State::kBroken) {
        return flushed;
    }
    if (taken > 0) {
        return {Transfer::State::kBytes, taken, 0};
    }
    return wire_.is_starved() ? Transfer{} : Transfer{Transfer::State::kBroken, 0, EPROTO};
}

// Encrypts the front of the pieces, as long as there is room. Returns its size.
size_t TlsStream::encrypt(const std::string_view* pieces, size_t count) {
    std::array<char, kRecordMax> record;
    PieceReader reader(pieces, count);
    size_t taken = 0;
    while (!reader.is_at_end() && wire_.unsent_size() < kUnsentMax) {
        const size_t size = reader.read(record.data(), record.size(), is_long_);
        size_t written = 0;
        if (size > 0 && SSL_write_ex(connection_.get(), record.data(), size, &written) != 1) {
            return taken;
        }
        assert(written == size);  // the wire takes whole records
        taken += size;
        is_long_ = !reader.is_at_end();
    }
    return taken;
}

Transfer TlsStream::receive(char* space, size_t size) {
    assert(size > 0);
    const TlsErrors errors;
    static_cast<void>(wire_.flush());  // if it fails, so does receiving
    wire_.begin(1);
    size_t received = 0;
    while (!is_over_ && received < size) {
        size_t count = 0;
        if (SSL_read_ex(connection_.get(), space + received, size - received, &count) != 1) {
            note_ending();
            break;
        }
        received += count;
        if (!wire_.has_unread() && SSL_pending(connection_.get()) == 0) {
            break;
        }
    }
    keep_new_session();
    static_cast<void>(wire_.flush());
    if (received > 0) {
        return {Transfer::State::kBytes, received, 0};
    }
    if (!is_over_) {
        return {};
    }
    is_told_ = true;
    return ending();
}

// OpenSSL has read nothing: bytes are missing, or it reads no more.
void TlsStream::note_ending() {
    is_over_ = !wire_.is_starved() || wire_.state().state != Transfer::State::kNothingYet;
    const bool has_received_end =
        (SSL_get_shutdown(connection_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    if (wire_.has_overflowed()) {
        is_over_ = true;
        failure_ = {FailureKind::kTlsProtocol, kUnreadReplies};
    } else if (alert_ != 0) {
        failure_ = {FailureKind::kTlsAlert, alert_};
    } else if (!wire_.is_starved() && !has_received_end) {
        failure_ = {FailureKind::kTlsProtocol, TlsErrors::latest_reason()};
    }
}

// Why OpenSSL reads no more.
Transfer TlsStream::ending() const {
    if (failure_) {
        return {Transfer::State::kBroken, 0, EPROTO};
    }
    return wire_.state().state == Transfer::State::kBroken
               ? wire_.state()
               : Transfer{Transfer::State::kClosed, 0, 0};
}

short TlsStream::interest(Direction direction) const {
    const bool has_unsent = wire_.unsent_size() > 0;
    if (direction == Direction::kReceive) {
        return static_cast<short>(has_unsent ? POLLIN | POLLOUT : POLLIN);
    }
    return POLLOUT;
}

bool TlsStream::has_pending() const {
    return connection_ != nullptr && !is_told_ &&
           (is_over_ || wire_.has_unread() || SSL_pending(connection_.get()) > 0);
}

// The encrypted bytes are a little longer than the plain ones. As long as none of them is
// acknowledged, neither is a plain one.
std::optional<size_t> TlsStream::unacknowledged() const {
    const std::optional<size_t> sent = memcache_session::unacknowledged(socket());
    return sent ? std::optional<size_t>(*sent + wire_.unsent_size()) : std::nullopt;
}

Failure TlsStream::why_broken(int error) const {
    return failure_ ? failure_ : Stream::why_broken(error);
}

}  // namespace memcache_session

#endif
