#include "src/net/figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace memcache_session {
namespace {

// Two figures that belong together are not raised at the same moment.
uint64_t difference(uint64_t whole, uint64_t part) {
    return whole > part ? whole - part : 0;
}

}  // namespace

uint64_t Histogram::count() const {
    return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

uint64_t Histogram::quantile(double part) const {
    const auto rank = static_cast<uint64_t>(std::ceil(part * static_cast<double>(count())));
    uint64_t below = 0;
    for (size_t bucket = 0; bucket + 1 < kBuckets; ++bucket) {
        below += counts[bucket];
        if (below > 0 && below >= rank) {
            return bucket_limit(bucket);
        }
    }
    return 0;
}

Histogram Figures::of(Measure measure) const {
    Histogram histogram;
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
        histogram.counts[bucket] = numbers_[place_of(measure, bucket)];
    }
    histogram.sum = numbers_[place_of_sum(measure)];
    return histogram;
}

uint64_t Figures::touched() const {
    return difference(of(Measure::kClosing).count(), stored() + of(Event::kDestroyed));
}

uint64_t Figures::locks_acquired() const {
    return difference(opened(), of(Event::kUnlocked));
}

uint64_t Figures::refused() const {
    uint64_t sum = 0;
    for (size_t place = place_of(Event::kRefusedUnavailable);
         place <= place_of(Event::kRefusedInvalid); ++place) {
        sum += numbers_[place];
    }
    return sum;
}

Figures Figures::since(const Figures& before) const {
    Figures grown;
    std::transform(numbers_.begin(), numbers_.end(), before.numbers_.begin(),
                   grown.numbers_.begin(), difference);
    return grown;
}

}  // namespace memcache_session
