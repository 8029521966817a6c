// The changes of other requests to a session whose id a request changes: its script does not know
// of them, so they are taken along to the new id. protocol.md, "Changing the id".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/session/options.h"

namespace memcache_session {

// Two states of the session under its old id, as PHP knows them.
struct CarriedChanges {
    std::string base;    // what the script's $_SESSION is derived from
    std::string theirs;  // what others have made of it, when the old id was closed
    SerializeHandler serialize_handler = SerializeHandler::kPhp;
    Merging merging = Merging::kFail;  // kLast: conflicts are not told
};

// Adds `later` for a request that has changed the id again, before the session of the first new id
// was stored. It happens only if another request has stored a session under that id, which the
// visitor has just received.
void add_changes(std::optional<CarriedChanges>* carried, CarriedChanges later);

// What is stored under the new id.
struct ContinuedSession {
    std::string value;
    size_t conflicts = 0;   // places where ours has won; the whole session counts as one
    std::string lost_note;  // not empty: what is lost, for the log, in spite of the success
};

// Merges `ours`, what the script has at its end. There is always a result, because the old session
// may be destroyed already, and the visitor has the new id.
ContinuedSession continue_session(const CarriedChanges& carried, std::string_view ours);

}  // namespace memcache_session
