#include "tests/sim/session_value.h"

#include <algorithm>
#include <charconv>

#include "tests/sim/text.h"

namespace memcache_session::sim {

namespace {

bool take(std::string_view expected, std::string_view* text) {
    const bool found = text->substr(0, expected.size()) == expected;
    text->remove_prefix(found ? expected.size() : 0);
    return found;
}

bool take_number(uint32_t* number, std::string_view* text) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
    text->remove_prefix(static_cast<size_t>(end - text->data()));
    return error == std::errc();
}

bool take_variable(uint32_t session, SessionValue::Variable* variable, std::string_view* text) {
    uint32_t size = 0;
    if (!take(session_name(session) + ".", text) || !take_number(&variable->number, text) ||
        !take("|s:", text) || !take_number(&size, text) || !take(":\"", text) ||
        size > text->size()) {
        return false;
    }
    std::string_view list = text->substr(0, size);
    text->remove_prefix(size);
    while (!list.empty()) {
        uint32_t write = 0;
        if (!take_number(&write, &list) || !take(",", &list)) {
            return false;
        }
        variable->writes.push_back(write);
    }
    return !variable->writes.empty() && take("\";", text);
}

}  // namespace

std::optional<SessionValue> SessionValue::parse(uint32_t session, std::string_view text) {
    SessionValue value;
    while (!text.empty()) {
        Variable variable;
        if (!take_variable(session, &variable, &text)) {
            return std::nullopt;
        }
        value.variables_.push_back(std::move(variable));
    }
    return value;
}

std::string SessionValue::text(uint32_t session) const {
    std::string text;
    for (const Variable& variable : variables_) {
        std::string list;
        for (const WriteNumber write : variable.writes) {
            list += std::to_string(write) + ",";
        }
        text += session_name(session) + "." + std::to_string(variable.number) +
                "|s:" + std::to_string(list.size()) + ":\"" + list + "\";";
    }
    return text;
}

void SessionValue::add(uint32_t variable, WriteNumber write) {
    const auto found =
        std::find_if(variables_.begin(), variables_.end(),
                     [&](const Variable& candidate) { return candidate.number == variable; });
    if (found != variables_.end()) {
        found->writes.push_back(write);
    } else {
        variables_.push_back({variable, {write}});
    }
}

std::vector<WriteNumber> SessionValue::writes() const {
    std::vector<WriteNumber> writes;
    for (const Variable& variable : variables_) {
        writes.insert(writes.end(), variable.writes.begin(), variable.writes.end());
    }
    return writes;
}

const std::vector<WriteNumber>* SessionValue::writes_to(uint32_t variable) const {
    for (const Variable& candidate : variables_) {
        if (candidate.number == variable) {
            return &candidate.writes;
        }
    }
    return nullptr;
}

bool SessionValue::continues(const SessionValue& earlier) const {
    return std::all_of(earlier.variables_.begin(), earlier.variables_.end(),
                       [this](const Variable& old) {
                           const std::vector<WriteNumber>* now = writes_to(old.number);
                           return now != nullptr && now->size() >= old.writes.size() &&
                                  std::equal(old.writes.begin(), old.writes.end(), now->begin());
                       });
}

}  // namespace memcache_session::sim
