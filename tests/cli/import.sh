#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Sessions from files: of Tau (JSON lines, SQLite) and tau's own; what is broken is mended and said, or
# refused with its place, and then nothing was written.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
data=$(cd "$top_srcdir" && pwd)/tests/data/import
at="--store-dir $store"

run session import "$data/tau.jsonl" $at
is "a session of Tau: status" "$rc" 0
has "what came" "$dir/out" "session=tau format=tau-jsonl entries=8"
has "what was left out" "$dir/out" "1 prompt of the system"
run session show tau $at
cp "$dir/out" "$dir/tau.txt"
has "its question" "$dir/out" "> list the files"
has "its call" "$dir/out" '[bash] {"command":"ls"}'
has "its result" "$dir/out" "b.txt"
has "it goes on where the file ends" "$dir/out" sure
hasnt "not on the other branch" "$dir/out" "and the first"
run session branches --session tau $at
is "both branches are there" "$(grep -c . "$dir/out")" 2
run session search "another way" $at
has "it is found" "$dir/out" "another way"
run -p "hello" --session tau $at
is "it can be gone on with" "$rc" 0
run session undo --session tau $at
run session import "$data/tau.jsonl" $at
is "a name that is taken: status" "$rc" 2
has "a name that is taken" "$dir/err" "a session 'tau' already"
has "and what can be done" "$dir/err" "--replace"
run session import "$data/tau.jsonl" --replace $at
is "it can be replaced" "$rc" 0
run session list $at
is "what had the name is put away" "$(grep -c '^tau ' "$dir/out")" 1

# What had the name is named by the front of it, and that is whole characters.
front=$(printf '%079d' 0)
for _ in 1 2; do run session import "$data/tau.jsonl" --name "$front€uro" --replace $at; done
is "a long name: status" "$rc" 0
run events --kind session.renamed --json $at
is "a long name: what had it is named anew" "$(grep -c "\"name\":\"$front-[0-9A-Za-z]*\"" "$dir/out")" 1

# ---- in numbers, and as a picture ----
run session stats tau $at
has "its messages by role" "$dir/out" "8: 3 user, 4 assistant, 1 tool"
has "its tree" "$dir/out" "2 branches, 1 root, 6 deep"
run session stats tau --json $at
is "as JSON" "$("$peek" get branches <"$dir/out") $("$peek" get calls <"$dir/out")" "2 1"
run session graph tau $at
has "for dot" "$dir/out" "digraph session {"
has "a node" "$dir/out" 'label="user: list the files"'
is "an edge for each that has a parent" "$(grep -c -- '->' "$dir/out")" 7
run session graph tau --format mermaid --out "$dir/tree.mmd" $at
is "for mermaid, into a file" "$(grep -c -- '-->' "$dir/tree.mmd")" 7
run -p "/session-graph-export $dir/pic.dot" $at
has "to a file whose name says dot" "$dir/out" "format=dot nodes=8 edges=7"
has "and it is that" "$dir/pic.dot" "digraph session {"
run session graph tau --format png $at
is "no other format" "$rc" 2

# ---- tau's own ----
run session bookmark set gone --session tau $at
run session bookmark delete gone --session tau $at
run session alias set kept --session tau $at
run session export tau --out "$dir/own.jsonl" $at
run session import "$dir/own.jsonl" --name own $at
has "tau's own: into the store that it comes from" "$dir/out" "session=own format=jsonl entries=8"
run session show own $at
holds "it is what it was" cmp "$dir/out" "$dir/tau.txt"
run session import "$dir/own.jsonl" --store-dir "$dir/other"
run session show own --store-dir "$dir/other"
holds "in another store, too" cmp "$dir/out" "$dir/tau.txt"
run session branches --session own $at
is "with its branches" "$(grep -c . "$dir/out")" 2
run session alias --session own $at
has "with its names" "$dir/out" "* kept"
run session bookmark --session own $at
is "and not with one that was taken away" "$(cat "$dir/out")" ""

# ---- a fork, and artifacts ----
printf '%s\n' '{"call":{"name":"bash","arguments":{"command":"yes 0123456789 | head -n 90000"}}}' '{"text":"counted"}' \
    '{"text":"in the fork"}' '{"text":"and on"}' >"$dir/steps"
