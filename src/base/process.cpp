#include "src/base/process.h"

#include <pthread.h>

#include <atomic>

namespace memcache_session {

namespace {

std::atomic<uint32_t> generation{0};
std::atomic<uint64_t> last_number{0};

void count_fork() {
    generation.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

uint32_t process_generation() {
    // Registered at the first call: whoever compares generations has stored one before.
    static const bool registered = pthread_atfork(nullptr, nullptr, count_fork) == 0;
    static_cast<void>(registered);
    return generation.load(std::memory_order_relaxed);
}

uint64_t process_unique_number() {
    return last_number.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace memcache_session
