#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Sessions found, and out to files and in from files, from outside.
. "${top_srcdir:?}/tests/cli/lib.sh"

# ---- search ----
run session search anything --store-dir "$store"
is "search without a store: status" "$rc" 0
play '{"call":{"name":"bash","arguments":{"command":"echo a badger in the output"}}}' \
    '{"text":"There was one badger."}'
# shellcheck disable=SC2086
run $played --mode auto --session first -p "look for the badger"
play '{"text":"A stoat is no badger."}'
# shellcheck disable=SC2086
run $played --session second -p "and the stoat?"

run session search badger --store-dir "$store"
is "search: places" "$(grep -c '^20' "$dir/out")" 4
has "the newest first" "$dir/out" "A stoat is no «badger»."
is "and it is the first" "$(sed -n 2p "$dir/out" | tr -d ' ')" "Astoatisno«badger»."
run session search no badger --in first --store-dir "$store"
is "words that are not there together" "$(cat "$dir/out")" ""
run session search "one badger" --store-dir "$store"
is "words side by side" "$(grep -c '^20' "$dir/out")" 1
run session search badg --role tool --store-dir "$store"
is "what a tool said" "$(grep -c ' tool ' "$dir/out")" 1
run session search badger --role nobody --store-dir "$store"
is "a role that is none" "$rc" 2
run session search badger --limit 2 --json --store-dir "$store"
is "as JSON, two" "$(wc -l <"$dir/out" | tr -d ' ')" 2
run session search --store-dir "$store" -- '-'
is "no word: status" "$rc" 2
has "no word" "$dir/err" "no word"
run session reset second --yes --store-dir "$store"
run -p '/session-search stoat' --store-dir "$store"
has "by a prompt; what left the session is marked" "$dir/out" "(left the session)"
play '{"call":{"name":"session_search","arguments":{"query":"badger","role":"user"}}}' '{"text":"ok"}'
# shellcheck disable=SC2086
run $played --session third --mode plan -p "search" --output events
has "the model may search" "$dir/out" "look for the «badger»"
done_testing
