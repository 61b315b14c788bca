#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What automake calls for every test: the TAP driver, and then the seconds that the test took as the
# last line of its log, where tests/report looks for them.
previous=
log=
for word in "$@"; do
    case $previous in
    --log-file) log=$word ;;
    esac
    case $word in
    --) break ;;
    --log-file=*) log=${word#*=} ;;
    esac
    previous=$word
done
start=$(date +%s.%N)
"${SHELL:-/bin/sh}" "$(dirname "$0")/../build-aux/tap-driver.sh" "$@"
status=$?
[ -z "$log" ] || echo "$start $(date +%s.%N)" |
    awk '{ printf "# seconds: %.1f\n", $2 - $1 }' >>"$log"
exit $status
