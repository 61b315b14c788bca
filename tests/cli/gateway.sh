#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The gateway as a program: whoever follows its events has the log, also when it is killed in the
# middle of them; and what it will not do.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
follow=${top_builddir:?}/tests/cli/follow
log=$dir/serve

# serve BIND: in the background; $serving, and $port once it listens.
serve() {
    : >"$log"
    "$tau" gateway serve --bind "$1" --store-dir "$store" >"$log" 2>"$dir/serve.err" </dev/null 8>&- &
    serving=$!
    until grep -q '^token' "$log" || ! kill -0 "$serving" 2>/dev/null; do sleep 0.05; done
    port=$(sed -n 's/^gateway: .*:\([0-9]*\)$/\1/p' "$log")
}
newest() {
    "$tau" events --limit 1 --json --store-dir "$store" | "$peek" get seq
}
# Waits until the follower has the newest event; 1 after a minute.
caught_up() {
    want=$(newest)
    for _ in $(seq 1200); do
        [ "$(tail -n 1 "$dir/followed" | "$peek" get seq 2>/dev/null)" = "$want" ] && return 0
        sleep 0.05
    done
    return 1
}

run gateway routes
is "routes: status" "$rc" 0
has "state wants the word" "$dir/out" "/gateway/operator/state    token"
has "health does not" "$dir/out" "/healthz                   open"
run gateway serve --bind 0.0.0.0:0 --store-dir "$store"
is "where others can reach it: status" "$rc" 2
has "it wants a yes" "$dir/err" "--yes"
run gateway serve --bind nonsense --store-dir "$store"
is "no address: status" "$rc" 2

serve 127.0.0.1:0
holds "it listens" test -n "$port"
run gateway serve --bind "127.0.0.1:$port" --store-dir "$dir/other"
is "the address is taken: status" "$rc" 2
has "and that is said" "$dir/err" "can not be listened on"

mkfifo "$dir/hold"
"$follow" "$port" "$store/gateway.token" <"$dir/hold" >"$dir/followed" &
following=$!
exec 8>"$dir/hold"
for i in 1 2 3 4 5 6; do
    run -p "turn $i" --store-dir "$store"
    is "turn $i" "$rc" 0
    if [ "$i" = 2 ] || [ "$i" = 4 ]; then
        kill -KILL "$serving"
        wait "$serving" 2>/dev/null
        run -p "while it is down" --store-dir "$store"
        serve "127.0.0.1:$port"
    fi
done
holds "the follower has the newest" caught_up
"$tau" events --after 0 --limit 1000 --json --store-dir "$store" >"$dir/log"
exec 8>&-
wait "$following"
is "nothing twice, no hole" "$("$peek" same seq <"$dir/followed" | tr '\n' ' ')" \
    "$(seq 1 "$(newest)" | tr '\n' ' ')"
"$peek" same ts_ms <"$dir/followed" >"$dir/a"
"$peek" same event ts_ms <"$dir/log" >"$dir/b"
holds "it is the log" cmp "$dir/a" "$dir/b"
kill "$serving"
wait "$serving"
is "ended by SIGTERM: status" "$?" 0
done_testing
