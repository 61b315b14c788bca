#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every row of tests/fake/rows.def through the real program, in its three output formats: the typed
# failure, the exit status, how often the server was asked, and that what was said is kept. With
# TABLE set it prints the rows as a table, too.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
fake_start
OPENAI_API_KEY=sk-test
export OPENAI_API_KEY

# run_row ROW ARGS...: as run, with the log of its requests in $dir/requests.
run_row() {
    row=$1
    shift
    : >"$dir/requests"
    case $row in
    proxy-*) http_proxy=$base run "$@" --api-base http://model.invalid/v1 --model "openai/$row" ;;
    *) run "$@" --api-base "$base" --model "openai/$row" ;;
    esac
}

"$top_builddir/tests/fake/model" --rows >"$dir/rows"
limits="--store-dir $store --mode auto --provider-max-retries 1"
TAU_TURNS_WAIT_TIMEOUT=1 TAU_TURNS_IDLE_TIMEOUT=1
export TAU_TURNS_WAIT_TIMEOUT TAU_TURNS_IDLE_TIMEOUT
tab=$(printf '\t')
while IFS="$tab" read -r row status reason phase requests text help; do
    [ "$reason" = - ] && reason=
    [ "$phase" = - ] && phase=
    [ "$text" = - ] && text=
    run_row "$row" -p hi $limits
    is "$row: text: status" "$rc" "$status"
    is "$row: text: requests" "$(grep -c . "$dir/requests")" "$requests"
    is "$row: the key went along" "$(grep -vc ' 1$' "$dir/requests")" 0
    hasnt "$row: the key is in no message" "$dir/err" sk-test
    [ -z "$text" ] || has "$row: text: what was said" "$dir/out" "$text"
    [ -z "$reason" ] || has "$row: text: reason" "$dir/err" "[$reason, $phase"
    [ -z "${TABLE:-}" ] || printf '| %s | %s | %s | %s | %s | %s |\n' "$row" "$help" \
        "${reason:-completed}" "$phase" "$requests" "$(head -n 1 "$dir/err" | sed 's/^tau: //; s/ \[.*//')" \
        >>"$TABLE"
    case $row in *-once | 429-seconds | 429-date) ;; *)
        run_row "$row" -p hi $limits --output json
        is "$row: json: status" "$rc" "$status"
        is "$row: json: reason and phase" "$("$peek" get error reason_code <"$dir/out" 2>/dev/null) $("$peek" get error phase <"$dir/out" 2>/dev/null)" "$reason $phase"
        "$peek" get answer <"$dir/out" >"$dir/answer" 2>/dev/null
        [ -z "$text" ] || has "$row: json: what was said" "$dir/answer" "$text"
        run_row "$row" -p hi $limits --output events
        is "$row: events: status" "$rc" "$status"
        if [ -n "$reason" ]; then
            tail -n 1 "$dir/out" >"$dir/last"
            has "$row: events: reason" "$dir/last" "\"reason_code\":\"$reason\",\"phase\":\"$phase\""
        else
            has "$row: events: its end" "$dir/out" '"kind":"turn.completed"'
        fi
        ;;
    esac
done <"$dir/rows"
holds "a call that was cut off is not made" test ! -e made

# ---- beside the rows ----
run -p hi $limits --model openai/x --api-base http://127.0.0.1:1/v1 --output json
is "nobody listens: status" "$rc" 6
is "nobody listens: reason" "$("$peek" get error reason_code <"$dir/out") $("$peek" get error phase <"$dir/out")" \
    "provider_unavailable provider_connect"
run -p hi $limits --model openai/x --api-base http://nowhere.invalid/v1
has "no such host" "$dir/err" "the name of nowhere.invalid is not known"
run_row calls -p hi $limits
is "a turn of four requests has one connection" "$(cut -d' ' -f1 "$dir/requests" | sort -u | grep -c .)" 1
run_row 429 -p hi $limits
has "a wait before another attempt is told" "$dir/err" "asks again in"
run_row reasoning-twice -p hi $limits --output events
is "a thought under two names is one" "$(grep '"kind":"turn.reasoning"' "$dir/out" | grep -c '"text":"let me"')" 1
run_row close-between -p hi $limits
is "when the server closes it has four" "$(cut -d' ' -f1 "$dir/requests" | sort -u | grep -c .)" 4
run_row no-end -p hi $limits
is "an answer that is kept open is over with [DONE]" "$rc" 0
(unset OPENAI_API_KEY; timeout 60 "$tau" -p hi --model openai/gpt-4o $limits >"$dir/out" 2>"$dir/err" </dev/null; echo $? >"$dir/code")
is "no key: status" "$(cat "$dir/code")" 6
has "no key: what to do" "$dir/err" "set OPENAI_API_KEY"
run_row echo -p hi $limits --output json
is "tokens are counted" "$("$peek" get usage input <"$dir/out") $("$peek" get usage output <"$dir/out")" "11 7"
TAU_TURNS_WAIT_TIMEOUT=60 TAU_TURNS_TIMEOUT=1
export TAU_TURNS_TIMEOUT
run_row stall-head -p hi $limits
is "the deadline of the turn: status" "$rc" 5
has "the deadline of the turn is named" "$dir/err" "the turn's deadline of 1 s passed"
has "and what can be done" "$dir/err" "turns.timeout"
run_row stall-head -p hi $limits --turn-timeout-ms 250
has "one below a second, too" "$dir/err" "the turn's deadline of 0.25 s passed"
fake_stop
done_testing
