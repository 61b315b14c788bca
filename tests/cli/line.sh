#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Line mode: a line in, an answer out, with the same words as the console; commands from a file; and the
# events in the form that Tau had.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
cd "$dir" || exit 99
at="-C $dir/work --store-dir $store"

# lines TEXT ARGUMENTS...: line mode with this on standard input.
lines() {
    printf "$1" >"$dir/in"
    shift
    "$tau" "$@" <"$dir/in" >"$dir/out" 2>"$dir/err"
    rc=$?
}

printf 'one\ntwo\n' >work/a.txt

# ---- asking ----
lines 'how long is a.txt?\n\nhow long is a.txt?\n' --line $at
is "two questions: status" $rc 0
is "two answers" "$(grep -c '2 lines' "$dir/out")" 2
is "each has begun" "$(grep -c '^interactive.turn=start turn_timeout_ms=0 request_timeout_ms=' "$dir/err")" 2
is "each has ended" "$(grep -c '^interactive.turn=end status=completed elapsed_ms=' "$dir/err")" 2
hasnt "standard output has nothing but answers" "$dir/out" "interactive"
has "the calls are on standard error" "$dir/err" "read: ok"
lines 'how long is a.txt?' $at # no terminal: line mode by itself, and no LF at the end
is "without --line: status" $rc 0
has "without --line: the answer" "$dir/out" "2 lines"
lines '' --line $at
is "nothing: status" $rc 0
lines 'how long is \\\na.txt?\n' --line $at
has "a line goes on behind a backslash" "$dir/out" "2 lines"
(printf 'how long is \\\n'; sleep 1; printf 'a.txt?\n') | "$tau" --line $at >"$dir/out" 2>"$dir/err"
has "a line goes on that comes later" "$dir/out" "2 lines"
(printf 'how long is a.txt?\\\n'; sleep 1) | "$tau" --line $at >"$dir/out" 2>"$dir/err"
is "a backslash and then the end: it is asked" "$(grep -c '^interactive.turn=end' "$dir/err")" 1
lines '\377how long\000 is a.txt?\n' --line $at
is "bytes that are no text: status" $rc 0

# ---- commands ----
lines '/help\n/help steer\n' --line $at
has "help: commands of the console" "$dir/out" "/steer TEXT"
has "help: verbs" "$dir/out" "/session-export"
lines '/nwe\n/new other\n/session-list\nhow long is a.txt?\n' --line $at
is "the first failure is the status" $rc 2
has "the nearest is named" "$dir/err" "did you mean /new?"
has "it goes on after it" "$dir/out" "other"
has "and answers" "$dir/out" "2 lines"
lines '/quit\nhow long is a.txt?\n' --line $at
hasnt "quit: nothing after it" "$dir/out" "lines"
lines '/session second\n/session\nhow long is a.txt?\n/session\n/session-show\n' --line $at
has "session: it is the one that is talked to" "$dir/out" "how long is a.txt?"
has "session alone: one line of it" "$dir/out" "session: path=$store/tau.db name=second entries=0 active_head=none"
has "session alone: where it goes on" "$dir/out" "name=second entries=3 active_head=msg_"
lines 'how long is a.txt?\n/rename of-a-turn\n/session-list\n' --line $at
is "the session that a turn made is named: status" $rc 0
has "the session that a turn made is named" "$dir/out" "of-a-turn"
lines '/rename nothing\n' --line $at
has "no session yet: said" "$dir/err" "there is no session yet"
lines '/rename\n' --line $at
is "an argument that is missing: status" $rc 2
lines '/mode\n/mode plan\n/mode\n/policy\n' --line $at
is "alone: status" $rc 0
has "mode alone: which" "$dir/err" "the mode is ask"
has "mode alone: which it is now" "$dir/err" "the mode is plan"
has "policy alone: all of it" "$dir/out" '"preset":"balanced","mode":"plan"'
lines '/policy strict\n' --line $at
is "what wants a word: status" $rc 2
lines '/policy strict yes\n/mode plan\n/model local/offline\n' --line $at
is "with the word: status" $rc 0
lines '# releases are cut on Fridays\n/memory\n' --line $at
has "# remembers" "$dir/out" "releases are cut on Fridays"
lines '!echo one two\n' --line $at
has "! runs" "$dir/out" "ended with exit status 0"