steps="--model local/script --script $dir/steps --store-dir $store --mode auto"
run -p "count it" $steps --session trunk
run session fork twig --session trunk $at
run -p "go on" $steps --session twig
run -p "and on" $steps --session trunk
run session bookmark set early --session twig $at
run session show twig $at
cp "$dir/out" "$dir/twig.txt"
run session export twig --out "$dir/twig.jsonl" $at
run session export twig --out "$dir/whole.jsonl" --with-artifacts $at
is "with artifacts: status" "$rc" 0
run session import "$dir/twig.jsonl" --store-dir "$dir/elsewhere"
is "a fork elsewhere: status" "$rc" 0
has "its artifact is not there" "$dir/out" "1 artifact left out"
run session show twig --store-dir "$dir/elsewhere"
sed 's/art[a-z]*_[A-Z0-9]*/ART/g; s/ [0-9.]* s$//' "$dir/out" >"$dir/a"
sed 's/art[a-z]*_[A-Z0-9]*/ART/g; s/ [0-9.]* s$//' "$dir/twig.txt" >"$dir/b"
holds "it is whole, with what it was forked with" cmp "$dir/a" "$dir/b"
run session repair --store-dir "$dir/elsewhere"
is "and nothing is missing in that store" "$rc" 0
run session import "$dir/whole.jsonl" --store-dir "$dir/third"
has "with its artifact" "$dir/out" "1 artifact"
run artifact list --store-dir "$dir/third"
run artifact show "$(cut -d' ' -f1 "$dir/out")" --store-dir "$dir/third"
is "all of its bytes" "$(wc -c <"$dir/out" | tr -d ' ')" 990000
run session repair --store-dir "$dir/third"
is "each with its digest" "$rc" 0
run session export whole --out "$dir/again.jsonl" --with-artifacts --store-dir "$dir/third"
is "and out again: as many messages" "$(grep -c turn.message "$dir/again.jsonl")" "$(grep -c turn.message "$dir/whole.jsonl")"
is "as many bytes" "$(grep -c tau.blob "$dir/again.jsonl")" "$(grep -c tau.blob "$dir/whole.jsonl")"
sed '/tau.blob/s/MDEy/MDEx/' "$dir/whole.jsonl" >"$dir/bent.jsonl"
run session import "$dir/bent.jsonl" --name bent --store-dir "$dir/third"
is "bytes of something else: status" "$rc" 2
has "bytes of something else" "$dir/err" "are not those of"
sed '/tau.blob/s/MDEy/MD*y/' "$dir/whole.jsonl" >"$dir/bent.jsonl"
run session import "$dir/bent.jsonl" --name bent --store-dir "$dir/fourth"
has "no base64" "$dir/err" "base64: it is not that"
run session list --store-dir "$dir/fourth"
is "and nothing of it is there" "$(cat "$dir/out")" ""
run session export twig --format md --with-artifacts $at
is "only jsonl" "$rc" 2

play '[{"text":"I write."},{"call":{"name":"write","arguments":{"path":"w.txt","content":"x"}}}]' '[{"text":"half"},{"fail":{"reason_code":"stream_cut"}}]'
run -p write $played --session failed --mode auto
run session show failed $at
cp "$dir/out" "$dir/failed.txt"
run session export failed --out "$dir/failed.jsonl" $at
run session import "$dir/failed.jsonl" --name failed2 $at
run session show failed2 $at
holds "what failed is what it was" cmp "$dir/out" "$dir/failed.txt"
head -n 8 "$dir/failed.jsonl" >"$dir/open.jsonl"
run session import "$dir/open.jsonl" $at
is "a file that ends too early: status" "$rc" 0
run session show open $at
has "what was open is closed" "$dir/out" "the file ends before this did"
run events --limit 1000 $at
hasnt "no fact was refused" "$dir/out" error.raised

# ---- SQLite ----
"$peek" sql "$dir/s.sqlite" "CREATE TABLE session_entries (id INTEGER PRIMARY KEY, parent_id INTEGER, message_json TEXT NOT NULL)"
id=0
sed 1d "$data/tau.jsonl" | sed "s/'/''/g; s/^.*\"message\":\(.*\)}$/\1/" >"$dir/messages"
parents="NULL 1 2 3 4 5 6 5 8"
for parent in $parents; do
    id=$((id + 1))
    "$peek" sql "$dir/s.sqlite" "INSERT INTO session_entries VALUES ($id, $parent, '$(sed -n "${id}p" "$dir/messages")')"
