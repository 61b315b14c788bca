#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Headless turns: what is on standard output in each format, and the exit code for each end.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

# ---- the three formats ----
play '[{"text":"One "},{"text":"answer."},{"usage":{"input":7,"output":3}}]'
run -p hello $played
is "text: completed is 0" $rc 0
is "text: the answer and a newline" "$(cat "$dir/out")" "One answer."
is "text: nothing on standard error" "$(cat "$dir/err")" ""

run -p hello $played --output json
is "json: completed is 0" $rc 0
is "json: one line, one object" "$("$peek" lines <"$dir/out")" 1
is "json: status" "$("$peek" get status <"$dir/out")" completed
is "json: answer" "$("$peek" get answer <"$dir/out")" "One answer."
is "json: usage" "$("$peek" get usage output <"$dir/out")" 3
is "json: finish reason" "$("$peek" get finish_reason <"$dir/out")" stop

run -p hello $played --output events
is "events: completed is 0" $rc 0
holds "events: every line is a JSON object" "$peek" lines <"$dir/out"
is "events: the first is turn.created" "$("$peek" same kind <"$dir/out" | head -n 1)" turn.created
is "events: the last is turn.completed" "$("$peek" same kind <"$dir/out" | tail -n 1)" turn.completed
"$peek" same seq <"$dir/out" >"$dir/seq"
sort -n -u "$dir/seq" >"$dir/seq.sorted"
holds "events: numbers only go up" cmp "$dir/seq" "$dir/seq.sorted"
"$peek" same turn <"$dir/out" | sort -u >"$dir/turns"
is "events: they are of one turn" "$(wc -l <"$dir/turns")" 1
"$peek" same schema_version <"$dir/out" | sort -u >"$dir/versions"
is "events: all of one version" "$(wc -l <"$dir/versions")" 1

# ---- only the last text is the answer ----
echo here >a.txt
play '[{"text":"I look."},{"call":{"name":"read","arguments":{"path":"a.txt"}}}]' '{"text":"It says here."}'
run -p hello $played
is "text: what was said before a tool is not the answer" "$(cat "$dir/out")" "It says here."
play '[{"text":"I look."},{"call":{"name":"read","arguments":{"path":"a.txt"}}}]' '{"text":"It says here."}'
run -p hello $played --output json
is "json: the call is named" "$("$peek" get tools 0 name <"$dir/out")" read
is "json: the call completed" "$("$peek" get tools 0 status <"$dir/out")" completed

# ---- the answer is passed on byte for byte ----
play '{"text":"tab\there \u001b[31mred\u001b[0m \u0007 \u202e end"}'
run -p hello $played
printf 'tab\there \033[31mred\033[0m \007 \342\200\256 end\n' >"$dir/want"
holds "text: bytes to a file are as the model sent them" cmp "$dir/want" "$dir/out"
if command -v script >/dev/null; then
    script -qec "'$tau' -p hello $played" /dev/null </dev/null >"$dir/out" 2>&1
    holds "text: no escape sequence of the model reaches a terminal" sh -c "! grep -q '$(printf '\033')' '$dir/out'"
else
    skip "text: no escape sequence of the model reaches a terminal" "script is missing"
fi

# ---- prompts ----
in=$dir/stdin
printf 'piped words\n' >"$in"
play '[{"expect":"piped words"},{"text":"yes"}]'
run -p 'asked' $played
is "standard input is added to the prompt" "$rc $(cat "$dir/out")" "0 yes"
play '[{"expect":"asked"},{"text":"yes"}]'
run -p 'asked' $played
is "and the prompt is still there" "$rc $(cat "$dir/out")" "0 yes"
play '[{"expect":"piped words"},{"text":"yes"}]'
run --prompt-file - $played
is "--prompt-file - is standard input" "$rc $(cat "$dir/out")" "0 yes"
in=/dev/null
play '[{"expect":"piped words"},{"text":"yes"}]'
run --prompt-file "$dir/stdin" $played
is "--prompt-file FILE" "$rc $(cat "$dir/out")" "0 yes"
run --prompt-file "$dir/missing" $played
is "--prompt-file: a missing file is 2" $rc 2
has "and it is named" "$dir/err" "$dir/missing"
run -p a --prompt-file "$dir/stdin" $played
is "two prompts are 2" $rc 2
run -p '' $played
is "an empty prompt is 2" $rc 2
is "and prints nothing" "$(cat "$dir/out")" ""

