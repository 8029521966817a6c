// A promise that a fuzz target checks. It ends the process, so that a fuzzer keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace memcache_session::fuzz {

// `what` names the promise.
inline void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

}  // namespace memcache_session::fuzz