done
before=$(cksum <"$dir/s.sqlite")
run session import "$dir/s.sqlite" --name sql $at
has "SQLite" "$dir/out" "session=sql format=tau-sqlite entries=8"
run session show sql $at
holds "it is the same" cmp "$dir/out" "$dir/tau.txt"
is "the file was not written" "$(cksum <"$dir/s.sqlite")" "$before"
"$peek" sql "$dir/x.sqlite" "CREATE TABLE other (x)"
run session import "$dir/x.sqlite" $at
has "another database" "$dir/err" "no session of Tau"

# ---- what is broken ----
run session import "$data/broken.jsonl" $at
is "broken: status" "$rc" 0
for words in "1 id: there already" "1 parent: not there" "2 entries in rings" "3 roots: each" \
    "1 result without a call" "1 call without a result"; do
    has "broken: $words" "$dir/out" "$words"
done
run session import "$data/broken.jsonl" --dry-run --name dry $at
has "--dry-run says the same" "$dir/out" "nothing was written"
run session list $at
hasnt "and writes nothing" "$dir/out" dry
line='{"id":1,"parent_id":null,"message":{"role":"user","content":[{"type":"text","text":"a"}]}}'
# refused NAME WORDS TEXT: of a file whose second line is the text.
refused() {
    printf '%s\n%b\n' "$line" "$3" >"$dir/$1.jsonl"
    run session import "$dir/$1.jsonl" $at
    is "$1: status" "$rc" 2
    has "$1: where" "$dir/err" "$dir/$1.jsonl:2:"
    has "$1: what" "$dir/err" "$2"
}
refused cut "the end of the text" '{"id":2'
refused text "expected a value" 'what'
refused id "id: expected a whole number" '{"id":"2","message":{}}'
refused parent "parent_id: expected" '{"id":2,"parent_id":-1,"message":{}}'
refused role "role: expected" '{"id":2,"message":{"role":"king","content":[]}}'
refused content "content: expected a list" '{"id":2,"message":{"role":"user","content":"x"}}'
refused bytes "UTF-8" '{"id":2,"message":{"role":"user","content":[{"type":"text","text":"\0377"}]}}'
refused newer "a newer Tau wrote it" '{"record_type":"meta","schema_version":9}'
{ printf '%s\n' "$line"; "$peek" line 17500000; } >"$dir/long.jsonl"
run session import "$dir/long.jsonl" $at
has "a line without end" "$dir/err" "long.jsonl:2: the line is longer than"
{ printf '{"id":1,"message":{"role":"user","content":[{"type":"text","text":"'
    "$peek" line 9000000 | tr -d '\n'
    printf '"}]}}\n'; } >"$dir/wide.jsonl"
