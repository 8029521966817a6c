// Entries of PHP arrays for figures: times, dates, histograms. They call Zend, which may bail out.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/clock.h"
#include "src/net/figures.h"
#include "src/php/array_entries.h"

namespace memcache_session {

enum class Unit { kSeconds, kBytes };

// When it was, in Unix time. Nothing if it was not.
std::optional<int64_t> date_of(bool was, Duration ago, int64_t now);

void add_seconds(zval* array, const char* key, uint64_t microseconds);

void add_histogram(zval* array, const char* key, const Histogram& histogram, Unit unit);

}  // namespace memcache_session
