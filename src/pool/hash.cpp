#include "src/pool/hash.h"

#include <zlib.h>

#include <type_traits>

namespace memcache_session {
namespace {

constexpr uint32_t kCrcStart = 0xffffffff;
constexpr uint32_t kFnvStart = 0x811c9dc5;

static_assert(std::is_same_v<z_crc_t, uint32_t>, "zlib's CRC table is used without conversion");

}  // namespace

Hash::Hash(HashFunction function)
    : crc_table_(function == HashFunction::kCrc32 ? get_crc_table() : nullptr),
      state_(function == HashFunction::kCrc32 ? kCrcStart : kFnvStart) {}

uint32_t hash(HashFunction function, std::string_view text) {
    Hash hash(function);
    hash.add(text);
    return hash.value();
}

}  // namespace memcache_session