# ---- questions ----
lines 'create b.txt with "x"\n' $at
has "nobody to ask: it is refused" "$dir/err" "needs an approval"
is "nobody to ask: a turn that survives it" $rc 0
holds "nobody to ask: nothing is written" test ! -e work/b.txt
lines 'create b.txt with "x"\n' --mode auto $at
holds "mode auto: it is written" test -e work/b.txt
lines 'create c.txt with "x"\nwhat?\nd\ny\nhow long is c.txt?\n' --line $at
has "asked: what it is" "$dir/err" "asks: write c.txt"
has "asked: another word is no answer" "$dir/err" "no answer to what is asked"
has "asked: d shows it" "$dir/err" "+x"
holds "asked: y does it" test -e work/c.txt
has "asked: then the next line" "$dir/out" "1 line"
lines 'create d.txt with "x"\nn not today\n' --line $at
has "asked: n with a reason" "$dir/out" "not today"
lines 'create d.txt with "x"\n/reject\n/approve\n' --line $at
is "asked: nothing is asked any more: status" $rc 2
lines 'create d.txt with "x"\n' --line $at
has "the input ends meanwhile" "$dir/err" "standard input has ended"
holds "and nothing is written" test ! -e work/d.txt
lines '!echo $((1+2))\ny\nyes\n' --line $at
has "what is risky wants the whole word" "$dir/err" "no answer to what is asked"
has "and then runs" "$dir/out" "exit status 0"

# ---- for others to see ----
lines '/gateway up 127.0.0.1:0\n/gateway\n/gateway down\n/gateway\n' --line $at
is "gateway: status" "$rc" 0
has "gateway: where it listens" "$dir/out" "gateway: http://127.0.0.1:"
has "gateway: and no more" "$dir/out" "down"
lines '/watch up\nhow long is a.txt?\n/watch\n/watch down\n' --line $at
is "watch: status" "$rc" 0
has "watch: where it writes" "$dir/out" "watch: up, "
has "watch: what others read" work/.tau/dashboard/state.json '"processed_case_keys":["turn_'
rm -r work/.tau/dashboard
lines 'how long is a.txt?\n' --line --watch-out "$dir/view" $at
has "watch-out: the view" "$dir/view" "Tau Operator Shell (live-watch) - "
rm -r work/.tau/dashboard "$dir/view"
run -p "how long is a.txt?" --watch-out "$dir/view" $at
has "watch-out: of one turn, too" "$dir/view" "rollouts.succeeded: "
rm -r work/.tau/dashboard

# By its id, from the list of what is asked.
mkfifo "$dir/typed"
"$tau" --line $at <"$dir/typed" >"$dir/out" 2>"$dir/err" &
running=$!
exec 3>"$dir/typed"
printf 'create e.txt with "x"\n' >&3
for _ in $(seq 600); do
    grep -q "asks: write e.txt" "$dir/err" && break
    sleep 0.1
done
"$tau" approvals --status requested --json $at >"$dir/asked" </dev/null
is "approvals: what waits" "$(wc -l <"$dir/asked") $("$peek" get action <"$dir/asked")" "1 write e.txt (new, +1)"
asked=$("$peek" get id <"$dir/asked")
printf '/approvals\n/approvals approve nobody\n/approvals approve %s\n' "${asked#"${asked%??????}"}" >&3
for _ in $(seq 600); do
    [ -e work/e.txt ] && break
    sleep 0.1
