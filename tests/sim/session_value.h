// The value of a session in a history: the numbers of the writes that it contains. Every write adds
// its number to one variable of the session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memcache_session::sim {

using WriteNumber = uint32_t;

class SessionValue {
public:
    struct Variable {
        uint32_t number = 0;
        std::vector<WriteNumber> writes;
    };

    // The serialize_handler `php` would write it in the same way: s0.1|s:4:"3,5,"; for the writes 3
    // and 5 to variable 1 of the session s0. An empty text is a session without variables. Nothing
    // if the text is not a value of `session`.
    static std::optional<SessionValue> parse(uint32_t session, std::string_view text);
    std::string text(uint32_t session) const;

    void add(uint32_t variable, WriteNumber write);

    // In the order of the text.
    const std::vector<Variable>& variables() const { return variables_; }
    // Those of all variables.
    std::vector<WriteNumber> writes() const;
    // Those of one; null if there are none.
    const std::vector<WriteNumber>* writes_to(uint32_t variable) const;

    // Whether each variable of `earlier` is here and begins with the same writes.
    bool continues(const SessionValue& earlier) const;

private:
    std::vector<Variable> variables_;
};

}  // namespace memcache_session::sim
