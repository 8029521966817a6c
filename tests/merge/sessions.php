<?php
// Sessions as PHP's own session functions encode and decode them.

/** A session must be open to be encoded; it is never stored. */
final class StoresNothing implements SessionHandlerInterface
{
    public function open(string $path, string $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        return true;
    }

    public function read(string $id): string
    {
        return '';
    }

    public function write(string $id, string $data): bool
    {
        return true;
    }

    public function destroy(string $id): bool
    {
        return true;
    }

    public function gc(int $max_lifetime): int
    {
        return 0;
    }
}

function begin_sessions(string $handler): void
{
    session_abort();
    ini_set('session.serialize_handler', $handler);
    session_start();
}

function encode(array $session): string
{
    $_SESSION = $session;
    return (string) session_encode();
}

/** Null if PHP cannot read it. */
function decode(string $text): ?array
{
    $_SESSION = [];
    try {
        $is_read = session_decode($text);
    } catch (Throwable) {
        $is_read = false;
    }
    if (session_status() !== PHP_SESSION_ACTIVE) {
        session_start();
    }
    return $is_read ? $_SESSION : null;
}
