// The hash functions of memcache.hash_function, bit for bit as pecl/memcache computes them, because
// they decide on which servers it stored its sessions.
#pragma once

#include <cstdint>
#include <string_view>

namespace memcache_session {

enum class HashFunction {
    kCrc32,  // CRC-32 as in zlib and IEEE 802.3
    kFnv,    // 32 bit FNV-1a, with the deviation below
};

// The hash of a text that is added in pieces. A copy can continue after a common beginning, so that
// a prefix of a thousand texts is hashed only once.
//
// The deviation: pecl/memcache xors each byte as a char. Where char is signed, as on x86, a byte
// above 127 flips the upper 24 bits too. Here it does so on every machine, so that machines of
// different kinds agree. Keys in ASCII have the same hash everywhere.
class Hash {
public:
    explicit Hash(HashFunction function);

    void add(std::string_view text);
    void add(char byte);

    // The hash of everything that was added so far.
    uint32_t value() const { return crc_table_ != nullptr ? ~state_ : state_; }

private:
    static constexpr uint32_t kFnvPrime = 0x01000193;

    const uint32_t* crc_table_;  // zlib's 256 remainders, which are constant; nullptr for kFnv
    uint32_t state_;
};

uint32_t hash(HashFunction function, std::string_view text);

inline void Hash::add(char byte) {
    if (crc_table_ != nullptr) {
        state_ = (state_ >> 8) ^ crc_table_[(state_ ^ static_cast<unsigned char>(byte)) & 0xff];
    } else {
        state_ ^= static_cast<uint32_t>(static_cast<signed char>(byte));
        state_ *= kFnvPrime;
    }
}

inline void Hash::add(std::string_view text) {
    Hash hash = *this;  // a local object stays in registers
    for (const char byte : text) {
        hash.add(byte);
    }
    *this = hash;
}

}  // namespace memcache_session
