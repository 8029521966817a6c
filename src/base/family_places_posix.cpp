#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/family_places.h"

namespace memcache_session {
namespace {

// Files 0 to 2 are those of stdin, stdout and stderr, also while nothing is open there.
constexpr int kFileMin = 3;

int open_nameless_file() {
#ifdef MFD_CLOEXEC
    const int file = memfd_create("memcache_session", MFD_CLOEXEC);
    if (file >= kFileMin || file < 0) {
        return file;
    }
    const int higher = fcntl(file, F_DUPFD_CLOEXEC, kFileMin);
    close(file);
    return higher;
#else
    return -1;
#endif
}

struct flock lock_of(uint32_t place) {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = place;
    lock.l_len = 1;
    return lock;
}

}  // namespace

FamilyPlaces::FamilyPlaces() : file_(open_nameless_file()) {
    struct stat status;
    if (file_ >= 0 && fchmod(file_, 0) == 0 && fstat(file_, &status) == 0) {
        device_ = status.st_dev;
        inode_ = status.st_ino;
    }
}

FamilyPlaces::~FamilyPlaces() {
    if (is_open()) {
        close(file_);
    }
}

// A program may have closed all files that it does not know, and opened another one under this
// number.
bool FamilyPlaces::is_open() const {
    struct stat status;
    return file_ >= 0 && fstat(file_, &status) == 0 && status.st_dev == device_ &&
           status.st_ino == inode_;
}

bool FamilyPlaces::occupy(uint32_t place) {
    struct flock lock = lock_of(place);
    return is_open() && fcntl(file_, F_SETLK, &lock) == 0;
}

int64_t FamilyPlaces::other_occupant(uint32_t place) const {
    struct flock lock = lock_of(place);
    if (!is_open() || fcntl(file_, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
        return 0;
    }
    return lock.l_pid > 0 ? lock.l_pid : 0;
}

}  // namespace memcache_session
