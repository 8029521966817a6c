#include "src/net/server_counters.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <new>

#include "src/base/process.h"
#include "src/base/shared_time.h"

namespace memcache_session {
namespace {

// Whether the failure of the system says nothing about the server.
bool is_our_own(Failure failure) {
    const Reach reach = reach_of(failure, true);
    return reach == Reach::kNothing || reach == Reach::kProcess;
}

}  // namespace

FailureGroup group_of(Failure failure) {
    assert(failure);
    switch (failure.kind) {
        case FailureKind::kConnect:
            return is_our_own(failure) ? FailureGroup::kLocal : FailureGroup::kRefused;
        case FailureKind::kTooManyConnections:
            return FailureGroup::kRefused;
        case FailureKind::kConnectTimeout:
        case FailureKind::kTimeout:
        case FailureKind::kCutShort:
        case FailureKind::kStuck:
        case FailureKind::kHandshakeTimeout:
            return FailureGroup::kTimeout;
        case FailureKind::kClosed:
        case FailureKind::kConnectionLost:
            return FailureGroup::kClosed;
        case FailureKind::kBroken:
            return is_our_own(failure) ? FailureGroup::kLocal : FailureGroup::kClosed;
        case FailureKind::kNone:
        case FailureKind::kMarkedDown:
        case FailureKind::kMalformed:
        case FailureKind::kServerError:
        case FailureKind::kUnknownCommand:
        case FailureKind::kNoCas:
        case FailureKind::kSpeaksTls:
        case FailureKind::kSpeaksHttp:
        case FailureKind::kSpeaksSsh:
        case FailureKind::kSpeaksRedis:
            return FailureGroup::kProtocol;
        case FailureKind::kOutOfMemory:
            return FailureGroup::kMemory;
        case FailureKind::kHandshakeClosed:
        case FailureKind::kSpeaksPlainText:
        case FailureKind::kTlsAlert:
        case FailureKind::kTlsProtocol:
        case FailureKind::kCertificate:
            return FailureGroup::kTls;
        case FailureKind::kWantsAuthentication:
        case FailureKind::kLoginRefused:
            return FailureGroup::kLogin;
        case FailureKind::kResolve:
        case FailureKind::kOutOfTime:
        case FailureKind::kTooLarge:
        case FailureKind::kTooLong:
        case FailureKind::kTlsVersion:
        case FailureKind::kCaFile:
        case FailureKind::kCaPath:
        case FailureKind::kLocalCert:
        case FailureKind::kLocalKey:
        case FailureKind::kPassphraseFile:
        case FailureKind::kPasswordFile:
        case FailureKind::kCiphers:
            return FailureGroup::kLocal;
    }
    return FailureGroup::kLocal;
}

ServerCounters::ServerCounters() {
    void* const memory = map_family_memory(kPlaces * sizeof(Place));
    is_shared_ = memory != nullptr;
    if (is_shared_) {
        places_ = static_cast<Place*>(memory);
        std::uninitialized_value_construct_n(places_, kPlaces);
    } else {
        places_ = new Place[kPlaces];
    }
}

ServerCounters::~ServerCounters() {
    if (is_shared_) {
        unmap_family_memory(places_, kPlaces * sizeof(Place));
    } else {
        delete[] places_;
    }
}

ServerCounters::Place* ServerCounters::find(uint64_t endpoint) const {
    for (size_t tried = 0; tried < kTried; ++tried) {
        Place& place = places_[(endpoint + tried) % kPlaces];
        const uint64_t there = place.endpoint.load(kRelaxed);
        if (there == endpoint) {
            return &place;
        }
        if (there == 0) {
            break;  // because a place that was taken once is never free again
        }
    }
    return nullptr;
}

ServerCounters::Place* ServerCounters::find_or_take(uint64_t endpoint, TimePoint now) {
    if (Place* const place = find(endpoint)) {
        return place;
    }
    const uint64_t time = to_number(now);
    for (size_t tried = 0; endpoint != 0 && tried < kTried; ++tried) {
        Place& place = places_[(endpoint + tried) % kPlaces];
        uint64_t there = place.endpoint.load(kRelaxed);
        const uint64_t used = place.used.load(kRelaxed);
        const bool is_forgotten = used != 0 && time > used &&
                                  time - used > static_cast<uint64_t>(kForgottenAfter.count());
        if ((there == 0 || is_forgotten) &&
            place.endpoint.compare_exchange_strong(there, endpoint)) {
            if (there != 0) {
                clear(&place);  // a new place is all zero, and others may count in it by now
            }
            place.used.store(time, kRelaxed);
            return &place;
        }
        if (there == endpoint) {
            return &place;
        }
    }
    return nullptr;
}

// A phase that took very long, or an unknown time.
void ServerCounters::count_unusual(Place* place, Duration time) {
    if (time < Duration(0)) {
        place->unmeasured.fetch_add(1, kRelaxed);
    } else {
        place->times[kBuckets - 1].fetch_add(1, kRelaxed);
        place->times[kBuckets].fetch_add(static_cast<uint64_t>(time.count()), kRelaxed);
    }
}

void ServerCounters::clear(Place* place) {
    for (std::atomic<uint64_t>* number :
         {&place->unmeasured, &place->marks, &place->recoveries, &place->probes, &place->failed}) {
        number->store(0, kRelaxed);
    }
    for (std::atomic<uint64_t>& number : place->failures) {
        number.store(0, kRelaxed);
    }
    for (std::atomic<uint64_t>& number : place->times) {
        number.store(0, kRelaxed);
    }
    for (std::atomic<uint64_t>& number : place->history) {
        number.store(0, kRelaxed);
    }
}

void ServerCounters::count_failure(uint64_t endpoint, Failure failure, TimePoint now) {
    Place* const place = find_or_take(endpoint, now);
    if (place == nullptr) {
        return;
    }
    place->failures[static_cast<size_t>(group_of(failure))].fetch_add(1, kRelaxed);
    place->failed.store(to_number(now), kRelaxed);
    place->used.store(to_number(now), kRelaxed);
    const uint64_t minute = minute_of(microseconds_of(now));
    std::atomic<uint64_t>& slot = place->history[minute % ServerFigures::kMinutes];
    uint64_t before = slot.load(kRelaxed);
    uint64_t after = 0;
    do {
        after = (before >> 32 == minute ? before : minute << 32) + 1;
    } while (!slot.compare_exchange_weak(before, after));
}

void ServerCounters::count_probe(uint64_t endpoint, TimePoint now) {
    if (Place* const place = find_or_take(endpoint, now)) {
        place->probes.fetch_add(1, kRelaxed);
        place->used.store(to_number(now), kRelaxed);
    }
}

void ServerCounters::count_mark(uint64_t endpoint, TimePoint now) {
    if (Place* const place = find_or_take(endpoint, now)) {
        place->marks.fetch_add(1, kRelaxed);
    }
}

void ServerCounters::count_recovery(uint64_t endpoint, TimePoint now) {
    if (Place* const place = find_or_take(endpoint, now)) {
        place->recoveries.fetch_add(1, kRelaxed);
    }
}

ServerFigures ServerCounters::read(uint64_t endpoint, TimePoint now) const {
    ServerFigures figures;
    const Place* const place = find(endpoint);
    if (place == nullptr) {
        return figures;
    }
    figures.is_counted = true;
    for (size_t group = 0; group < kFailureGroups; ++group) {
        figures.failures[group] = place->failures[group].load(kRelaxed);
    }
    figures.marks = place->marks.load(kRelaxed);
    figures.recoveries = place->recoveries.load(kRelaxed);
    figures.probes = place->probes.load(kRelaxed);
    if (const uint64_t failed = place->failed.load(kRelaxed)) {
        figures.last_failure = TimePoint(Duration(static_cast<int64_t>(failed - 1)));
    }
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
        figures.time.counts[bucket] = place->times[bucket].load(kRelaxed);
    }
    figures.time.sum = place->times[kBuckets].load(kRelaxed);
    figures.phases = place->unmeasured.load(kRelaxed) + figures.time.count();
    const uint64_t present = minute_of(microseconds_of(now));
    for (size_t back = 0; back < ServerFigures::kMinutes && back < present; ++back) {
        const uint64_t slot = place->history[(present - back) % figures.kMinutes].load(kRelaxed);
        if (slot >> 32 == present - back) {
            figures.history[figures.kMinutes - 1 - back] = static_cast<uint32_t>(slot);
        }
    }
    return figures;
}

void ServerCounters::reset() {
    for (size_t place = 0; place < kPlaces; ++place) {
        if (places_[place].endpoint.load(kRelaxed) != 0) {
            clear(&places_[place]);
        }
    }
}

}  // namespace memcache_session
