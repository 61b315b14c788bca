#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tau session repair: what it finds and says, and that it changes nothing with --dry-run.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

echo old >notes
play '{"call":{"name":"bash","arguments":{"command":"seq 1 40000"}}}' '{"text":"counted"}' \
    '{"call":{"name":"read","arguments":{"path":"notes"}}}' \
    '{"call":{"name":"write","arguments":{"path":"notes","content":"new\n"}}}' '{"text":"written"}'
run -p count $played --session mine --mode auto
is "a session with an artifact" "$rc $(cat "$dir/out")" "0 counted"
run -p write $played --session mine --mode auto
is "and a file that was changed" "$rc $(cat "$dir/out" notes)" "0 written
new"

# What looking at it may make: an index of the log that is not folded, or an empty one.
state() { (cd "$store" && find . -type f ! -empty ! -name '*-shm' ! -path './proc/*' -exec sha256sum {} + | sort); }

state >"$dir/before"
run session repair --dry-run --store-dir "$store"
is "--dry-run: status" $rc 0
has "--dry-run says what it would do" "$dir/out" "would make a backup"
has "--dry-run says how it is" "$dir/out" "the store is whole"
run session repair --dry-run --rebuild --store-dir "$store"
has "--dry-run --rebuild, too" "$dir/out" "would make all that is shown and searched again from"
run session repair --dry-run --json --store-dir "$store"
is "--json is one object" "$("$peek" lines <"$dir/out")" 1
is "it is whole" "$("$peek" get whole <"$dir/out")" true
blobs=$("$peek" get blobs <"$dir/out")
is "the files that are named were read" "$((blobs >= 2))" 1
state >"$dir/after"
holds "and nothing was changed" diff "$dir/before" "$dir/after"

run session repair --json --store-dir "$store"
holds "without --dry-run there is a backup" test -s "$("$peek" get backup <"$dir/out")"
run session repair --json --rebuild --store-dir "$store"
is "rebuilt as it was" "$("$peek" get differs <"$dir/out")" "[]"

# ---- files that were kept ----
cp -r "$store" "$dir/bits"
artifact=$("$tau" artifact list --json --store-dir "$store" | "$peek" get sha256)
is "an artifact has a digest" "${#artifact}" 64
at=$dir/bits/blobs/$(echo "$artifact" | cut -c1-2)/$(echo "$artifact" | cut -c3-)
holds "its file is there" test -s "$at"
chmod u+w "$at"
printf X | dd of="$at" bs=1 seek=1000 conv=notrunc 2>/dev/null
run session repair --store-dir "$dir/bits"
is "a bit of a kept file turned: status" $rc 1
has "it says which" "$dir/out" "damaged  blob $artifact"
has "and who names it" "$dir/out" "artifact.created of art"
has "the reason" "$dir/err" "store_damaged"
run session repair --json --store-dir "$dir/bits"
is "the same as JSON" "$("$peek" get bad_blobs 0 sha256 <"$dir/out") $("$peek" get bad_blobs 0 problem <"$dir/out")" \
    "$artifact damaged"
is "with who names it" "$("$peek" get bad_blobs 0 named_by 0 kind <"$dir/out")" artifact.created
is "and the failure" "$("$peek" get error reason_code <"$dir/out")" store_damaged
rm -f "$at"
run session repair --store-dir "$dir/bits"
has "one that is gone" "$dir/out" "missing  blob $artifact"
has "of how many" "$dir/err" "1 of the files"
cp "$store/blobs/$(echo "$artifact" | cut -c1-2)/$(echo "$artifact" | cut -c3-)" "$at"
run session repair --store-dir "$dir/bits"
is "put back, all is well" $rc 0

# ---- what can not be looked at ----
run session repair --dry-run --store-dir "$dir/none"
is "no store: status" "$rc $(cat "$dir/out")" "0 there is no store here yet"
holds "and none is made" test ! -e "$dir/none/tau.db"
cp -r "$store" "$dir/newer"
rm -f "$dir/newer"/tau.db-*
holds "a newer database is made" "$peek" sql "$dir/newer/tau.db" "UPDATE meta SET value = 999 WHERE key = 'version'"
run session repair --dry-run --store-dir "$dir/newer"
has "a newer store is left alone" "$dir/err" store_newer
cp -r "$store" "$dir/hole"
rm -f "$dir/hole"/tau.db-*
holds "an event is taken out" "$peek" sql "$dir/hole/tau.db" "DELETE FROM event WHERE seq = 4"
run session repair --dry-run --json --store-dir "$dir/hole"
is "a hole in the numbers: status" $rc 1
has "it says where" "$dir/out" "the log has a hole between 3 and 5"

