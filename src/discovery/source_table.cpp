#include "src/discovery/source_table.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "src/base/fingerprint.h"
#include "src/base/process.h"
#include "src/base/shared_time.h"
#include "src/discovery/shared_words.h"

namespace memcache_session {
namespace {

constexpr uint64_t kListChanged = 1;
constexpr uint64_t kFails = 2;
constexpr uint64_t kWell = 4;

// Any number does: nobody chooses texts in order to have equal check sums.
constexpr uint64_t kCheckKey = 0x6d656d6361636865ULL;
constexpr int kReadsMax = 3;

uint64_t check_of(std::string_view text, uint64_t revision, uint64_t version) {
    return fingerprint_of(text, kCheckKey).hash ^ revision << 1 ^ version << 3 ^ text.size();
}

uint64_t key_of(std::string_view identity) {
    return fingerprint_of(identity, kCheckKey).hash | 1;
}

}  // namespace

SourceTable::SourceTable() {
    void* memory = map_family_memory(sizeof(Shared));
    is_shared_ = memory != nullptr;
    if (!is_shared_) {
        memory = ::operator new(sizeof(Shared));
    }
    shared_ = static_cast<Shared*>(memory);
    // Mapped memory is zeroed, and pages that nobody writes cost nothing.
    if (!is_shared_) {
        std::memset(memory, 0, sizeof(Shared));
    }
    slots_ = shared_->slots;
}

SourceTable::~SourceTable() {
    if (is_shared_) {
        unmap_family_memory(shared_, sizeof(Shared));
    } else {
        ::operator delete(shared_);
    }
}

bool SourceTable::may_take(const Slot& slot, uint64_t time) const {
    if (slot.key.load(std::memory_order_relaxed) == 0) {
        return true;
    }
    const uint64_t used = std::max(slot.began.load(std::memory_order_relaxed),
                                   slot.first_began.load(std::memory_order_relaxed));
    return used != 0 && elapsed(used, time) > kForgottenAfter;
}

// first_began counts as a use until the first ask.
bool SourceTable::take(Slot* slot, uint64_t key, uint64_t owner, uint64_t time) {
    uint64_t there = slot->key.load(std::memory_order_relaxed);
    if (!may_take(*slot, time) || !slot->key.compare_exchange_strong(there, key)) {
        return false;
    }
    slot->identity_size.store(0);
    slot->current.store(0);
    for (std::atomic<uint64_t>* field :
         {&slot->news, &slot->began, &slot->answered, &slot->changed, &slot->failure,
          &slot->failing_since, &slot->failed_for, &slot->told, &slot->older_answers}) {
        field->store(0, std::memory_order_relaxed);
    }
    slot->first_began.store(time, std::memory_order_relaxed);
    slot->owner.store(owner, std::memory_order_relaxed);
    return true;
}

std::optional<SourceTable::Place> SourceTable::find(std::string_view identity, uint64_t owner,
                                                    TimePoint now) {
    assert(!identity.empty() && identity.size() <= kIdentityMax);
    const uint64_t key = key_of(identity);
    const uint64_t time = to_number(now);
    size_t owned = 0;
    for (Place place = 0; place < kSlots; ++place) {
        Slot& slot = slots_[place];
        const bool is_it = slot.key.load() == key;
        if (is_it && is_of(place, identity)) {
            return place;
        }
        owned += slot.owner.load(std::memory_order_relaxed) == owner && !may_take(slot, time);
        // Another caller writes the same identity, or has died while it did.
        if (is_it && slot.identity_size.load(std::memory_order_acquire) == 0) {
            write_words(slot.identity, identity);
            slot.identity_size.store(identity.size(), std::memory_order_release);
            return place;
        }
    }
    for (Place place = 0; place < kSlots && owned < kSlotsPerOwner; ++place) {
        Slot& slot = slots_[place];
        // Another caller may have taken it for the same source since the look above.
        const bool is_taken = take(&slot, key, owner, time) || slot.key.load() == key;
        if (is_taken && (slot.identity_size.load() == 0 || is_of(place, identity))) {
            write_words(slot.identity, identity);
            slot.identity_size.store(identity.size(), std::memory_order_release);
            return place;
        }
    }
    return std::nullopt;
}

bool SourceTable::is_of(Place place, std::string_view identity) const {
    const Slot& slot = slots_[place];
    return slot.identity_size.load(std::memory_order_acquire) == identity.size() &&
           read_words(slot.identity, identity.size()) == identity;
}

std::optional<SourceTable::List> SourceTable::read(Place place) const {
    const Slot& slot = slots_[place];
    for (int tried = 0; tried < kReadsMax; ++tried) {
        const uint64_t current = slot.current.load(std::memory_order_acquire);
        const Buffer& buffer = slot.buffers[current & 1];
        const uint64_t revision = buffer.revision.load(std::memory_order_relaxed);
        const uint64_t version = buffer.version.load(std::memory_order_relaxed);
        const uint64_t size = buffer.size.load(std::memory_order_relaxed);
        const uint64_t check = buffer.check.load(std::memory_order_relaxed);
        if (current == 0) {
            return std::nullopt;
        }
        if (revision != current >> 1 || size > NodeList::kTextMax) {
            continue;
        }
        const std::string text = read_words(buffer.words, size);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (slot.current.load(std::memory_order_relaxed) != current ||
            check_of(text, revision, version) != check) {
            continue;
        }
        std::optional<NodeList> nodes = NodeList::from_text(text, version);
        return nodes ? std::optional(List{revision, std::move(*nodes)}) : std::nullopt;
    }
    return std::nullopt;
}

bool SourceTable::is_due(Place place, Duration refresh, TimePoint now) const {
    const Slot& slot = slots_[place];
    const uint64_t began = slot.began.load(std::memory_order_relaxed);
    const bool has_ended = slot.answered.load(std::memory_order_relaxed) >= began;
    Duration interval = revision(place) == 0 ? std::min(refresh, kFirstInterval) : refresh;
    if (!has_ended) {
        interval = std::max(interval, kGivenUpAfter);
    }
    return began == 0 || elapsed(began, to_number(now)) >= interval;
}

std::optional<SourceTable::Ask> SourceTable::begin_ask(Place place, Duration refresh,
                                                       TimePoint now) {
    Slot& slot = slots_[place];
    uint64_t began = slot.began.load();
    if (!is_due(place, refresh, now)) {
        return std::nullopt;
    }
    const Ask ask = std::max(to_number(now), began + 1);
    if (!slot.began.compare_exchange_strong(began, ask)) {
        return std::nullopt;
    }
    if (began == 0) {
        slot.first_began.store(ask, std::memory_order_relaxed);
    }
    return ask;
}

// Whether no newer ask has ended. Marks this one as ended.
bool SourceTable::end_ask(Slot* slot, Ask ask) {
    uint64_t answered = slot->answered.load();
    while (answered < ask) {
        if (slot->answered.compare_exchange_weak(answered, ask)) {
            return true;
        }
    }
    return false;
}

// Whether the list is an older one of the same cluster, and not to be believed yet.
bool SourceTable::is_older(Slot* slot, const std::optional<List>& present, const NodeList& nodes) {
    if (!present || nodes.version() >= present->nodes.version()) {
        slot->older_answers.store(0, std::memory_order_relaxed);
        return false;
    }
    return slot->older_answers.fetch_add(1, std::memory_order_relaxed) + 1 < kOlderAnswersMax;
}

bool SourceTable::publish(Slot* slot, uint64_t before, const NodeList& nodes, uint64_t time) {
    const uint64_t revision = shared_->revisions.fetch_add(1) + 1;
    const uint64_t at = (before & 1) ^ 1;
    const std::string text = nodes.text();
    Buffer& buffer = slot->buffers[at];
    buffer.revision.store(0, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    write_words(buffer.words, text);
    buffer.size.store(text.size(), std::memory_order_relaxed);
    buffer.version.store(nodes.version(), std::memory_order_relaxed);
    buffer.check.store(check_of(text, revision, nodes.version()), std::memory_order_relaxed);
    buffer.revision.store(revision, std::memory_order_relaxed);
    slot->changed.store(time, std::memory_order_relaxed);
    uint64_t expected = before;
    return slot->current.compare_exchange_strong(expected, revision << 1 | at);
}

void SourceTable::note_success(Slot* slot, uint64_t time) {
    if (slot->failure.exchange(0) == 0) {
        return;
    }
    const Duration failed = elapsed(slot->failing_since.load(), time);
    slot->failed_for.store(static_cast<uint64_t>(failed.count()), std::memory_order_relaxed);
    if (slot->told.load() >= slot->failing_since.load()) {
        slot->news.fetch_or(kWell, std::memory_order_relaxed);
    }
}

void SourceTable::give_list(Place place, Ask ask, const NodeList& nodes, TimePoint now) {
    if (nodes.nodes().empty()) {
        return give_failure(place, ask, {AskFailure::Problem::kEmpty, {}}, now);
    }
    if (nodes.nodes().size() > NodeList::kNodesMax || nodes.text().size() > NodeList::kTextMax) {
        return give_failure(place, ask, {AskFailure::Problem::kTooLong, {}}, now);
    }
    Slot& slot = slots_[place];
    const uint64_t before = slot.current.load();
    const std::optional<List> present = read(place);
    const bool has_same_nodes = present && present->nodes.nodes() == nodes.nodes();
    const bool is_known = has_same_nodes && present->nodes.version() == nodes.version();
    if (!counts(slot, ask)) {
        return;
    }
    if (!is_older(&slot, present, nodes) && !is_known &&
        publish(&slot, before, nodes, to_number(now)) && before != 0 && !has_same_nodes) {
        slot.news.fetch_or(kListChanged, std::memory_order_relaxed);
    }
    if (end_ask(&slot, ask)) {
        note_success(&slot, to_number(now));
    }
}

void SourceTable::give_failure(Place place, Ask ask, AskFailure failure, TimePoint now) {
    Slot& slot = slots_[place];
    const uint64_t time = to_number(now);
    if (!counts(slot, ask)) {
        return;
    }
    if (slot.failure.exchange(failure.packed()) == 0) {
        slot.failing_since.store(time);
        const uint64_t told = slot.told.load();
        if (told == 0 || elapsed(told, time) >= kNewsInterval) {
            slot.told.store(time);
            slot.news.fetch_or(kFails, std::memory_order_relaxed);
        }
    }
    end_ask(&slot, ask);
}

SourceTable::News SourceTable::take_news(Place place) {
    Slot& slot = slots_[place];
    const uint64_t bits = slot.news.exchange(0);
    return {(bits & kListChanged) != 0, (bits & kFails) != 0, (bits & kWell) != 0,
            Duration(static_cast<int64_t>(slot.failed_for.load()))};
}

SourceTable::State SourceTable::state(Place place, TimePoint now) const {
    const Slot& slot = slots_[place];
    State state;
    const uint64_t began = slot.began.load();
    state.is_asked_now = slot.answered.load() < began;
    state.first_asked = to_time(slot.first_began.load());
    state.asked = to_time(began);
    state.changed = to_time(slot.changed.load());
    state.failure = AskFailure::unpacked(slot.failure.load());
    state.failing_for =
        state.failure ? elapsed(slot.failing_since.load(), to_number(now)) : Duration(0);
    return state;
}

}  // namespace memcache_session
