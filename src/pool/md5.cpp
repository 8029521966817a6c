#include "src/pool/md5.h"

#include <cstddef>
#include <cstring>

namespace memcache_session {
namespace {

constexpr size_t kBlock = 64;
constexpr size_t kLengthField = 8;

// The whole part of 2^32 * |sin(i + 1)|.
constexpr std::array<uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

// How far step i of a round rotates, by i modulo 4.
constexpr std::array<std::array<uint32_t, 4>, 4> kTurns = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

uint32_t mixed(size_t round, uint32_t b, uint32_t c, uint32_t d) {
    switch (round) {
        case 0:
            return (b & c) | (~b & d);
        case 1:
            return (d & b) | (~d & c);
        case 2:
            return b ^ c ^ d;
        default:
            return c ^ (b | ~d);
    }
}

// Which of the block's 16 words a step takes.
size_t word_of(size_t round, size_t step) {
    constexpr std::array<size_t, 4> kFactors = {1, 5, 3, 7};
    constexpr std::array<size_t, 4> kFirst = {0, 1, 5, 0};
    return (step * kFactors[round] + kFirst[round]) % 16;
}

uint32_t word_at(const unsigned char* bytes) {
    return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
           static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

void add_block(const unsigned char* block, Md5* state) {
    auto [a, b, c, d] = *state;
    for (size_t step = 0; step < kSines.size(); ++step) {
        const size_t round = step / 16;
        const uint32_t sum =
            a + mixed(round, b, c, d) + kSines[step] + word_at(block + 4 * word_of(round, step));
        const uint32_t turn = kTurns[round][step % 4];
        a = d;
        d = c;
        c = b;
        b += sum << turn | sum >> (32 - turn);
    }
    (*state)[0] += a;
    (*state)[1] += b;
    (*state)[2] += c;
    (*state)[3] += d;
}

}  // namespace

Md5 md5_of(std::string_view text) {
    Md5 state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const uint64_t bits = static_cast<uint64_t>(text.size()) * 8;
    for (; text.size() >= kBlock; text.remove_prefix(kBlock)) {
        add_block(reinterpret_cast<const unsigned char*>(text.data()), &state);
    }
    // The rest, one bit that is set, zeros, and the length: one block, or two.
    std::array<unsigned char, 2 * kBlock> last{};
    if (!text.empty()) {
        std::memcpy(last.data(), text.data(), text.size());
    }
    last[text.size()] = 0x80;
    const size_t size = text.size() + 1 + kLengthField <= kBlock ? kBlock : 2 * kBlock;
    for (size_t i = 0; i < kLengthField; ++i) {
        last[size - kLengthField + i] = static_cast<unsigned char>(bits >> (8 * i));
    }
    for (size_t at = 0; at < size; at += kBlock) {
        add_block(last.data() + at, &state);
    }
    return state;
}

}  // namespace memcache_session
