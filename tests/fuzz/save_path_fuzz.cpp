// libFuzzer entry: any save path is read within its bounds, or refused with a message that can be
// shown.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/pool/save_path.h"

using memcache_session::Server;
using memcache_session::ServerList;
using memcache_session::SourceKind;

namespace {

constexpr uint16_t kDefaultPort = 11211;
constexpr size_t kMessageLengthMax = 500;

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_printable(char c) {
    return c >= 0x20 && c < 0x7f;
}

void check_parameters(const Server& server) {
    require(!server.endpoint.host.empty());
    require(server.endpoint.is_unix() == (server.endpoint.host[0] == '/'));
    require(server.weight >= 1 && server.weight <= memcache_session::kWeightMax);
    require(server.timeout >= memcache_session::kTimeoutMin);
    require(server.timeout <= memcache_session::kTimeoutMax);
    require(server.retry_interval >= memcache_session::Duration::zero());
    require(server.retry_interval <= memcache_session::kRetryIntervalMax);
    if (!server.endpoint.is_unix())
        require(
            std::all_of(server.endpoint.host.begin(), server.endpoint.host.end(), is_printable));
}

void check(const Server& server) {
    check_parameters(server);
    require(server.endpoint.is_unix() == (server.endpoint.port == 0));
}

void check(const ServerList::PlacedSource& placed, size_t servers) {
    check_parameters(placed.source.server);
    require(placed.place <= servers);
    require(placed.source.kind != SourceKind::kNone && !placed.source.server.endpoint.is_unix());
    require((placed.source.kind == SourceKind::kServices) ==
            (placed.source.server.endpoint.port == 0));
    require(placed.source.refresh >= memcache_session::kRefreshMin);
    require(placed.source.refresh <= memcache_session::kRefreshMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view save_path(reinterpret_cast<const char*>(data), size);
    const auto result = memcache_session::parse_save_path(save_path, kDefaultPort);
    if (result.ok()) {
        const auto& list = result.value();
        require(!list.empty() || !list.sources().empty());
        require(list.sources().size() <= memcache_session::ServerList::kSourcesMax);
        for (const auto& placed : list.sources()) check(placed, list.size());
        require(result.value().size() <= memcache_session::kServersMax);
        for (const Server& server : result.value().servers()) check(server);
    } else {
        const std::string& message = result.status().message();
        require(!message.empty() && message.size() <= kMessageLengthMax);
        require(std::all_of(message.begin(), message.end(), is_printable));
    }
    return 0;
}
