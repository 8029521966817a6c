// The distributions of libmemcached, asked of the library itself, so that they agree with every
// client that uses it. This file and its source are all that placement knows of libmemcached.
#pragma once

#include <memory>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {

// kKetama: as MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, which is php-memcached's OPT_LIBKETAMA_COMPATIBLE
// and, for its sessions, sess_consistent_hash_type=ketama_weighted.
// kKetamaUnweighted: as MEMCACHED_BEHAVIOR_KETAMA, which is sess_consistent_hash_type=ketama, its
// default. kModula: as libmemcached and php-memcached (sess_consistent_hash=0) without any such
// setting. Weights count for kKetama alone.
//
// The prefix is not hashed: php-memcached hands its sess_prefix to libmemcached as
// MEMCACHED_CALLBACK_PREFIX_KEY, which leaves it out of the hash.
//
// The first server is the one that libmemcached names. The others follow it in save_path order,
// from the last server round to the first: that is where libmemcached puts replicas
// (MEMCACHED_BEHAVIOR_NUMBER_OF_REPLICAS).
//
// kUnsupported: compiled without HAVE_LIBMEMCACHED. kInvalidArgument: a host that it refuses, or
// more servers than its ketama can take (100).
// REQUIRES: one of these three strategies, and what Placement::create() checks.
Result<std::unique_ptr<Placement>> create_libmemcached_placement(
    Strategy strategy, const std::vector<PlacedServer>& servers);

}  // namespace memcache_session
