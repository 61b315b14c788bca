#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Back to before a question, with the files: what tau changed comes back, also what a command did and
# what only git has; what somebody else changed is left alone; and all of it can be undone.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
git init -q .
printf 'one\n' >a.txt
printf 'tracked\n' >t.txt
chmod 755 t.txt
git add a.txt t.txt
git -c user.name=t -c user.email=t@t commit -qm first
printf '#!/bin/sh\n' >run.sh
chmod 755 run.sh
# What changed in the instant of the index looks unchanged to git, so it would be copied.
touch -d '1 hour ago' a.txt t.txt
git update-index -q --refresh
play '[{"call":{"name":"edit","arguments":{"path":"a.txt","edits":[{"find":"one","replace":"two"}]}}},{"call":{"name":"write","arguments":{"path":"new/n.txt","content":"n\n"}}}]' \
    '[{"text":"edited"}]' \
    '{"call":{"name":"bash","arguments":{"command":"echo more >>t.txt; chmod 644 t.txt; rm run.sh; echo x >made.txt; echo three >a.txt"}}}' \
    '[{"text":"done"}]'
run -p first $played --session w --mode auto
is "first: status" "$rc" 0
run -p second $played --session w --mode auto
is "second: status" "$rc" 0
rewind="session rewind --session w --store-dir $store"

run $rewind
has "the questions are listed" "$dir/out" "4 files    second"
has "with the files that changed since" "$dir/out" "5 files    first"
first=$(tail -n 1 "$dir/out" | cut -d' ' -f1)
second=$(head -n 1 "$dir/out" | cut -d' ' -f1)
run $rewind --json
is "as JSON, too" "$(head -n 1 "$dir/out" | "$peek" get preview)" second

run $rewind "$first"
is "what would be done: status" "$rc" 0
for row in 'restore  a.txt' 'remove   made.txt' 'remove   new/n.txt' 'restore  run.sh' 'restore  t.txt'; do
    has "what would be done: $row" "$dir/out" "$row"
done
has "and that it was not" "$dir/out" "nothing was done"
is "it was not" "$(cat a.txt)" three

echo mine >>made.txt
run $rewind "$second" --yes
is "back to the second: status" "$rc" 0
has "what somebody else changed is left" "$dir/out" "leave    made.txt: it was changed since"
is "and is as it was" "$(cat made.txt)" "x
mine"
is "a file that a command changed" "$(cat a.txt)" two
is "one that only git had" "$(cat t.txt)" tracked
is "with the mode that it had" "$(stat -c %a t.txt)" 755
is "one that was removed, with its mode" "$(stat -c %a run.sh)" 755
is "what came before stays" "$(cat new/n.txt)" n
run session show w --store-dir "$store"
hasnt "the conversation is shorter" "$dir/out" second

printf 'three\n' >a.txt # as if it had been killed before this one
run $rewind "$second" --yes
has "a rewind that was not finished goes on" "$dir/out" "restore  a.txt"
is "to its end" "$(cat a.txt)" two

run $rewind "$first" --yes --force
is "back to the first: status" "$rc" 0
is "all of it is gone" "$(ls -A | tr '\n' ' ')" ".git a.txt new run.sh t.txt "
is "also what somebody else had changed" "$(ls made.txt 2>/dev/null)" ""
is "the first content" "$(cat a.txt)" one

run $rewind --undo --yes
is "undo: status" "$rc" 0
is "undo: the file that was taken is there again" "$(cat made.txt)" "x
mine"
is "undo: and the one from before" "$(cat new/n.txt)" n
is "undo: the content of before" "$(cat a.txt)" two
run session show w --store-dir "$store"
has "undo: the conversation, too" "$dir/out" first

run $rewind "$first" --only files --yes
is "files alone" "$(cat a.txt)" one
run session show w --store-dir "$store"
has "leave the conversation" "$dir/out" edited
run $rewind "$first" --only messages --yes
run session show w --store-dir "$store"
hasnt "messages alone" "$dir/out" edited
run $rewind "$first" --only nothing
is "--only wants one of both" "$rc" 2

