// Files that an operator may replace while this process runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace memcache_session {

// Another stamp means that the file was written or replaced, appeared or vanished. Costs one system
// call. Seconds are enough where the system has no finer times.
struct FileStamp {
    int error = 0;  // errno, with zeros below: the file cannot be looked at
    uint64_t device = 0;
    uint64_t node = 0;
    int64_t size = 0;
    int64_t changed_s = 0;
    int64_t changed_ns = 0;

    bool operator==(const FileStamp& other) const;
};

FileStamp stamp_of(const std::string& path);

// In place of errno: a FIFO, a device or a socket.
constexpr int kNotRegularFile = -2;

// Returns 0 if the file can be opened for reading, else errno, which is EISDIR for a folder, or
// kNotRegularFile.
int why_unreadable(const std::string& path);

// A text that is overwritten before its memory is freed.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    ~Secret() { wipe(); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&&) = delete;
    Secret& operator=(Secret&&) = delete;

    const std::string& text() const { return text_; }

    // Replaces the text, and overwrites the former one.
    void set(const char* bytes, size_t size);

private:
    void wipe();

    std::string text_;
};

// The longest line that read_secret() takes, in bytes.
constexpr size_t kSecretMax = 1024;

// What read_secret() returns for a file whose first line is empty, too long or has control
// characters.
constexpr int kMalformedFile = -1;

// Reads the first line of the file without its end, "\n" or "\r\n". Returns 0, errno,
// kMalformedFile, or kNotRegularFile.
[[nodiscard]] int read_secret(const std::string& path, Secret* secret);

}  // namespace memcache_session
