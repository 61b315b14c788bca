#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tests/logs/turns: how turns end, recorded from real ones. Each is made again here, and its log must be the
# recorded one but for what no two runs share: times, ids, digests, and how large a request was.
# UPDATE_LOGS=1 records them anew.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
unset XDG_RUNTIME_DIR
printf 'one\ntwo\n' >a.txt

# The events of a store up to the end of its turn, with ids numbered in the order in which they appear.
recorded() {
    "$tau" events --after 0 --limit 1000 --json --store-dir "$1" | "$peek" same event | awk '
    {
        out = ""
        while (match($0, /[a-z]+_01[0-9A-Z]+/)) {
            id = substr($0, RSTART, RLENGTH)
            if (!(id in known)) {
                kind = id
                sub(/_.*/, "", kind)
                known[id] = sprintf("%s_%010d", kind, ++count[kind])
            }
            out = out substr($0, 1, RSTART - 1) known[id]
            $0 = substr($0, RSTART + RLENGTH)
        }
        $0 = out $0
        gsub(/proc_0+1/, "proc_1")
        sub(/"ts_ms":[0-9]+/, "\"ts_ms\":17900000" sprintf("%05d", 100 * NR))
        gsub(/"sha256":"[0-9a-f]+"/, "\"sha256\":\"00\"")
        gsub(/"elapsed_ms":[0-9]+/, "\"elapsed_ms\":100")
        gsub(/"delay_ms":[0-9]+/, "\"delay_ms\":100")
        gsub(/"ms":[0-9]+/, "\"ms\":10")
        sub(/"bind":"127.0.0.1:[0-9]+"/, "\"bind\":\"127.0.0.1:8787\"")
        gsub(/"expires_ms":[0-9]+/, "\"expires_ms\":1790000060000")
        if (/"turn.context_measured"/)
            sub(/"data":.*/, "\"data\":{\"used\":2800,\"window\":128000}}")
        if (/"turn.provider_requested"/)
            gsub(/"bytes":[0-9]+/, "\"bytes\":11000")
        print
        if (/"kind":"turn.(completed|failed|timed_out|cancelled)"/)
            exit
    }'
}

# same NAME STORE
same() {
    recorded "$2" >"$dir/$1"
    if [ -n "${UPDATE_LOGS:-}" ]; then cp "$dir/$1" "$top_srcdir/tests/logs/turns/$1.jsonl"; fi
    holds "$1: its log is the recorded one" diff "$dir/$1" "$top_srcdir/tests/logs/turns/$1.jsonl"
}

# turn NAME STATUS ARGS...: of the script that was set up last, in a store of its own.
turn() {
    name=$1 want=$2
    shift 2
    run -p "do it" --model local/script --script "$script" --store-dir "$dir/$name.store" --session demo "$@"
    is "$name: status" "$rc" "$want"
    same "$name" "$dir/$name.store"
}

play '[{"reasoning":"Easy. "},{"text":"Done: it is two lines long."},{"usage":{"input":2800,"output":9}}]'
turn success 0
play '[{"text":"I look. "},{"call":{"id":"c1","name":"read","arguments":{"path":"a.txt"}}}]' '{"text":"It says one, two."}'
turn tool-ok 0
play '{"call":{"id":"c1","name":"read","arguments":{"path":"b.txt"}}}' '{"text":"There is no b.txt."}'
turn tool-failed 0
play '[{"text":"The first half of "},{"stall":true}]'
turn timeout 5 --request-timeout-ms 300
play '[{"fail":{"reason_code":"provider_unavailable","attempts":1}},{"text":"here I am"}]'
turn retry 0
play '{"fail":{"reason_code":"provider_unavailable"}}'
turn exhausted 6 --agent-request-max-retries 1
play '{"loop":true}' '{"call":{"id":"c1","name":"ls","arguments":{"path":"."}}}'
turn max-turns 1 --max-turns 2

# With somebody who answers, from another process.
# asked NAME: a gateway on a store of its own that runs the script, until something is asked; $serving, $asks.
asked() {
    : >"$dir/log"
    "$tau" gateway serve --bind 127.0.0.1:0 --model local/script --script "$script" --store-dir "$dir/$1.store" \
        >"$dir/log" 2>&1 </dev/null 9>&- &
    serving=$!
    until grep -q '^token' "$dir/log" || ! kill -0 "$serving" 2>/dev/null; do sleep 0.05; done
    run ctl session.new name=demo --store-dir "$dir/$1.store"
    run ctl turn.submit session=demo "input=do it" source=console --store-dir "$dir/$1.store"
    for _ in $(seq 600); do
        asks=$("$tau" ctl state --store-dir "$dir/$1.store" | grep -o 'appr_01[0-9A-Z]*' | head -n 1)
        [ -z "$asks" ] || break
        sleep 0.1
    done
    holds "$1: it is asked about" test -n "$asks"
}
# told NAME ACTION ARGS...: answers, waits for the end of the turn, and compares.
told() {
    name=$1
    shift
    run ctl "$@" --store-dir "$dir/$name.store"
    is "$name: it is taken" "$rc" 0
    for _ in $(seq 600); do
        "$tau" ctl state --store-dir "$dir/$name.store" >"$dir/now"
        grep -q '"status":"\(completed\|cancelled\)","source"' "$dir/now" && break
        sleep 0.1
    done
    kill -TERM "$serving"
    wait "$serving"
    same "$name" "$dir/$name.store"
}
edit='{"call":{"id":"c1","name":"edit","arguments":{"path":"a.txt","edits":[{"find":"two","replace":"three"}]}}}'
play "$edit" '{"text":"It says three now."}'
asked approved
told approved approval.resolve approval="$asks" approve=true
is "what was asked about is done" "$(cat a.txt)" "$(printf 'one\nthree')"
printf 'one\ntwo\n' >a.txt
play "$edit" '{"text":"Then not."}'
asked rejected
told rejected approval.resolve approval="$asks" reason="not today"
is "what was refused is not" "$(cat a.txt)" "$(printf 'one\ntwo')"
play "$edit" '{"text":"-"}'
asked cancelled
told cancelled turn.cancel
done_testing
