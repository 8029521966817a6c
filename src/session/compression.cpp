#include "src/session/compression.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace memcache_session {
namespace {

// zlib takes its lengths as 32 bit numbers.
constexpr size_t kChunkMax = std::numeric_limits<uInt>::max() / 2;

constexpr size_t kFirstGuess = 64 * 1024;

bool compress_at(int level, std::string_view value, std::string* out) {
    uLongf length = compressBound(static_cast<uLong>(value.size()));
    out->resize(length);
    const int status = compress2(reinterpret_cast<Bytef*>(out->data()), &length,
                                 reinterpret_cast<const Bytef*>(value.data()),
                                 static_cast<uLong>(value.size()), level);
    out->resize(length);
    return status == Z_OK;
}

}  // namespace

bool compress_value(std::string_view value, std::string* out) {
    if (!compress_at(Z_BEST_SPEED, value, out)) {
        return false;
    }
    if (out->size() > kUsualValueMax && !compress_at(Z_DEFAULT_COMPRESSION, value, out)) {
        return false;
    }
    return out->size() < value.size();
}

Inflated uncompress_value(std::string_view stored, size_t limit, std::string* out) {
    out->clear();
    if (stored.size() > kChunkMax) {
        return Inflated::kDamaged;
    }
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) {
        return Inflated::kDamaged;
    }
    // zlib's own interface has no const here; it does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));
    stream.avail_in = static_cast<uInt>(stored.size());
    out->resize(std::min(limit, std::max(kFirstGuess, stored.size() * 4)));
    size_t written = 0;
    int status = Z_OK;
    while (status == Z_OK && written <= limit) {
        if (written == out->size() && written < limit) {
            out->resize(std::min(limit, out->size() * 2));
        }
        Bytef beyond = 0;  // a stream that fills it is too large
        const bool is_full = written == limit;
        stream.next_out = is_full ? &beyond : reinterpret_cast<Bytef*>(out->data()) + written;
        const auto room =
            static_cast<uInt>(is_full ? 1 : std::min(out->size() - written, kChunkMax));
        stream.avail_out = room;
        status = inflate(&stream, Z_NO_FLUSH);
        written += room - stream.avail_out;
    }
    const bool is_whole = status == Z_STREAM_END && stream.avail_in == 0 && written <= limit;
    inflateEnd(&stream);
    if (!is_whole) {
        std::string().swap(*out);
        return written > limit ? Inflated::kTooLarge : Inflated::kDamaged;
    }
    out->resize(written);
    return Inflated::kWhole;
}

}  // namespace memcache_session
