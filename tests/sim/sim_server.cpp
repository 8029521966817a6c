#include "tests/sim/sim_server.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace memcache_session::sim {

namespace {

constexpr int32_t kRelativeMax = 60 * 60 * 24 * 30;  // seconds; a larger number is a date
// memcached pretends to have started a little earlier, so that no item has the time 0.
constexpr int64_t kSecondsAtStart = 62;

Reply answer(ReplyKind kind) {
    Reply reply;
    reply.kind = kind;
    return reply;
}

Reply server_error(std::string_view text) {
    Reply reply = answer(ReplyKind::kRefused);
    reply.value = text;
    return reply;
}

}  // namespace

void SimServer::start(SimTime now) {
    items_.clear();
    started_ = now;
    frozen_at_ = -1;
    memory_short_ = false;
    last_cas_ = 0;
}

bool SimServer::lacks_memory_for(std::string_view key) const {
    return memory_short_ && (!only_locks_ || key.find(".lock") != std::string_view::npos);
}

int64_t SimServer::seconds(SimTime now) const {
    const SimTime clock = frozen_at_ >= 0 ? frozen_at_ : now;
    return kSecondsAtStart + (clock - started_) / kSecond;
}

int64_t SimServer::expiry(int32_t exptime, SimTime now) const {
    if (exptime == 0) {
        return 0;
    }
    if (exptime < 0) {
        return 1;
    }
    if (exptime <= kRelativeMax) {
        return seconds(now) + exptime;
    }
    const int64_t began = kUnixTimeAtBegin + started_ / kSecond - kSecondsAtStart;
    return exptime <= began ? 1 : exptime - began;
}

void SimServer::erase(Item* item) {
    if (item != &items_.back()) {
        std::swap(*item, items_.back());
    }
    items_.pop_back();
}

SimServer::Item* SimServer::find_live(std::string_view key, SimTime now) {
    for (Item& item : items_) {
        if (item.key != key) {
            continue;
        }
        if (item.expires != 0 && item.expires <= seconds(now)) {
            erase(&item);
            return nullptr;
        }
        return &item;
    }
    return nullptr;
}

const SimServer::Item* SimServer::find(std::string_view key, SimTime now) {
    return find_live(key, now);
}

bool SimServer::evict(std::string_view key) {
    for (Item& item : items_) {
        if (item.key == key) {
            erase(&item);
            return true;
        }
    }
    return false;
}

void SimServer::move_items() {
    for (Item& item : items_) {
        item.cas = ++last_cas_;
    }
}

Reply SimServer::run(const Command& command, SimTime now, Wire wire) {
    Item* existing = find_live(command.key, now);
    switch (command.verb) {
        case Verb::kReadForUpdate:
        case Verb::kReadMetadata:
        case Verb::kInspect:
        case Verb::kRead:
            return read(command, existing, wire);
        case Verb::kAdd:
        case Verb::kSet:
        case Verb::kReplaceIf:
            return store(command, existing, now);
        case Verb::kTouch:
            if (existing == nullptr) {
                return answer(ReplyKind::kGone);
            }
            existing->expires = expiry(command.exptime, now);
            return answer(ReplyKind::kDone);
        case Verb::kDeleteIf:
            return remove(command, existing, wire);
        case Verb::kDelete:
            if (existing == nullptr) {
                return answer(ReplyKind::kGone);
            }
            erase(existing);
            return answer(ReplyKind::kDone);
        case Verb::kStatistics:
            break;
    }
    return answer(ReplyKind::kUnknownCommand);
}

std::optional<uint64_t> SimServer::increment(std::string_view key, SimTime now) {
    Item* item = find_live(key, now);
    if (item == nullptr) {
        return std::nullopt;
    }
    uint64_t number = 0;
    std::from_chars(item->value.data(), item->value.data() + item->value.size(), number);
    std::string text = std::to_string(number + 1);
    text.resize(std::max(text.size(), item->value.size()), ' ');
    item->value = std::move(text);
    item->cas = ++last_cas_;
    return number + 1;
}

Reply SimServer::read(const Command& command, const Item* existing, Wire wire) const {
    if (existing == nullptr) {
        return answer(ReplyKind::kMiss);
    }
    Reply reply = answer(ReplyKind::kHit);
    reply.flags = existing->flags;
    reply.cas = command.verb != Verb::kRead ? existing->cas : 0;
    if (command.verb == Verb::kReadMetadata && wire == Wire::kMeta) {
        reply.unread_size = static_cast<uint32_t>(existing->value.size());
    } else {
        reply.value = existing->value;
    }
    return reply;
}

Reply SimServer::store(const Command& command, Item* existing, SimTime now) {
    // memcached allocates before it looks for the old item.
    const bool is_short = lacks_memory_for(command.key);
    if (command.value.size() > options_.item_size_max || is_short) {
        if (command.verb == Verb::kSet && existing != nullptr) {
            erase(existing);
        }
        return server_error(is_short ? "out of memory storing object"
                                     : "object too large for cache");
    }
    if (command.verb == Verb::kAdd && existing != nullptr) {
        return answer(ReplyKind::kExists);
    }
    if (command.verb == Verb::kReplaceIf) {
        if (existing == nullptr) {
            return answer(ReplyKind::kGone);
        }
        if (existing->cas != command.cas) {
            return answer(ReplyKind::kExists);
        }
    }
    if (existing == nullptr) {
        items_.emplace_back();
        existing = &items_.back();
        existing->key = command.key;
    }
    existing->value = command.value;
    existing->flags = command.flags;
    existing->expires = expiry(command.exptime, now);
    existing->cas = ++last_cas_;
    return answer(ReplyKind::kDone);
}

Reply SimServer::remove(const Command& command, Item* existing, Wire wire) {
    if (lacks_memory_for(command.key) && wire == Wire::kClassic) {
        return server_error("out of memory storing object");
    }
    if (existing == nullptr) {
        return answer(ReplyKind::kGone);
    }
    if (existing->cas != command.cas) {
        return answer(ReplyKind::kExists);
    }
    if (wire == Wire::kClassic) {
        ++last_cas_;  // the deletion was a store
    }
    erase(existing);
    return answer(ReplyKind::kDone);
}

}  // namespace memcache_session::sim
