#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The store in bad places: two programs at once, a directory that may not be written, a full disk, a
# damaged and a newer database. Each ends in a typed error, and nothing that was kept is lost.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

# ---- sessions ----
play '{"text":"first"}' '{"text":"second"}' '{"text":"third"}'
run -p a $played --session mine
is "a session is made when it is missing" "$rc $(cat "$dir/out")" "0 first"
run -p b $played --session mine
is "and gone on with by its name" "$rc $(cat "$dir/out")" "0 second"
run -p c $played -c
is "-c goes on with the last" "$rc $(cat "$dir/out")" "0 third"
run session list --store-dir "$store"
is "it is one session of three turns" "$(grep -c . "$dir/out") $(grep -c 'mine.* 3 turns' "$dir/out")" "1 1"
run session show mine --store-dir "$store"
has "what was asked is shown" "$dir/out" "> b"
has "what was answered is shown" "$dir/out" "second"
is "files of the store are ours alone" "$(find "$store" -type f -perm /077)$(find "$store" -type d -perm /077)" ""

find "$dir/state" "$dir/home" "$dir/work" | sort >"$dir/before"
run -p a --model local/script --script "$script" --no-session
is "--no-session answers" "$rc $(cat "$dir/out")" "0 first"
find "$dir/state" "$dir/home" "$dir/work" | sort >"$dir/after"
holds "--no-session leaves no file" cmp "$dir/before" "$dir/after"
play '{"call":{"name":"write","arguments":{"path":"n","content":"new"}}}' '{"text":"over"}'
run -p a --mode auto --model local/script --script "$script" --no-session
run -p a --mode auto --model local/script --script "$script" --no-session
is "--no-session writes" "$rc $(cat n)" "0 new"
rm n
run -p a --mode auto $played --session calls
run session show calls --store-dir "$store"
has "a call is shown with what was asked for" "$dir/out" '[write] {"path":"n","content":"new"}'
rm n
find "$dir/state" "$dir/home" "$dir/work" -type f | sort >"$dir/after"
is "nor the old content of what it changed" "$(comm -13 "$dir/before" "$dir/after")" ""
play '{"text":"first"}' '{"text":"second"}' '{"text":"third"}'
run -p a --model local/script --script "$script"
is "without --store-dir" $rc 0
is "the store is below XDG_STATE_HOME" "$(ls "$XDG_STATE_HOME/tau/projects")" \
    "work-$(pwd | tr -d '\n' | sha256sum | cut -c 1-12)"

# ---- two at once ----
play '{"text":"answer"}'
pids=
for i in 1 2 3 4 5 6; do
    timeout 120 "$tau" -p "turn $i" $played --output json >"$dir/out.$i" 2>"$dir/err.$i" </dev/null &
    pids="$pids $!"
