#include "src/pool/hash.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace memcache_session {
namespace {

std::string every_byte() {
    std::string text;
    for (int byte = 0; byte < 256; ++byte) {
        text.push_back(static_cast<char>(byte));
    }
    return text;
}

TEST(Hash, Crc32OfTheStandardCheckText) {
    EXPECT_EQ(hash(HashFunction::kCrc32, "123456789"), 0xcbf43926u);
    EXPECT_EQ(hash(HashFunction::kCrc32, ""), 0u);
}

TEST(Hash, Crc32IsThatOfZlib) {
    const std::string text = every_byte();
    for (size_t length = 0; length <= text.size(); ++length) {
        const uLong expected =
            crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(length));
        ASSERT_EQ(hash(HashFunction::kCrc32, std::string_view(text).substr(0, length)), expected)
            << length;
    }
}

// These are the published test vectors of FNV-1a.
TEST(Hash, FnvOfAsciiIsFnv1a) {
    EXPECT_EQ(hash(HashFunction::kFnv, ""), 0x811c9dc5u);
    EXPECT_EQ(hash(HashFunction::kFnv, "a"), 0xe40c292cu);
    EXPECT_EQ(hash(HashFunction::kFnv, "foobar"), 0xbf9cf968u);
}

TEST(Hash, FnvTakesBytesAsSignedOnEveryMachine) {
    const uint32_t expected = (0x811c9dc5u ^ 0xffffff80u) * 0x01000193u;
    EXPECT_EQ(hash(HashFunction::kFnv, "\x80"), expected);
}

TEST(Hash, PiecesHashLikeTheWhole) {
    const std::string text = every_byte();
    for (const HashFunction function : {HashFunction::kCrc32, HashFunction::kFnv}) {
        for (size_t cut = 0; cut < text.size(); ++cut) {
            Hash pieces(function);
            pieces.add(std::string_view(text).substr(0, cut));
            const Hash copy = pieces;
            pieces.add(text[cut]);
            pieces.add(std::string_view(text).substr(cut + 1));
            ASSERT_EQ(pieces.value(), hash(function, text)) << cut;
            ASSERT_EQ(copy.value(), hash(function, std::string_view(text).substr(0, cut))) << cut;
        }
    }
}

}  // namespace
}  // namespace memcache_session
