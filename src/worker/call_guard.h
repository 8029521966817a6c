// How calls into the core end, as the glue takes it: no exception, and text that can be shown.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "src/session/session.h"

namespace memcache_session {

// The answer to a call of PHP, and what belongs to it. Plain data: it may be in a frame that calls
// Zend.
struct CallResult {
    Answer answer = Answer::kFailed;
    std::string_view value;    // of read(): lives until the next call for this session
    std::string_view warning;  // printable, ends in a NUL; lives until the guard's next call
};

// Runs calls into the core and keeps the text of the latest warning. One thread only.
class CallGuard {
public:
    // The result of `call`, which returns a CallResult. The core itself throws nothing, so an
    // exception comes from the C++ library, as a rule because memory is short.
    template <class Call>
    CallResult run(Call call) noexcept {
        CallResult result;
        try {
            return call();
        } catch (const std::bad_alloc&) {
            result.warning = "there is not enough memory to handle the session";
        } catch (const std::exception&) {
            result.warning = "the session cannot be handled because of an internal error";
        }
        return result;
    }

    // A failed call with this warning. Servers may have put any bytes into it.
    CallResult failed(std::string_view warning);

private:
    std::string warning_;
};

// A call that succeeded without a value.
inline CallResult succeeded() {
    CallResult result;
    result.answer = Answer::kOk;
    return result;
}

}  // namespace memcache_session
