#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The operator's view from outside: of a directory, of a running tau, again and again; and the gateway in
# the background, up and down.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
unset XDG_RUNTIME_DIR

run shell
is "nothing is there: status" "$rc" 0
has "nothing is there: unknown, not healthy" "$dir/out" "heartbeat: unknown"
hasnt "nothing is there: not healthy" "$dir/out" "healthy"
has "nothing is there: what is missing" "$dir/out" "artifact: missing:state.json"
has "nothing is there: the head" "$dir/out" "Tau Operator Shell - profile=local-dev env=local state_dir="
run shell-live
has "live, once: the head" "$dir/out" "Tau Operator Shell (live) - profile=local-dev env=live state_dir="
run shell --width 39
is "too narrow: status" "$rc" 2
run shell --state-dir ''
is "an empty directory name: status" "$rc" 2
run shell-live --iterations 2
is "iterations without --watch: status" "$rc" 2
run shell --frames 2
is "frames without --demo: status" "$rc" 2
run shell --wdith 80
is "no such option: status" "$rc" 2
run shell --demo --frames 4 --sleep-ms 0
is "the demo: status" "$rc" 0
is "the demo: so many frames" "$(grep -c '^watch.cycle=' "$dir/out")" 4
is "the demo: they are counted" "$(tail -n 1 "$dir/out" | cut -d ' ' -f 1)" "watch.cycle=4/4"
rc=0
timeout -k 5 30 "$tau" shell --demo --frames 1 --sleep-ms 60000 >"$dir/out" 2>&1 || rc=$?
is "the demo: after its last frame it waits for nothing" "$rc" 0
run shell --demo --sleep-ms 0 --json
is "the demo as JSON, a line each" "$(tail -n 1 "$dir/out" | "$peek" get environment)" demo

mkdir -p here/dashboard
echo '{"health":{"failure_streak":4},' >here/dashboard/state.json
run shell --state-dir here/dashboard --json
is "half a file: unknown" "$("$peek" get heartbeat <"$dir/out")" unknown
is "half a file: its code" "$("$peek" get diagnostics 0 code <"$dir/out")" "parse_failed:state.json"
echo '{"health":{"failure_streak":4}}' >here/dashboard/state.json
run shell-live --state-dir here/dashboard --watch --iterations 3 --interval-ms 1
is "again and again: status" "$rc" 0
is "again and again: so often" "$(grep -c 'heartbeat: failing' "$dir/out")" 3
has "again and again: nothing differs" "$dir/out" "watch.cycle=3/3 watch.interval_ms=1 watch.diff_ops=0"
"$tau" shell-live --state-dir here/dashboard --watch >"$dir/live" 2>&1 </dev/null &
live=$!
until grep -q 'heartbeat: failing' "$dir/live"; do sleep 0.05; done
echo '{"health":{"failure_streak":0}}' >here/new && mv here/new here/dashboard/state.json
until grep -q 'heartbeat: healthy' "$dir/live"; do sleep 0.05; done
kill "$live"
wait "$live"
is "it ends well when it is told to" $? 0

# Where tau never worked.
run up --bind 127.0.0.1:0 --store-dir "$dir/never/was"
is "up, of a new store: status" "$rc" 0
run down --store-dir "$dir/never/was"
is "down, of that: status" "$rc" 0

# A tau that runs, without a directory and with one.
run up --bind 127.0.0.1:0 --store-dir "$store"
is "up: status" "$rc" 0
has "up: where it listens" "$dir/out" "gateway: http://127.0.0.1:"
has "up: its process" "$dir/out" "up: process "
pid=$(sed -n 's/^up: process //p' "$dir/out")
run up --store-dir "$store"
has "up again: it is" "$dir/out" "up already: process $pid"
run status --store-dir "$store"
has "status: it is ready" "$dir/out" "up: process $pid, ready"
is "status: of what is up" "$rc" 0
for i in $(seq 20000); do echo "a line as a gateway that runs for long writes: $i"; done >>"$store/up.log"
holds "a long log: it is one" test "$(wc -c <"$store/up.log")" -gt 1048576
run status --store-dir "$store"
has "a long log: its end is shown" "$dir/out" "for long writes: 20000"
is "a long log: whole lines of it" "$(grep -c '^a line as a gateway that runs for long writes: [0-9]*$' "$dir/out")" \
    "$(($(wc -l <"$dir/out") - 1))"
