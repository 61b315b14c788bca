#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The escape table, as root and as a user without rights: every row, at every level of the sandbox.
# The programs are copied to where that user can read them. Needs root for both; run by a user, the
# rows of root are reported as not run (with CI set: as failed).
here=${top_srcdir:-$(dirname "$0")/../..}/tests/escape
build=${top_builddir:-$(dirname "$0")/../../build}
columns=3
rows=$(grep -cv -e '^#' -e '^$' "$here/table")
work=$(mktemp -d /tmp/escape-run-XXXXXX) || exit 99
trap 'rm -rf "$work"' EXIT
cp "$here/table" "$build/tests/escape/escape" "$build/tests/escape/attack" "$build/tau-exec" "$work/" || exit 99
chmod 755 "$work" "$work/escape" "$work/attack" "$work/tau-exec"
unset TMPDIR XDG_CONFIG_HOME XDG_STATE_HOME
cd / || exit 99

skip() {
    n=$1
    while [ "$n" -lt $(($1 + columns * rows)) ]; do
        if [ -n "${CI:-}" ]; then printf 'not '; fi
        echo "ok $n - $2 # SKIP not run: $3"
        n=$((n + 1))
    done
}

as_nobody() {
    setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}

echo "1..$((2 * columns * rows))"
second=$((1 + columns * rows))
if [ "$(id -u)" != 0 ]; then
    skip 1 root "we are not root"
    "$work/escape" "$work/table" "$work/attack" "$second"
elif as_nobody true 2>/dev/null; then
    # Both at once: they wait more than they work.
    as_nobody "$work/escape" "$work/table" "$work/attack" "$second" >"$work/user" &
    "$work/escape" "$work/table" "$work/attack" 1
    wait
    cat "$work/user"
else
    "$work/escape" "$work/table" "$work/attack" 1
    skip "$second" user "setpriv can not become nobody"
fi
