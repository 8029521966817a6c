// Hides the secrets of a save_path before it is shown.
#pragma once

#include <cstddef>
#include <string_view>

namespace memcache_session {

// The pieces of a list of servers that may be shown. Hidden are the text before an @, as in
// tcp://user:password@host, and the values of parameters that are not known to be harmless. In
// doubt it hides too much rather than too little. It allocates nothing, so that the text can be
// shown piece by piece between calls of Zend.
class VisiblePieces {
public:
    // `text` must outlive the object.
    explicit VisiblePieces(std::string_view text) : rest_(text) {}

    // The next piece, "***" for a hidden one; empty at the end.
    std::string_view next();

private:
    std::string_view take(size_t count);

    std::string_view rest_;
    bool host_follows_ = true;    // user name and password may begin at rest_
    bool value_follows_ = false;  // rest_ begins with the value of an unknown parameter
};

}  // namespace memcache_session
