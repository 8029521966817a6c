// A model of one memcached process: its items, their expiry, its replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/wire/command.h"

namespace memcache_session::sim {

// Virtual time of a history, in microseconds since it began.
using SimTime = int64_t;

constexpr SimTime kMillisecond = 1000;
constexpr SimTime kSecond = 1000000;

// The date at SimTime 0, for expiry times that are dates.
constexpr int64_t kUnixTimeAtBegin = 1700000000;

// How a command is written: classic.h, meta.h. The session code must be right with both.
enum class Wire : uint8_t {
    kClassic,  // kDeleteIf is a store that expires at once, and needs memory
    kMeta,     // it is none, and takes no cas number; kReadMetadata leaves the value out
};

// Behaves as memcached 1.4.39 and later do:
//
// - Its clock advances by whole seconds.
// - Its cas numbers begin again with each start.
// - An expiry of up to 30 days is relative, and a longer one is a date.
// - A failed `set` drops the old value. A failed `cas` or `add` keeps it.
class SimServer {
public:
    struct Options {
        size_t item_size_max = 1 << 20;  // bytes of a value
    };

    struct Item {
        std::string key;
        std::string value;
        uint32_t flags = 0;
        uint64_t cas = 0;
        int64_t expires = 0;  // in the server's seconds; 0: never
    };

    explicit SimServer(Options options) : options_(options) {}

    // Starts the process: empty, cas numbers from 1.
    void start(SimTime now);

    // Runs one command, which came in this protocol. Views in the reply live until the next call.
    // REQUIRES: started; `now` does not run backwards.
    Reply run(const Command& command, SimTime now, Wire wire = Wire::kClassic);

    // `incr` by one: changes the number that the value begins with, and blanks the rest of it.
    // Returns the new number, or nothing if there is no item.
    std::optional<uint64_t> increment(std::string_view key, SimTime now);

    // The item as a client would see it, or null.
    const Item* find(std::string_view key, SimTime now);

    // Removes the item, as an eviction does. Returns whether there was one.
    bool evict(std::string_view key);

    // Gives every item a new cas number, as the slab mover of memcached before 1.6.24 does.
    void move_items();

    // While memory is short every store is refused, or only those of locks and of what is beside
    // them: memcached has separate room for items of different sizes.
    void set_memory_short(bool is_short, bool for_locks_only = false) {
        memory_short_ = is_short;
        only_locks_ = for_locks_only;
    }

    // A stopped process does not advance its clock. When it continues, commands may run before the
    // timer of the clock does, so the clock stays where it is until thaw_clock().
    void freeze_clock(SimTime now) { frozen_at_ = now; }
    void thaw_clock() { frozen_at_ = -1; }
    bool clock_stands() const { return frozen_at_ >= 0; }

    // The items, also those that have expired.
    const std::vector<Item>& items() const { return items_; }

private:
    int64_t seconds(SimTime now) const;
    bool lacks_memory_for(std::string_view key) const;
    int64_t expiry(int32_t exptime, SimTime now) const;
    Item* find_live(std::string_view key, SimTime now);
    Reply read(const Command& command, const Item* existing, Wire wire) const;
    Reply store(const Command& command, Item* existing, SimTime now);
    Reply remove(const Command& command, Item* existing, Wire wire);
    void erase(Item* item);

    Options options_;
    SimTime started_ = 0;
    SimTime frozen_at_ = -1;
    bool memory_short_ = false;
    bool only_locks_ = false;  // for them alone memory is short
    uint64_t last_cas_ = 0;
    std::vector<Item> items_;  // few, so they are searched one by one
};

}  // namespace memcache_session::sim
