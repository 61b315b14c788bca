#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Memory and tasks from outside, and from a model's calls.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
at="--store-dir $store"
end_of() { awk -v w="$1" 'index($0, w) { print $1 == "*" ? $2 : $1 }' "$dir/out" | head -n 1; }

# ---- memory ----
run memory list $at
is "nothing is remembered yet" "$rc $(cat "$dir/out")" "0 "
run memory search word $at
is "nor found" "$rc $(cat "$dir/out")" "0 "
run memory write "The operator likes short answers" --type preference $at
is "write" $rc 0
run memory write Use make -j2 in CI $at
is "words that look like options are options" $rc 2
run memory write "Use make with two jobs in CI" $at
run memory list $at
make=$(end_of "Use make")
likes=$(end_of likes)
has "list names the type" "$dir/out" "preference"
run memory search jobs mak $at
is "search wants all words, the last may go on" "$(grep -c . "$dir/out")" 1
for query in '"' 'a"b' '(' 'NEAR(' 'AND' '*' 'x:y' '-x'; do
    run memory search -- "$query" $at
    case $rc in 0 | 2) ok=yes ;; *) ok="status $rc" ;; esac
    is "no query is SQL or FTS: $query" "$ok" yes
    hasnt "and none fails for it: $query" "$dir/err" "store_failed"
done
run memory search jobs --json $at
has "the place is shown" "$dir/out" "Use make with two «jobs» in CI"
run memory forget "$make" $at
has "forget" "$dir/out" "is forgotten"
run memory search make $at
is "it is not found" "$(cat "$dir/out")" ""
run memory list --forgotten $at
has "it is in the list of those" "$dir/out" "$make"
run memory restore "$make" $at
run memory pin "$make" $at
run memory list $at
is "the pinned one is first" "$(head -n 1 "$dir/out" | cut -c 1-8)" "* $make"
run memory show "$likes" --json $at
is "show as JSON" "$("$peek" get type <"$dir/out")" preference
run memory show nobody $at
is "one that is not there: status" $rc 2
long=$(printf '%1201s' x | tr ' ' x)
run memory write "$long" $at
is "one byte too long: status" $rc 2
has "one byte too long" "$dir/err" "summary: expected 1 to 1200 bytes"
run memory write "$(printf '%1200s' x | tr ' ' x)" $at
is "as long as it may be" $rc 0

# ---- tasks ----
run task create write the notes $at
task=$(cut -c 1-6 "$dir/out")
run task create collect the changes --parent "$task" $at
part=$(cut -c 1-6 "$dir/out")
run task list $at
has "a part stands below" "$dir/out" "    collect the changes"
run task complete "$task" $at
is "not before its parts: status" $rc 1
has "not before its parts" "$dir/err" "1 of its parts is still open"
run task update "$part" running $at
run task update "$part" flying $at
is "a status that there is not" $rc 2
run task complete "$part" twelve of them $at
run task complete "$part" $at
is "not twice: status" $rc 1
run task get "$part" $at
has "what came of it" "$dir/out" "twelve of them"
run task history "$part" $at
is "its history: what, and by whom" "$(awk '/by operator/ { print $2 }' "$dir/out" | tr '\n' ' ')" \
    "created running completed "
has "and what was noted" "$dir/out" "    twelve of them"
run task history nothing $at
is "a history that is not there" $rc 2
run task cancel "$task" $at
run task list $at
is "nothing is open" "$(cat "$dir/out")" ""
run task list all $at
has "all of them" "$dir/out" "cancelled  write the notes"
run task create x --parent nothing $at
is "a parent that is not there" $rc 2

# ---- by a model ----
play '[{"call":{"name":"memory_write","arguments":{"summary":"ports are 8787","facts":["gateway: 8787"],"tags":["net"]}}},{"call":{"name":"task_create","arguments":{"titles":["look","mend"]}}}]' \
    '[{"call":{"name":"memory_search","arguments":{"query":"ports"}}},{"call":{"name":"task_list","arguments":{}}}]' \
    '[{"expect":"gateway: 8787"},{"text":"seen"}]'
run -p go $played --output json
is "calls ask nothing" "$rc $("$peek" get answer <"$dir/out")" "0 seen"
run task list $at
is "its tasks are there" "$(grep -c pending "$dir/out")" 2
run memory show "$(run memory search ports $at && cut -c 3-8 "$dir/out")" $at
deep="--store-dir $dir/deep" above=
for i in $(seq 23); do
    run task create "step $i" ${above:+--parent "$above"} $deep
    above=$(cut -c 1-6 "$dir/out")
