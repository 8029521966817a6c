// One question to a source.
#pragma once

#include <atomic>

#include "src/discovery/ask_failure.h"
#include "src/discovery/node_list.h"
#include "src/discovery/resolver.h"
#include "src/pool/source.h"

namespace memcache_session {

struct Answer {
    NodeList nodes;
    AskFailure failure;
};

// Asks for the servers, with the address of each. Blocks: the resolver as long as Resolver says,
// the rest for at most the timeout of the source. `known`: the list as it was. A server whose name
// has no address at the moment keeps the one that it has there. `stop`: becomes true when this
// process ends.
Answer ask(const Source& source, const Resolver& resolver, const NodeList& known,
           const std::atomic<bool>& stop);

}  // namespace memcache_session
