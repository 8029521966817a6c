// session.save_path, or memcache.session_save_path: the operator's list of servers.
//
//     list    = entry, separated by commas, blanks, line ends, or several of them
//     entry   = server | source
//     server  = tcp://host[:port][/][?parameters]
//             | tls://host[:port][/][?parameters]
//             | unix:///path[:0][?parameters]           (unix:/path also)
//             | host[:port[:weight]][?parameters]       (as php-memcached writes it)
//             | /path[:0[:weight]][?parameters]         (as php-memcached writes it)
//     source  = dns+tcp://name[:port][/][?parameters]            (dns+tls:// also)
//             | srv+tcp://name[/][?parameters]                   (srv+tls:// also)
//             | elasticache://host[:port][/][?parameters]        (elasticache+tls:// also)
//     host    = name | IPv4 address | [IPv6 address, perhaps with %zone]
//
// A scheme may be in capitals. A name consists of letters, digits, `.`, `-` and `_`. A name of
// digits and dots alone must be an IPv4 address. A port is 1 to 65535. A path is absolute and no
// longer than the system's socket addresses.
//
// A source gives servers, which have its parameters. docs/protocol.md, "Pools that change". The
// name of SRV records begins with `_`.
//
// Parameters are written name=value and joined by `&`, each at most once:
//
//     persistent      keep the connection: 0 or 1 (off, no, false; on, yes, true)        default 0
//     weight          share of the ring, 1 to kWeightMax                                 default 1
//     timeout         seconds, fractions allowed, kTimeoutMin to kTimeoutMax             default 1
//     retry_interval  seconds, fractions allowed, 0 to kRetryIntervalMax, or -1          default 15
//     refresh         of a source only: seconds between questions, 1 to 300              default 10
//     proxy           a program in front of memcached, see Server::proxy: 0 or 1         default 0
//     udp_port        0 to 65535; pecl/memcache has it, and it is ignored
//     user            of memcached -Y, without blanks
//     password_file   its first line is the password of the user
//     cafile          a file with certificates of trusted authorities
//     capath          a folder of them; without both, those that the system trusts
//     verify_peer     a trusted authority has signed the server's certificate: 0 or 1    default 1
//     verify_peer_name  it is for the server's name: 0 or 1                               default 1
//     peer_name       this name, and not the host of the address
//     local_cert      a file with the client's own certificate
//     local_pk        a file with its private key; without it, local_cert has that, too
//     passphrase_file  its first line opens the key
//     ciphers         OpenSSL's list, for TLS 1.2
//     min_version     of TLS, 1.2 or 1.3                                                default 1.2
//
// These values differ from the settings of php.ini (setting_values.h) in two points: seconds may be
// written ".5" and "2." here, and a switch may not be empty or another number than 0 and 1.
//
// user and password_file are given together. The parameters from cafile on are for tls:// only,
// have the names of PHP's stream contexts, and may be written stream[cafile], as phpredis does. In
// the texts among these values %2C is a comma, and so on. The paths are absolute.
//
// proxy=1 is given for all servers or for none (ServerList).
//
// A worker of pecl/memcache never retries a server whose retry_interval is -1. Here all workers
// share the health of servers, and -1 means kRetryIntervalMax.
//
// Lists that pecl/memcache and php-memcached read are read the same way, except where these guess:
// unknown schemes and parameters, text behind a number, a path behind a port, a weight of 0, no
// port before a weight, and one server given twice are errors. So are PERSISTENT=id, which
// php-memcached itself has refused since 3.0, and libmemcached's options, as in --SERVER=host:port.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/pool/server_list.h"

namespace memcache_session {

constexpr Duration kTimeoutMin = std::chrono::milliseconds(1);
constexpr Duration kTimeoutMax = std::chrono::hours(1);
constexpr Duration kRetryIntervalMax = std::chrono::hours(24);

// Room for kServersMax long entries, in bytes.
constexpr size_t kSavePathLengthMax = kServersMax * 256;

// The servers and sources in the order of the text, at least one of both. `default_port` is used
// for those that are written without a port.
//
// Otherwise kInvalidArgument. The message quotes the piece that cannot be used (cut when it is
// long, unprintable bytes as \xNN), gives its offset in bytes and says what is allowed there. It
// never quotes the text before an @, as in user:password@host, or the value of an unknown
// parameter.
Result<ServerList> parse_save_path(std::string_view save_path, uint16_t default_port);

}  // namespace memcache_session
