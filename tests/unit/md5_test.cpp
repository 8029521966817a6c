#include "src/pool/md5.h"

#include <gtest/gtest.h>

#ifdef HAVE_LIBMEMCACHED
#include <libmemcached/memcached.h>
#endif

#include <cstdio>
#include <string>

namespace memcache_session {
namespace {

std::string hex(const Md5& digest) {
    std::string text;
    for (const uint32_t number : digest) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            char byte[3];
            std::snprintf(byte, sizeof byte, "%02x", number >> shift & 0xff);
            text += byte;
        }
    }
    return text;
}

// The examples of RFC 1321.
TEST(Md5, OfTheStandardsExamples) {
    EXPECT_EQ(hex(md5_of("")), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(hex(md5_of("a")), "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(hex(md5_of("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(hex(md5_of("1234567890123456789012345678901234567890"
                         "1234567890123456789012345678901234567890")),
              "57edf4a22be3c955ac49da2e2107b67a");
}

// The end of a text falls everywhere in a block.
#ifdef HAVE_LIBMEMCACHED
TEST(Md5, OfEveryLengthIsThatOfLibmemcached) {
    std::string text;
    for (int length = 0; length < 300; ++length) {
        ASSERT_EQ(md5_of(text)[0],
                  memcached_generate_hash_value(text.data(), text.size(), MEMCACHED_HASH_MD5))
            << length;
        text.push_back(static_cast<char>(length * 7));
    }
}
#endif

}  // namespace
}  // namespace memcache_session
