#include "src/session/counting.h"

namespace memcache_session {

void count_opening(EventTotals* totals, Duration time, const StoredSession& stored, bool is_locked,
                   bool id_was_sent) {
    if (totals == nullptr) {
        return;
    }
    EventTotals::Raiser raiser = totals->raiser();
    raiser.measure_time(Measure::kOpening, time);
    raiser.add(Event::kBytesRead, stored.value.size());
    if (!is_locked) {
        raiser.add(Event::kUnlocked);
    }
    // One that was there when the request came is no lost login: another request destroyed it.
    if (stored.missing && !stored.was_known) {
        raiser.add(id_was_sent ? Event::kMissing : Event::kCreated);
    }
}

void count_closing(EventTotals* totals, Duration time, const std::optional<size_t>& stored_size) {
    if (totals == nullptr) {
        return;
    }
    EventTotals::Raiser raiser = totals->raiser();
    raiser.measure_time(Measure::kClosing, time);
    if (stored_size) {
        raiser.measure_size(Measure::kStoredSize, *stored_size);
    }
}

Event refusal_of(Code cause) {
    switch (cause) {
        case Code::kUnknownState:
            return Event::kRefusedUnknownState;
        case Code::kTooLarge:
            return Event::kRefusedTooLarge;
        case Code::kDamaged:
            return Event::kRefusedDamaged;
        case Code::kLocked:
            return Event::kRefusedLocked;
        case Code::kConflict:
            return Event::kRefusedConflict;
        case Code::kDestroyed:
            return Event::kRefusedDestroyed;
        case Code::kExpired:
            return Event::kRefusedExpired;
        case Code::kNotStored:
            return Event::kRefusedNotStored;
        case Code::kReadOnly:
            return Event::kRefusedReadOnly;
        case Code::kInvalidArgument:
        case Code::kUnsupported:
            return Event::kRefusedInvalid;
        case Code::kOk:
        case Code::kUnavailable:
            break;
    }
    return Event::kRefusedUnavailable;
}

}  // namespace memcache_session
