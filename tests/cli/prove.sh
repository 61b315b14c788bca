#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tau prove: that it passes here, that its report says what it found, and that it can fail.
. "${top_srcdir:?}/tests/cli/lib.sh"

run prove --out "$dir/report.json" --store-dir "$store"
is "it proves itself: status" "$rc" 0
is "every step passed" "$(grep -c '^pass  ' "$dir/out")" 11
is "its report: passed" "$("$peek" get status <"$dir/report.json")" passed
has "its report: the kill" "$dir/report.json" '"exit_statuses":[137,0]'
has "its report: the interrupt" "$dir/report.json" '"exit_statuses":[130]'
has "its report: what was printed" "$dir/report.json" '"printed":"an answer in two pieces\n"'
has "its report: which event" "$dir/report.json" '"turn.timed_out":'
hasnt "its report: nothing was skipped" "$dir/report.json" skipped
mkdir "$dir/tmp"
TMPDIR=$dir/tmp run prove --store-dir "$store"
is "nothing is left behind" "$(ls "$dir/tmp")" ""
holds "the report is among the workspace's" ls "$store"/reports/prove-*.json

# Stopped on its way. Asynchronous children ignore SIGINT; env puts it back.
mkdir "$dir/stop"
TMPDIR=$dir/stop env --default-signal=INT "$tau" prove --out "$dir/stopped.json" --store-dir "$store" \
    >"$dir/out" 2>"$dir/err" </dev/null &
pid=$!
until grep -q '^pass  text' "$dir/out" || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
kill -INT $pid
wait $pid
is "^C stops it: status" $? 130
has "it says so" "$dir/err" "prove: it was stopped"
holds "there is no report of a half" test ! -e "$dir/stopped.json"
is "and its place is gone" "$(ls "$dir/stop")" ""
holds "with all that ran in it" "$peek" gone "$dir/stop"

# Where hardly a file can be opened none of it holds.
(
    ulimit -n 12
    TMPDIR=$dir/tmp run prove --out "$dir/bad.json" --store-dir "$store"
    echo $rc >"$dir/rc"
)
is "it can fail: status" "$(cat "$dir/rc")" 1
has "it can fail: which step" "$dir/out" "FAIL  text"
has "it can fail: what was not tried" "$dir/bad.json" '"status":"skipped"'
is "it can fail: its report" "$("$peek" get status <"$dir/bad.json")" failed
holds "what was left behind stays to be looked at" ls "$dir"/tmp/tau-prove-*
run prove --out /nowhere/report.json --store-dir "$store"
holds "a report that can not be written is a failure" test "$rc" -ne 0
done_testing