run session import "$dir/wide.jsonl" --dry-run --name dry $at
is "a line as large as an event can be: status" "$rc" 0
# add ID ROLE: below the entry before it.
add() {
    printf '{"id":%d,"parent_id":%d,"message":{"role":"%s","content":[{"type":"text","text":"entry %d"}]}}\n' \
        "$1" $(($1 - 1)) "$2" "$1"
}
{ add 1 system | sed 's/"parent_id":0,//'; add 2 system; add 3 user; add 4 system; add 5 system; add 6 assistant; } >"$dir/prompts.jsonl"
run session import "$dir/prompts.jsonl" --name prompts $at
has "prompts of the system between: left out" "$dir/out" "4 prompts of the system"
run session stats prompts $at
has "prompts of the system between: what is around them is one conversation" "$dir/out" "1 branch, 1 root, 2 deep"
: >"$dir/empty.jsonl"
run session import "$dir/empty.jsonl" $at
has "an empty file" "$dir/err" "no entry in it"
mkfifo "$dir/pipe"
run session import "$dir/pipe" $at
has "a pipe" "$dir/err" "not a regular file"
run session import "$dir/none.jsonl" $at
is "no file" "$rc" 2
run session list $at
is "nothing of what was refused is there" "$(grep -cE '^(cut|text|id|parent|role|content|bytes|newer|long|empty|pipe) ' "$dir/out")" 0
# ---- no room for a result ----
{
    printf '%s\n' '{"id":1,"parent_id":null,"message":{"role":"user","content":[{"type":"text","text":"go"}]}}' \
        '{"id":2,"parent_id":1,"message":{"role":"assistant","content":[{"type":"tool_call","id":"c","name":"bash","arguments":{}}]}}'
    printf '{"id":3,"parent_id":2,"message":{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"%s"}]}}\n' \
        "$("$peek" line 3000000)"
} >"$dir/full.jsonl"
(
    trap '' XFSZ
    ulimit -f 2048
    run session import "$dir/full.jsonl" --store-dir "$dir/full"
    echo "$rc" >"$dir/rc"
)
holds "a result that can not be kept: it fails" test "$(cat "$dir/rc")" -ne 0
has "and it is said why" "$dir/err" "File too large"
is "and nothing of it stays behind" "$(find "$dir/full/blobs" -type f)" ""
run session import "$dir/full.jsonl" --store-dir "$dir/full"
is "with room for it: status" "$rc" 0
# ---- stopped on its way ----
# asynchronous children ignore SIGINT; env puts it back.
awk 'BEGIN { for (i = 1; i <= 150000; i++)
    printf "{\"id\":%d,\"parent_id\":%s,\"message\":{\"role\":\"%s\",\"content\":[{\"type\":\"text\",\"text\":\"number %d\"}]}}\n",
        i, (i > 1 ? i - 1 : "null"), (i % 2 ? "user" : "assistant"), i }' >"$dir/big.jsonl"
begun() { "$tau" query log.page '{"limit":1000,"kind":"session.created"}' --store-dir "$1" 2>/dev/null | grep -c .; }
env --default-signal=INT "$tau" session import "$dir/big.jsonl" --store-dir "$dir/stopped" >"$dir/out" 2>"$dir/err" &
pid=$!
while [ "$(begun "$dir/stopped")" = 0 ] && kill -0 $pid 2>/dev/null; do :; done
kill -INT $pid
wait $pid
is "^C stops an import" $? 130
has "it says how far it came" "$dir/err" "the import was stopped after"
has "and what to do" "$dir/err" "nothing of it is shown; the same command begins anew"
run session list --json --store-dir "$dir/stopped"
is "nobody is shown a half" "$rc $(cat "$dir/out")" "0 "
run session check --store-dir "$dir/stopped"
is "the store is whole" "$rc" 0
run query log.page '{"limit":1000,"kind":"session.created"}' --store-dir "$dir/stopped"
part=$(grep -o 'import of big.jsonl, not whole ([0-9A-Z]*)' "$dir/out")
run session show "$part" --store-dir "$dir/stopped"
has "what was in is there by a name that says what it is" "$dir/out" "number 2"
run session search number --store-dir "$dir/stopped"
is "and is not found" "$(cat "$dir/out")" ""
run query log.page '{"limit":1000,"kind":"turn.created"}' --store-dir "$dir/stopped"
turns=$(grep -c . "$dir/out")
run query log.page '{"limit":1000,"kind":"turn.failed"}' --store-dir "$dir/stopped"
is "and no turn of it is open" "$((turns > 0)) $(cat "$dir/out")" "1 "
run session import "$data/tau.jsonl" --store-dir "$dir/stopped"
is "the next one works" "$rc" 0
# In line mode only the command ends.
mkfifo "$dir/lines"
env --default-signal=INT "$tau" --line --store-dir "$dir/lined" <"$dir/lines" >"$dir/out" 2>"$dir/err" &
pid=$!
exec 8>"$dir/lines"
echo "/session-import $dir/big.jsonl" >&8
while [ "$(begun "$dir/lined")" = 0 ] && kill -0 $pid 2>/dev/null; do :; done
kill -INT $pid
while ! grep -q "was stopped after" "$dir/err" && kill -0 $pid 2>/dev/null; do :; done
echo "/session-import $data/tau.jsonl" >&8
echo "/quit" >&8
exec 8>&-
wait $pid
has "line mode: it is stopped" "$dir/err" "the import was stopped after"
has "and tau goes on" "$dir/out" "session=tau format=tau-jsonl"

done_testing
