// How much memory the replies of all servers of a session may take together.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace memcache_session {

// The limit where PHP has none (memory_limit = -1), and the largest one: 1 GiB, the largest item
// that any memcached can be told to keep (-I).
constexpr size_t kReceiveMax = size_t{1} << 30;

// Counts in bytes. One thread.
class ReceiveBudget {
public:
    ReceiveBudget() = default;
    ReceiveBudget(const ReceiveBudget&) = delete;
    ReceiveBudget& operator=(const ReceiveBudget&) = delete;

    // What is taken already stays taken.
    void set_max(size_t max) { max_ = std::min(max, kReceiveMax); }
    size_t max() const { return max_; }

    // What can still be taken.
    size_t left() const { return max_ - std::min(max_, taken_); }

    // REQUIRES: size <= left().
    void take(size_t size) {
        assert(size <= left());
        taken_ += size;
    }

    // REQUIRES: so much was taken.
    void give_back(size_t size) {
        assert(size <= taken_);
        taken_ -= size;
    }

private:
    size_t max_ = kReceiveMax;
    size_t taken_ = 0;
};

}  // namespace memcache_session
