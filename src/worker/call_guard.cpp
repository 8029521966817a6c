#include "src/worker/call_guard.h"

#include "src/base/text.h"

namespace memcache_session {

CallResult CallGuard::failed(std::string_view warning) {
    warning_ = printable(warning);
    CallResult result;
    result.warning = warning_;
    return result;
}

}  // namespace memcache_session
