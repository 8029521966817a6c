#include "src/php/figure_entries.h"

#include <chrono>

namespace memcache_session {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;

double seconds(uint64_t microseconds) {
    return static_cast<double>(microseconds) / kMicrosecondsPerSecond;
}

}  // namespace

std::optional<int64_t> date_of(bool was, Duration ago, int64_t now) {
    return was ? std::optional(now - std::chrono::duration_cast<std::chrono::seconds>(ago).count())
               : std::nullopt;
}

void add_seconds(zval* array, const char* key, uint64_t microseconds) {
    add_assoc_double_ex(array, key, strlen(key), seconds(microseconds));
}

void add_histogram(zval* array, const char* key, const Histogram& histogram, Unit unit) {
    zval shown;
    zval buckets;
    array_init_size(&shown, 3);
    add_array(array, key, &shown);
    add_int(&shown, "count", histogram.count());
    if (unit == Unit::kSeconds) {
        add_seconds(&shown, "sum", histogram.sum);
    } else {
        add_int(&shown, "sum", histogram.sum);
    }
    array_init_size(&buckets, kBuckets);
    add_array(&shown, "buckets", &buckets);
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
        zval one;
        array_init_size(&one, 2);
        add_next_index_zval(&buckets, &one);
        if (bucket + 1 == kBuckets) {
            add_null(&one, "le");
        } else if (unit == Unit::kSeconds) {
            add_seconds(&one, "le", bucket_limit(bucket));
        } else {
            add_int(&one, "le", bucket_limit(bucket));
        }
        add_int(&one, "count", histogram.counts[bucket]);
    }
}

}  // namespace memcache_session
