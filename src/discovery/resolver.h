// The system's resolver, for a thread that asks sources.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/discovery/ask_failure.h"

namespace memcache_session {

// Whether the resolver did get an answer: the name has no address, or does not exist.
bool is_answer(const AskFailure& failure);

// Blocks as long as the resolver does: with glibc at most `timeout`, rounded up to whole seconds,
// for each name server, and for each domain that is searched. One thread.
class Resolver {
public:
    // Reads the configuration of the resolver, and with it some variables of the environment. A
    // script may change these by putenv() at the same time, which no system makes safe. So PHP's
    // thread waits until this is done, and nothing after it reads them again (glibc).
    explicit Resolver(Duration timeout);

    // The addresses of a name, in the form of Node::address: those of IPv4 if it has any, else
    // those of IPv6. So a server that has one of each counts once, and one kind alone is never
    // taken for all because the other was not answered.
    AskFailure addresses(const std::string& name, std::vector<std::string>* addresses) const;

    // The answer of the name server to a question for SRV records, for parse_service_records().
    AskFailure service_records(const std::string& name, std::string* answer) const;
};

}  // namespace memcache_session
