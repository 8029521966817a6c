// The lists that sources gave last, for all processes and threads of a php-fpm or Apache.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/discovery/ask_failure.h"
#include "src/discovery/node_list.h"

namespace memcache_session {

// A source has a slot from its first use on. Sources are distinguished by their whole identity, a
// text, so that no one can give another's servers. A slot whose source nobody has asked for
// kForgottenAfter is taken for another one.
//
// The table is thread-safe and, in shared memory, process-safe. It is lock-free, so it stays usable
// when a process dies at any point: a list is written beside the present one, and counts from the
// atomic store on that follows. Readers compare a check sum. So a writer that was stopped for long,
// and goes on in the memory of the present list, makes that unreadable, never wrong. The next
// answer replaces it.
class SourceTable {
public:
    static constexpr size_t kSlots = 64;
    static constexpr size_t kSlotsPerOwner = kSlots / 4;
    static constexpr size_t kIdentityMax = 4096;  // bytes
    static constexpr Duration kForgottenAfter = std::chrono::minutes(20);

    // An ask that has not ended after this time is given up: its process may have died.
    static constexpr Duration kGivenUpAfter = std::chrono::seconds(10);
    // So often a source that has not given any list yet is asked.
    static constexpr Duration kFirstInterval = std::chrono::seconds(1);
    // A cluster may show an older version of its list, because its nodes learn of a change one
    // after another. After so many such answers without a newer one, it is believed.
    static constexpr uint32_t kOlderAnswersMax = 3;
    // A failure that begins so soon after the latest one is not told.
    static constexpr Duration kNewsInterval = std::chrono::minutes(1);

    // Where the system refuses shared memory, the table is this process's own. Throws
    // std::bad_alloc.
    SourceTable();
    ~SourceTable();
    SourceTable(const SourceTable&) = delete;
    SourceTable& operator=(const SourceTable&) = delete;

    using Place = uint32_t;

    // The slot of the source, taken now if it has none. Nothing if there is no free one, or if
    // `owner` has as many as it may have. REQUIRES: the identity is not longer than kIdentityMax.
    std::optional<Place> find(std::string_view identity, uint64_t owner, TimePoint now);

    // Whether the slot still belongs to the source. Compare after revision() has changed.
    bool is_of(Place place, std::string_view identity) const;

    // Identifies the present list among all lists of this table. 0: there is none.
    uint64_t revision(Place place) const {
        return slots_[place].current.load(std::memory_order_acquire) >> 1;
    }

    struct List {
        uint64_t revision = 0;
        NodeList nodes;
    };
    // The present list. Nothing if there is none, or if it cannot be read at the moment.
    std::optional<List> read(Place place) const;

    // Whether to ask now; a look that costs two loads. begin_ask() decides.
    bool is_due(Place place, Duration refresh, TimePoint now) const;

    using Ask = uint64_t;  // identifies an ask of a slot; later ones are greater

    // Nothing unless it is time, and no other caller has begun.
    std::optional<Ask> begin_ask(Place place, Duration refresh, TimePoint now);

    // The answer to an ask. An answer to an older ask than the newest that was answered is dropped.
    void give_list(Place place, Ask ask, const NodeList& nodes, TimePoint now);
    void give_failure(Place place, Ask ask, AskFailure failure, TimePoint now);

    // Ends an ask that this process cannot finish.
    void give_up(Place place, Ask ask) { end_ask(&slots_[place], ask); }

    // Events for the log. The first caller of take_news() gets them, and no other.
    struct News {
        bool has_changed = false;  // a list replaced another one
        bool fails = false;        // the first failure after success
        bool is_well = false;      // success after such a failure
        Duration failed_for{0};    // of is_well

        explicit operator bool() const { return has_changed || fails || is_well; }
    };
    bool has_news(Place place) const {
        return slots_[place].news.load(std::memory_order_relaxed) != 0;
    }
    News take_news(Place place);

    struct State {
        bool is_asked_now = false;
        std::optional<TimePoint> first_asked;  // since it has a slot
        std::optional<TimePoint> asked;        // when the latest ask began
        std::optional<TimePoint> changed;      // when the present list was new
        AskFailure failure;                    // of the latest ask that ended
        Duration failing_for{0};
    };
    State state(Place place, TimePoint now) const;

private:
    // A text in words, because bytes may be read while another process writes them.
    static constexpr size_t kWords = NodeList::kTextMax / sizeof(uint64_t);
    struct Buffer {
        std::atomic<uint64_t> revision{0};
        std::atomic<uint64_t> size{0};     // of the text, in bytes
        std::atomic<uint64_t> version{0};  // NodeList::version()
        std::atomic<uint64_t> check{0};    // of all that
        std::atomic<uint64_t> words[kWords];
    };

    // A new slot is all zero bits. Times are microseconds plus one; 0: never.
    struct Slot {
        // These are read by each request.
        std::atomic<uint64_t> current{0};   // the revision, and in bit 0 which buffer has the list
        std::atomic<uint64_t> news{0};      // bits; see source_table.cpp
        std::atomic<uint64_t> began{0};     // the latest ask
        std::atomic<uint64_t> answered{0};  // the newest ask that ended

        std::atomic<uint64_t> key{0};            // a hash of the identity; 0: the slot is free
        std::atomic<uint64_t> identity_size{0};  // 0: it is being written
        std::atomic<uint64_t> owner{0};
        std::atomic<uint64_t> first_began{0};
        std::atomic<uint64_t> changed{0};
        std::atomic<uint64_t> failure{0};  // AskFailure::packed()
        std::atomic<uint64_t> failing_since{0};
        std::atomic<uint64_t> failed_for{0};
        std::atomic<uint64_t> told{0};  // when a failure was told
        std::atomic<uint64_t> older_answers{0};
        std::atomic<uint64_t> identity[kIdentityMax / sizeof(uint64_t)];
        Buffer buffers[2];
    };

    struct Shared {
        std::atomic<uint64_t> revisions{0};  // the latest that was given out
        Slot slots[kSlots];
    };

    bool may_take(const Slot& slot, uint64_t time) const;
    bool take(Slot* slot, uint64_t key, uint64_t owner, uint64_t time);
    // Whether the answer counts: the slot still belongs to the source, and no newer ask has ended.
    static bool counts(const Slot& slot, Ask ask) {
        return slot.first_began.load() <= ask && slot.answered.load() < ask;
    }
    static bool end_ask(Slot* slot, Ask ask);
    static bool is_older(Slot* slot, const std::optional<List>& present, const NodeList& nodes);
    // Whether the list is the present one now.
    bool publish(Slot* slot, uint64_t before, const NodeList& nodes, uint64_t time);
    static void note_success(Slot* slot, uint64_t time);

    bool is_shared_ = false;
    Shared* shared_ = nullptr;
    Slot* slots_ = nullptr;
};

}  // namespace memcache_session
