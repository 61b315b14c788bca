#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every failing row of tests/fake/rows.def in line mode, and on a tau that runs elsewhere by tau ctl, whose
# routes are those of HTTP: the same typed failure as tau -p says (model.sh), and what was said is kept.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
fake_start
OPENAI_API_KEY=sk-test TAU_TURNS_WAIT_TIMEOUT=1 TAU_TURNS_IDLE_TIMEOUT=1
export OPENAI_API_KEY TAU_TURNS_WAIT_TIMEOUT TAU_TURNS_IDLE_TIMEOUT
limits="--store-dir $store --provider-max-retries 1 --api-base $base"
echo hi >"$dir/hi"

: >"$dir/log"
"$tau" gateway serve --bind 127.0.0.1:0 $limits --model openai/echo >"$dir/log" 2>&1 </dev/null 9>&- &
serving=$!
until grep -q '^token' "$dir/log" || ! kill -0 "$serving" 2>/dev/null; do sleep 0.05; done

"$top_builddir/tests/fake/model" --rows >"$dir/rows"
tab=$(printf '\t')
while IFS="$tab" read -r row status reason phase requests text help; do
    case $reason:$row in -:* | *:proxy-*) continue ;; esac
    [ "$text" = - ] && text=
    in=$dir/hi
    run --line --model "openai/$row" $limits
    in=/dev/null
    is "$row: line: status" "$rc" "$status"
    has "$row: line: reason" "$dir/err" "[$reason, $phase"
    [ -z "$text" ] || has "$row: line: what was said" "$dir/out" "$text"
    run ctl session.new "name=$row" --store-dir "$store"
    run ctl turn.submit input=hi "session=$row" "model=openai/$row" --wait --store-dir "$store"
    is "$row: ctl: status" "$rc" "$status"
    has "$row: ctl: reason" "$dir/err" "[$reason, $phase"
    run session show "$row" --store-dir "$store"
    [ -z "$text" ] || has "$row: ctl: what was said is kept" "$dir/out" "$text"
done <"$dir/rows"
kill "$serving"
wait "$serving" 2>/dev/null
fake_stop

done_testing
