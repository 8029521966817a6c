// The rules of the protocol by name, so that each can be switched off.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/replica/rules.h"

namespace memcache_session::sim {

struct NamedRule {
    std::string_view name;
    bool Rules::*rule;
    std::string_view promise;  // broken when the rule is off; its first words
    uint64_t failing_seed;     // of a history that shows this
    // Another rule that mends most of such losses afterwards, and is switched off along with it.
    // Null: none.
    bool Rules::*mended_by = nullptr;
};

void switch_rule(const NamedRule& rule, bool on);

extern const NamedRule kRules[];
extern const size_t kRuleCount;

// Null if no rule has that name.
const NamedRule* find_rule(std::string_view name);

}  // namespace memcache_session::sim
