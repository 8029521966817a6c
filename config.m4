dnl Builds the extension memcache_session. phpize always builds it. PHP's own source tree builds it
dnl only with --enable-memcache-session.

PHP_ARG_ENABLE([memcache-session],
  [whether to enable the memcache session handler],
  [AS_HELP_STRING([--enable-memcache-session],
    [Enable the memcache session handler])])

PHP_ARG_WITH([zlib-dir],
  [for the prefix of zlib],
  [AS_HELP_STRING([[--with-zlib-dir=DIR]],
    [memcache_session: the prefix where zlib is installed [pkg-config]])],
  [no],
  [no])

dnl PHP's own extension openssl has the option --with-openssl, so this one has a longer name.
PHP_ARG_WITH([memcache-session-openssl],
  [for OpenSSL],
  [AS_HELP_STRING([[--with-memcache-session-openssl[=auto|DIR|no]]],
    [memcache_session: OpenSSL 1.1.1 or later, needed for tls://. auto: use it if pkg-config finds
    it; DIR: the prefix where it is installed [auto]])],
  [auto],
  [no])

PHP_ARG_ENABLE([memcache-session-dev],
  [whether warnings of the memcache session handler are errors],
  [AS_HELP_STRING([--enable-memcache-session-dev],
    [memcache_session: compile with many warnings, all of them errors (phpize only)])],
  [no],
  [no])

