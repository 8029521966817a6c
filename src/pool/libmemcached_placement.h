// The distributions of libmemcached, computed by the library itself, so that they agree with every
// client that uses it. No other file of src/pool knows libmemcached.
#pragma once

#include <memory>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {

// kKetama is MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, which is php-memcached's OPT_LIBKETAMA_COMPATIBLE.
// Its sessions call it sess_consistent_hash_type=ketama_weighted.
// kKetamaUnweighted is MEMCACHED_BEHAVIOR_KETAMA, which is sess_consistent_hash_type=ketama, its
// default. kModula is the default of libmemcached, and of php-memcached with
// sess_consistent_hash=0. Only kKetama uses weights.
//
// The prefix is not hashed: php-memcached hands its sess_prefix to libmemcached as
// MEMCACHED_CALLBACK_PREFIX_KEY, which leaves it out of the hash.
//
// The first server is the one that libmemcached names. The others follow it in the order of the
// save_path, the first server after the last, because libmemcached puts replicas there
// (MEMCACHED_BEHAVIOR_NUMBER_OF_REPLICAS).
//
// kUnsupported: compiled without HAVE_LIBMEMCACHED. kInvalidArgument: a host that libmemcached
// refuses, or more servers than its ketama can take (100).
// REQUIRES: one of these three strategies, and that of Placement::create().
Result<std::unique_ptr<Placement>> create_libmemcached_placement(
    Strategy strategy, const std::vector<Server>& servers);

}  // namespace memcache_session
