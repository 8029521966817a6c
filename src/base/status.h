// Errors as values. The core neither throws nor logs: it returns these.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace memcache_session {

enum class Code {
    kOk,
    kInvalidArgument,  // input of the user or operator that cannot be used as it is
    kUnavailable,      // no server that is needed could answer
    kUnknownState,     // too few servers answered to tell whether the session exists
    kTooLarge,         // more than this process may keep in memory
    kDamaged,          // stored, and cannot be uncompressed
    kLocked,           // another request holds the session
    kConflict,         // another request has written the session
    kDestroyed,        // another request has destroyed the session
    kExpired,          // no server has the session any more
    kNotStored,        // no server took it
    kReadOnly,         // opened only for reading
    kUnsupported,      // not built in, or not spoken by the server
};

// Success, or a code with one sentence for the user, without a full stop at its end.
class [[nodiscard]] Status {
public:
    Status() = default;
    Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

    bool ok() const { return code_ == Code::kOk; }
    Code code() const { return code_; }
    const std::string& message() const { return message_; }

private:
    Code code_ = Code::kOk;
    std::string message_;
};

// A value, or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : content_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
    Result(Status status) : content_(std::move(status)) {}  // NOLINT(google-explicit-constructor)

    bool ok() const { return std::holds_alternative<T>(content_); }

    // REQUIRES: ok().
    const T& value() const {
        assert(ok());
        return *std::get_if<T>(&content_);
    }
    T& value() {
        assert(ok());
        return *std::get_if<T>(&content_);
    }

    // REQUIRES: !ok().
    const Status& status() const {
        assert(!ok());
        return *std::get_if<Status>(&content_);
    }

private:
    std::variant<T, Status> content_;
};

}  // namespace memcache_session
