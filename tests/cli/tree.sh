#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A session as a tree: names of branches and messages, and where two conversations part.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
at="--session main --store-dir $store"

# The short id of the message whose text this is, in a session.
short() {
    run query session.get "{\"session\":\"$2\"}" --store-dir "$store"
    sid=$("$peek" get id <"$dir/out")
    run query session.path "{\"session\":\"$sid\"}" --store-dir "$store"
    grep -F "$1" "$dir/out" | "$peek" get id | tail -c 7 | tr 'A-Z' 'a-z'
}

# say SESSION DEPTH WORDS: an exchange; a script's step is the answer number DEPTH of a conversation.
say() {
    (
        for i in $(seq 2 "$2"); do echo '{"text":"-"}'; done
        echo "{\"text\":\"answer $3\"}"
    ) >"$dir/steps"
    run -p "ask $3" --model local/script --script "$dir/steps" --store-dir "$store" --session "$1"
}

say main 1 one
say main 2 two
say main 3 three
two=$(short "answer two" main)

# ---- by the number of an entry: the second is the first answer ----
run session branch @2 $at
has "branch: behind an entry" "$dir/out" "answer one"
run session resume $at
has "and back to the newest" "$dir/out" "answer three"
run session branch @6 $at
has "branch: behind the last entry" "$dir/out" "answer three"
run session branch @7 $at
is "branch: no message holds it: status" "$rc" 2
run session branch @x $at
is "branch: no number: status" "$rc" 2

# ---- aliases and bookmarks ----
run session bookmark $at
is "no bookmark yet: status" "$rc" 0
is "no bookmark yet" "$(cat "$dir/out")" ""
run session bookmark set early "$two" $at
is "a bookmark: status" "$rc" 0
has "it says what it is" "$dir/out" "early  $two"
run session alias set trunk $at
has "an alias of the head" "$dir/out" "answer three"
run session alias set early $at
is "a bookmark's name is no alias: status" "$rc" 2
has "and that is said" "$dir/err" "'early' is a bookmark of this session already"
run session bookmark set "$(printf 'a\nb')" $at
is "a name with a line feed" "$rc" 2
run session bookmark set x y z $at
is "too many words" "$rc" 2
run session bookmark draw x $at
has "another word" "$dir/err" "expected list, set"

run session bookmark use early $at
has "going to a bookmark" "$dir/out" "the head is at $two"
say main 3 side
run session alias set side $at
run session bookmark use early $at
run session alias use side $at
has "an alias: where it was set" "$dir/out" "answer side"
say main 4 further
run session bookmark use early $at
run session alias $at
has "an alias leads to what was said last there, also over a move" "$dir/out" "answer further"
is "two of them" "$(grep -c . "$dir/out")" 2
run session bookmark --json $at
is "a bookmark stays" "$("$peek" get preview <"$dir/out")" "answer two"
run session alias use early $at
is "a bookmark is no alias: status" "$rc" 2
run session branch trunk $at
has "a name does where a message is meant" "$dir/out" "answer three"
run session alias delete side $at
run session alias $at
hasnt "a name that was taken away" "$dir/out" side
run session alias delete side $at
is "again: status" "$rc" 2
run -p "/branch-alias list" --store-dir "$store"
has "the same in a prompt" "$dir/out" trunk

# More names than the snapshot keeps: what left it is there all the same.
for i in $(seq 1 25); do
    run session bookmark set "n$i" "$two" $at
    [ "$rc" = 0 ] || is "name $i of 25" "$rc: $(cat "$dir/err")" 0
done
numbered() {
    run session bookmark --json $at
    grep -o '"name":"n[0-9]*"' "$dir/out" | tr -dc '0-9\n' | sort -n | tr '\n' ' '
}
run session alias set n1 $at
is "a name that left the snapshot: taken" "$rc" 2
run session bookmark set n2 $at
run session bookmark delete n1 $at
is "all but one" "$(numbered)" "$(seq 2 25 | tr '\n' ' ')"
run session bookmark $at
has "given anew" "$dir/out" "* n2"
run session repair --rebuild --store-dir "$store"
has "made again from the log" "$dir/out" "as it was before"
is "all but one, still" "$(numbered)" "$(seq 2 25 | tr '\n' ' ')"