# A path that leads elsewhere now, and one that can not be written.
run -p third $played --session v --mode auto
echo mine >"$dir/elsewhere"
ln -sf "$dir/elsewhere" a.txt
run session rewind --session v --store-dir "$store"
third=$(tail -n 1 "$dir/out" | cut -d' ' -f1)
run session rewind "$third" --session v --store-dir "$store" --yes --force
has "a link is not written through" "$dir/out" "can not  a.txt"
is "what it leads to is as it was" "$(cat "$dir/elsewhere")" mine
printf "/new empty\n" | "$tau" --line --store-dir "$store" >"$dir/out" 2>"$dir/err"
run session rewind --undo --session empty --store-dir "$store"
has "nothing to undo where nothing was asked" "$dir/err" "no rewind of files to undo"
run $rewind nosuch
is "no such message" "$rc" 2
has "it is named" "$dir/err" "no message 'nosuch'"
answer=$("$tau" query session.messages "{\"session\":\"$("$tau" session list --store-dir "$store" --json | grep '"name":"v"' | "$peek" get id)\"}" --store-dir "$store" | grep assistant | head -n 1 | "$peek" get id)
run session rewind "$answer" --session v --store-dir "$store"
has "an answer is no question" "$dir/err" "is not a question"

# One call alone: its file, with what later calls did to it; what others changed is left, and all comes back.
printf 'one\n' >e.txt
play '[{"call":{"name":"edit","arguments":{"path":"e.txt","edits":[{"find":"one","replace":"two"}]}}}]' \
    '[{"call":{"name":"write","arguments":{"path":"f.txt","content":"f\n"}}}]' \
    '[{"call":{"name":"edit","arguments":{"path":"e.txt","edits":[{"find":"two","replace":"three"}]}}}]' '{"text":"thrice"}'
run -p "edit it" $played --session c --mode auto
call_of() {
    "$tau" events c --kind tool.started --json --store-dir "$store" |
        grep -o '"call_id":"[^"]*"' | cut -d'"' -f4 | sed -n "$1p"
}
edit=$(call_of 1) write=$(call_of 2) last=$(call_of 3)
call="session rewind --session c --store-dir $store --call"
run $call "$edit"
has "a call: its file" "$dir/out" "restore  e.txt"
hasnt "a call: no other" "$dir/out" f.txt
has "a call: what goes with it" "$dir/out" "what 1 later call changed in it goes with it"
is "a call: shown only" "$(cat e.txt)" three
run $call "$last" --yes
is "the last call" "$(cat e.txt)" two
run $call "$write" --yes
is "a file that was made is gone" "$(ls f.txt 2>/dev/null)" ""
run session rewind --session c --store-dir "$store" --undo --only files --yes
is "and is there again" "$(cat f.txt)" f
run session show c --store-dir "$store"
has "the conversation stays" "$dir/out" thrice
echo mine >e.txt
run $call "$edit" --yes
has "changed by others: said" "$dir/out" "leave    e.txt: it was changed since"
is "changed by others: left" "$(cat e.txt)" mine
run $call "$edit" --yes --force
is "forced" "$(cat e.txt)" one
has "how that is taken back" "$dir/out" "rewind --undo --only files --yes"
run session rewind --session c --store-dir "$store" --undo --only files --yes
is "nothing is lost" "$(cat e.txt)" mine
run query tool.get "{\"call\":\"$edit\"}" --store-dir "$store"
seq=$("$peek" get seq <"$dir/out")
run events --after $((seq - 1)) --limit 1 --json --store-dir "$store"
has "a call leads to where it is in the log" "$dir/out" '"kind":"tool.proposed"'
has "and to no other" "$dir/out" "$edit"
run $call nosuch
has "no such call" "$dir/err" "no call 'nosuch'"
run $call "$edit" --undo
is "--call stands alone" "$rc" 2

# What became protected since is told before it is tried.
mkdir -p kept
play '{"call":{"name":"write","arguments":{"path":"kept/k.txt","content":"k\n"}}}' '{"text":"kept"}'
run -p "keep it" $played --session p --mode auto
run session rewind --session p --store-dir "$store"
question=$(head -n 1 "$dir/out" | cut -d' ' -f1)
run session rewind "$question" --session p --store-dir "$store"
has "a file that may be changed" "$dir/out" "remove   kept/k.txt"
printf '[policy]\nprotected = kept/\n' >"$XDG_CONFIG_HOME/tau/tau.conf"
run session rewind "$question" --session p --store-dir "$store"
has "one that may not any more" "$dir/out" "it is protected"
hasnt "is not promised" "$dir/out" "remove   kept/k.txt"
rm -f "$XDG_CONFIG_HOME/tau/tau.conf"
done_testing
