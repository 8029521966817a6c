// The rules of the protocol by name, so that each can be switched off.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/rules.h"

namespace memcache_session::sim {

struct NamedRule {
    std::string_view name;
    bool Rules::*rule;
    uint64_t failing_seed;  // breaks a promise when the rule is off; 0: none known
};

extern const NamedRule kRules[];
extern const size_t kRuleCount;

// Null if there is none of that name.
const NamedRule* find_rule(std::string_view name);

}  // namespace memcache_session::sim