holds "a long log: not many" test "$(wc -c <"$dir/out")" -lt 5000
run ctl turn.submit "input=hello" --wait --store-dir "$store"
is "it works: status" "$rc" 0
run shell --store-dir "$store"
has "of the running one" "$dir/out" "env=live"
has "of the running one: what it did" "$dir/out" "rollouts.succeeded: 1"
# One that does not end: the wait for it does. Asynchronous children ignore SIGINT; env puts it back.
kill -STOP "$pid"
env --default-signal=INT "$tau" down --store-dir "$store" >"$dir/out" 2>"$dir/err" </dev/null &
down=$!
# SIGTERM is the bit 0x4000; others may wait there, too.
until grep -q '^ShdPnd:.*[4-7c-f]...$' "/proc/$pid/status" || ! kill -0 "$down" 2>/dev/null; do sleep 0.02; done
kill -INT "$down"
wait "$down"
is "down, interrupted: status" $? 130
has "down, interrupted: how it stands" "$dir/err" "was told to end, and has not ended yet"
kill -CONT "$pid"
"$peek" gone "$store"
run up --bind 127.0.0.1:0 --store-dir "$store"
run down --store-dir "$store"
is "down: status" "$rc" 0
run ctl status --store-dir "$store"
is "down: it is gone" "$rc" 2
run status --store-dir "$store"
has "status: down" "$dir/out" "down: tau up starts it"
is "status: of what is down" "$rc $(wc -c <"$dir/err")" "1 0"
run down --store-dir "$store"
is "down again: status" "$rc" 0

mkdir -p .tau "$dir/elsewhere"
ln -s "$dir/elsewhere" .tau/dashboard
"$tau" gateway serve --bind 127.0.0.1:0 --store-dir "$dir/linked" >"$dir/linked.log" 2>&1 </dev/null &
linked=$!
until grep -q '^token' "$dir/linked.log" || ! kill -0 "$linked" 2>/dev/null; do sleep 0.05; done
kill "$linked"
wait "$linked"
is "a link that came with the workspace is not followed" "$(ls "$dir/elsewhere")" ""
rm .tau/dashboard
mkdir -p .tau/dashboard
run up --bind 127.0.0.1:0 --store-dir "$store"
is "up, with a directory: status" "$rc" 0
run ctl turn.submit "input=hello again" --wait --store-dir "$store"
for _ in $(seq 600); do
    run shell
    grep -q 'rollouts.total: 2' "$dir/out" && break
    sleep 0.05
done
has "its artifacts say what it did" "$dir/out" "rollouts.succeeded: 2"
has "and what was asked of it, by whom" .tau/dashboard/control-state.json '"action":"turn.submit"'
is "each of them once" "$(sort .tau/dashboard/actions-audit.jsonl | uniq -d)" ""
is "they are its owner's alone" "$(stat -c %a .tau/dashboard/state.json)" 600
pid=$(sed -n 's/^| process: \([0-9]*\) .*/\1/p' "$dir/out")
kill -KILL "$pid"
run status --store-dir "$store"
has "killed: it is down" "$dir/out" "down: tau up starts it"
is "killed: the exit status says so, too" "$rc" 1
run up --bind 0.0.0.0:0 --store-dir "$store"
is "an address that others reach wants a yes: status" "$rc" 2
has "and the hint is what to say" "$dir/err" "if they shall: --yes"
"$tau" gateway serve --bind 127.0.0.1:0 --store-dir "$dir/taken" >"$dir/taken.log" 2>&1 </dev/null &
taken=$!
until grep -q '^token' "$dir/taken.log" || ! kill -0 "$taken" 2>/dev/null; do sleep 0.05; done
run up --bind "$(sed -n 's|^gateway: http://||p' "$dir/taken.log")" --store-dir "$store"
holds "an address that is taken: status" test "$rc" -ne 0
has "an address that is taken: why" "$dir/err" "can not be listened on"
has "and where more is said" "$dir/err" "its log: "
kill "$taken"
wait "$taken"
run up --bind nonsense --store-dir "$store"
holds "what can not start: status" test "$rc" -ne 0
has "what can not start: why" "$dir/err" "expected ADDRESS:PORT"

