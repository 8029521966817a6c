#include "src/base/small_vector.h"

#include <gtest/gtest.h>

#include <vector>

namespace memcache_session {
namespace {

using Numbers = SmallVector<int, 3>;

// More than fit into the object, and fewer.
constexpr int kCounts[] = {0, 1, 3, 4, 20};

Numbers numbers_up_to(int count) {
    Numbers numbers;
    for (int i = 0; i < count; ++i) {
        numbers.push_back(i);
    }
    return numbers;
}

std::vector<int> as_vector(const Numbers& numbers) {
    return {numbers.begin(), numbers.end()};
}

TEST(SmallVector, KeepsItsElementsWhenItGrows) {
    for (const int count : kCounts) {
        const Numbers numbers = numbers_up_to(count);
        ASSERT_EQ(numbers.size(), static_cast<size_t>(count));
        EXPECT_EQ(numbers.empty(), count == 0);
        for (int i = 0; i < count; ++i) {
            EXPECT_EQ(numbers[static_cast<size_t>(i)], i);
        }
    }
}

TEST(SmallVector, CopyHasElementsOfItsOwn) {
    for (const int count : kCounts) {
        const Numbers original = numbers_up_to(count);
        Numbers copy = original;
        copy.push_back(7);
        EXPECT_EQ(original.size(), static_cast<size_t>(count));
        for (const int other : kCounts) {
            Numbers assigned = numbers_up_to(other);
            assigned = original;
            EXPECT_EQ(as_vector(assigned), as_vector(original));
            assigned = *&assigned;
            EXPECT_EQ(as_vector(assigned), as_vector(original));
        }
    }
}

TEST(SmallVector, TakesAnElementOfItsOwn) {
    Numbers numbers = {5, 6, 7};
    numbers.push_back(numbers.front());
    numbers.insert(numbers.begin(), numbers.back());
    EXPECT_EQ(as_vector(numbers), (std::vector<int>{5, 5, 6, 7, 5}));
}

TEST(SmallVector, InsertsAndErasesLikeAVector) {
    for (const int count : kCounts) {
        for (int at = 0; at <= count; ++at) {
            Numbers numbers = numbers_up_to(count);
            std::vector<int> expected = as_vector(numbers);
            numbers.insert(numbers.begin() + at, 42);
            expected.insert(expected.begin() + at, 42);
            EXPECT_EQ(as_vector(numbers), expected);
            for (int length = 0; at + length <= count; ++length) {
                Numbers rest = numbers;
                std::vector<int> expected_rest = expected;
                rest.erase(rest.begin() + at, rest.begin() + at + length);
                expected_rest.erase(expected_rest.begin() + at,
                                    expected_rest.begin() + at + length);
                EXPECT_EQ(as_vector(rest), expected_rest);
            }
        }
    }
}

TEST(SmallVector, NewElementHasItsDefaultValueWhateverWasThereBefore) {
    Numbers numbers = {1, 2, 3};
    numbers.pop_back();
    EXPECT_EQ(numbers.emplace_back(), 0);
    numbers.clear();
    EXPECT_EQ(numbers.emplace_back(), 0);
    EXPECT_EQ(as_vector(Numbers(2, 9)), (std::vector<int>{9, 9}));
}

}  // namespace
}  // namespace memcache_session
