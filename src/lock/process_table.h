// Which process holds a lock, and whether that process still exists. It may have been killed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace memcache_session {

class ProcessTable {
public:
    virtual ~ProcessTable() = default;

    // One word. It names the machine for people. The digits after its `~` differ for another boot,
    // machine or pid namespace (a container), because process ids are unique only within one.
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
    bool identified_ = false;  // whether boot and pid namespace could be read
};

// The part of ProcessTable::host() that is for people.
std::string_view host_name(std::string_view host);

}  // namespace memcache_session
