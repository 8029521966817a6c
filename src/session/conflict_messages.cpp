#include "src/session/conflict_messages.h"

#include <cassert>

#include "src/base/text.h"

namespace memcache_session {
namespace {

bool names_variables(const SessionMerge& merge) {
    return merge.obstacle == SessionMerge::Obstacle::kNone;
}

std::string places_of(const SessionMerge& merge) {
    std::string places;
    const char* separator = "";
    for (const std::string& path : merge.conflict_paths) {
        places += separator + path;
        separator = ", ";
    }
    const size_t unnamed = merge.conflicts - merge.conflict_paths.size();
    return places + (unnamed > 0 ? " and " + std::to_string(unnamed) + " more" : "");
}

const char* reason_of(SessionMerge::Obstacle obstacle) {
    return obstacle == SessionMerge::Obstacle::kReference
               ? "PHP's references (&) in it prevent a merge"
               : "its data cannot be merged: it is too large, or not what the "
                 "session.serialize_handler of this request writes";
}

}  // namespace

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
    assert(merge.conflicts > 0);
    std::string message = "another request has changed ";
    if (names_variables(merge)) {
        message +=
            places_of(merge) + " too since this one read the session, and the changes differ";
    } else {
        message += "the session since this one read it, and ";
        message += reason_of(merge.obstacle);
    }
    message += "; the changes of the other request are kept, and those of this request were not "
               "stored. Scripts that change such data together should lock the session "
               "(ini_set('memcache.session_merge', 'off') before session_start())";
    if (names_variables(merge)) {
        message += ", or memcache.session_merge = last keeps the later change";
    }
    return message;
}

std::string carried_conflict_note(const SessionMerge& merge) {
    assert(merge.conflicts > 0);
    std::string note = "has changed the id of its session, and another request had changed ";
    if (names_variables(merge)) {
        note += places_of(merge) + " too under the old id, and the changes differ; those of the "
                                   "first were stored under the new id, and those";
    } else {
        note += "the session under the old id, and ";
        note += reason_of(merge.obstacle);
        note += "; the session of the first was stored under the new id, and the changes";
    }
    return note + " of the other are lost. Scripts that change the id of such a session should "
                  "lock it (ini_set('memcache.session_merge', 'off') before session_start())";
}

std::string id_not_changed_message(const std::string& why) {
    return why + ". The id of the session was not changed, the session was not destroyed, and the "
                 "changes of this request were not stored";
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
