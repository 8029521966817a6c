#include "src/pool/preference_list.h"

#include <algorithm>
#include <cassert>

namespace memcache_session {

uint32_t PreferenceList::operator[](size_t position) const {
    assert(position < size());
    if (position >= known_.size()) {
        const size_t wanted = std::max({position + 1, 2 * known_.size(), wanted_});
        placement_->first_servers(key_, wanted, &known_);
    }
    return known_[position];
}

std::vector<uint32_t> PreferenceList::search_list(size_t redundancy, size_t count) const {
    std::vector<uint32_t> servers;
    if (placement_ != nullptr) {
        placement_->search_list(key_, redundancy, count, &servers);
    }
    return servers;
}

}  // namespace memcache_session
