// The value is cut into words of 7 bytes, which are the coefficients of a polynomial. Its value at
// the point `key`, modulo the prime 2^61 - 1, is the hash. Two different values of one size are two
// polynomials. Their difference has at most as many roots as they have words, so at most that many
// keys give both one hash.
#include "src/base/fingerprint.h"

#include "src/base/random.h"

namespace memcache_session {
namespace {

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
constexpr size_t kWordSize = 7;  // bytes: each word is below the prime
constexpr size_t kBlockSize = 8 * kWordSize;

// A sum of products of 128 bits.
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 Wide;

constexpr Wide multiply(uint64_t a, uint64_t b) {
    return static_cast<Wide>(a) * b;
}

constexpr uint64_t low_bits(Wide sum) {
    return static_cast<uint64_t>(sum) & kPrime;
}

constexpr uint64_t high_bits(Wide sum) {
    return static_cast<uint64_t>(sum >> 61);
}
#else
struct Wide {
    uint64_t low;
    uint64_t high = 0;
    constexpr Wide(uint64_t number) : low(number) {}  // NOLINT(google-explicit-constructor)
};

constexpr Wide operator+(Wide a, const Wide& b) {
    a.low += b.low;
    a.high += b.high + (a.low < b.low ? 1 : 0);
    return a;
}

constexpr Wide multiply(uint64_t a, uint64_t b) {
    const uint64_t a_low = a & 0xffffffff;
    const uint64_t a_high = a >> 32;
    const uint64_t b_low = b & 0xffffffff;
    const uint64_t b_high = b >> 32;
    const uint64_t bottom = a_low * b_low;
    const uint64_t middle = a_high * b_low + (bottom >> 32);  // below 2^63
    const uint64_t other_middle = a_low * b_high + (middle & 0xffffffff);
    Wide product(other_middle << 32 | (bottom & 0xffffffff));
    product.high = a_high * b_high + (middle >> 32) + (other_middle >> 32);
    return product;
}

constexpr uint64_t low_bits(const Wide& sum) {
    return sum.low & kPrime;
}

constexpr uint64_t high_bits(const Wide& sum) {
    return sum.high << 3 | sum.low >> 61;
}
#endif

// The sum modulo the prime, but not always the smallest such number: it is below 2^61 + 4. Since
// 2^61 is 1 modulo the prime, the bits above bit 60 are added to the bits below. REQUIRES: the sum
// is below 2^124.
constexpr uint64_t fold(const Wide& sum) {
    const uint64_t once = low_bits(sum) + high_bits(sum);  // below 2^61 + 2^63
    return (once & kPrime) + (once >> 61);
}

inline uint64_t byte_at(const char* bytes, size_t i) {
    return static_cast<uint64_t>(static_cast<unsigned char>(bytes[i]));
}

// Reads 7 of 8 bytes, which compilers make one load of. REQUIRES: 8 bytes may be read.
inline uint64_t word_at(const char* bytes) {
    const uint64_t loaded = byte_at(bytes, 0) | byte_at(bytes, 1) << 8 | byte_at(bytes, 2) << 16 |
                            byte_at(bytes, 3) << 24 | byte_at(bytes, 4) << 32 |
                            byte_at(bytes, 5) << 40 | byte_at(bytes, 6) << 48 |
                            byte_at(bytes, 7) << 56;
    return loaded & ((uint64_t{1} << (8 * kWordSize)) - 1);
}

uint64_t last_word_at(const char* bytes, size_t size) {
    uint64_t word = 0;
    for (size_t i = 0; i < size; ++i) {
        word |= byte_at(bytes, i) << (8 * i);
    }
    return word;
}

// Whole blocks from the front of a value, as many as other bytes follow. Eight words are multiplied
// by powers of the point, and one fold(), which costs as much as two words, is for all of them.
struct Blocks {
    uint64_t hash = 0;
    size_t size = 0;  // bytes
};

Blocks hash_blocks(std::string_view value, uint64_t k1) {
    const uint64_t k2 = fold(multiply(k1, k1));
    const uint64_t k3 = fold(multiply(k2, k1));
    const uint64_t k4 = fold(multiply(k2, k2));
    const uint64_t k5 = fold(multiply(k3, k2));
    const uint64_t k6 = fold(multiply(k3, k3));
    const uint64_t k7 = fold(multiply(k4, k3));
    const uint64_t k8 = fold(multiply(k4, k4));
    Blocks blocks;
    for (; value.size() - blocks.size > kBlockSize; blocks.size += kBlockSize) {
        const char* const at = value.data() + blocks.size;
        blocks.hash = fold(
            multiply(blocks.hash, k8) + multiply(word_at(at), k7) +
            multiply(word_at(at + kWordSize), k6) + multiply(word_at(at + 2 * kWordSize), k5) +
            multiply(word_at(at + 3 * kWordSize), k4) + multiply(word_at(at + 4 * kWordSize), k3) +
            multiply(word_at(at + 5 * kWordSize), k2) + multiply(word_at(at + 6 * kWordSize), k1) +
            word_at(at + 7 * kWordSize));
    }
    return blocks;
}

}  // namespace

Fingerprint fingerprint_of(std::string_view value, uint64_t key) {
    const uint64_t point = Random(key).next() & kPrime;
    const Blocks blocks = value.size() > kBlockSize ? hash_blocks(value, point) : Blocks();
    uint64_t hash = blocks.hash;
    const char* at = value.data() + blocks.size;
    size_t left = value.size() - blocks.size;
    for (; left > kWordSize; left -= kWordSize, at += kWordSize) {
        hash = fold(multiply(hash, point) + word_at(at));
    }
    hash = fold(multiply(hash, point) + last_word_at(at, left));
    // Multiply once more, so that the last word is mixed like the others.
    return {key, value.size(), fold(multiply(hash, point)) % kPrime};
}

bool Fingerprint::is_of(std::string_view value) const {
    return value.size() == size && fingerprint_of(value, key) == *this;
}

}  // namespace memcache_session