# ---- messages that a fork has from where it comes from ----
run session fork copy $at
say copy 4 copy
run session branch "$two" --session copy --store-dir "$store"
is "a message from before the fork: status" "$rc" 0
has "it is found" "$dir/out" "answer two"
run session bookmark set here "$two" --session copy --store-dir "$store"
is "it can be named" "$rc" 0
run session undo --session copy --store-dir "$store"

# ---- diff ----
run session diff main $at
is "alike: status" "$rc" 0
has "a session and itself" "$dir/out" "0 only on the left, 0 only on the right"
run session diff copy $at
has "a fork: what it has" "$dir/out" "0 only on the left, 2 only on the right"
has "a fork: its own" "$dir/out" "assistant: answer copy"
has "a fork: where they part" "$dir/out" "assistant: answer three"
run session diff trunk early $at
has "two names" "$dir/out" "2 only on the left, 0 only on the right"
is "the older comes first" "$(sed -n '1s/.*: //p' "$dir/out")" "ask three"
run session diff $at
has "alone: the head and the newest" "$dir/out" "2 only on the left, 4 only on the right"
has "up to where they are alike" "$dir/out" "alike up to $two"
run session diff --json $at
is "as JSON" "$(grep -c '"side":"right"' "$dir/out")" 4
run session new empty --store-dir "$store"
run session diff empty $at
has "with an empty one" "$dir/out" "nothing is alike"
run session diff nobody $at
is "nobody: status" "$rc" 2

# ---- merge ----
run session merge trunk early $at
is "forward: status" "$rc" 0
has "nothing was said since: the head goes forward" "$dir/out" "answer three"
run session undo $at
has "and back" "$dir/out" "answer two"
run session merge trunk $at
run session merge early $at
is "what is here already: status" "$rc" 2
has "what is here already" "$dir/err" "all of it leads up to the head already"
run session merge side $at
is "a name that is gone" "$rc" 2
run session list --store-dir "$store"
cp "$dir/out" "$dir/before"
run session merge copy $at --strategy fast-forward
is "another session's are not gone forward to: status" "$rc" 1
has "another session's are not gone forward to" "$dir/err" "another session's"
run session merge copy $at
has "they are appended" "$dir/out" "answer copy"
run session undo $at
has "and that is undone" "$dir/out" "answer three"
say main 4 four
run session merge copy $at --strategy ff
is "both have gone on: status" "$rc" 1
has "both have gone on" "$dir/err" "both have gone on since"
run session merge copy $at --strategy rebase
is "no such way" "$rc" 2
run session merge copy $at
is "appended: status" "$rc" 0
run session show main --store-dir "$store"
is "both are there, in order" "$(grep "^> " "$dir/out" | tr -d '\n')" "> ask one> ask two> ask three> ask four> ask copy"
has "with the answer" "$dir/out" "answer copy"
run session show copy --store-dir "$store"
is "the fork is as it was" "$(grep "^> " "$dir/out" | tr -d '\n')" "> ask one> ask two> ask three> ask copy"
say main 6 five
has "it goes on: the model gets both" "$dir/out" "answer five"
run session undo $at
run session undo $at
has "undone as a whole" "$dir/out" "answer four"
run session redo $at
has "and redone" "$dir/out" "answer copy"
run session undo $at
run session merge copy $at --strategy squash
run session show main --store-dir "$store"
has "summed up: the question" "$dir/out" "> Merged from copy: 2 messages, in short."
has "summed up: what was said" "$dir/out" "- assistant: answer copy"
run session undo $at
run session repair --rebuild --store-dir "$store"
has "all of it is in the log" "$dir/out" "as it was before"
play '{"text":"once"}' '{"text":"and again"}'
run -p "one" $played --session pair
run session undo --session pair --store-dir "$store"
run -p "two" $played --session pair
run session compact --yes --session pair --store-dir "$store"
is "one of a thing is one" "$(cat "$dir/out")" "put away: 2 messages with 1 branch; left: 2 messages"

