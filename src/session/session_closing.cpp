// The part of Session that ends it: it is stored, extended or destroyed.
#include "src/session/session.h"

#include <string>
#include <utility>

#include "src/session/conflict_messages.h"
#include "src/session/counting.h"
#include "src/session/messages.h"

namespace memcache_session {

Answer Session::write(std::string_view sid, std::string_view value, int64_t lifetime, Next next) {
    begin_call();
    if (is_inherited()) {
        return fail(Code::kInvalidArgument,
                    "this process was forked from the process that opened the session: only that "
                    "process may store it, and the changes of this process were not stored");
    }
    if (!is_open(sid) || stage_ != Stage::kRead) {
        return fail(Code::kInvalidArgument,
                    "this request has not read the session, or has closed it since: nothing was "
                    "stored, and the stored session was not changed");
    }
    if (!open_->read_only_reason.empty()) {
        return fail(Code::kReadOnly, read_only_message(open_->read_only_reason));
    }
    return store(value, lifetime, Aim::kCommit, next);
}

Answer Session::update_timestamp(std::string_view sid, std::string_view value, int64_t lifetime) {
    begin_call();
    if (is_inherited()) {
        return Answer::kOk;  // because nothing has changed, and the parent extends the session
    }
    if (!is_open(sid) || stage_ != Stage::kRead) {
        return write(sid, value, lifetime);
    }
    // An empty session, which exists nowhere, is stored.
    const Aim aim = open_->stored.missing ? Aim::kCommit : Aim::kExtend;
    return store(value, lifetime, aim, Next::kNothing);
}

Answer Session::store(std::string_view value, int64_t lifetime, Aim aim, Next next) {
    if (open_->stored.ended_meanwhile) {
        release();
        return is_empty_session(value) ? Answer::kOk : fail(Code::kDestroyed, destroyed_message());
    }
    ContinuedSession continued;
    const bool continues = carried_.has_value();
    if (continues) {
        continued = continue_session(*carried_, value);
        carried_.reset();
        aim = Aim::kCommit;
    }
    LateStore::Newest newest;
    const std::string_view text = continues ? continued.value : value;
    const Status status = count_end(store_text(text, lifetime, aim, next, &newest));
    if (status.ok() && continues) {
        parts_.count(Event::kMerged);
        parts_.count(Event::kOverwritten, continued.conflicts);
        lost_note_ = std::move(continued.lost_note);
    }
    const std::string_view stored = newest ? std::string_view(*newest) : text;
    if (status.ok() && next == Next::kNewId && stored != value) {
        carried_ = {std::string(value), std::string(stored), options_.serialize_handler,
                    options_.merging};
    }
    return end(status);
}

// `*newest`: what is stored, if it is not `text`, and `next` asks for it.
Status Session::store_text(std::string_view text, int64_t lifetime, Aim aim, Next next,
                           LateStore::Newest* newest) {
    const PackedValue packed = pack_value(text, options_.compress_threshold, &buffer_);
    if (open_->access != Access::kUnlocked) {
        const bool commits = aim == Aim::kCommit;
        const Status status = commits ? open_->store->commit(packed, lifetime)
                                      : open_->store->extend(packed, lifetime);
        if (status.ok() && commits) {
            stored_ = {text.size(), packed.text.size()};
        }
        // With session.lazy_write off, PHP has a session stored that has not changed. What others
        // have made of it since is newer.
        const bool is_outdated =
            status.code() == Code::kConflict || status.code() == Code::kDestroyed;
        const bool loses_nothing =
            is_outdated && next == Next::kNothing && open_->stored.has_value(packed);
        return loses_nothing ? Status() : status;
    }
    LateStore late = late_store();
    if (next == Next::kNewId && options_.merges()) {
        Result<LateStore::Newest> stored = late.commit_before_new_id(text, packed, lifetime);
        if (stored.ok()) {
            *newest = std::move(stored.value());
        }
        stored_ = late.stored();
        return stored.ok() ? Status() : stored.status();
    }
    // A SessionHandler subclass has write() called for an unchanged session too.
    const bool is_as_read = options_.merges() ? !open_->stored.missing && text == open_->base
                                              : open_->stored.has_value(packed);
    const Status status = aim == Aim::kCommit && !is_as_read ? late.commit(text, packed, lifetime)
                                                             : late.extend(packed, lifetime);
    stored_ = late.stored();
    return status;
}

Answer Session::destroy(std::string_view sid, int64_t lifetime, Next next) {
    begin_call();
    if (is_inherited()) {
        return fail(Code::kInvalidArgument,
                    "this process was forked from the process that opened the session: only that "
                    "process may destroy it, and the session was not destroyed");
    }
    if (!is_open(sid) && !open(sid, false)) {
        return Answer::kFailed;
    }
    if (!open_->failure.ok()) {
        return end(open_->failure);
    }
    const Status status = count_end(destroy_stored(lifetime, next));
    if (status.ok()) {
        parts_.count(Event::kDestroyed);
    }
    return end(status);
}

Status Session::destroy_stored(int64_t lifetime, Next next) {
    std::optional<CarriedChanges> earlier = std::exchange(carried_, std::nullopt);
    if (next == Next::kNewId && stage_ == Stage::kRead && open_->access == Access::kUnlocked &&
        options_.merges()) {
        Result<LateStore::Newest> newest = late_store().destroy_before_new_id(lifetime);
        if (!newest.ok()) {
            return newest.status();
        }
        carried_ = std::move(earlier);
        if (newest.value()) {
            add_changes(&carried_, {std::move(open_->base), std::move(*newest.value()),
                                    options_.serialize_handler, options_.merging});
        }
        return {};
    }
    const Status status = open_->access == Access::kUnlocked ? late_store().destroy(lifetime)
                                                             : open_->store->destroy(lifetime);
    if (status.ok() && next == Next::kNewId) {
        carried_ = std::move(earlier);
    }
    return status;
}

Status Session::count_end(Status status) {
    if (status.ok()) {
        count_closing(parts_.totals, parts_.budget.taken(),
                      stored_ ? std::optional(stored_->packed) : std::nullopt);
    }
    return status;
}

LateStore Session::late_store() const {
    return LateStore({parts_, options_, *open_->store, open_->stored, open_->search, open_->base,
                      open_->read_at, value_max_});
}

}  // namespace memcache_session
