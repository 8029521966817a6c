#include "src/base/family_places.h"

namespace memcache_session {

// Nothing forks, so there are no families.
FamilyPlaces::FamilyPlaces() = default;

FamilyPlaces::~FamilyPlaces() = default;

bool FamilyPlaces::is_open() const {
    return file_ >= 0;
}

bool FamilyPlaces::occupy(uint32_t) {
    return false;
}

int64_t FamilyPlaces::other_occupant(uint32_t) const {
    return 0;
}

}  // namespace memcache_session
