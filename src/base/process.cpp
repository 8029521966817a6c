#include "src/base/process.h"

#include <atomic>

namespace memcache_session {

namespace {

std::atomic<uint64_t> last_number{0};

}  // namespace

uint64_t process_unique_number() {
    return last_number.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace memcache_session