# ---- damaged pages ----
play '{"text":"one"}' '{"text":"two"}' '{"text":"three"}' '{"text":"four"}' '{"text":"five"}'
for i in 1 2 3 4 5; do run -p "question $i" $played --session "s$i"; done
"$tau" session list --store-dir "$store" | cut -d' ' -f1 | sort >"$dir/sessions"
"$tau" events --json --limit 1000 --store-dir "$store" >"$dir/events"
# What lies in the log is in the file.
"$peek" sql "$store/tau.db" "PRAGMA wal_checkpoint(TRUNCATE)"
size=$(wc -c <"$store/tau.db")
# overwrite PAGE: that page of a copy in $dir/damaged.
overwrite() {
    rm -rf "$dir/damaged"
    cp -r "$store" "$dir/damaged"
    rm -f "$dir/damaged"/tau.db-* "$dir/damaged"/backup/*
    yes damage | head -c 4096 | dd of="$dir/damaged/tau.db" bs=4096 seek="$1" conv=notrunc 2>/dev/null
}
lost=0 mended=0 tried=0 page=1
while [ $page -lt $((size / 4096)) ]; do
    overwrite $page
    page=$((page + 7))
    run session repair --dry-run --json --store-dir "$dir/damaged"
    [ "$rc" != 0 ] || continue # nobody uses that page
    tried=$((tried + 1))
    would=$("$peek" get events_read <"$dir/out")
    "$tau" session repair --dry-run --store-dir "$dir/damaged" 2>/dev/null | grep '^lost .*event' >>"$dir/lost"
    holds "page $((page - 7)): --dry-run leaves it as it is" test ! -e "$dir/damaged/salvage"
    run session repair --json --store-dir "$dir/damaged"
    is "it is mended as was said" "$rc $("$peek" get events_read <"$dir/out")" "0 $would"
    [ "$("$peek" get lost <"$dir/out")" = "[]" ] || lost=$((lost + 1))
    holds "the damaged file is kept" test -s "$("$peek" get backup <"$dir/out")"
    run session repair --rebuild --store-dir "$dir/damaged"
    is "then it is whole" "$rc $(grep -c 'as it was before' "$dir/out")" "0 1"
    "$tau" session list --store-dir "$dir/damaged" | cut -d' ' -f1 | sort >"$dir/after"
    holds "and all sessions are there" cmp "$dir/sessions" "$dir/after"
    mended=$((mended + 1))
done
is "pages were damaged, and all was mended" "$((tried > 5)) $mended" "1 $tried"
is "some held events" "$((lost > 0))" 1
is "what is lost is counted" \
    "$(grep -Ev '^lost  (what was kept of )?(1 event: [0-9]+|[0-9]+ events: [0-9]+ to [0-9]+|whatever .*)$' "$dir/lost")" ""
holds "in words" grep -q '^lost  [0-9]* events*: ' "$dir/lost"
# Killed while it mends: the next one finds the damaged file, or the mended one.
for at in 30 60 90; do
    overwrite $at
    "$tau" session repair --store-dir "$dir/damaged" >"$dir/out" 2>"$dir/err" &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ ! -e "$dir/damaged/salvage/tau.db" ]; do :; done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    run session repair --store-dir "$dir/damaged"
    "$tau" session list --store-dir "$dir/damaged" | cut -d' ' -f1 | sort >"$dir/after"
    is "killed while it mended page $at, and mended again" "$rc $(diff "$dir/sessions" "$dir/after")" "0 "
done
holds "nothing of it is left over" test ! -e "$dir/damaged/salvage"
play '{"text":"once more"}'
run -p more --model local/script --script "$script" --store-dir "$dir/damaged" --session after
is "and tau works in what was mended" "$rc $(cat "$dir/out")" "0 once more"

done_testing
