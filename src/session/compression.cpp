#include "src/session/compression.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace memcache_session {
namespace {

// zlib takes its lengths as 32 bit numbers.
constexpr size_t kChunkMax = std::numeric_limits<uInt>::max() / 2;

constexpr size_t kFirstGuess = 64 * 1024;

}  // namespace

bool compress_value(std::string_view value, std::string* out) {
    uLongf length = compressBound(static_cast<uLong>(value.size()));
    out->resize(length);
    const int status =
        compress(reinterpret_cast<Bytef*>(out->data()), &length,
                 reinterpret_cast<const Bytef*>(value.data()), static_cast<uLong>(value.size()));
    out->resize(length);
    return status == Z_OK && length < value.size();
}

bool uncompress_value(std::string_view stored, size_t limit, std::string* out) {
    if (stored.size() > kChunkMax) {
        return false;
    }
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) {
        return false;
    }
    // zlib's own interface has no const here; it does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));
    stream.avail_in = static_cast<uInt>(stored.size());
    out->resize(std::min(limit, std::max(kFirstGuess, stored.size() * 4)));
    int status = Z_OK;
    while (status == Z_OK) {
        if (stream.total_out == out->size()) {
            if (out->size() == limit) {
                break;
            }
            out->resize(std::min(limit, out->size() * 2));
        }
        const size_t written = stream.total_out;
        stream.next_out = reinterpret_cast<Bytef*>(out->data()) + written;
        stream.avail_out = static_cast<uInt>(std::min(out->size() - written, kChunkMax));
        status = inflate(&stream, Z_NO_FLUSH);
    }
    out->resize(stream.total_out);
    const bool whole = status == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return whole;
}

}  // namespace memcache_session
