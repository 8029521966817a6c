#include "src/replica/members.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "src/net/server_words.h"

namespace memcache_session {
namespace {

bool names(const Failures& failures, uint32_t server) {
    return std::any_of(failures.begin(), failures.end(),
                       [&](const ServerFailure& entry) { return entry.server == server; });
}

// The entry of a server that was passed over because it is marked down.
Failures::iterator find_marked(Failures* failures, uint32_t server) {
    return std::find_if(failures->begin(), failures->end(), [&](const ServerFailure& entry) {
        return entry.server == server && !entry.asked;
    });
}

}  // namespace

Members::Members(PreferenceList preference, uint32_t redundancy, bool allow_failover)
    : preference_(std::move(preference)),
      redundancy_(std::min<size_t>(redundancy, preference_.size())),
      allow_failover_(allow_failover) {
    assert(redundancy > 0);
}

bool Members::fill_up_to(Exchange& exchange, size_t count) {
    assert(count >= redundancy_);
    if (list_.size() >= redundancy_) {
        return false;
    }
    const size_t end = allow_failover_ ? preference_.size() : redundancy_;
    bool added = false;
    for (size_t position = 0; position < end && list_.size() < count; ++position) {
        const uint32_t server = preference_[position];
        if (contains(server) || names(passed_over_, server)) {
            continue;
        }
        if (!exchange.usable(server)) {
            passed_over_.push_back({server, exchange.why_down(server), false});
            continue;
        }
        add(server, position);
        added = true;
    }
    return added;
}

bool Members::fill_with_marked(size_t count) {
    const size_t end = allow_failover_ ? preference_.size() : redundancy_;
    for (size_t position = 0; position < end && list_.size() < count; ++position) {
        const auto marked = find_marked(&passed_over_, preference_[position]);
        if (marked != passed_over_.end() && !has_failed(marked->server)) {
            add(marked->server, position);
            passed_over_.erase(marked);
        }
    }
    return !list_.empty();
}

bool Members::take_back(uint32_t server) {
    const auto marked = find_marked(&passed_over_, server);
    if (marked == passed_over_.end()) {
        return false;
    }
    const size_t end = list_.size() < redundancy_ ? preference_.size() : list_.back().position;
    size_t position = 0;
    while (position < end && preference_[position] != server) {
        ++position;
    }
    if (position == end) {
        return false;
    }
    passed_over_.erase(marked);
    add(server, position);
    return true;
}

void Members::add(uint32_t server, size_t position) {
    Member member;
    member.server = server;
    member.position = static_cast<uint32_t>(position);
    list_.insert(std::find_if(list_.begin(), list_.end(),
                              [&](const Member& m) { return m.position > member.position; }),
                 member);
}

void Members::note_dropped(const Member& member) {
    const Version shown = member.item.version();
    if (newest_dropped_ == kForeignVersion || is_newer(shown, newest_dropped_)) {
        newest_dropped_ = shown;
    }
}

void Members::drop_excess() {
    while (list_.size() > redundancy_) {
        assert(!list_.back().lock.held);
        note_dropped(list_.back());
        list_.pop_back();
    }
}

void Members::drop(uint32_t server, Failure failure, std::string words) {
    for (const Member& member : list_) {
        if (member.server == server) {
            note_dropped(member);
        }
    }
    list_.erase(std::remove_if(list_.begin(), list_.end(),
                               [&](const Member& member) { return member.server == server; }),
                list_.end());
    passed_over_.push_back({server, failure, true, std::move(words)});
}

Member& Members::at(uint32_t server) {
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const Member& member) { return member.server == server; });
    assert(found != list_.end());
    return *found;
}

const Member* Members::find(uint32_t server) const {
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const Member& member) { return member.server == server; });
    return found == list_.end() ? nullptr : &*found;
}

const ServerFailure* Members::failure_in_session(uint32_t server) const {
    const auto found = std::find_if(
        passed_over_.begin(), passed_over_.end(),
        [&](const ServerFailure& entry) { return entry.server == server && entry.asked; });
    return found == passed_over_.end() ? nullptr : &*found;
}

size_t Members::stand_in_reach() const {
    return allow_failover_ ? std::min(preference_.size(), 2 * redundancy_ - 1) : redundancy_;
}

uint32_t Members::absent_first_choices() const {
    const auto chosen = std::count_if(list_.begin(), list_.end(), [this](const Member& member) {
        return is_first_choice(member);
    });
    return static_cast<uint32_t>(redundancy_ - static_cast<size_t>(chosen));
}

uint32_t Members::lock_name_of(const Member& member) const {
    const uint32_t mark = preference_.lock_mark(member.server);
    return mark != 0 ? mark : member.position;
}

LockNames Members::lock_names() const {
    const bool names_all = std::all_of(
        list_.begin(), list_.end(), [](const Member& member) { return member.lock.out_of_memory; });
    LockNames names;
    for (const Member& member : list_) {
        if (!member.lock.out_of_memory || names_all) {
            names.push_back(lock_name_of(member));
        }
    }
    return names;
}

bool is_same_by_metadata(uint32_t flags, size_t size, const Item& item) {
    return item.flags == flags && item.size() == size &&
           (size == 0 || ItemFlags::version(flags) != kForeignVersion);
}

bool has_same_bytes(const OpenedItem& opened, const Item& now) {
    if (now.present != opened.present || now.flags != opened.flags) {
        return false;
    }
    return opened.is_unread || !now.is_read()
               ? is_same_by_metadata(opened.flags, opened.content.size, now)
               : opened.content.is_of(now.value);
}

bool is_unchanged(const Member& member, const Item& now) {
    if (now.connection == member.item.connection) {
        return now.cas == member.item.cas && now.present == member.opened.present &&
               now.flags == member.opened.flags;
    }
    return has_same_bytes(member.opened, now);
}

bool lacks_cas(const Request& request) {
    for (size_t i = 0; i < request.answered; ++i) {
        const Verb verb = request.commands[i].verb;
        if ((verb == Verb::kReadForUpdate || verb == Verb::kReadMetadata) &&
            request.replies[i].kind == ReplyKind::kHit && request.replies[i].cas == 0) {
            return true;
        }
    }
    return false;
}

Failure failure_of(const Request& request) {
    if (request.failure) {
        return request.failure;
    }
    const auto end = request.replies.begin() + static_cast<std::ptrdiff_t>(request.answered);
    if (lacks_cas(request)) {
        return {FailureKind::kNoCas, 0};
    }
    for (size_t i = 0; i < request.answered; ++i) {
        if (is_out_of_memory(request.commands[i], request.replies[i])) {
            return {FailureKind::kOutOfMemory, 0};
        }
    }
    const bool unknown = std::any_of(request.replies.begin(), end, [](const Reply& reply) {
        return reply.kind == ReplyKind::kUnknownCommand;
    });
    const std::string words = words_of(request);
    return {kind_told_by(words, unknown ? FailureKind::kUnknownCommand : FailureKind::kServerError),
            0};
}

void drop_failed(Members* members, Exchange& exchange, const Request& request) {
    const Failure failure = failure_of(request);
    if (!request.failure) {
        exchange.mark_down(request.server, failure);
    }
    members->drop(request.server, failure, words_of(request));
}

const Member& newest_of(const Members& members) {
    assert(!members.empty());
    const Member* newest = &members.list().front();
    for (const Member& member : members.list()) {
        if (takes_precedence(member.item, newest->item)) {
            newest = &member;
        }
    }
    return *newest;
}

}  // namespace memcache_session