done
for pid in $pids; do wait "$pid" || echo "exit $?"; done >"$dir/bad"
is "six on one store at once all complete" "$(cat "$dir/bad")" ""
is "each has its answer" "$(cat "$dir"/out.? | "$peek" same answer | sort | uniq -c | tr -s ' ')" " 6 answer"
is "in a session of its own" "$(cat "$dir"/out.? | "$peek" same session | sort -u | grep -c .)" 6
run session repair --store-dir "$store"
is "the store is whole" $rc 0
run -p "/session-repair" --store-dir "$store"
has "the same in a prompt, without a change" "$dir/out" "the store is whole"
run session repair --rebuild --store-dir "$store"
is "rebuild: status" $rc 0
has "rebuild: what is shown is what it was" "$dir/out" "as it was before"
cp -r "$store" "$dir/other"
rm -f "$dir/other"/tau.db-*
holds "a record is lost" "$peek" sql "$dir/other/tau.db" "DELETE FROM turns WHERE ord = (SELECT min(ord) FROM turns)"
run session repair --rebuild --store-dir "$dir/other"
has "rebuild: it is there again" "$dir/out" "differs  turns"
run session repair --rebuild --store-dir "$dir/other"
has "rebuild: and stays" "$dir/out" "as it was before"
mkfifo "$dir/fifo"
play '[{"text":"up"},{"stall":true}]'
env --default-signal=INT "$tau" -p go $played --output events --session held >"$dir/fifo" 2>"$dir/err" </dev/null &
pid=$!
exec 7<"$dir/fifo"
while read -r line <&7; do case $line in *'"text":"up"'*) break ;; esac; done
play '{"text":"other"}'
run -p b $played --session held
is "a session that is in use is refused" $rc 1
has "with its reason" "$dir/err" "session_leased"
run -p b $played --session held --output json
is "json: and a typed object is on standard output" "$("$peek" get error reason_code <"$dir/out")" session_leased
run -p b $played --session held --output events
is "events: the reason is a line" "$(tail -n 1 "$dir/out" | "$peek" get data error reason_code)" session_leased
run -p b $played
is "another session of the store is free" "$rc $(cat "$dir/out")" "0 other"
run -p b $played --session held --session-lock-wait-ms 200
is "it is waited for only so long" $rc 1
has "and what can be done is said" "$dir/err" "session-lock-wait-ms"
timeout 60 "$tau" -p b $played --session held --session-lock-wait-ms 50000 >"$dir/waited" 2>&1 </dev/null &
waits=$!
kill -INT "$pid"
cat <&7 >/dev/null
exec 7<&-
wait "$pid"
is "the holder was not disturbed" $? 130
wait "$waits"
is "whoever waited for it has it" $? 0
run -p b $played --session held
is "and afterwards it is free" $rc 0

# ---- what can not be opened ----
fails() { # NAME CODE REASON ARGS...: the same in all three formats
    fails_name=$1 fails_code=$2 fails_reason=$3
    shift 3
    run -p x "$@"
    is "$fails_name: text: code" "$rc" "$fails_code"
    has "$fails_name: text: reason" "$dir/err" "[$fails_reason"
    run -p x "$@" --output json
    is "$fails_name: json: code and reason" "$rc $("$peek" get error reason_code <"$dir/out")" "$fails_code $fails_reason"
    run -p x "$@" --output events
    is "$fails_name: events: code and reason" \
        "$rc $(tail -n 1 "$dir/out" | "$peek" get data error reason_code)" "$fails_code $fails_reason"
}

play '{"text":"x"}'
cp -r "$store" "$dir/damaged"
rm -f "$dir/damaged"/tau.db-*
printf 'this is no database, whatever its name says. %4096s' '' >"$dir/damaged/tau.db"
model="--model local/script --script $script"
fails "a file that is no database" 1 store_damaged $model --store-dir "$dir/damaged"
has "and the hint" "$dir/err" "tau session repair"
run session list --store-dir "$dir/damaged"
is "no database: list" "$rc" 1
has "no database: list: reason" "$dir/err" "store_damaged"
holds "and it is left as it is" grep -q 'no database' "$dir/damaged/tau.db"

rm -rf "$dir/damaged"
cp -r "$store" "$dir/damaged"
rm -f "$dir/damaged"/tau.db-*
size=$(wc -c <"$dir/damaged/tau.db")
# Every page but the first.
yes damage | head -c $((size - 4096)) | dd of="$dir/damaged/tau.db" bs=4096 seek=1 conv=notrunc 2>/dev/null
fails "a database with damaged pages" 1 store_damaged $model --store-dir "$dir/damaged"
run session check --store-dir "$dir/damaged"
is "check says so, and changes nothing" "$rc" 1
has "check says what to do" "$dir/err" "tau session repair"
run session repair --store-dir "$dir/damaged"
is "repair says that it is damaged" "$rc" 1
has "repair names the reason" "$dir/err" "store_damaged"

rm -rf "$dir/older"
cp -r "$store" "$dir/older"
rm -rf "$dir/older"/tau.db-* "$dir/older/backup"
holds "an older database is made" "$peek" sql "$dir/older/tau.db" \
    "UPDATE meta SET value = 1 WHERE key = 'version'; UPDATE meta SET value = 'older' WHERE key = 'shape'; DROP TABLE turns"
