#!/bin/sh
# A program of an application, and the Python that runs it: this script, then a compressed archive.
# The first start unpacks the archive into $JOBGEN_CACHE, or else ~/.cache/jobgen.
set -eu

refuse() {
    echo "${0##*/}: $1" >&2
    exit 1
}

# Prints a folder of this user that can be written to; with a home, or without one.
find_root() {
    if [ -n "${JOBGEN_CACHE:-}" ]; then
        mkdir -p "$JOBGEN_CACHE" 2>/dev/null && echo "$JOBGEN_CACHE"
        return
    fi
    kept=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/jobgen
    if mkdir -p "$kept" 2>/dev/null && [ -w "$kept" ]; then
        echo "$kept"
        return
    fi
    temporary=${TMPDIR:-/tmp}/jobgen-$(id -u)
    mkdir -m 700 "$temporary" 2>/dev/null || true
    # Another user might have made it, and could then change what is run.
    [ -d "$temporary" ] && [ ! -L "$temporary" ] && [ -O "$temporary" ] && echo "$temporary"
}

root=$(find_root) || refuse "there is no folder to unpack into: set JOBGEN_CACHE to one that can be written to."
unpacked=$root/@NAME@-@DIGEST@
if [ ! -x "$unpacked/@NAME@" ]; then
    unfinished=$root/.@NAME@-@DIGEST@-$$
    trap 'rm -rf "$unfinished"' EXIT
    trap 'exit 1' HUP INT TERM
    (umask 077 && mkdir "$unfinished") 2>/dev/null \
        || refuse "$root cannot be written to: set JOBGEN_CACHE to a folder that can."
    tail -c +@OFFSET@ "$0" | tar -xzf - -C "$unfinished" \
        || refuse "it cannot be unpacked into $root: is the disk full, are tar and gzip installed?"
    # Only one of several first starts can make the link.
    ln -s -n "${unfinished##*/}" "$unpacked" 2>/dev/null || rm -rf "$unfinished"
    trap - EXIT HUP INT TERM
    [ -x "$unpacked/@NAME@" ] || refuse "$root does not allow programs: set JOBGEN_CACHE to a folder that does."
fi
# A link to the worker's program named after a command runs that command.
case ${0##*/} in
    @COMMANDS@) set -- "${0##*/}" "$@" ;;
esac
export LD_LIBRARY_PATH="$unpacked/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$unpacked/@NAME@" "$@"
