// The answer of a name server to a question for SRV records: bytes only. RFC 1035, RFC 2782.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memcache_session {

// The longest answer, in bytes.
constexpr size_t kDnsAnswerMax = size_t{64} << 10;

struct ServiceRecord {
    std::string target;  // a host name in small letters, without a dot at its end
    uint16_t port = 0;
};

// The SRV records in the part of the message that has the answers, in their order; their priorities
// and weights are not read. A record whose target is the root says that there is no such service,
// and is left out. Nothing if the message is no such answer, if it was truncated, or if it has a
// target that is no host name, port 0, or more than NodeList::kNodesMax records.
std::optional<std::vector<ServiceRecord>> parse_service_records(std::string_view message);

}  // namespace memcache_session
