// Which process holds a lock, and whether it still does. It may have been killed, or it may have
// ended that request long ago.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/lock/holder_table.h"
#include "src/lock/lock_item.h"

namespace memcache_session {

class ProcessTable {
public:
    virtual ~ProcessTable() = default;

    // One word. It names the machine for people. The digits after its `~` differ for another boot,
    // machine or pid namespace (a container), because process ids are unique only within one.
    virtual const std::string& host() const = 0;

    // Whether the process surely no longer exists. False when that cannot be known from here.
    virtual bool is_gone(std::string_view host, int64_t pid) const = 0;

    // Whether the process that the lock names holds or asks for it, as the processes say that list
    // their tokens. See HolderTable.
    virtual Holding holding(std::string_view host, int64_t pid, LockToken token) const = 0;

    // Lists a token of this process, whose id is `pid`, so that holding() of other processes finds
    // it. unlist() removes it.
    virtual void list(int64_t pid, LockToken token) = 0;
    virtual void unlist(int64_t pid, LockToken token) = 0;

    // Notes for all processes that list here that another program's lock was met at this second of
    // Unix time.
    virtual void note_foreign_lock(int64_t now_unix) = 0;
    // The second of the latest note; 0 if there is none.
    virtual int64_t foreign_lock_seen() const = 0;
};

// Whether programs that lock as pecl/memcache does use the same sessions, as one of their locks has
// shown lately. protocol.md, "Beside pecl/memcache".
bool is_mixed_farm(const ProcessTable& processes, int64_t now_unix);

// Whether the process that the lock names shows that nobody holds it. protocol.md, "Taking over a
// lock", cases 2 and 3.
bool is_abandoned(const ProcessTable& processes, const Holder& holder);

// Lists a token as long as it exists. REQUIRES: no command that needs the lock is sent before or
// after.
class ListedToken {
public:
    ListedToken(ProcessTable& processes, int64_t pid, LockToken token)
        : processes_(processes), pid_(pid), token_(token) {
        processes_.list(pid_, token_);
    }
    ~ListedToken() { processes_.unlist(pid_, token_); }
    ListedToken(const ListedToken&) = delete;
    ListedToken& operator=(const ListedToken&) = delete;

private:
    ProcessTable& processes_;
    int64_t pid_;
    LockToken token_;
};

// The process table of this machine, one for each thread.
class LocalProcessTable final : public ProcessTable {
public:
    // `holders`: the table of our family. It is shared, because PHP deletes a thread's objects
    // after those of the module. Null: holding() is unknown.
    explicit LocalProcessTable(std::shared_ptr<HolderTable> holders = nullptr);

    // Reads the identity again. Call it in a child made by fork(), because it may be the first
    // process of another pid namespace.
    void renew();

    const std::string& host() const override { return host_; }
    bool is_gone(std::string_view host, int64_t pid) const override;
    Holding holding(std::string_view host, int64_t pid, LockToken token) const override;
    void list(int64_t pid, LockToken token) override;
    void unlist(int64_t pid, LockToken token) override;
    void note_foreign_lock(int64_t now_unix) override;
    int64_t foreign_lock_seen() const override;

private:
    bool is_ours(std::string_view host) const { return identified_ && host == host_; }

    std::shared_ptr<HolderTable> holders_;
    std::string host_;
    bool identified_ = false;  // whether boot and pid namespace could be read
};

// The part of ProcessTable::host() that is for people.
std::string_view host_name(std::string_view host);

}  // namespace memcache_session
