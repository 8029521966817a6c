// Values as zlib streams.
#include "src/session/compression.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>

#include "src/base/random.h"

namespace memcache_session {
namespace {

std::string noise(size_t size) {
    Random random(7);
    std::string bytes;
    while (bytes.size() < size) {
        bytes += static_cast<char>(random.next() & 0xff);
    }
    return bytes;
}

TEST(Compression, RefusesTruncatedOversizedAndForeignStreams) {
    std::string stored;
    ASSERT_TRUE(compress_value(std::string(1 << 20, 'a'), &stored));
    std::string out;
    EXPECT_EQ(uncompress_value(stored, 1 << 20, &out), Inflated::kWhole);
    EXPECT_EQ(out.size(), size_t{1} << 20);
    EXPECT_EQ(uncompress_value(stored, (1 << 20) - 1, &out), Inflated::kTooLarge);
    EXPECT_EQ(
        uncompress_value(std::string_view(stored).substr(0, stored.size() - 1), 1 << 20, &out),
        Inflated::kDamaged);
    EXPECT_EQ(uncompress_value(stored + "x", 1 << 20, &out), Inflated::kDamaged);
    EXPECT_EQ(uncompress_value("", 1 << 20, &out), Inflated::kDamaged);
}

// Records of numbers and words, which zlib's levels compress differently.
std::string records(size_t size) {
    const char* const words[] = {"order", "customer", "invoice", "product", "price", "street",
                                 "city",  "delivery", "payment", "status",  "email", "total"};
    Random random(7);
    std::string text;
    while (text.size() < size) {
        text += "i:" + std::to_string(random.next() % 10000000) + ";s:5:\"" +
                words[random.next() % 12] + ' ' + words[random.next() % 12] + "\";";
    }
    text.resize(size);
    return text;
}

TEST(Compression, IsFastUnlessTheResultIsTooLongForAUsualServer) {
    std::string one;
    ASSERT_TRUE(compress_value(records(100000), &one));
    std::string fastest(one.size(), '\0');
    uLongf size = fastest.size();
    const std::string value = records(100000);
    ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(fastest.data()), &size,
                        reinterpret_cast<const Bytef*>(value.data()), value.size(), 1),
              Z_OK);
    EXPECT_EQ(one, fastest);

    // The same data, so much of it that only the better compression fits.
    const double ratio = static_cast<double>(one.size()) / 100000;
    const auto too_long = static_cast<size_t>(1.05 * static_cast<double>(kUsualValueMax) / ratio);
    std::string stored;
    ASSERT_TRUE(compress_value(records(too_long), &stored));
    EXPECT_LE(stored.size(), kUsualValueMax);
    std::string out;
    EXPECT_EQ(uncompress_value(stored, kUncompressedMax, &out), Inflated::kWhole);
    EXPECT_EQ(out, records(too_long));
}

TEST(Compression, GivesBackEverySizeAroundItsFirstGuess) {
    const size_t guess = 64 * 1024;
    for (const size_t size :
         {size_t{100}, guess - 1, guess, guess + 1, 2 * guess, 2 * guess + 1, 10 * guess}) {
        const std::string value(size, 'v');
        std::string stored;
        std::string out;
        ASSERT_TRUE(compress_value(value, &stored)) << size;
        ASSERT_EQ(uncompress_value(stored, kUncompressedMax, &out), Inflated::kWhole) << size;
        EXPECT_EQ(out, value) << size;
        ASSERT_EQ(uncompress_value(stored, size, &out), Inflated::kWhole) << size;
        EXPECT_EQ(out, value) << size;
        EXPECT_EQ(uncompress_value(stored, size - 1, &out), Inflated::kTooLarge) << size;
    }
}

TEST(Compression, InflatesNoFurtherThanTheLimit) {
    std::string stored;
    ASSERT_TRUE(compress_value(std::string(64 << 20, 'a'), &stored));
    ASSERT_LT(stored.size(), size_t{300} << 10);
    for (const size_t limit : {size_t{0}, size_t{1}, size_t{1000}, size_t{1} << 20}) {
        std::string out = "old";
        EXPECT_EQ(uncompress_value(stored, limit, &out), Inflated::kTooLarge) << limit;
        EXPECT_EQ(out, "") << limit;
        EXPECT_LT(out.capacity(), 100u) << limit;
    }
    std::string out;
    const std::string_view of_nothing("\x78\x9c\x03\x00\x00\x00\x00\x01", 8);
    EXPECT_EQ(uncompress_value(of_nothing, 0, &out), Inflated::kWhole);
}

TEST(Compression, SavesNothingOnShortOrRandomValues) {
    std::string stored;
    EXPECT_FALSE(compress_value("", &stored));
    EXPECT_FALSE(compress_value("a", &stored));
    EXPECT_FALSE(compress_value(noise(1000), &stored));
    EXPECT_FALSE(compress_value(noise(100000), &stored));
}

TEST(Compression, RefusesAStreamCutAtEveryByte) {
    const std::string value = noise(300) + std::string(700, 'a');
    std::string stored;
    ASSERT_TRUE(compress_value(value, &stored));
    std::string out;
    for (size_t length = 0; length < stored.size(); ++length) {
        EXPECT_EQ(uncompress_value(std::string_view(stored).substr(0, length), 4096, &out),
                  Inflated::kDamaged)
            << length;
    }
    EXPECT_EQ(uncompress_value(stored, 4096, &out), Inflated::kWhole);
}

TEST(Compression, RefusesAStreamWithAnyByteOfItsChecksumChanged) {
    std::string stored;
    ASSERT_TRUE(compress_value(std::string(1000, 'a'), &stored));
    std::string out;
    for (size_t back = 1; back <= 4; ++back) {
        std::string damaged = stored;
        damaged[damaged.size() - back] = static_cast<char>(damaged[damaged.size() - back] ^ 1);
        EXPECT_EQ(uncompress_value(damaged, 4096, &out), Inflated::kDamaged) << back;
    }
}

TEST(Compression, OfNothingIsAStreamOfItsOwn) {
    // zlib's stream of an empty value, as another program may store it.
    const std::string_view stored("\x78\x9c\x03\x00\x00\x00\x00\x01", 8);
    std::string out = "old";
    EXPECT_EQ(uncompress_value(stored, 4096, &out), Inflated::kWhole);
    EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace memcache_session
