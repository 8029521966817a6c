// Asks sources beside the requests.
#pragma once

#include <memory>

#include "src/base/clock.h"
#include "src/discovery/source_table.h"
#include "src/pool/source.h"

namespace memcache_session {

// Each ask has a thread of its own, which ends with it. It touches nothing of PHP, and gives its
// answer to the table. Safe on any thread. In the child of a fork the threads of the parent do not
// exist; they go on in the parent.
class Asker {
public:
    // How long the end of the object waits for threads. One that the resolver blocks runs on: the
    // table and its code live as long as it.
    static constexpr Duration kEndMax = std::chrono::milliseconds(200);

    explicit Asker(std::shared_ptr<SourceTable> table);
    ~Asker();
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;

    // Begins an ask that SourceTable::begin_ask() has granted. Returns when the thread has read
    // what a script can change, which takes some tens of microseconds.
    void ask(const Source& source, SourceTable::Place place, SourceTable::Ask ask);

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace memcache_session
