// The words of a server that gave no usable reply: what they tell about it, and how they are shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/net/exchange.h"
#include "src/net/failure.h"

namespace memcache_session {

// The longest quotation of a server in a message, in bytes.
constexpr size_t kWordsShownMax = 120;

// The first line of `bytes`, without its end. Empty if it may name an item: the line VALUE has a
// key, which is the id of a session.
std::string_view first_line(std::string_view bytes);

// The kind of the failure `failed`, whose server said `said`: a more exact one if the words tell
// it. memcached says "CLIENT_ERROR unauthenticated" before a user and a password, for example.
FailureKind kind_told_by(std::string_view said, FailureKind failed);

// The same, as far as the first words of a connection tell it: those of another service.
FailureKind kind_of_service(std::string_view said, FailureKind failed);

// The words of the server that replied to `request` with an error, or with something else that is
// no usable reply. They are printable, have at most kWordsShownMax bytes, and end before the key of
// the request where they repeat it. Empty if there are none, or no more than ERROR.
std::string words_of(const Request& request);

}  // namespace memcache_session
