#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tau session prune: what goes, what stays, that a kill in the middle of it loses nothing, and that all
# that is shown can be made again from what is left.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

echo old >notes
# An answer is of two chunks because of its length: what a delay parts, a pause of the machine joins.
long=$(printf '%04096d' 0)
play '{"call":{"name":"bash","arguments":{"command":"echo begin; sleep 0.6; seq 1 40000; sleep 0.4; echo end"}}}' \
    "{\"text\":\"counted $long the sheep\"}" \
    '{"call":{"name":"write","arguments":{"path":"notes","content":"new\n"}}}' '{"text":"written down"}' \
    '{"text":"and said"}'
run -p count $played --session mine --mode auto
is "a turn with output" "$rc $(cat "$dir/out")" "0 counted $long the sheep"
run session list --store-dir "$store"
has "how many turns it has" "$dir/out" " 1 turn "
run -p write $played --session mine --mode auto
run -p say $played --session mine --mode auto
is "turns" "$rc $(cat "$dir/out")" "0 and said"

count() { "$tau" query log.page "{\"limit\":1000,\"kind\":\"$1\"}" --store-dir "${2:-$store}" | grep -c .; }
# All that people can see of a store, but for its events.
seen() {
    "$tau" session show mine --store-dir "$1"
    "$tau" session search sheep --json --store-dir "$1"
    "$tau" session stats mine --store-dir "$1"
    "$tau" session export mine --format md --store-dir "$1"
    "$tau" session export mine --format tau --store-dir "$1"
    "$tau" context mine --store-dir "$1"
    "$tau" tool stats --store-dir "$1"
    "$tau" artifact list --json --store-dir "$1"
    "$tau" query transcript.after "{\"session\":\"$id\"}" --store-dir "$1"
    "$tau" query session.messages "{\"session\":\"$id\"}" --store-dir "$1"
    "$tau" session rewind --session mine --json --store-dir "$1"
} 2>&1
id=$("$tau" session list --json --store-dir "$store" | "$peek" get id)

# 1000 events that nobody knows: the newest are left alone when it is only for their size.
fill() {
    "$peek" sql "$1" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
        INSERT INTO event(seq, ts_ms, proc, session, kind, json)
        SELECT (SELECT max(seq) FROM event) + i, 1, 'p', NULL, 'zoo.counted', '{}' FROM n"
}

run session prune --store-dir "$store"
is "nothing is said to be too old or too much" $rc 2
run session prune --max-bytes 1 --store-dir "$store"
has "the newest 1000 stay" "$dir/out" "0 chunks of text and output would be removed"
holds "more is written" fill "$store/tau.db" 1000
seen "$store" >"$dir/before"
texts=$(count turn.text) outputs=$(count tool.output) messages=$(count turn.message)
is "there are chunks" "$((texts > 3 && outputs > 1))" 1
run session prune --max-bytes 1 --json --store-dir "$store"
is "without --yes it is only said" "$("$peek" get done <"$dir/out") $(count turn.text)" "false $texts"
chunks=$("$peek" get chunks <"$dir/out") others=$("$peek" get others <"$dir/out")
is "how much" "$((chunks == texts - 3 + outputs && others > 0))" 1
run session prune --max-bytes 1 --dry-run --yes --json --store-dir "$store"
is "--dry-run goes before --yes" "$("$peek" get done <"$dir/out")" false
run session prune --keep-days 1 --store-dir "$store"
has "nothing is a day old" "$dir/out" "0 other events would be removed"
run session prune --max-bytes 1 --yes --json --store-dir "$store"
is "with --yes it is done" "$rc $("$peek" get chunks <"$dir/out") $("$peek" get others <"$dir/out")" "0 $chunks $others"
is "it says that it is still too much" "$("$peek" get over <"$dir/out")" true
is "chunks are gone but for the first of a text, messages are not" \
    "$(count turn.text) $(count tool.output) $(count turn.message)" "3 0 $messages"
seen "$store" >"$dir/after"
holds "all that people see is what it was" diff "$dir/before" "$dir/after"
run session prune --max-bytes 1 --yes --store-dir "$store"
has "there is nothing left to remove" "$dir/out" "0 chunks of text and output removed"
run events --after 3 --store-dir "$store"
is "the log from a place that is gone" "$rc $(grep -c pruned "$dir/err")" "1 1"

run session repair --rebuild --store-dir "$store"
is "what is shown is made again of what is left" "$rc $(grep -c 'as it was before' "$dir/out")" "0 1"
seen "$store" >"$dir/after"
holds "and is what it was" diff "$dir/before" "$dir/after"
holds "a record is lost" "$peek" sql "$store/tau.db" "DELETE FROM messages"
run session repair --rebuild --store-dir "$store"
has "it is made again" "$dir/out" "differs  messages"
seen "$store" >"$dir/after"
holds "as it was" diff "$dir/before" "$dir/after"
holds "the shape of the tables is another tau's" "$peek" sql "$store/tau.db" \
    "UPDATE meta SET value = 'other' WHERE key = 'shape'; DROP TABLE turns"
