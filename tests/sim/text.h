// Names and texts for traces.
#pragma once

#include <cstdint>
#include <string>

#include "src/wire/command.h"

namespace memcache_session::sim {

struct Message;

inline std::string server_name(uint32_t server) {
    return std::string(1, static_cast<char>('A' + server));
}

// The session id, which is its key too.
inline std::string session_name(uint32_t session) {
    return "s" + std::to_string(session);
}

// ProcessTable::host() of a machine.
inline std::string host_of_machine(uint32_t machine) {
    return "web" + std::to_string(machine) + "~1";
}

std::string text_of(const Command& command);
std::string text_of(const Reply& reply);
std::string text_of(const Message& message);

}  // namespace memcache_session::sim
