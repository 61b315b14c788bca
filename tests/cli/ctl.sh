#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tau ctl: what it does and asks of the tau that runs here, and what it says when none does, or two do.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
unset XDG_RUNTIME_DIR

# serve N: in the background; $serving, once it listens.
serve() {
    : >"$dir/log$1"
    "$tau" gateway serve --bind 127.0.0.1:0 --store-dir "$store" >"$dir/log$1" 2>&1 </dev/null 8>&- 9>&- &
    serving=$!
    until grep -q '^token' "$dir/log$1" || ! kill -0 "$serving" 2>/dev/null; do sleep 0.05; done
}
ctl() {
    run ctl "$@" --store-dir "$store"
}
socket() {
    ctl
    sed -n 's/^running: [0-9]* at //p' "$dir/out" | tail -n 1
}

ctl status
is "nobody is there: status" "$rc" 2
has "nobody is there: what to do" "$dir/err" "tau gateway serve"
run ctl
is "where tau never was: status" "$rc" 0
has "where tau never was: what there is to ask all the same" "$dir/out" "session.list"
ctl session.nwe
is "no such action: status" "$rc" 2
has "no such action: which is near, and where they are" "$dir/err" "did you mean session.new? tau ctl lists them"
ctl stauts
has "nor such a query: which is near" "$dir/err" "did you mean status?"
ctl zzzzzz
has "none is near: where they are" "$dir/err" "tau ctl lists them"

serve 1
ctl
has "it is listed" "$dir/out" "running: $serving at "
has "an action with its arguments" "$dir/out" "session.new [name=]"
has "a query with its arguments" "$dir/out" "session.list"
path=$(socket)
is "the socket is its owner's alone" "$(stat -c '%a %F' "$path")" "600 socket"
is "so is its directory" "$(stat -c %a "$(dirname "$path")")" 700
ctl status
is "status: status" "$rc" 0
is "status: the socket asks for no token" "$("$peek" get auth mode <"$dir/out")" none
is "status: it runs" "$("$peek" get service service_status <"$dir/out")" running
# What was asked of the gateway, and what of the socket, each for itself.
asked() { "$peek" get "$1" requests "$2" <"$dir/out"; }
holds "status: the gateway's own address" grep -q "^gateway: .*$("$peek" get gateway bind <"$dir/out")\$" "$dir/log1"
is "status: nobody asked the gateway yet" "$(asked gateway /gateway/status)" 0
mkfifo "$dir/hold"
port=$("$peek" get gateway bind <"$dir/out" | sed 's/.*://')
"$top_builddir/tests/cli/follow" "$port" "$store/gateway.token" <"$dir/hold" >/dev/null &
following=$!
exec 8>"$dir/hold"
for _ in $(seq 600); do
    ctl status
    [ "$(asked gateway /gateway/operator/events)" = 0 ] || break
    sleep 0.1
done
is "status: one follows at the gateway" "$(asked gateway /gateway/operator/events)" 1
is "status: and none at the socket" "$(asked socket /gateway/operator/events)" 0
holds "status: which was asked for this" test "$(asked socket /gateway/status)" -gt 0
exec 8>&-
wait "$following"
ctl session.new name=first
is "an action: status" "$rc" 0
has "an action: what it made" "$dir/out" "session_"
ctl session.new name=first
is "refused: status is that of its reason" "$rc" 2
has "refused: the reason" "$dir/err" "already_exists"
ctl session.new '{"name":"second"}' --json
is "as JSON: accepted" "$("$peek" get accepted <"$dir/out")" true
ctl session.new nam=x
is "no such argument: status" "$rc" 2
has "no such argument: which" "$dir/err" "'nam'"
ctl session.new name
has "no value" "$dir/err" "NAME=VALUE"
ctl session.list limit=x
is "a number that is none: status" "$rc" 2
ctl session.list
is "a query: a line each" "$(grep -c '^{' "$dir/out")" 2
ctl turn.submit session=first "input=summarize nothing" --wait
is "a turn: status" "$rc" 0
has "a turn: how it ended" "$dir/out" "completed"
ctl session.reset session=second
is "what wants a word: status" "$rc" 2
ctl session.reset session=second --yes
is "with the word: status" "$rc" 0
"$tau" ctl events --store-dir "$store" >"$dir/events" 2>&1 </dev/null &
following=$!
for _ in $(seq 600); do
    ctl task.create title=seen
    grep -q task.created "$dir/events" && break
    sleep 0.1
done
has "events come as lines" "$dir/events" '"kind":"task.created"'
kill "$following"
wait "$following" 2>/dev/null
holds "and following ends when it is told to" test $? -ne 0

