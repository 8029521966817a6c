#include "src/base/random.h"

#include <random>

namespace memcache_session {

uint64_t system_random() {
    std::random_device device;
    return static_cast<uint64_t>(device()) << 32 | device();
}

}  // namespace memcache_session
