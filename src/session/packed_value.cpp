#include "src/session/packed_value.h"

#include <algorithm>

#include "src/session/compression.h"
#include "src/session/messages.h"

namespace memcache_session {

bool is_empty_session(std::string_view value) {
    using namespace std::string_view_literals;
    return value.empty() || value == "a:0:{}"sv || value == "\0\0\0\2\x14\0"sv;
}

PackedValue pack_value(std::string_view value, size_t threshold, std::string* buffer) {
    const bool zlib = threshold > 0 && value.size() > threshold && compress_value(value, buffer);
    return {zlib ? std::string_view(*buffer) : value, zlib};
}

Result<std::string_view> unpack_value(const StoredSession& stored, size_t size_max,
                                      std::string* buffer) {
    const std::string_view value = stored.value;
    if (stored.missing || !ItemFlags::is_zlib(stored.flags)) {
        return value.size() <= size_max
                   ? Result<std::string_view>(value)
                   : Status(Code::kTooLarge, too_large_message(value.size(), size_max));
    }
    const size_t inflated_max = std::min(size_max, kUncompressedMax);
    switch (uncompress_value(value, inflated_max, buffer)) {
        case Inflated::kWhole:
            return std::string_view(*buffer);
        case Inflated::kTooLarge:
            return Status(Code::kTooLarge,
                          inflates_too_far_message(value.size(), inflated_max, size_max));
        case Inflated::kDamaged:
            break;
    }
    return Status(Code::kDamaged, damaged_message());
}

}  // namespace memcache_session