# What the gateway takes it takes by way of tau up, too.
play '{"text":"from the script"}' '{"text":"and again"}'
cp "$script" 'a script.jsonl'
run up --bind 127.0.0.1:0 --store-dir "$dir/given" --model local/script --script 'a script.jsonl' --mode plan \
    --turn-timeout-ms 30000
is "up with options: status" "$rc" 0
pid=$(sed -n 's/^up: process //p' "$dir/out")
tr '\0' '\n' <"/proc/$pid/cmdline" >"$dir/cmdline"
is "they are those of the gateway" "$(grep -cxF -e --model=local/script -e '--script=a script.jsonl' -e --mode=plan \
    -e --turn-timeout-ms=30000 "$dir/cmdline")" 4
run ctl turn.submit "input=hello" --wait --store-dir "$dir/given"
is "its turn: status" "$rc" 0
run session show --store-dir "$dir/given"
has "its turn is answered by that model" "$dir/out" "from the script"
run up --model local/offline --store-dir "$dir/given"
is "up already, with options: status" "$rc" 0
has "that it has others is said, and what to do" "$dir/err" "tau down, then tau up"
run up --store-dir "$dir/given"
hasnt "and not without" "$dir/err" "tau down"
run down --store-dir "$dir/given"
run up --bind 127.0.0.1:0 --store-dir "$dir/given" --idle-timeout-ms soon
is "an option that is wrong: status" "$rc" 2
has "an option that is wrong: why" "$dir/err" "--idle-timeout-ms: expected a number"

run tui --dry-run --store-dir "$store"
is "tui: status" "$rc" 0
has "tui: the view" "$dir/out" "agent-interactive"
has "tui: what it sets" "$dir/out" "--request-timeout-ms 45000 --agent-request-max-retries 0"
TAU_UNIFIED_TUI_REQUEST_TIMEOUT_MS=9000 "$tau" tui --dry-run --store-dir "$store" >"$dir/out" </dev/null
has "tui: what the variable says" "$dir/out" "--request-timeout-ms 9000"
run agent --dry-run --model local/offline --store-dir "$store"
has "agent: its command" "$dir/out" "interactive.command=tau --model local/offline"
run agent --dry-run --gateway-state-dir gw --store-dir "$store"
has "agent: its command names what it was given" "$dir/out" "interactive.command=tau --gateway-state-dir gw"
has "agent: and it is said that nothing is kept there" "$dir/err" "--gateway-state-dir: nothing is kept there; --dashboard-state-dir names"
holds "agent: and nothing is made there" test ! -e gw
: >"$dir/tui"
timeout -k 5 120 "$tau" tui --live-shell --gateway-state-dir gw --store-dir "$store" </dev/null >"$dir/tui" 2>"$dir/err" &
live=$!
until grep -q 'heartbeat: ' "$dir/tui" || ! kill -0 "$live" 2>/dev/null; do sleep 0.05; done
kill "$live"
wait "$live"
has "the view again and again: it is said, too" "$dir/err" "--gateway-state-dir: nothing is kept there"
run agent --dry-run --model '' --store-dir "$store"
is "agent: an empty model: status" "$rc" 2
done_testing
