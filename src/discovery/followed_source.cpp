#include "src/discovery/followed_source.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/base/fingerprint.h"
#include "src/base/process.h"
#include "src/base/text.h"

namespace memcache_session {
namespace {

// How often the table is looked at while a request waits.
constexpr Duration kLookInterval = std::chrono::milliseconds(1);

constexpr uint64_t kOwnerKey = 1;

constexpr const char* kNoPlace =
    "it is not asked, because this machine asks so many other names already: name fewer of them in "
    "the save_path, or shorten its parameters";

// What must be the same before two processes may have one list: the question, who asks it, and for
// a question to a server, whom its parameters trust.
std::string identity_of(const Source& source, const std::string& rights) {
    std::string host = source.server.endpoint.host;
    std::transform(host.begin(), host.end(), host.begin(), to_lower);
    std::string identity = std::to_string(static_cast<int>(source.kind)) + ' ' + host + ' ' +
                           std::to_string(source.server.endpoint.port) + ' ' + rights;
    if (source.kind == SourceKind::kElastiCache) {
        identity += source.server.endpoint.is_tls() ? " tls\n" : " tcp\n";
        identity += source.server.endpoint.access;
    }
    return identity;
}

}  // namespace

FollowedSource::FollowedSource(Discovery& discovery, Source source)
    : discovery_(discovery), source_(std::move(source)) {}

// False if the table has no place for it.
bool FollowedSource::find_place(TimePoint now) {
    const std::string rights = process_rights();
    identity_ = identity_of(source_, rights);
    if (identity_.size() > SourceTable::kIdentityMax) {
        place_.reset();
    } else {
        const uint64_t owner = fingerprint_of(rights, kOwnerKey).hash;
        place_ = discovery_.table->find(identity_, owner, now);
    }
    return place_.has_value();
}

bool FollowedSource::follow(TimePoint now) {
    const bool is_known = place_ && generation_ == process_generation();
    if (is_known && !discovery_.table->is_due(*place_, source_.refresh, now) &&
        discovery_.table->revision(*place_) == revision_) {
        return false;
    }
    generation_ = process_generation();
    // The slot may belong to another source meanwhile.
    if (!(is_known && discovery_.table->is_of(*place_, identity_)) && !find_place(now)) {
        return false;
    }
    SourceTable& table = *discovery_.table;
    const SourceTable::State before = table.state(*place_, now);
    is_old_ = !before.asked || now - *before.asked > kOldIntervals * source_.refresh;
    if (const auto ask = table.begin_ask(*place_, source_.refresh, now)) {
        discovery_.asker.ask(source_, *place_, *ask);
    }
    if (table.revision(*place_) == revision_) {
        return false;
    }
    std::optional<SourceTable::List> list = table.read(*place_);
    if (!list) {
        return false;
    }
    revision_ = list->revision;
    nodes_ = std::move(list->nodes);
    return true;
}

// Whether a list may come within the time that a request waits for it.
bool FollowedSource::may_come(TimePoint now) const {
    const SourceTable::State state = discovery_.table->state(*place_, now);
    const std::optional<TimePoint> since = nodes_.nodes().empty() ? state.first_asked : state.asked;
    return state.is_asked_now && since && now < *since + source_.server.timeout;
}

Status FollowedSource::wait_for_list(Clock& clock, bool* changed) {
    while (place_ && may_come(clock.now())) {
        clock.sleep_until(clock.now() + kLookInterval);
    }
    *changed = follow(clock.now()) || *changed;
    is_old_ = false;
    return nodes_.nodes().empty() ? no_list(clock.now()) : Status();
}

Status FollowedSource::no_list(TimePoint now) const {
    const std::string begin = source_.name() + " has not given a list of servers yet: ";
    if (!place_) {
        return {Code::kUnavailable, begin + kNoPlace};
    }
    const SourceTable::State state = discovery_.table->state(*place_, now);
    const std::string why = state.failure
                                ? describe(state.failure, source_.server.timeout)
                                : "no answer within " + seconds_text(source_.server.timeout);
    return {Code::kUnavailable, begin + why + ". It is asked again each second"};
}

Server FollowedSource::server_of(const Node& node) const {
    Server server = source_.server;
    server.endpoint.port = node.port;
    if (node.name.empty()) {
        if (server.tls && server.tls->peer_name.empty()) {
            auto tls = std::make_shared<TlsSettings>(*server.tls);
            tls->peer_name = source_.server.endpoint.host;
            server.endpoint.access += "\n" + tls->peer_name;
            server.tls = std::move(tls);
        }
        server.endpoint.host = node.address;
        return server;
    }
    server.endpoint.host = node.name;
    server.address = node.address;
    server.endpoint.access += "\n" + node.address;
    return server;
}

std::string FollowedSource::take_news(TimePoint now) {
    const SourceTable::News news = discovery_.table->take_news(*place_);
    const std::string begin = "memcache_session: " + source_.name();
    const std::string list =
        std::to_string(nodes_.nodes().size()) + " servers: " + nodes_.summary();
    if (news.has_changed) {
        return begin + " gives another list than before, of " + list;
    }
    if (news.fails) {
        const SourceTable::State state = discovery_.table->state(*place_, now);
        return begin + " gives no list: " + describe(state.failure, source_.server.timeout) +
               (nodes_.nodes().empty() ? "; no session can be opened until it does"
                                       : "; sessions stay on the " + list);
    }
    return news.is_well ? begin + " gives its list again, after " + seconds_text(news.failed_for)
                        : std::string();
}

SourceState FollowedSource::state(TimePoint now) const {
    SourceState shown;
    shown.name = printable(source_.name());
    shown.nodes = nodes_.nodes().size();
    shown.version = nodes_.version();
    if (!place_) {
        shown.failure = kNoPlace;
        return shown;
    }
    const SourceTable::State state = discovery_.table->state(*place_, now);
    const auto ago = [now](std::optional<TimePoint> time) {
        return time ? std::optional<Duration>(std::max(now - *time, Duration(0))) : std::nullopt;
    };
    shown.asked_ago = ago(state.asked);
    shown.changed_ago = ago(state.changed);
    if (state.failure) {
        shown.failure = printable(describe(state.failure, source_.server.timeout));
        shown.failing_for = state.failing_for;
    }
    return shown;
}

}  // namespace memcache_session
