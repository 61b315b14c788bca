#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every failing row of tests/fake/rows.def in line mode, on a tau that runs elsewhere by tau ctl, and over
# HTTP by its token: the same typed failure as tau -p says (model.sh), and what was said is kept. Over HTTP
# the answer, the state and the events are of one turn and one failure.
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
gateway=$(sed -n 's/^gateway: .*:\([0-9]*\)$/\1/p' "$dir/log")

# over PATH [BODY]: an answer by HTTP; 1 when its status is not 200.
over() {
    timeout -k 5 120 "$top_builddir/tests/cli/call" "$gateway" "$store/gateway.token" "$@"
}
mkfifo "$dir/hold"
"$top_builddir/tests/cli/follow" "$gateway" "$store/gateway.token" <"$dir/hold" >"$dir/followed" 9>&- &
following=$!
exec 8>"$dir/hold"
# Waits for an event of a turn, and leaves it in $dir/event; 1 after a minute.
event_of() {
    for _ in $(seq 1200); do
        grep -F "\"$1\"" "$dir/followed" | grep -F "\"turn\":\"$2\"" >"$dir/event" && return 0
        sleep 0.05
    done
    return 1
}

"$top_builddir/tests/fake/model" --rows >"$dir/rows"
tab=$(printf '\t')
while IFS="$tab" read -r row status reason phase requests text help; do
    case $reason:$row in -:* | *:proxy-*) continue ;; esac
    [ "$text" = - ] && text=
    over /gateway/operator/actions/session.new "{\"name\":\"http-$row\"}" >/dev/null
    # Beside the others, so that no face waits for the time limits of another.
    over '/gateway/operator/actions/turn.submit?wait=done' \
        "{\"input\":\"hi\",\"session\":\"http-$row\",\"model\":\"openai/$row\"}" >"$dir/answer" 9>&- &
    asking=$!
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

    wait "$asking"
    rc=$?
    case $status in 3) end=blocked ;; 5) end=timed_out ;; *) end=failed ;; esac
    id=$("$peek" get turn id <"$dir/answer")
    turn=$("$peek" get turn <"$dir/answer")
    error=$("$peek" get turn error <"$dir/answer")
    is "$row: http: status" "$rc $("$peek" get turn status <"$dir/answer")" "0 $end"
    has "$row: http: reason" "$dir/answer" "\"error\":{\"reason_code\":\"$reason\",\"phase\":\"$phase\","
    over '/gateway/operator/state?sections=turns' >"$dir/out"
    has "$row: http: the state has the same turn" "$dir/out" "$turn"
    holds "$row: http: an event says it" event_of "turn.$end" "$id"
    has "$row: http: and why" "$dir/event" "\"error\":$error"
done <"$dir/rows"
exec 8>&-
wait "$following"
kill "$serving"
wait "$serving" 2>/dev/null
fake_stop

done_testing
