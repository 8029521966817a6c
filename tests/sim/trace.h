// The events of a history, line by line, for people.
#pragma once

#include <cstdio>
#include <string>
#include <utility>

#include "tests/sim/timeline.h"

namespace memcache_session::sim {

// Writes to a stream, or nothing without one. Callers ask on() before they make a text, because
// that costs time. Lines that repeat, as while a request waits for a lock, are written once and
// counted.
class Trace {
public:
    Trace(const Timeline& timeline, std::FILE* out) : timeline_(timeline), out_(out) {}
    ~Trace() { write_count(); }
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    bool on() const { return out_ != nullptr; }

    void line(const std::string& who, const std::string& what) {
        if (!on()) {
            return;
        }
        std::string text = who + std::string(who.size() < 11 ? 11 - who.size() : 1, ' ') + what;
        for (const std::string& recent : recent_) {
            if (recent == text) {
                ++repeated_;
                return;
            }
        }
        write_count();
        std::fprintf(out_, "%10.6f  %s\n", static_cast<double>(timeline_.now()) / kSecond,
                     text.c_str());
        recent_[next_] = std::move(text);
        next_ = (next_ + 1) % kRecent;
    }

private:
    static constexpr size_t kRecent = 4;

    void write_count() {
        if (repeated_ > 0) {
            std::fprintf(out_, "            %d lines like the last ones\n", repeated_);
            repeated_ = 0;
        }
    }

    const Timeline& timeline_;
    std::FILE* out_;
    std::string recent_[kRecent];
    size_t next_ = 0;
    int repeated_ = 0;
};

}  // namespace memcache_session::sim
