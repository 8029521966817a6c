// zlib as pecl/memcache uses it: a bare zlib stream, marked by a flag of the item.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace memcache_session {

// A stored value that inflates to more is refused, because it can only be an attack on memory.
constexpr size_t kUncompressedMax = size_t{256} << 20;  // bytes

// The longest value that every server with memcached's default item limit (-I 1m) stores, in bytes.
// The rest is room for the key and the head of the item.
constexpr size_t kUsualValueMax = (size_t{1} << 20) - 1024;

// Compresses into `out`. False, with `out` unspecified, if that saves nothing. The fastest level is
// taken, unless the result is longer than kUsualValueMax. docs/performance.md has the figures.
bool compress_value(std::string_view value, std::string* out);

enum class Inflated {
    kWhole,
    kTooLarge,  // more than the limit
    kDamaged,   // `stored` is no whole zlib stream
};

// Inflates into `out`, which never has more than `limit` bytes, and none unless it is kWhole.
Inflated uncompress_value(std::string_view stored, size_t limit, std::string* out);

}  // namespace memcache_session