if test "$PHP_MEMCACHE_SESSION" != "no"; then
  PHP_REQUIRE_CXX()
  PHP_CXX_COMPILE_STDCXX([17], [mandatory], [MEMCACHE_SESSION_STDCXX])

  memcache_session_flags="$MEMCACHE_SESSION_STDCXX -fvisibility=hidden"
  memcache_session_flags="$memcache_session_flags -fvisibility-inlines-hidden"
  memcache_session_flags="$memcache_session_flags -DZEND_ENABLE_STATIC_TSRMLS_CACHE=1"

  if test -z "$PKG_CONFIG"; then
    AC_PATH_PROG([PKG_CONFIG], [pkg-config], [no])
  fi

  dnl The extension needs zlib. macOS has zlib without a .pc file.
  if test "$PHP_ZLIB_DIR" != "no" && test "$PHP_ZLIB_DIR" != "yes"; then
    if test ! -f "$PHP_ZLIB_DIR/include/zlib.h"; then
      AC_MSG_ERROR([there is no zlib in $PHP_ZLIB_DIR: include/zlib.h is missing])
    fi
    PHP_ADD_INCLUDE([$PHP_ZLIB_DIR/include])
    PHP_ADD_LIBRARY_WITH_PATH([z], [$PHP_ZLIB_DIR/$PHP_LIBDIR], [MEMCACHE_SESSION_SHARED_LIBADD])
  elif test "$PKG_CONFIG" != "no" && $PKG_CONFIG --exists zlib; then
    PHP_EVAL_INCLINE([`$PKG_CONFIG --cflags-only-I zlib`])
    PHP_EVAL_LIBLINE([`$PKG_CONFIG --libs zlib`], [MEMCACHE_SESSION_SHARED_LIBADD])
  else
    AC_CHECK_HEADER([zlib.h], [],
      [AC_MSG_ERROR([zlib.h not found: install zlib's development files (zlib1g-dev, zlib-devel)
      or say where zlib is by --with-zlib-dir=DIR])])
    PHP_ADD_LIBRARY([z], [1], [MEMCACHE_SESSION_SHARED_LIBADD])
  fi

  dnl Servers that are written with tls:// need OpenSSL.
  if test "$PHP_MEMCACHE_SESSION_OPENSSL" != "no"; then
    AC_MSG_CHECKING([for OpenSSL by pkg-config])
    memcache_session_openssl=no
    memcache_session_pkg_config_path=$PKG_CONFIG_PATH
    if test "$PHP_MEMCACHE_SESSION_OPENSSL" != "auto" && \
        test "$PHP_MEMCACHE_SESSION_OPENSSL" != "yes"; then
      memcache_session_folder=none
      for folder in "$PHP_MEMCACHE_SESSION_OPENSSL"/lib/pkgconfig \
          "$PHP_MEMCACHE_SESSION_OPENSSL"/lib64/pkgconfig \
          "$PHP_MEMCACHE_SESSION_OPENSSL"/lib/*/pkgconfig; do
        test -f "$folder/openssl.pc" && memcache_session_folder=$folder
      done
      if test "$memcache_session_folder" = "none"; then
        AC_MSG_ERROR([there is no lib/pkgconfig/openssl.pc in $PHP_MEMCACHE_SESSION_OPENSSL])
      fi
      memcache_session_pkg_config_path="$memcache_session_folder:$PKG_CONFIG_PATH"
    fi
    memcache_session_pkg_config="env PKG_CONFIG_PATH=$memcache_session_pkg_config_path $PKG_CONFIG"
    if test "$PKG_CONFIG" != "no" && \
        $memcache_session_pkg_config --atleast-version=1.1.1 openssl; then
      memcache_session_openssl=`$memcache_session_pkg_config --modversion openssl`
    fi
    AC_MSG_RESULT([$memcache_session_openssl])
    if test "$memcache_session_openssl" != "no"; then
      PHP_EVAL_INCLINE([`$memcache_session_pkg_config --cflags-only-I openssl`])
      PHP_EVAL_LIBLINE([`$memcache_session_pkg_config --libs openssl`],
        [MEMCACHE_SESSION_SHARED_LIBADD])
      memcache_session_flags="$memcache_session_flags -DMEMCACHE_SESSION_TLS=1"
    elif test "$PHP_MEMCACHE_SESSION_OPENSSL" != "auto"; then
      AC_MSG_ERROR([OpenSSL 1.1.1 or later not found by pkg-config: install its development files
      (libssl-dev, openssl-devel) or give --with-memcache-session-openssl=DIR])
    fi
  fi

  dnl The names of srv+tcp:// need a resolver that can be asked for SRV records. Before glibc 2.34,
  dnl and on macOS, it has a library of its own.
  AC_MSG_CHECKING([for res_search])
  AC_LANG_PUSH([C++])
  memcache_session_resolver=no
  memcache_session_libs=$LIBS
  for library in "" -lresolv; do
    LIBS="$memcache_session_libs $library"
    if test "$memcache_session_resolver" = "no"; then
      AC_LINK_IFELSE([AC_LANG_PROGRAM([[
        #include <netinet/in.h>
        #include <arpa/nameser.h>
        #include <resolv.h>]],
        [[unsigned char answer[9];
        return res_init() + res_search("", ns_c_in, ns_t_srv, answer, 9);]])],
        [memcache_session_resolver="yes $library"])
    fi
  done
  LIBS=$memcache_session_libs
  AC_LANG_POP([C++])
  AC_MSG_RESULT([$memcache_session_resolver])
  if test "$memcache_session_resolver" != "no"; then
    memcache_session_flags="$memcache_session_flags -DMEMCACHE_SESSION_SRV=1"
  fi
  if test "$memcache_session_resolver" = "yes -lresolv"; then
    PHP_ADD_LIBRARY([resolv], [1], [MEMCACHE_SESSION_SHARED_LIBADD])
  fi

  dnl Questions for servers have threads. Before glibc 2.34 these have a library of their own, and
  dnl so has the search for the file of this extension.
  AC_SEARCH_LIBS([pthread_create], [pthread],
    [test "$ac_cv_search_pthread_create" = "-lpthread" && \
      PHP_ADD_LIBRARY([pthread], [1], [MEMCACHE_SESSION_SHARED_LIBADD])])
  AC_SEARCH_LIBS([dladdr], [dl],
    [test "$ac_cv_search_dladdr" = "-ldl" && \
      PHP_ADD_LIBRARY([dl], [1], [MEMCACHE_SESSION_SHARED_LIBADD])])

  dnl Assertions end the process: they are for those who change the code.
  if test "$PHP_MEMCACHE_SESSION_DEV" = "no"; then
    memcache_session_flags="$memcache_session_flags -DNDEBUG"
  fi

  dnl The headers of PHP and of libraries are included as system headers, because we cannot correct
  dnl their warnings. Inside PHP's own source tree they cannot be told apart from ours.
  memcache_session_srcdir=PHP_EXT_SRCDIR([memcache_session])
  if test "$PHP_MEMCACHE_SESSION_DEV" != "no" && \
      test "$memcache_session_srcdir" = "$abs_srcdir"; then
    INCLUDES=`echo " $INCLUDES" | $SED -e 's/ -I */ -isystem /g'`
    memcache_session_flags="$memcache_session_flags -Wall -Wextra -Wpedantic -Wshadow -Wconversion"
    dnl clang counts -Wsign-conversion as -Wconversion, gcc does not.
    memcache_session_flags="$memcache_session_flags -Wno-sign-conversion -Werror"
  fi

  dnl Without the user's flags, autoconf has chosen -g, which makes the module 25 times as large.
  if test "$PHP_MEMCACHE_SESSION_DEV" = "no" && \
      test "$memcache_session_srcdir" = "$abs_srcdir" && test "$CXXFLAGS" = "-g -O2"; then
    CXXFLAGS="-O2"
  fi

  dnl tools/update_file_lists: begin sources
  memcache_session_sources="
    src/base/buffer.cpp
    src/base/clock.cpp
    src/base/family_places_posix.cpp
    src/base/file.cpp
    src/base/fingerprint.cpp
    src/base/process.cpp
    src/base/process_posix.cpp
    src/base/random.cpp
    src/base/text.cpp
    src/base/thread_posix.cpp
    src/discovery/ask.cpp
    src/discovery/ask_failure.cpp
    src/discovery/asker.cpp
    src/discovery/cluster_reply.cpp
    src/discovery/cluster_talk.cpp
    src/discovery/dns_answer.cpp
    src/discovery/followed_pool.cpp
    src/discovery/followed_source.cpp
    src/discovery/node_list.cpp
    src/discovery/resolver.cpp
    src/discovery/source_table.cpp
    src/lock/holder_table.cpp
    src/lock/lock_item.cpp
    src/lock/lock_release.cpp
    src/lock/lock_wait.cpp
    src/lock/member_lock.cpp
    src/lock/process_table.cpp
    src/lock/proxied_lock.cpp
    src/lock/session_key.cpp
    src/lock/session_lock.cpp
    src/lock/wait_schedule.cpp
    src/lock/waiting_room.cpp
    src/merge/conflict_path.cpp
    src/merge/enum_references.cpp
    src/merge/member_match.cpp
    src/merge/serialized_reader.cpp
    src/merge/serialized_session.cpp
    src/merge/session_merge.cpp
    src/net/address.cpp
    src/net/connect_attempt.cpp
    src/net/connection.cpp
    src/net/connection_pool.cpp
    src/net/dated_exchange.cpp
    src/net/dialect.cpp
    src/net/endpoint.cpp
    src/net/event_totals.cpp
    src/net/failure.cpp
    src/net/figures.cpp
    src/net/health.cpp
    src/net/incoming.cpp
    src/net/meta_probe.cpp
    src/net/outgoing.cpp
    src/net/probes.cpp
    src/net/server_counters.cpp
    src/net/server_greeting.cpp
    src/net/server_marks.cpp
    src/net/server_trip.cpp
    src/net/server_trip_protocol.cpp
    src/net/server_trip_spare.cpp
    src/net/server_trips.cpp
    src/net/server_words.cpp
    src/net/socket_exchange.cpp
    src/net/socket_posix.cpp
    src/net/stream.cpp
    src/net/tls_context.cpp
    src/net/tls_failure.cpp
    src/net/tls_stream.cpp
    src/net/tls_stream_handshake.cpp
    src/net/tls_wire.cpp
    src/php/call_stack.cpp
    src/php/changed_settings.cpp
    src/php/figure_entries.cpp
    src/php/file_limits.cpp
    src/php/functions.cpp
    src/php/globals.cpp
    src/php/info.cpp
    src/php/module.cpp
    src/php/path_patterns.cpp
    src/php/request.cpp
    src/php/save_handler.cpp
    src/php/server_entries.cpp
    src/php/server_hooks.cpp
    src/php/session_array.cpp
    src/php/settings_display.cpp
    src/php/settings_table.cpp
    src/php/status_array.cpp
    src/pool/bucket_placement.cpp
    src/pool/changing_placement.cpp
    src/pool/hash.cpp
    src/pool/host.cpp
    src/pool/libmemcached_placement.cpp
    src/pool/md5.cpp
    src/pool/placement.cpp
    src/pool/pool.cpp
    src/pool/pool_cache.cpp
    src/pool/preference_list.cpp
    src/pool/save_path.cpp
    src/pool/security_parameters.cpp
    src/pool/server_list.cpp
    src/pool/server_parameters.cpp
    src/pool/server_url.cpp
    src/pool/source.cpp
    src/replica/commit_sight.cpp
    src/replica/commit_verdict.cpp
    src/replica/item.cpp
    src/replica/members.cpp
    src/replica/stored_session.cpp
    src/session/carried_changes.cpp
    src/session/compression.cpp
    src/session/conflict_messages.cpp
    src/session/counting.cpp
    src/session/direct_commit.cpp
    src/session/direct_destroy.cpp
    src/session/direct_opening.cpp
    src/session/direct_recheck.cpp
    src/session/direct_rounds.cpp
    src/session/direct_search.cpp
    src/session/direct_store.cpp
    src/session/direct_stores.cpp
    src/session/direct_values.cpp
    src/session/inspection.cpp
    src/session/late_store.cpp
    src/session/merging.cpp
    src/session/messages.cpp
    src/session/packed_value.cpp
    src/session/proxied_commit.cpp
    src/session/proxied_opening.cpp
    src/session/proxied_store.cpp
    src/session/session.cpp
    src/session/session_closing.cpp
    src/session/session_store.cpp
    src/wire/classic_encoder.cpp
    src/wire/classic_parser.cpp
    src/wire/line.cpp
    src/wire/meta.cpp
    src/worker/asked_servers.cpp
    src/worker/call_guard.cpp
    src/worker/key_prefix.cpp
    src/worker/log_lines.cpp
    src/worker/masking.cpp
    src/worker/opened_session.cpp
    src/worker/pool_status.cpp
    src/worker/session_options.cpp
    src/worker/session_report.cpp
    src/worker/setting_values.cpp
    src/worker/status_report.cpp
    src/worker/worker.cpp
  "
  memcache_session_folders="
    src/base
    src/discovery
    src/lock
    src/merge
    src/net
    src/php
    src/pool
    src/replica
    src/session
    src/wire
    src/worker
  "
  dnl tools/update_file_lists: end sources

  PHP_NEW_EXTENSION([memcache_session],
    [$memcache_session_sources],
    [$ext_shared],
    [],
    [$memcache_session_flags],
    [cxx])
  for folder in $memcache_session_folders; do
    PHP_ADD_BUILD_DIR([$ext_builddir/$folder])
  done
  PHP_ADD_EXTENSION_DEP([memcache_session], [session])
  PHP_SUBST([MEMCACHE_SESSION_SHARED_LIBADD])
fi
