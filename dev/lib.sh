# Shell pieces that dev/demo and dev/test share. Sourced by bash, never run.
#
# Taken from the environment, with these defaults:
#   PHP_CONFIG   php-config: the PHP to build for; phpize, php and php-fpm follow from it
#   OUT          out, in the tree: where everything is built. Ignored by git.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

out=${OUT:-$root/out}
if ! mkdir -p "$out" 2> /dev/null || [ ! -w "$out" ]; then
    # The tree belongs to somebody else (root built here before): build at home.
    out=${XDG_CACHE_HOME:-$HOME/.cache}/memcache_session
    mkdir -p "$out"
fi
out=$(cd "$out" && pwd)

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# Runs a command with its output in a file, which is shown only when the command fails.
# quietly LOG COMMAND...
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    "$@" < /dev/null > "$log" 2>&1 && return
    local status=$?
    cat "$log" >&2
    echo "failed (status $status): $*" >&2
    return $status
}

# Starts the script anew under dev/contained.py, unless it runs there already. That ends and removes
# everything that the script leaves behind, also when a signal interrupts it: contained "$@"
contained() {
    [ "${MEMCACHE_SESSION_CONTAINER:-}" != "$PPID" ] || return 0
    "$root/dev/setup"  # before: an interrupted installation must not be killed
    exec /usr/bin/python3 -B "$root/dev/contained.py" run "$root/dev/$(basename "$0")" "$@"
}

# Lists what the script has left behind so far: its status is 1 if that is anything.
left_behind() {
    /usr/bin/python3 -B "$root/dev/contained.py" check
}

# Installs what is missing, and finds PHP.
prepare() {
    "$root/dev/setup"
    php_config=$(command -v "${PHP_CONFIG:-php-config}") || die "no php-config in PATH"
    phpize=$(dirname "$php_config")/$(basename "$php_config" | sed 's/php-config/phpize/')
    php=$("$php_config" --php-binary)
    local version
    version=$("$php_config" --version | cut -d. -f1,2)
    php_fpm=$(command -v "php-fpm$version" || command -v php-fpm || true)
    [ -n "$php_fpm" ] || php_fpm=$("$php_config" --prefix)/sbin/php-fpm
    export PHP=$php PHP_FPM=$php_fpm
}

# One build at a time in one folder; the lock is held until the script ends.
lock_out() {
    exec 9> "$out/lock"
    if ! flock -n 9; then
        echo "waiting for another run that builds in $out" >&2
        flock 9
    fi
}

# The files of the tree, tracked or not yet, but none that git ignores; NUL behind each.
list_tree() (
    cd "$root" || exit
    if [ -e .git ] && git ls-files > /dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard |
            while IFS= read -r -d '' file; do
                [ ! -f "$file" ] || printf '%s\0' "$file"
            done
    else
        find . \( -path ./.git -o -path ./out -o -path ./build -o -path ./modules \
            -o -name .libs -o -name autom4te.cache -o -name __pycache__ \) -prune -o \
            -type f ! -name '*.lo' ! -name '*.o' ! -name '*.la' ! -name '*.dep' -print0
    fi
)

# Builds the extension in $out/ext from a copy of the tree, and sets $extension to its path.
# phpize's makefiles do not know on which headers an object depends: any change builds all anew.
build_extension() {
    local dir=$out/ext sum
    sum=$(list_tree | grep -zE '^(\./)?(src/|config\.m4|[^/]*\.h$)' | LC_ALL=C sort -z |
        (cd "$root" && xargs -0 sha256sum) |
        cat - <("$php_config" --version --extension-dir --configure-options) | sha256sum)
    extension=$dir/modules/memcache_session.so
    if [ ! -e "$extension" ] || [ "$(cat "$dir/.sum" 2> /dev/null)" != "$sum" ]; then
        rm -rf "$dir"
        mkdir -p "$dir"
        list_tree | (cd "$root" && tar -c --null --no-recursion -T -) | tar -x -C "$dir"
        (
            cd "$dir" &&
                quietly "$out/log/phpize" "$phpize" &&
                quietly "$out/log/configure" ./configure --with-php-config="$php_config" \
                    --enable-memcache-session-dev &&
                quietly "$out/log/make" make -j2
        ) || die "the extension does not build"
        [ -e "$extension" ] || die "make made no $extension"
        echo "$sum" > "$dir/.sum"
    fi
    export MEMCACHE_SESSION_SO=$extension
}
