// zlib as pecl/memcache uses it: a bare zlib stream, marked by a flag of the item.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace memcache_session {

// A stored value that inflates to more is refused, because it can only be an attack on memory.
constexpr size_t kUncompressedMax = size_t{256} << 20;  // bytes

// Compresses into `out`. False, with `out` unspecified, if that saves nothing.
bool compress_value(std::string_view value, std::string* out);

enum class Inflated {
    kWhole,
    kTooLarge,  // more than the limit
    kDamaged,   // `stored` is no whole zlib stream
};

// Inflates into `out`, which never has more than `limit` bytes, and none unless it is kWhole.
Inflated uncompress_value(std::string_view stored, size_t limit, std::string* out);

}  // namespace memcache_session