seen "$store" >"$dir/after"
holds "and it is brought up to date" diff "$dir/before" "$dir/after"
run session rewind --session mine --yes --store-dir "$store"
run session export mine --format jsonl -o "$dir/mine.jsonl" --store-dir "$store"
run session import "$dir/mine.jsonl" --store-dir "$dir/other"
is "what is left of a session can be taken in elsewhere" "$rc" 0
"$tau" session show mine --store-dir "$dir/other" >"$dir/there"
has "with what was said" "$dir/there" "the sheep"
play '{"text":"after it all"}'
run -p go $played --session more
is "and it goes on" "$rc $(cat "$dir/out")" "0 after it all"

# ---- killed in the middle ----
cp -r "$store" "$dir/killed"
"$peek" sql "$dir/killed/tau.db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
    INSERT INTO event(seq, ts_ms, proc, session, turn, kind, part, json)
    SELECT (SELECT max(seq) FROM event) + i, 1, 'p', t.session, t.id, 'turn.text', 'lost', '{\"part\":\"lost\",\"offset\":0,\"text\":\"no turn has this\"}'
    FROM n, (SELECT id, session FROM turns LIMIT 1) AS t"
holds "a long log" fill "$dir/killed/tau.db" 1000
seen "$dir/killed" >"$dir/before"
# The tenth that is left, behind those that stay.
tenth() { "$tau" query log.page '{"limit":10,"kind":"turn.text"}' --store-dir "$1" | sed -n 10p | "$peek" get seq 2>/dev/null; }
kills=0
env --default-signal=INT "$tau" session prune --max-bytes 1 --yes --store-dir "$dir/killed" >"$dir/out" 2>"$dir/err" &
pid=$! at=$(tenth "$dir/killed")
while [ "$(tenth "$dir/killed")" = "$at" ] && kill -0 $pid 2>/dev/null; do :; done
kill -INT $pid
wait $pid
is "^C stops it" $? 130
has "it says what is done" "$dir/out" "chunks of text and output removed"
has "and that it is not all" "$dir/err" "what is said to be removed is, and no more"
for i in 1 2 3; do
    at=$(tenth "$dir/killed")
    [ -n "$at" ] || break
    "$tau" session prune --max-bytes 1 --yes --store-dir "$dir/killed" >"$dir/out" 2>"$dir/err" &
    pid=$!
    while [ "$(tenth "$dir/killed")" = "$at" ] && kill -0 $pid 2>/dev/null; do :; done
    if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
    wait $pid 2>/dev/null
    run session repair --rebuild --store-dir "$dir/killed"
    is "killed: the store is whole, and what is shown as before ($i)" "$rc $(grep -c 'as it was before' "$dir/out")" "0 1"
done
is "it was killed while it ran" "$((kills > 0))" 1
run session prune --max-bytes 1 --yes --store-dir "$dir/killed"
is "another one brings it to its end" "$rc $(tenth "$dir/killed")" "0 "
seen "$dir/killed" >"$dir/after"
holds "nothing that people see is another" diff "$dir/before" "$dir/after"

# ---- space ----
# A file of a tau that did not make them so that they give space back.
run -p count --model local/script --script "$script" --session mine --store-dir "$dir/old"
"$peek" sql "$dir/old/tau.db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO event(seq, ts_ms, proc, session, turn, kind, part, json)
    SELECT (SELECT max(seq) FROM event) + i, 1, 'p', t.session, t.id, 'turn.text', 'lost', printf('{\"part\":\"lost\",\"offset\":0,\"text\":\"%.*c\"}', 900, 'x')
    FROM n, (SELECT id, session FROM turns LIMIT 1) AS t; PRAGMA auto_vacuum = NONE; VACUUM"
holds "more is written" fill "$dir/old/tau.db" 1000
run session prune --max-bytes 1 --yes --json --store-dir "$dir/old"
before=$("$peek" get file_before <"$dir/out") after=$("$peek" get file_after <"$dir/out")
is "an old file gives its space back" "$rc $((after * 2 < before))" "0 1"
is "all of it" "$((after - $("$peek" get used_after <"$dir/out")))" 0
size=$(wc -c <"$dir/old/tau.db")
is "to the disk" "$((size <= after))" 1
run session repair --store-dir "$dir/old"
is "and is whole" $rc 0
run session prune --max-bytes 1 --store-dir "$dir/nothing"
is "no store" "$rc $(cat "$dir/out")" "0 there is no store here yet"
holds "and none is made" test ! -e "$dir/nothing/tau.db"

# ---- by itself ----
printf '[log]\nmax_bytes = 1\n' >"$XDG_CONFIG_HOME/tau/tau.conf"
run config show
has "the setting" "$dir/out" "log.max_bytes"
play "{\"text\":\"one $long two $long three\"}"
run -p count --model local/script --script "$script" --session late --store-dir "$dir/late"
holds "and more" fill "$dir/late/tau.db" 1000
texts=$(count turn.text "$dir/late")
is "there are chunks that may go" "$((texts > 2))" 1
# A run that is over at once may end before it has come so far.
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    play '{"text":"again"}'
    run -p again --model local/script --script "$script" --session "again $i" --store-dir "$dir/late"
    [ "$(count turn.text "$dir/late")" = $((texts + i)) ] || break
done
is "runs later they are gone" "$(count turn.text "$dir/late")" $((1 + i))

done_testing
