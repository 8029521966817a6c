// Which process holds a lock, and whether it still lives: for locks whose holder was killed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace memcache_session {

class ProcessTable {
public:
    virtual ~ProcessTable() = default;

    // One word that names the machine for people and, after a `~`, tells apart all sets of process
    // ids: another boot, machine or pid namespace (a container) has another word.
    virtual const std::string& host() const = 0;

    // Whether the process surely no longer exists. False when that cannot be known from here.
    virtual bool is_gone(std::string_view host, int64_t pid) const = 0;
};

// The process table of this machine. Reads the identity once, when it is made; thread-safe.
class LocalProcessTable final : public ProcessTable {
public:
    LocalProcessTable();

    const std::string& host() const override { return host_; }
    bool is_gone(std::string_view host, int64_t pid) const override;

private:
    std::string host_;
    bool identified_ = false;  // boot and pid namespace could be read
};

// The part of ProcessTable::host() that is for people.
std::string_view host_name(std::string_view host);

}  // namespace memcache_session
