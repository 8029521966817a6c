// What a process knows of sources, and how it asks them.
#pragma once

#include <memory>

#include "src/discovery/asker.h"
#include "src/discovery/source_table.h"

namespace memcache_session {

// One for the process, made before a web server forks its workers. Safe on any thread.
struct Discovery {
    std::shared_ptr<SourceTable> table = std::make_shared<SourceTable>();
    Asker asker{table};
};

}  // namespace memcache_session
