// The cases of enums that a session has more than once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/merge/serialized_session.h"

namespace memcache_session {

// The text with each reference `r:` to an enum replaced by that enum: PHP writes a case that the
// text has already as the number of the first one, and reads both forms as the same case. Nothing
// if there is another reference: `R:`, an `r:` to an object or to another reference, any `r:` in a
// text with a `C:`, whose data have values that only its class can count. Nothing either if the
// result is longer than kSerializedLengthMax. REQUIRES: SerializedSession::read() takes the text.
std::optional<std::string> with_enums_written_out(std::string_view text, SerializeHandler handler);

}  // namespace memcache_session
