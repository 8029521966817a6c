// Calls of a session as PHP makes them, in an order that the fuzz input chooses, with the promises
// that hold whatever the servers reply.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/session/session.h"
#include "tests/fuzz/checked_exchange.h"
#include "tests/fuzz/input.h"

namespace memcache_session::fuzz {

// The id that the sessions of one input share, and another one.
constexpr std::string_view kSid = "abc";
constexpr std::string_view kOtherSid = "abd";

// What it refers to outlives it.
class CheckedSession {
public:
    // The parts are those of a session, but for the exchange. `number` differs for each session of
    // an input, and makes the values that it writes differ.
    CheckedSession(const SessionParts& parts, const SessionOptions& options, size_t number);

    // Makes one call.
    void call(Input* input);

    // Closes the session, and checks that it leaves nothing.
    void close();

private:
    void read(std::string_view sid, bool lock);
    void write(bool is_long, int64_t lifetime);
    void check(Answer answer);

    CheckedExchange exchange_;
    Session session_;
    bool merges_;
    size_t number_;
    size_t writes_ = 0;
};

}  // namespace memcache_session::fuzz