# A call with its result comes whole, and changes nothing a second time.
printf '%s\n' '{"text":"-"}' '{"text":"-"}' '[{"text":"I write."},{"call":{"name":"write","arguments":{"path":"w.txt","content":"x"}}}]' \
    '{"text":"written"}' >"$dir/steps"
run session fork tools --at early $at
run -p "write it" --model local/script --script "$dir/steps" --store-dir "$store" --session tools --mode auto
rm -f w.txt
run session merge tools $at
run session show main --store-dir "$store"
has "the call is there" "$dir/out" "[write]"
has "its end is there" "$dir/out" "written"
holds "nothing was written" test ! -e w.txt
run session stats main --json --store-dir "$store"
is "and nothing is open" "$("$peek" get calls_failed <"$dir/out")" 0
run session rewind --session main --store-dir "$store"
hasnt "no file changed with it" "$dir/out" "1 file"
# In the middle of an exchange.
run query session.get '{"session":"tools"}' --store-dir "$store"
tools=$("$peek" get id <"$dir/out")
run query session.path "{\"session\":\"$tools\",\"role\":\"tool\"}" --store-dir "$store"
result=$("$peek" get id <"$dir/out")
run session branch "$result" --session tools --store-dir "$store"
run session fork middle --session tools --store-dir "$store"
run session resume --session tools --store-dir "$store"
run session merge tools --session middle --store-dir "$store"
is "what follows a result, of another session: status" "$rc" 2
printf '%s\n' 1 2 3 4 '{"text":"another end"}' | sed 's/^.$/{"text":"-"}/' >"$dir/steps"
run -p "on" --model local/script --script "$dir/steps" --store-dir "$store" --session middle
run session merge tools --session middle --store-dir "$store"
is "they part in the middle: status" "$rc" 2
has "they part in the middle" "$dir/err" "in the middle of an exchange"
run session merge tools --session middle --store-dir "$store" --strategy squash
is "summed up all the same" "$rc" 0

# ---- compact ----
run session branches $at
cp "$dir/out" "$dir/branches"
run session alias set kept $at
run session show main --store-dir "$store"
cp "$dir/out" "$dir/shown"
run session compact $at
is "it wants a yes" "$rc" 2
run session compact $at --yes
is "compacted: status" "$rc" 0
has "it says what it did" "$dir/out" "messages with $(($(grep -c . "$dir/branches") - 1)) branches; left: "
run session branches $at
is "one branch is left" "$(grep -c . "$dir/out")" 1
run session stats main --store-dir "$store"
has "also in numbers" "$dir/out" "1 branch,"
run session branches --all $at
is "nothing is lost" "$(grep -c . "$dir/out")" "$(grep -c . "$dir/branches")"
run session show main --store-dir "$store"
holds "the conversation is as it was" cmp "$dir/out" "$dir/shown"
gone=$(grep -v "^\*" "$dir/branches" | head -n 1 | cut -c3-8)
run session bookmark set away "$gone" $at
has "a name of what was put away" "$dir/out" "away  (put away)"
run session compact $at --yes
has "again: nothing" "$dir/out" "put away: 0 messages with 0 branches; left: "
run session undo $at
hasnt "undo takes an exchange back" "$dir/err" "tau:"
run session redo $at
run session branch "$gone" $at
is "by its id it is found" "$rc" 0
run session export main --out "$dir/main.jsonl" --store-dir "$store"
run session import "$dir/main.jsonl" --name again --store-dir "$store"
is "exported and imported: status" "$rc" 0
run session alias --session again --store-dir "$store"
has "with its names" "$dir/out" "kept"
run session repair --rebuild --store-dir "$store"
has "all of it is in the log" "$dir/out" "as it was before"
# ---- a name that is made of another ----
front=$(printf '%079d' 0)
run session new "$front€uro" --store-dir "$store"
is "a long name: status" "$rc" 0
run session fork --session "$front€uro" --store-dir "$store"
is "a fork of it: status" "$rc" 0
run session list --json --store-dir "$store"
is "is named by the whole characters of its front" "$(grep -c "\"name\":\"$front\.2\"" "$dir/out")" 1

done_testing