run session show mine --store-dir "$dir/older"
is "an older database is brought up to date" "$rc $(grep -c '^> b' "$dir/out")" "0 1"
is "after a copy was made" "$(find "$dir/older/backup" -name 'tau-*.db' | grep -c .)" 1
run session list --store-dir "$dir/older"
is "once" "$rc $(find "$dir/older/backup" -name 'tau-*.db' | grep -c .)" "0 1"

rm -rf "$dir/newer"
cp -r "$store" "$dir/newer"
rm -f "$dir/newer"/tau.db-*
holds "a newer database is made" "$peek" sql "$dir/newer/tau.db" "UPDATE meta SET value = 999 WHERE key = 'version'"
run session list --store-dir "$dir/newer"
is "a newer database can be read" "$rc $(grep -c mine "$dir/out")" "0 1"
cp "$dir/newer/tau.db" "$dir/newer.db"
fails "a newer database" 1 store_newer $model --store-dir "$dir/newer"
holds "is not changed" cmp "$dir/newer.db" "$dir/newer/tau.db"

: >"$dir/file"
run -p x $model --store-dir "$dir/file"
is "a store directory that is a file" "$rc" 2
has "and it is named" "$dir/err" "$dir/file"

# ---- a directory that may not be written ----
if [ "$(id -u)" = 0 ]; then
    if setpriv --bounding-set -all --inh-caps -all true 2>/dev/null; then
        run_plain() { timeout 120 setpriv --bounding-set -all --inh-caps -all "$tau" "$@" <"$in" >"$dir/out" 2>"$dir/err"; rc=$?; }
    else
        run_plain() { rc=none; }
    fi
else
    run_plain() { run "$@"; }
fi
mkdir "$dir/locked"
chmod 500 "$dir/locked"
run_plain -p x $model --store-dir "$dir/locked"
if [ $rc = none ]; then skip "a store directory that may not be written" "setpriv can not drop capabilities"; else
    is "a store directory that may not be written" $rc 1
    has "and it is named" "$dir/err" "$dir/locked"
fi
cp -r "$store" "$dir/readonly"
chmod -R a-w "$dir/readonly"
run_plain session show mine --store-dir "$dir/readonly"
[ $rc = none ] || has "a store that may not be written can be read" "$dir/out" "second"
chmod -R u+w "$dir/readonly"

# ---- a full disk ----
small=$dir/small
mkdir "$small"
if mount -t tmpfs -o size=1m,mode=700 tmpfs "$small" 2>/dev/null; then
    mounted=$small
    play '{"text":"kept answer"}' '[{"text":"again "},{"repeat":{"n":40000,"text":"some words that fill the disk up "}}]' '{"text":"afterwards"}'
    model="--model local/script --script $script --store-dir $small/store"
    run -p first $model --session full
    is "a small disk: the first turn fits" "$rc $(cat "$dir/out")" "0 kept answer"
    run -p second $model --session full --output json
    is "full while a turn runs: code" "$rc" 1
    is "full while a turn runs: reason" "$("$peek" get error reason_code <"$dir/out")" store_full
    run session show full --store-dir "$small/store"
    has "full: what was kept is there" "$dir/out" "kept answer"
    head -c 4000000 /dev/zero >"$small/fill" 2>/dev/null
    fails "a disk that is full from the start" 1 store_full $model
    rm "$small/fill"
    mount -o remount,size=16m "$small"
    play '{"text":"kept answer"}' '{"text":"back"}' '{"text":"back"}' '{"text":"back"}' '{"text":"back"}' '{"text":"back"}' '{"text":"back"}'
    run -p third --model local/script --script "$script" --store-dir "$small/store" --session full
    is "with room again it goes on" "$rc $(cat "$dir/out")" "0 back"
    run session repair --store-dir "$small/store"
    is "and the store is whole" "$rc" 0
    run session show full --store-dir "$small/store"
    has "and has what it had" "$dir/out" "kept answer"
else
    skip "a full disk" "no tmpfs can be mounted"
fi

done_testing