# ---- exit codes ----
play '[{"text":"half"},{"fail":{"reason_code":"internal","message":"it broke"}}]'
run -p hello $played
is "a failed turn is 1" $rc 1
has "the reason is on standard error" "$dir/err" "it broke"
has "with its code" "$dir/err" "[internal"
play '[{"text":"half"},{"fail":{"reason_code":"internal","message":"it broke"}}]'
run -p hello $played --output json
is "json of a failed turn: 1" $rc 1
is "json of a failed turn: status" "$("$peek" get status <"$dir/out")" failed
is "json of a failed turn: reason" "$("$peek" get error reason_code <"$dir/out")" internal
is "json of a failed turn: what was said is kept" "$("$peek" get answer <"$dir/out")" half
play '[{"text":"half"},{"fail":{"reason_code":"internal","message":"it broke"}}]'
run -p hello $played --output events
is "events of a failed turn: the last" "$("$peek" same kind <"$dir/out" | tail -n 1)" turn.failed
is "events of a failed turn: the reason" "$(tail -n 1 "$dir/out" | "$peek" get data error reason_code)" internal

run -p hello --model nobody/nothing --store-dir "$store"
is "an unknown model is 2" $rc 2
run -p hello --output yaml $played
is "an unknown format is 2" $rc 2
has "and the formats are named" "$dir/err" "text|json|events"

play '{"stall":true}'
run -p hello $played --turn-timeout-ms 50
is "a deadline is 5" $rc 5
has "and says so" "$dir/err" "timed_out"
play '{"stall":true}'
run -p hello $played --turn-timeout-ms 50 --output json
is "json of a deadline: status" "$rc $("$peek" get status <"$dir/out")" "5 timed_out"
play '{"stall":true}'
run -p hello $played --request-timeout-ms 50
is "a request's deadline is 5" $rc 5

play '{"fail":{"reason_code":"provider_unavailable","message":"nobody listens"}}'
run -p hello $played
is "a provider that fails is 6" $rc 6
has "and is told" "$dir/err" "provider_unavailable"

for pair in '3 blocked_by_safety' '4 budget_reached'; do
    reason=${pair#* }
    play "{\"fail\":{\"reason_code\":\"$reason\"}}"
    run -p hello $played --output json
    is "$reason is ${pair%% *}" "$rc $("$peek" get error reason_code <"$dir/out")" "$pair"
done

play '{"call":{"name":"read","arguments":{"path":"a.txt"}}}' '{"call":{"name":"ls","arguments":{}}}' '{"text":"x"}'
run -p hello $played --max-turns 2 --output json
is "more requests than allowed: 1" $rc 1
is "and the reason" "$("$peek" get error reason_code <"$dir/out")" max_steps

# ---- without an operator ----
play '{"call":{"name":"write","arguments":{"path":"new.txt","content":"x"}}}' '{"text":"I could not write it."}'
run -p hello $played
is "a refused tool does not fail the turn" $rc 0
is "its answer is there" "$(cat "$dir/out")" "I could not write it."
has "the refusal is on standard error" "$dir/err" "refused: "
has "with its code" "$dir/err" "approval_needs_operator"
holds "nothing was written" test ! -e new.txt
play '{"call":{"name":"write","arguments":{"path":"new.txt","content":"x"}}}' '{"text":"Written."}'
run -p hello $played --mode auto
is "--mode auto writes" "$rc $(cat new.txt)" "0 x"
play '{"call":{"name":"write","arguments":{"path":"plan.txt","content":"x"}}}' '{"text":"Not written."}'
run -p hello $played --mode plan
is "--mode plan does not" "$rc $(test -e plan.txt && echo there)" "0 "

# ---- nobody reads ----
play '{"repeat":{"n":200000,"text":"many words "}}'
timeout -k 5 60 "$tau" -p hello $played --output events 2>"$dir/err" | head -n 3 >"$dir/out"
is "a reader that leaves gets what it read" "$(wc -l <"$dir/out")" 3
hasnt "and no complaint about the pipe" "$dir/err" "roken pipe"
play '{"text":"x"}'
"$tau" -p hello $played >/dev/full 2>"$dir/err" </dev/null
is "standard output that is full is 1" $? 1
has "and is told" "$dir/err" "standard output"

done_testing
