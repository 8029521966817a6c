#include "tests/fuzz/checked_session.h"

#include <algorithm>
#include <iterator>

#include "src/session/compression.h"
#include "tests/fuzz/require.h"

namespace memcache_session::fuzz {
namespace {

constexpr size_t kWarningMax = 8192;           // bytes
constexpr size_t kValueMax = size_t{1} << 20;  // bytes; of what read() gives
constexpr int64_t kLifetimes[] = {1440, 0, 1, -1, 86400 * 40, INT64_MAX};

// Whether one of these is `value`, as it is or compressed.
bool shows(const std::set<std::string>& shown, std::string_view value) {
    return std::any_of(shown.begin(), shown.end(), [&](const std::string& stored) {
        std::string inflated;
        return stored == value ||
               (uncompress_value(stored, kValueMax, &inflated) == Inflated::kWhole &&
                inflated == value);
    });
}

// Whether one of these contains `variable`, as it is or compressed.
bool contains(const std::set<std::string>& values, std::string_view variable) {
    return std::any_of(values.begin(), values.end(), [&](const std::string& stored) {
        std::string inflated;
        return stored.find(variable) != std::string::npos ||
               (uncompress_value(stored, kValueMax, &inflated) == Inflated::kWhole &&
                inflated.find(variable) != std::string::npos);
    });
}

}  // namespace

CheckedSession::CheckedSession(const SessionParts& parts, const SessionOptions& options,
                               size_t number)
    : exchange_(parts.exchange, parts.pool.is_proxied()),
      session_({parts.pool, exchange_, parts.clock, parts.random, parts.processes, parts.budget},
               options),
      merges_(options.merges()),
      number_(number) {
    session_.set_value_max(kValueMax);
}

void CheckedSession::check(Answer answer) {
    const std::string& warning = session_.warning();
    require((answer == Answer::kFailed) == !warning.empty(),
            "a failure has a warning, and only it");
    require(warning.size() <= kWarningMax, "a warning is short");
}

// The arguments are chosen one by one, because compilers differ in the order of evaluation.
void CheckedSession::call(Input* input) {
    exchange_.begin_call();
    const size_t function = input->below(8);
    const std::string_view sid = input->one_in(16) ? kOtherSid : kSid;
    const bool lock = !input->one_in(4);
    const int64_t lifetime = kLifetimes[input->below(std::size(kLifetimes))];
    switch (function) {
        case 0:
        case 1:
            read(sid, lock);
            break;
        case 2:
        case 3:
            write(input->one_in(4), lifetime);
            break;
        case 4:
            check(session_.update_timestamp(kSid, "", lifetime));
            break;
        case 5:
            check(session_.destroy(sid, lifetime));
            break;
        case 6:
            if (input->one_in(4)) {
                session_.id_created(sid);
            }
            check(session_.validate(sid, lock));
            break;
        default:
            close();
    }
}

void CheckedSession::read(std::string_view sid, bool lock) {
    std::string_view value;
    const Answer answer = session_.read(sid, lock, &value);
    check(answer);
    if (answer == Answer::kOk && !value.empty()) {
        require(value.size() <= kValueMax, "read() gives no more than PHP has memory for");
        require(exchange_.has_shown(value) || shows(exchange_.shown(), value),
                "read() gives a value that a server showed");
    }
}

void CheckedSession::write(bool is_long, int64_t lifetime) {
    const std::string number = "n|i:" + std::to_string(number_ * 1000 + ++writes_) + ";";
    const std::string value =
        number + (is_long ? "m|s:1000:\"" + std::string(1000, 'x') + "\";" : "");
    const Answer answer = session_.write(kSid, value, lifetime);
    check(answer);
    if (answer == Answer::kOk && merges_) {
        require(contains(exchange_.stored(), number) || contains(exchange_.shown(), number),
                "write() succeeds only if a server said that it stored the change, or shows it");
    } else if (answer == Answer::kOk) {
        std::string compressed;
        require(exchange_.has_stored(value) || exchange_.has_shown(value) ||
                    (compress_value(value, &compressed) &&
                     (exchange_.has_stored(compressed) || exchange_.has_shown(compressed))),
                "write() succeeds only if a server said that it stored the value, or shows it");
    }
}

void CheckedSession::close() {
    exchange_.begin_call();
    session_.close();
    require(exchange_.locks_left() == 0,
            "no lock that was granted is left when a session is closed");
}

}  // namespace memcache_session::fuzz
