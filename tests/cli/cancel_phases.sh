#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Stopping a turn in each phase of a request, and what the next request then is: a server that wants
# every call to have its result would refuse it. And calls of one answer: which run at once, and which
# one after the other.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
fake_start
OPENAI_API_KEY=sk-test
export OPENAI_API_KEY

# stop NAME PHASE FILE WORDS ARGS...: runs a turn, stops it when WORDS are in FILE.
stop() {
    name=$1 phase=$2 file=$3 words=$4
    shift 4
    : >"$dir/requests"
    : >"$dir/out"
    env --default-signal=INT "$tau" -p go --mode auto --output events --store-dir "$store" "$@" \
        >"$dir/out" 2>"$dir/err" </dev/null &
    pid=$!
    until grep -qF -- "$words" "$file" || ! kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
    kill -INT "$pid"
    wait "$pid"
    is "$name: status" $? 130
    is "$name: it ends once" "$(grep -c '"kind":"turn.cancelled"' "$dir/out")" 1
    tail -n 1 "$dir/out" >"$dir/last"
    has "$name: and says where it was" "$dir/last" "\"phase\":\"$phase\""
    run -p next -c --store-dir "$store" --api-base "$base" --model openai/echo
    is "$name: the next request is taken" "$rc" 0
}

# The server waits for a line that a TLS hello does not have.
stop connect provider_connect "$dir/out" turn.provider_requested --api-base "https://127.0.0.1:$port/v1" --model openai/x
stop wait provider_wait "$dir/requests" stall-head --api-base "$base" --model openai/stall-head
stop stream stream "$dir/out" "half of" --api-base "$base" --model openai/stall-middle
has "what it had said is kept" "$dir/out" "you said: next"
run session show --store-dir "$store"
has "and shown" "$dir/out" "half of"

# Two of four calls are through, one runs, one has not begun.
play '[{"text":"four"},{"call":{"name":"bash","arguments":{"command":"echo one"}}},{"call":{"name":"bash","arguments":{"command":"echo two"}}},{"call":{"name":"bash","arguments":{"command":"echo up; sleep 1000"}}},{"call":{"name":"bash","arguments":{"command":"touch never"}}}]'
stop "between calls" tool "$dir/out" '"text":"up\n' --model local/script --script "$script"
holds "what had not begun does not begin" test ! -e never
run session stats --json --store-dir "$store"
is "every call has its end" "$("$peek" get calls <"$dir/out")" 4

# ---- calls of one answer ----
mkdir tree
yes 'a line of a file that nothing matches' | head -c 60000000 | split -b 900k - tree/
look='{"call":{"name":"grep","arguments":{"pattern":"zzz","path":"tree"}}}'
play "[$look,$look,$look,$look]" '{"text":"looked"}'
run -p go --mode auto --output events $played
grep -o '"kind":"tool\.[a-z]*"' "$dir/out" >"$dir/kinds"
holds "what only reads runs at once: others are begun before one has ended" \
    test "$(sed '/completed\|failed/,$d' "$dir/kinds" | grep -c started)" -ge 2
is "all four did" "$(grep -c completed "$dir/kinds")" 4
rm -rf tree
play '[{"call":{"name":"write","arguments":{"path":"same.txt","content":"one\n"}}},{"call":{"name":"edit","arguments":{"path":"same.txt","find":"one","replace":"two"}}},{"call":{"name":"read","arguments":{"path":"same.txt"}}},{"call":{"name":"edit","arguments":{"path":"same.txt","find":"two","replace":"three"}}}]' '{"text":"written"}'
run -p go --mode auto --output events $played
is "what touches one path goes in order" "$(cat same.txt)" three
grep '"kind":"tool.completed"' "$dir/out" | grep -F two >"$dir/read"
has "also what reads it in between" "$dir/read" "two"
is "no call failed" "$(grep -c tool.failed "$dir/out")" 0
fake_stop
done_testing
