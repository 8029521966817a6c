// Text, read and written the same on every machine: none of these looks at the locale.
#pragma once

#include <string>
#include <string_view>

#include "src/base/clock.h"

namespace memcache_session {

// Whether the texts are equal but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// "1 s", "0.25 s", "1234 s": as few decimals as say it exactly, to the millisecond.
std::string seconds_text(Duration time);

}  // namespace memcache_session
