// Random numbers: of copies, of forked children and of cloned machines.
#include "src/base/random.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "src/lock/lock_item.h"

namespace memcache_session {
namespace {

TEST(Random, SystemGivesAnotherNumberEachTime) {
    std::set<uint64_t> numbers;
    for (int i = 0; i < 100; ++i) {
        numbers.insert(system_random());
    }
    EXPECT_EQ(numbers.size(), 100u);
}

// The clones of a virtual machine have one state. Their clocks go on from one moment.
TEST(Random, ClonesDrawDifferentTokensUnlessTheyStirInTheSameNanosecond) {
    Random original(system_random());
    const uint64_t moment = 1795269474000000000;
    std::set<LockToken> tokens;
    for (uint64_t clone = 0; clone < 100000; ++clone) {
        Random random = original;
        random.stir(moment + clone);
        tokens.insert(make_token(random.next()));
    }
    EXPECT_GE(tokens.size(), 99999u) << "a pair of 47 bit numbers may be equal by chance";

    Random one = original;
    Random other = original;
    one.stir(moment);
    other.stir(moment);
    EXPECT_EQ(one.next(), other.next());
}

TEST(Random, ClonesStayDifferentWhenTheyStirInTheSameNanosecondLater) {
    Random one(1);
    Random other(1);
    one.stir(1000);
    other.stir(1001);
    for (uint64_t moment = 2000; moment < 3000; ++moment) {
        one.stir(moment);
        other.stir(moment);
        ASSERT_NE(one.next(), other.next());
    }
}

TEST(Random, FractionsFillTheirRange) {
    Random random(1);
    double sum = 0;
    for (int i = 0; i < 10000; ++i) {
        const double fraction = random.fraction();
        ASSERT_GE(fraction, 0);
        ASSERT_LT(fraction, 1);
        sum += fraction;
    }
    EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

}  // namespace
}  // namespace memcache_session
