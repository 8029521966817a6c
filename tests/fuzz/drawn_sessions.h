// Serialized sessions that a fuzz input chooses: a base, and two changes of it.
#pragma once

#include <string>

#include "src/merge/serialized_session.h"
#include "tests/fuzz/input.h"

namespace memcache_session::fuzz {

struct DrawnSessions {
    std::string base;
    std::string ours;
    std::string theirs;
};

// Well-formed texts, in which the keys of an array are there once. They may have references.
DrawnSessions draw_sessions(Input* input, SerializeHandler handler);

}  // namespace memcache_session::fuzz
