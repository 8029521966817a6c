#include "src/base/file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <tuple>

#include "src/base/text.h"

namespace memcache_session {

namespace {

using FileStatus = struct stat;

int64_t nanoseconds_of(const FileStatus& status) {
#if defined(__APPLE__)
    return status.st_ctimespec.tv_nsec;
#elif defined(_WIN32)
    static_cast<void>(status);
    return 0;
#else
    return status.st_ctim.tv_nsec;
#endif
}

// Returns 0 for a file whose end is known. Opening a FIFO would wait for its writer.
int why_not_regular(const std::string& path) {
    FileStatus status{};
    if (stat(path.c_str(), &status) != 0) {
        return errno;
    }
    // Not S_ISDIR() and S_ISREG(), which Microsoft's library lacks.
    const auto kind = status.st_mode & S_IFMT;
    if (kind == S_IFDIR) {
        return EISDIR;
    }
    return kind == S_IFREG ? 0 : kNotRegularFile;
}

// No optimizer drops writes to volatile memory.
void overwrite(char* bytes, size_t size) {
    volatile char* at = bytes;
    for (size_t i = 0; i < size; ++i) {
        at[i] = '\0';
    }
}

}  // namespace

bool FileStamp::operator==(const FileStamp& other) const {
    const auto fields = [](const FileStamp& stamp) {
        return std::tie(stamp.error, stamp.device, stamp.node, stamp.size, stamp.changed_s,
                        stamp.changed_ns);
    };
    return fields(*this) == fields(other);
}

FileStamp stamp_of(const std::string& path) {
    FileStamp stamp;
    FileStatus status{};
    if (stat(path.c_str(), &status) != 0) {
        stamp.error = errno;
        return stamp;
    }
    stamp.device = static_cast<uint64_t>(status.st_dev);
    stamp.node = static_cast<uint64_t>(status.st_ino);
    stamp.size = static_cast<int64_t>(status.st_size);
    // The time of the last change, not of the last write, which a program may set.
    stamp.changed_s = static_cast<int64_t>(status.st_ctime);
    stamp.changed_ns = nanoseconds_of(status);
    return stamp;
}

int why_unreadable(const std::string& path) {
    if (const int error = why_not_regular(path)) {
        return error;
    }
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        return errno;
    }
    errno = 0;
    const bool is_bad = std::fgetc(file) == EOF && std::ferror(file) != 0;
    const int error = errno != 0 ? errno : EIO;
    std::fclose(file);
    return is_bad ? error : 0;
}

void Secret::set(const char* bytes, size_t size) {
    wipe();
    text_.assign(bytes, size);
}

void Secret::wipe() {
    overwrite(text_.data(), text_.size());
}

int read_secret(const std::string& path, Secret* secret) {
    if (const int error = why_not_regular(path)) {
        return error;
    }
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        return errno;
    }
    std::setvbuf(file, nullptr, _IONBF, 0);  // its buffer would keep the secret
    std::array<char, kSecretMax + 2> bytes;
    errno = 0;
    const size_t size = std::fread(bytes.data(), 1, bytes.size(), file);
    const bool is_bad = std::ferror(file) != 0;
    const int error = errno != 0 ? errno : EIO;
    std::fclose(file);
    char* const line_end = std::find(bytes.data(), bytes.data() + size, '\n');
    auto length = static_cast<size_t>(line_end - bytes.data());
    if (length < size && length > 0 && bytes[length - 1] == '\r') {
        --length;
    }
    const bool is_usable = length > 0 && length <= kSecretMax &&
                           std::none_of(bytes.data(), bytes.data() + length, is_control);
    if (!is_bad && is_usable) {
        secret->set(bytes.data(), length);
    }
    overwrite(bytes.data(), size);
    if (is_bad) {
        return error;
    }
    return is_usable ? 0 : kMalformedFile;
}

}  // namespace memcache_session