# On a terminal nothing of it does more than be shown, and it is JSON there, too.
csi=$(printf '\302\233') override=$(printf '\342\200\256')
if command -v script >/dev/null; then
    on_terminal() {
        script -qec "'$tau' $* --store-dir '$store'" /dev/null </dev/null >"$dir/out" 2>&1
        holds "on a terminal: $*: as escapes" grep -q '31m \\u202eb' "$dir/out"
        hasnt "on a terminal: $*: no control" "$dir/out" "$csi"
        hasnt "on a terminal: $*: no direction" "$dir/out" "$override"
    }
    ctl task.create "title=a ${csi}31m ${override}b"
    is "a title of controls: status" "$rc" 0
    on_terminal ctl task.list
    on_terminal ctl task.list --json
    on_terminal ctl state
    on_terminal task list --json
    on_terminal ctl turn.submit session=first "'input=a ${csi}31m ${override}b'" --wait --json
    play '{"text":"a \u009b31m \u202eb"}'
    on_terminal -p hello --output events --model local/script --script "$script" --no-session
    ctl task.list --json
    has "elsewhere: byte for byte" "$dir/out" "$override"
else
    skip "JSON on a terminal" "script is missing"
fi

# Its gateway drains, from here; a number that no request has is said.
ctl gateway.drain
is "it is told to drain: status" "$rc" 0
ctl status
is "it says so" "$("$peek" get service service_status <"$dir/out")" draining
ctl gateway.drain
is "once more: status" "$rc" 2
has "once more: why" "$dir/err" "drains already"
ctl gateway.drain off=true
ctl status
is "and takes requests again" "$("$peek" get service service_status <"$dir/out")" running
ctl log.page kind=gateway.health_changed
is "the log has both" "$(grep -c health_changed "$dir/out")" 2
ctl gateway.cancel request=999
is "no such request: status" "$rc" 2
has "no such request: which" "$dir/err" "999"
ctl gateway.down
has "what is a gateway closes none" "$dir/err" "opens and closes no gateway"

first=$serving
serve 2
ctl status
is "two run: status" "$rc" 1
has "two run: which" "$dir/err" "$first, $serving"
ctl status --pid "$serving"
is "one of them: status" "$rc" 0
kill -KILL "$serving"
wait "$serving" 2>/dev/null
ctl status
is "the socket of a dead one is no one: status" "$rc" 0
holds "and is gone" test "$(find "$(dirname "$path")" -name '*.sock' | wc -l)" = 1
kill -TERM "$first"
wait "$first"
is "it ends well" $? 0
holds "and its socket is gone" test ! -e "$path"

# A state larger than what is kept of other answers.
kept=$store store=$dir/large
serve 3
text=$("$peek" line 60000)
for _ in $(seq 80); do ctl turn.submit "input=$text"; done
ctl state
is "a large state: status" "$rc" 0
holds "a large state: it is large" test "$(wc -c <"$dir/out")" -gt 4194304
is "a large state: it is whole" "$("$peek" lines <"$dir/out")" 1
kill -TERM "$serving"
wait "$serving" 2>/dev/null
store=$kept

# A turn of tau -p can be stopped from outside.
play '[{"text":"So far. "},{"stall":true}]'
"$tau" -p "wait for it" $played >"$dir/headless" 2>"$dir/headless.err" </dev/null &
working=$!
for _ in $(seq 600); do
    ctl state
    grep -q '"phase":"stream"' "$dir/out" && break
    sleep 0.1
done
ctl status
is "status of one without a gateway: status" "$rc" 0
has "it has none" "$dir/out" '"gateway":null'
ctl status
holds "and what was asked at its socket is said" test "$(asked socket /gateway/status)" -gt 0
ctl turn.cancel
is "it is told to: status" "$rc" 0
wait "$working"
is "stopped from outside: status" $? 130
has "what was said is kept" "$dir/headless" "So far."

# So can one call of it, and the turn goes on.
mark=4711$$
play "{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"sleep $mark\"}}}" '{"text":"went on"}'
"$tau" -p "sleep" --mode auto $played >"$dir/headless" 2>"$dir/headless.err" </dev/null &
working=$!
for _ in $(seq 600); do
    pgrep -f "^sleep $mark" >/dev/null && break
    sleep 0.1
done
ctl state
call=$(grep -o '"id":"call_[A-Za-z0-9_]*","session":"[^"]*","turn":"[^"]*","name":"bash","status":"started"' "$dir/out" | cut -d'"' -f4)
ctl tool.cancel "call=$call"
is "one call is told to stop: status" "$rc" 0
wait "$working"
is "its turn goes on: status" $? 0
is "and ends as it would" "$(cat "$dir/headless")" "went on"
holds "nothing of the call is left" test -z "$(pgrep -f "^sleep $mark")"
run query tool.get "{\"call\":\"$call\"}" --store-dir "$store"
has "the model was told" "$dir/out" "error: cancelled"
holds "the last has taken the directory along" test ! -e "$(dirname "$path")"
mkdir -m 755 "$(dirname "$path")"
ctl
is "a directory that others can enter: status" "$rc" 1
has "and why" "$dir/err" "yours alone"
done_testing
