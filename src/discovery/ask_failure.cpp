#include "src/discovery/ask_failure.h"

#include "src/discovery/node_list.h"
#include "src/net/packed_failure.h"
#include "src/net/socket.h"

namespace memcache_session {

uint64_t AskFailure::packed() const {
    return static_cast<uint64_t>(problem) << kPackedFailureBits | pack_failure(failure);
}

AskFailure AskFailure::unpacked(uint64_t packed) {
    return {static_cast<Problem>(packed >> kPackedFailureBits), unpack_failure(packed)};
}

std::string describe(const AskFailure& failure, Duration timeout) {
    switch (failure.problem) {
        case AskFailure::Problem::kNone:
            return "no failure";
        case AskFailure::Problem::kServer:
            return describe(failure.failure, timeout);
        case AskFailure::Problem::kEmpty:
            return "its list has no server";
        case AskFailure::Problem::kTooLong:
            return "its list is longer than " + std::to_string(NodeList::kNodesMax) +
                   " servers, or than " + std::to_string(NodeList::kTextMax) + " bytes";
        case AskFailure::Problem::kMalformed:
            return "its answer is no list of servers";
        case AskFailure::Problem::kNoCluster:
            return "it is no configuration endpoint of ElastiCache, because it knows no list of "
                   "nodes: write tcp:// or tls:// for a server itself";
        case AskFailure::Problem::kUnresolved:
            return "a server of its list has no address: " + describe(failure.failure, timeout);
        case AskFailure::Problem::kNoThread:
            return "the system gave no thread to ask in (" +
                   socket_error_text(failure.failure.system_error) + ")";
        case AskFailure::Problem::kStopped:
            break;
    }
    return "the process that asked it ended";
}

}  // namespace memcache_session
