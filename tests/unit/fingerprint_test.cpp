#include "src/base/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/base/random.h"

namespace memcache_session {
namespace {

std::string text_of_size(size_t size) {
    Random random(size);
    std::string text;
    while (text.size() < size) {
        text += static_cast<char>(random.next());
    }
    return text;
}

TEST(Fingerprint, IsTheSameOnEveryMachine) {
    EXPECT_EQ(fingerprint_of("", 1).hash, 0U);
    EXPECT_EQ(fingerprint_of("n|i:1;", 1).hash, 0x12816471c47764a1U);
    EXPECT_EQ(fingerprint_of("name|s:7:\"visitor\";", 0x123456789abcdef).hash, 0x1c2b8e1636f10114U);
    EXPECT_EQ(fingerprint_of(text_of_size(1000), UINT64_MAX).hash, 0x139348db25f0a35dU);
}

TEST(Fingerprint, TellsValuesApartThatDifferInOneBit) {
    for (size_t size : {1, 6, 7, 8, 27, 28, 29, 56, 57, 100}) {
        std::string text = text_of_size(size);
        const Fingerprint before = fingerprint_of(text, 7);
        EXPECT_TRUE(fingerprint_of(text, 7) == before);
        for (size_t bit = 0; bit < 8 * size; ++bit) {
            const char old = text[bit / 8];
            text[bit / 8] = static_cast<char>(old ^ 1 << bit % 8);
            EXPECT_FALSE(fingerprint_of(text, 7) == before) << "bit " << bit << " of " << size;
            text[bit / 8] = old;
        }
    }
}

TEST(Fingerprint, TellsValuesOfZerosApartByTheirSizes) {
    const std::string zeros(64, '\0');
    for (size_t size = 0; size < zeros.size(); ++size) {
        EXPECT_FALSE(fingerprint_of({zeros.data(), size}, 7) ==
                     fingerprint_of({zeros.data(), size + 1}, 7));
    }
}

TEST(Fingerprint, DependsOnTheKey) {
    EXPECT_NE(fingerprint_of("n|i:1;", 1).hash, fingerprint_of("n|i:1;", 2).hash);
}

TEST(Fingerprint, ReadsNoByteBeyondTheValue) {
    for (size_t size = 1; size < 100; ++size) {
        const std::string text = text_of_size(size);
        std::vector<char> alone(text.begin(), text.end());  // a sanitizer watches its end
        const std::string longer = text + "tail";
        const Fingerprint expected = fingerprint_of(text, 3);
        EXPECT_TRUE(fingerprint_of({alone.data(), size}, 3) == expected);
        EXPECT_TRUE(fingerprint_of({longer.data(), size}, 3) == expected);
    }
}

}  // namespace
}  // namespace memcache_session
