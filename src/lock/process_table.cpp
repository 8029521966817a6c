#include "src/lock/process_table.h"

#include <algorithm>
#include <utility>

#include "src/base/fnv.h"
#include "src/base/process.h"
#include "src/base/text.h"
#include "src/replica/rules.h"

namespace memcache_session {
namespace {

// A farm that changes over shows such locks all the time.
constexpr int64_t kForeignLockMemory = 3600;  // seconds

// One printable word, without the `~` that ends it.
std::string read_host_name() {
    std::string name = printable(machine_name(), "_");
    std::replace_if(
        name.begin(), name.end(), [](char byte) { return byte == ' ' || byte == '~'; }, '_');
    return name.empty() ? "unknown" : name;
}

}  // namespace

bool is_abandoned(const ProcessTable& processes, const Holder& holder) {
    return (rules.take_over_dead_holders && processes.is_gone(holder.host, holder.pid)) ||
           (rules.take_over_unheld &&
            processes.holding(holder.host, holder.pid, holder.token) == Holding::kDoesNotHold);
}

bool is_mixed_farm(const ProcessTable& processes, int64_t now_unix) {
    const int64_t seen = processes.foreign_lock_seen();
    return seen != 0 && now_unix - seen < kForeignLockMemory;
}

LocalProcessTable::LocalProcessTable(std::shared_ptr<HolderTable> holders)
    : holders_(std::move(holders)) {
    renew();
}

void LocalProcessTable::renew() {
    host_ = read_host_name();
    const std::string space = process_space();
    identified_ = !space.empty();
    if (identified_) {
        uint64_t hash = kFnv64Start;
        for (const unsigned char byte : space) {
            hash = fnv64_mixed(hash, byte);
        }
        host_ += "~" + hexadecimal(hash);
    }
}

bool LocalProcessTable::is_gone(std::string_view host, int64_t pid) const {
    return is_ours(host) && process_is_gone(pid);
}

Holding LocalProcessTable::holding(std::string_view host, int64_t pid, LockToken token) const {
    return holders_ != nullptr && is_ours(host) ? holders_->holding(pid, token) : Holding::kUnknown;
}

void LocalProcessTable::list(int64_t pid, LockToken token) {
    if (holders_ != nullptr) {
        holders_->list(pid, token);
    }
}

void LocalProcessTable::unlist(int64_t /*pid*/, LockToken token) {
    if (holders_ != nullptr) {
        holders_->unlist(token);
    }
}

void LocalProcessTable::note_foreign_lock(int64_t now_unix) {
    if (holders_ != nullptr) {
        holders_->note_foreign_lock(now_unix);
    }
}

int64_t LocalProcessTable::foreign_lock_seen() const {
    return holders_ != nullptr ? holders_->foreign_lock_seen() : 0;
}

std::string_view host_name(std::string_view host) {
    return host.substr(0, host.find('~'));
}

}  // namespace memcache_session
