#include "src/worker/call_guard.h"

#include <utility>

#include "src/base/text.h"

namespace memcache_session {

CallResult CallGuard::failed(std::string warning) {
    warning_ = printable(std::move(warning));
    CallResult result;
    result.warning = warning_;
    return result;
}

}  // namespace memcache_session
