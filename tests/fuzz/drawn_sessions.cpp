#include "tests/fuzz/drawn_sessions.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace memcache_session::fuzz {
namespace {

using std::string_literals::operator""s;

constexpr size_t kDepthMax = 6;
constexpr size_t kMembersMax = 6;

// A value: an array of members, or a text.
struct Value {
    bool is_array = false;
    std::string text;                                    // unless is_array
    std::vector<std::pair<std::string, Value>> members;  // if is_array: keys as text, and values
};

using Members = std::vector<std::pair<std::string, Value>>;

std::string draw_atom(Input* input) {
    const std::string atoms[] = {
        "N;",
        "b:1;",
        "i:1;",
        "i:2;",
        "i:-9223372036854775808;",
        "d:-0;",
        "d:NAN;",
        "d:1.5;",
        "s:0:\"\";",
        "s:4:\"\0|;}\";"s,
        "E:3:\"S:A\";",
        "C:1:\"X\":2:{};}",
        "O:1:\"A\":0:{}",
        "O:1:\"A\":2:{s:4:\"\0A\0p\";a:1:{i:0;N;}s:1:\"q\";O:1:\"B\":1:{i:0;b:0;}}"s,
        "O:1:\"A\":1:{s:1:\"p\";i:" + std::to_string(input->below(3)) + ";}",
    };
    if (input->one_in(200)) {
        return input->one_in(2) ? "C:1:\"X\":4:{r:1;}" : "R:1;";
    }
    return atoms[input->below(std::size(atoms))];
}

std::string draw_key(Input* input, bool is_variable) {
    const std::string_view names[] = {"a", "b", "c", "", "!a", "05", "-0", "it's", "n\n", "\xff"};
    const std::string name(names[input->below(std::size(names))]);
    if (is_variable) {
        return name + '|';
    }
    if (input->one_in(2)) {
        return "i:" + std::to_string(static_cast<int>(input->below(6)) - 1) + ';';
    }
    return "s:" + std::to_string(name.size()) + ":\"" + name + "\";";
}

std::string list_key(size_t index) {
    return "i:" + std::to_string(index) + ';';
}

Value draw_value(Input* input, size_t depth);

void set_member(Input* input, Members* members, std::string key, size_t depth) {
    Value value = draw_value(input, depth);
    const auto same = [&](const auto& member) { return member.first == key; };
    const auto found = std::find_if(members->begin(), members->end(), same);
    if (found != members->end()) {
        found->second = std::move(value);
    } else if (members->size() < kMembersMax) {
        members->emplace_back(std::move(key), std::move(value));
    }
}

Value draw_value(Input* input, size_t depth) {
    Value value;
    value.is_array = depth < kDepthMax && input->below(3) == 1;
    if (!value.is_array) {
        value.text = draw_atom(input);
        return value;
    }
    const bool is_list = input->one_in(2);
    const size_t count = input->below(4);
    for (size_t i = 0; i < count; ++i) {
        const std::string key = is_list ? list_key(i) : draw_key(input, false);
        set_member(input, &value.members, key, depth + 1);
    }
    return value;
}

// As array_shift() does with a list.
void shift(Members* members) {
    members->erase(members->begin());
    for (size_t i = 0; i < members->size(); ++i) {
        (*members)[i].first = list_key(i);
    }
}

// Removes, moves, changes and adds members, here or deeper.
void change(Input* input, Members* members, bool are_variables, size_t depth) {
    for (size_t count = input->below(4); count > 0; --count) {
        const size_t at = members->empty() ? 0 : input->below(members->size());
        switch (members->empty() ? 0 : input->below(are_variables ? 5 : 6)) {
            case 0:
                set_member(input, members, draw_key(input, are_variables), depth);
                break;
            case 1:
                members->erase(members->begin() + static_cast<std::ptrdiff_t>(at));
                break;
            case 2:
                std::swap((*members)[at], members->back());
                break;
            case 3:
                (*members)[at].second = draw_value(input, depth);
                break;
            case 5:
                shift(members);
                break;
            default:
                if ((*members)[at].second.is_array) {
                    change(input, &(*members)[at].second.members, false, depth + 1);
                }
        }
    }
}

std::string text_of(const Members& members);

std::string text_of(const Value& value) {
    return value.is_array
               ? "a:" + std::to_string(value.members.size()) + ":{" + text_of(value.members) + '}'
               : value.text;
}

std::string text_of(const Members& members) {
    std::string text;
    for (const auto& [key, value] : members) {
        text += key + text_of(value);
    }
    return text;
}

}  // namespace

DrawnSessions draw_sessions(Input* input, SerializeHandler handler) {
    const bool are_variables = handler == SerializeHandler::kPhp;
    const auto text = [&](const Value& session) {
        return are_variables ? text_of(session.members) : text_of(session);
    };
    Value base;
    base.is_array = true;
    for (size_t count = input->below(kMembersMax); count > 0; --count) {
        set_member(input, &base.members, draw_key(input, are_variables), 0);
    }
    Value ours = base;
    Value theirs = base;
    change(input, &ours.members, are_variables, 0);
    change(input, &theirs.members, are_variables, 0);
    return {text(base), text(ours), text(theirs)};
}

}  // namespace memcache_session::fuzz