done
run task list $deep
is "tasks of any depth are there" "$(grep -c step "$dir/out")" 23
is "in order" "$(tail -n 1 "$dir/out" | sed 's/.* step/step/')" "step 23"
run memory search gateway $at
has "found in a fact it shows which" "$dir/out" "«gateway»: 8787"
run memory show "$(run memory search ports $at && cut -c 3-8 "$dir/out")" $at
has "and where an entry comes from" "$dir/out" "by turn:turn_"
play '{"call":{"name":"memory_write","arguments":{"summary":"no"}}}' '{"text":"over"}'
run -p go $played --mode plan
has "in plan nothing is written" "$dir/err" "mode plan: nothing may change now"
play '{"call":{"name":"memory_write","arguments":{"summary":"x","facts":7}}}' '[{"expect":"facts: expected array"},{"text":"told"}]'
run -p go $played
is "what is wrong is told to the model" "$rc $(cat "$dir/out")" "0 told"

run memory tree $at
holds "a tree of memory: the type" grep -x fact "$dir/out"
has "and where it comes from" "$dir/out" "(no session) "

# ---- what the model was given ----
run session new empty $at
run context empty $at
has "nothing yet" "$dir/out" "empty: nothing was sent to a model yet"
play '[{"call":{"name":"memory_tree","arguments":{}}},{"call":{"name":"task_list","arguments":{}}}]' '{"text":"seen"}'
run -p go $played --session xray
run context xray $at
holds "how full it is" grep '^xray: [0-9]* of [0-9]* tokens' "$dir/out"
for part in system tools user calls 'results of memory_tree' 'results of task_list'; do
    holds "a part: $part" grep "^$part  *[0-9]" "$dir/out"
done
holds "the largest" grep '^  task_list [a-z0-9]\{6\} ' "$dir/out"
run context nobody $at
is "of a session that is not there" $rc 2
run context xray --json $at
has "as JSON" "$dir/out" '"part":"result","name":"task_list","n":1'

# ---- an entry said anew ----
run memory write "the mirror is Babel" --type decision $at
entry=$(sed 's/ .*//' "$dir/out")
run memory edit "$entry" the mirror is called Babel $at
is "said anew: status" $rc 0
run memory show "$entry" $at
has "its summary" "$dir/out" "the mirror is called Babel"
has "its type stays" "$dir/out" "decision, importance"
has "it is the same entry" "$dir/out" "(2 times)"
run memory edit zzzzzz other $at
is "one that is not there: status" $rc 2
run memory forget "$entry" $at

# ---- by the rules of local/offline ----
said() { run -p "$@" --model local/offline $at; }
said "remember that the mirror is called Babel"
has "it remembers" "$dir/out" "I keep that in memory as"
said "what do you know about the mirror?"
has "and finds it" "$dir/out" "- the mirror is called Babel ("
said "forget what I said about the mirror"
has "and forgets it" "$dir/out" "Forgotten: the mirror is called Babel."
said "what do you know about the mirror?"
has "then nothing is there" "$dir/out" "Nothing is remembered of that"
said "plan the feast: buy bread; sing"
has "it plans" "$dir/out" "The plan has 2 steps"
said "mark sing as done"
has "a task is done by its title" "$dir/out" "is completed"
run task list $at
has "its parts stand below" "$dir/out" "    buy bread"
hasnt "what is done is not open" "$dir/out" "sing"

# An older tau's store is brought up to date also by who only reads.
"$peek" sql "$store/tau.db" "DROP TABLE remembered_words; UPDATE meta SET value = 'x' WHERE key = 'shape'"
run memory search ports $at
is "an older store is read" "$rc $(grep -c 'ports are 8787' "$dir/out")" "0 1"

# The projections are made again from the log, words and all.
"$peek" sql "$store/tau.db" "UPDATE meta SET value = 'x' WHERE key = 'shape'"
run memory search ports $at
run -p "list the jobs" --model local/offline $at
run memory search ports $at
is "made anew they are found as before" "$(grep -c ports "$dir/out")" 1
run session repair $at
is "the store is whole" $rc 0
done_testing
