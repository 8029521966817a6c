// Keeping secrets out of what people see of a save_path.
#pragma once

#include <cstddef>
#include <string_view>

namespace memcache_session {

// What may be shown of a list of servers: without what stands before an @, as in
// tcp://user:password@host, and without the values of parameters that are not known to be harmless.
// Rather hides too much than too little. Cuts the text into pieces; allocates nothing, so that it
// can be shown piece by piece between calls of Zend.
class VisiblePieces {
public:
    // `text` must outlive the object.
    explicit VisiblePieces(std::string_view text) : rest_(text) {}

    // The next piece, "***" for a hidden one; empty at the end.
    std::string_view next();

private:
    std::string_view take(size_t count);

    std::string_view rest_;
    bool host_follows_ = true;    // a credential may begin at rest_
    bool value_follows_ = false;  // rest_ begins with the value of an unknown parameter
};

}  // namespace memcache_session
