// Numbered places, each of which one process of a family may occupy.
#pragma once

#include <cstdint>

namespace memcache_session {

// A family is the process that made the object, and all that it forks later. To occupy a place is
// to have a record lock on one byte of a file without name. The system itself frees the place when
// the process ends or executes another program. So a process that gets the same id later is not
// taken for the occupant, and no /proc is needed. Thread-safe.
class FamilyPlaces {
public:
    FamilyPlaces();
    ~FamilyPlaces();
    FamilyPlaces(const FamilyPlaces&) = delete;
    FamilyPlaces& operator=(const FamilyPlaces&) = delete;

    // Makes this process the occupant. False if another process is, if the system refuses, and on
    // systems other than Linux and FreeBSD. A child made by fork() is not the occupant of its
    // parent's places.
    bool occupy(uint32_t place);

    // The id of the occupant, as the pid namespace of this process knows it. 0 if there is none, if
    // it is this process itself, or if that is unknown.
    int64_t other_occupant(uint32_t place) const;

private:
    bool is_open() const;

    int file_ = -1;
    uint64_t device_ = 0;
    uint64_t inode_ = 0;
};

}  // namespace memcache_session
