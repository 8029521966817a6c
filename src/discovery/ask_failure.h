// Why a source gave no list that can be used.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/clock.h"
#include "src/net/failure.h"

namespace memcache_session {

struct AskFailure {
    enum class Problem : uint8_t {
        kNone,
        kServer,      // `failure` says why it did not answer
        kEmpty,       // the list has no server
        kTooLong,     // it has more servers, or is longer, than NodeList allows
        kMalformed,   // the answer is none to such a question
        kNoCluster,   // what answers is no ElastiCache cluster
        kUnresolved,  // a server of the list has no address; `failure` says why
        kNoThread,    // the system gives no thread to ask in; system_error of `failure` is errno
        kStopped,     // this process ends
    };
    Problem problem = Problem::kNone;
    Failure failure = {};

    explicit operator bool() const { return problem != Problem::kNone; }

    // As one number and back. 0: no failure.
    uint64_t packed() const;
    static AskFailure unpacked(uint64_t packed);
};

// In a sentence: "no answer within 1 s". `timeout`: of the source.
std::string describe(const AskFailure& failure, Duration timeout);

}  // namespace memcache_session
