# Shell pieces about the PHP that Debian publishes. Sourced after lib.sh, by bash; never run.
#
# apt gets sources and lists of its own, in $OUT/apt, because not every machine has the source
# packages among its sources. The machine's own apt is not changed.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Prints this machine's sources of Debian packages, in lines "URI SUITE COMPONENT".
own_sources() {
    apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
        'Created-By: Packages' |
        awk -F'|' '$4 == "main" && ($1 == "Debian" || $2 ~ /\/debian(-security)?\/?$/) {
            print $2, $3, $4
        }' | sort -u
}

# Prints the mirror among those that has all suites.
mirror() {
    own_sources | awk '$2 !~ /-/ { print $1; exit }' | grep . ||
        die "this machine has no Debian among the sources of its packages"
}

# use_sources NAME TYPE: apt_get and apt_cache then see only the sources read from standard input,
# in lines "URI SUITE COMPONENT"; TYPE is deb or deb-src.
use_sources() {
    local dir=$out/apt/$1 signed=
    [ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
    sed "s|^|$2 $signed|" > "$dir/sources.list"
    apt_options=(-q -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root
        -o Acquire::Retries=3 -o Acquire::IndexTargets::deb::Packages::DefaultEnabled=true)
    quietly "$out/log/apt-$1" apt-get "${apt_options[@]}" update
}
apt_get() { apt-get "${apt_options[@]}" "$@"; }
apt_cache() { apt-cache "${apt_options[@]}" "$@"; }

# Fetches the source of PHP, as its authors published it: php_source VERSION sets $php_source to its
# folder. VERSION is 8.2 or the like. The newest one that Debian still has is taken.
php_source() {
    php_source=$out/php$1/source
    [ ! -e "$php_source/run-tests.php" ] || return 0
    local dir=$out/php$1/download version
    [ -n "$(own_sources)" ] || die "this machine has no Debian among the sources of its packages"
    use_sources source deb-src < <(own_sources) || return
    rm -rf "$dir" "$php_source.part"
    mkdir -p "$dir" "$php_source.part"
    for version in $(apt_cache showsrc "php$1" | sed -n 's/^Version: //p' | sort -rV); do
        # The pool may have dropped a version that the lists still name.
        (cd "$dir" && quietly "$out/log/source" \
            apt_get source --download-only --only-source "php$1=$version") 2> /dev/null || continue
        tar -xf "$dir/php$1_${version%-*}".orig.tar.?z -C "$php_source.part" \
            --strip-components=1 || die "the source package php$1 cannot be unpacked"
        mv "$php_source.part" "$php_source"
        rm -rf "$dir"
        return
    done
    [ ! -e "$out/log/source" ] || cat "$out/log/source" >&2
    die "the source package php$1 cannot be had from Debian"
}

# Runs PHP's session tests with the extension that build_extension built: run_conformance [OPTION OF
# run.py...]
run_conformance() {
    local cgi
    cgi=$(dirname "$php")/$(basename "$php" | sed 's/^php/php-cgi/')
    [ -x "$cgi" ] || die "there is no $cgi: some of PHP's tests need it"
    php_source "$("$php_config" --version | cut -d. -f1,2)" || return
    /usr/bin/python3 -B "$root/tests/conformance/run.py" "$@" --source "$php_source" --php "$php" \
        --cgi "$cgi" --extension "$extension" --work "$out/conformance" < /dev/null 9>&-
}