done
exec 3>&-
wait $running
has "approvals: the list, in line mode" "$dir/out" "requested write  write e.txt"
has "approvals: one that is not asked" "$dir/err" "no question 'nobody' waits"
holds "approvals: approved by the end of its id" test -e work/e.txt
run approvals $at
has "approvals: who answered" "$dir/out" "approved  write  write e.txt (new, +1)  by operator, once"
run approvals approve $at
is "approvals: which one is missing: status" "$rc" 2

# ---- a turn ends badly ----
play '[{"text":"So far"},{"fail":{"reason_code":"invalid_argument","message":"no"}}]' '{"text":"again"}'
lines 'a\nb\n' --line $played
ok=$rc
holds "what came before is there, and the line ends" grep -qx 'So far' "$dir/out"
has "the next line is asked all the same" "$dir/out" "again"
holds "the status is the failure's" test $ok -ne 0
has "its end says so" "$dir/err" "interactive.turn=end status=failed"
play '[{"text":"So far. "},{"stall":true}]'
printf 'wait\n' | "$tau" --line -C $dir/work $played >"$dir/out" 2>"$dir/err" &
running=$!
for _ in $(seq 600); do
    grep -q "So far\." "$dir/out" && break
    sleep 0.1
done
has "the answer comes while it is made" "$dir/out" "So far."
pkill -INT -f -- "--line -C $dir/work $played"
wait $running
has "an interrupt stops the turn" "$dir/err" "interactive.turn=end status=cancelled"

# ---- commands from a file ----
printf '# two that work\n/session-list\n\n  /memory\n/nope\n/session-list\n' >file
run --command-file file $at
is "fail-fast: status" $rc 2
has "fail-fast: where" "$dir/err" "file:5: there is no command /nope"
has "fail-fast: the report" "$dir/err" "total=4 executed=3 succeeded=2 failed=1 halted_early=true"
run --command-file file --command-file-error-mode continue-on-error $at
is "going on: status" $rc 2
has "going on: the report" "$dir/err" "total=4 executed=4 succeeded=3 failed=1 halted_early=false"
run --command-file file --command-file-error-mode other $at
has "another word" "$dir/err" "expected fail-fast|continue-on-error"
play '{"text":"steered, and answered"}' '{"fail":{"reason_code":"invalid_argument","message":"no"}}'
printf '/steer say it\n/steer again\n/session-list\n' >turns
run --command-file turns $played
has "a turn that a command begins is waited for" "$dir/out" "steered, and answered"
has "one that fails is a command that fails" "$dir/err" "total=3 executed=2 succeeded=1 failed=1 halted_early=true"
holds "and the status is its own" test "$rc" -ne 0
run --command-file nowhere $at
is "no such file: status" $rc 2
printf 'hello\n' >file
run --command-file file $at
has "what is no command" "$dir/err" "file:1: expected a command that begins with '/'"
run --command-file file -p x $at
is "two ways of use: status" $rc 2

# ---- events as Tau had them ----
play '{"call":{"name":"read","arguments":{"path":"a.txt"}}}' '{"text":"two lines"}'
run -p "how long?" --json-events -C $dir/work $played
is "old events: status" $rc 0
is "old events: in this order" \
    "$(sed 's/{"type":"\([a-z_]*\)".*/\1/' "$dir/out" | grep -v cost_updated | tr '\n' ' ')" \
    "agent_start message_added turn_start message_added tool_execution_start tool_execution_end message_added turn_end turn_start message_added turn_end agent_end "
has "old events: a call" "$dir/out" '"tool_name":"read","is_error":false'
has "old events: an answer" "$dir/out" '"role":"assistant","text":"two lines","tool_calls":0'
has "old events: each has its number" "$dir/out" '"seq":'
hasnt "old events: and it is one of the log's" "$dir/out" '"seq":0,'
run -p x --json-events --output json $at
is "two forms: status" $rc 2
done_testing
