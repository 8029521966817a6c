#include "src/session/conflict_messages.h"

#include "src/base/text.h"

namespace memcache_session {

std::string conflict_message(Duration lease) {
    return "another request has stored the session since this one read it, because the lock was "
           "held longer than its lease of " +
           seconds_text(lease) +
           " (memcache.lock_timeout) or was lost with a server; the changes of the other request "
           "are kept, and those of this request were not stored";
}

std::string changed_message() {
    return "another request has stored the session since this one read it without lock "
           "(read_and_close, or memcache.session_readonly_paths); the changes of the other request "
           "are kept, and those of this request were not stored. Requests that change the session "
           "should lock it";
}

std::string merge_conflict_message(const SessionMerge& merge) {
    const bool names_variables = merge.obstacle == SessionMerge::Obstacle::kNone;
    std::string message = "another request has changed ";
    if (names_variables) {
        const char* separator = "";
        for (const std::string& path : merge.conflict_paths) {
            message += separator + path;
            separator = ", ";
        }
        const size_t unnamed = merge.conflicts - merge.conflict_paths.size();
        message += unnamed > 0 ? " and " + std::to_string(unnamed) + " more" : "";
        message += " too since this one read the session, and the changes differ";
    } else {
        message += "the session since this one read it, and ";
        message += merge.obstacle == SessionMerge::Obstacle::kReference
                       ? "PHP's references (&) in it prevent a merge"
                       : "its data cannot be merged: it is too large, or not what the "
                         "session.serialize_handler of this request writes";
    }
    message += "; the changes of the other request are kept, and those of this request were not "
               "stored. Scripts that change such data together should lock the session "
               "(ini_set('memcache.session_merge', 'off') before session_start())";
    if (names_variables) {
        message += ", or memcache.session_merge = last keeps the later change";
    }
    return message;
}

std::string destroyed_message() {
    return "another request destroyed the session while this one had it open or waited for it (a "
           "logout, or a login that changes the session id); the session stays destroyed, and the "
           "changes of this request were not stored";
}

std::string gone_message() {
    return "no server has the session any longer: another request destroyed it, or the servers "
           "evicted it or were restarted; the changes of this request were not stored";
}

std::string foreign_change_message() {
    return "another program, for example pecl/memcache, has stored the session since this request "
           "read it, and its sessions cannot be merged; its changes are kept, and those of this "
           "request were not stored. Set memcache.session_merge = off until all programs that "
           "store the sessions use this extension";
}

std::string too_late_message() {
    return "the session has changed since this request read it, and this request has had it open "
           "for as long as sessions live (session.gc_maxlifetime), so nothing tells whether it was "
           "destroyed meanwhile; the changes of this request were not stored";
}

}  // namespace memcache_session
