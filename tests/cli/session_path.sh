#!/bin/sh
# SPDX-License-Identifier: MIT
#
# --session PATH: a store of its own, made when it is missing; --branch-from: a turn that goes on from
# an older message.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
at="--session $dir/own"

run -p "help one" $at
is "a path that is missing: status" "$rc" 0
holds "it is made" test -d "$dir/own"
run session list --store-dir "$dir/own"
is "with one session" "$(grep -c . "$dir/out")" 1
has "of this name" "$dir/out" default
run -p "help two" $at
run session show default --store-dir "$dir/own"
has "it is gone on with: the first" "$dir/out" "> help one"
has "it is gone on with: the second" "$dir/out" "> help two"
run session branches $at
is "verbs take a path, too" "$rc" 0

( cd "$dir" && mkdir -p dots && "$tau" -p "help dots" --session ./dots/s >/dev/null 2>"$dir/err" )
holds "a dot begins a path" test -d "$dir/dots/s"
run -p "help name" --session feature/x --store-dir "$store"
is "a name may have a slash" "$rc" 0
run session list --store-dir "$store"
has "and stays a name" "$dir/out" feature/x

echo x >"$dir/default.sqlite"
run -p "help" --session "$dir/default.sqlite"
is "a file: status" "$rc" 2
has "a file: what to do" "$dir/err" "tau session import"
is "it is as it was" "$(cat "$dir/default.sqlite")" x
run -p "help" $at --store-dir "$store"
is "two places: status" "$rc" 2
has "two places" "$dir/err" "name two places"
run -p "help" $at --no-session
is "kept and not kept: status" "$rc" 2

# ---- --branch-from ----
run query session.messages '{"session":"default"}' --store-dir "$dir/own"
run query session.get '{"session":"default"}' --store-dir "$dir/own"
id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$dir/out" | head -n 1)
run query session.messages "{\"session\":\"$id\"}" --store-dir "$dir/own"
first=$(sed -n '/help one/s/.*"id":"\([^"]*\)".*/\1/p' "$dir/out")
answer=$(sed -n '/"role":"assistant"/s/.*"id":"\([^"]*\)".*/\1/p' "$dir/out" | tail -n 1)
hasnt "there is a first message" "$dir/err" "tau:"
run -p "help three" --branch-from "$answer" $at
is "from an older message: status" "$rc" 0
run session show default --store-dir "$dir/own"
has "what came before is there" "$dir/out" "> help one"
hasnt "what followed is on another branch" "$dir/out" "> help two"
has "the new turn is there" "$dir/out" "> help three"
run session branches $at
is "there are two branches" "$(grep -c . "$dir/out")" 2
run -p "help four" --branch-from "$first" --store-dir "$dir/own"
is "without --session: the one used last" "$rc" 0
run -p "help" --branch-from 000000zz $at
is "no such message: status" "$rc" 2
run -p "help" --branch-from "$first" --session missing --store-dir "$dir/own"
is "it makes no session: status" "$rc" 2
run session list --store-dir "$dir/own"
hasnt "it makes no session" "$dir/out" missing
done_testing
