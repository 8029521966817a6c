<?php

/** @generate-function-entries */

/** The figures of all processes: docs/status.md. False with a warning if memory is short. */
function memcache_session_status(bool $ask_servers = false): array|false {}

/** Sets all figures to 0. False with a warning where that is not allowed. */
function memcache_session_reset_status(): bool {}

/** One session on its servers: docs/status.md. False with a warning where that is not allowed. */
function memcache_session_inspect(string $id): array|false {}

/** Destroys one session. False with a warning if that fails or is not allowed. */
function memcache_session_kill(string $id): bool {}
