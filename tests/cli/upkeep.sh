#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What keeps a tau in order: settings read and written, the doctor, and cleaning up.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
at="--store-dir $store"
conf=$XDG_CONFIG_HOME/tau/tau.conf

# ---- settings ----
rm -f "$conf"
run config get policy.mode
is "get: the value alone" "$rc $(cat "$dir/out")" "0 ask"
run config get policy.mod
is "get: no such setting: status" $rc 2
has "get: the nearest" "$dir/err" "policy.mode"
run config set policy.mode edits
is "set: status" $rc 0
is "set: a file is made, its owner's alone" "$(stat -c %a "$conf")" 600
run config get policy.mode
is "set: it holds" "$(cat "$dir/out")" edits
printf '# mine\n\n[policy]\nmode = ask   \n# a remark\nmode: plan\n\n[console]\ntheme=dark\n' >"$conf"
run config set policy.mode auto
is "set: the rest stays byte for byte" "$(cat "$conf")" "$(printf '# mine\n\n[policy]\n# a remark\nmode = auto\n\n[console]\ntheme=dark')"
run config set policy.preset strict
is "set: at the end of its section" "$(sed -n '5,6p' "$conf" | tr '\n' '|')" "mode = auto|preset = strict|"
run config set log.level debug
is "set: a section of its own" "$(tail -n 2 "$conf" | tr '\n' '|')" "[log]|level = debug|"
run config set policy.mode
is "set: without a value it goes" "$(grep -c '^mode' "$conf")" 0
before=$(cat "$conf")
run config set turns.max 1000000
is "set: out of its range: status" $rc 2
is "set: and nothing is written" "$(cat "$conf")" "$before"
run config set model.default 'a
[policy]'
is "set: more than a line: status" $rc 2
TAU_POLICY_PRESET=hardened run config set policy.preset balanced
has "set: what counts more is said" "$dir/out" "but TAU_POLICY_PRESET says hardened"
rm -f "$conf"

# ---- the doctor ----
run doctor $at
is "doctor: a fresh place: status" $rc 0
has "doctor: a summary" "$dir/out" "doctor summary: checks="
has "doctor: the model" "$dir/out" "local/offline needs no server and no key"
run doctor --json $at
is "doctor: as JSON: status" $rc 0
is "doctor: as JSON: no failure" "$("$peek" get summary fail <"$dir/out")" 0
TAU_MODEL_DEFAULT=openai/gpt-5-mini run doctor $at
is "doctor: no key: status" $rc 1
has "doctor: no key: what to do" "$dir/out" "export OPENAI_API_KEY"
TAU_MODEL_DEFAULT=nobody/none run doctor $at
is "doctor: no such model: status" $rc 1
mkdir -p "$XDG_CONFIG_HOME/tau"
printf '[policy]\nmode = never\nnonsense\n' >"$conf"
run doctor $at
has "doctor: bad lines: how many" "$dir/out" "2 lines are not understood"
has "doctor: bad lines: the first" "$dir/out" "tau.conf:2:"
rm -f "$conf"
run -p "help" $at
chmod 755 "$store"
run doctor $at
has "doctor: open to others" "$dir/out" "chmod 700 $store"
chmod 700 "$store"
cp "$store/tau.db" "$dir/kept.db"
printf 'no database at all, but long enough to be looked at as one' >"$store/tau.db"
rm -f "$store"/tau.db-*
run doctor $at
is "doctor: a damaged store: status" $rc 1
has "doctor: a damaged store: what to do" "$dir/out" "tau session repair"
mv "$dir/kept.db" "$store/tau.db"
printf 'k\n' >"$dir/key"
chmod 644 "$dir/key"
TAU_MODEL_KEY_FILE=$dir/key run doctor $at
has "doctor: a key that others can read" "$dir/out" "chmod 600 $dir/key"
# A server that is there: tau's own, which knows no such path.
: >"$dir/log"
"$tau" gateway serve --bind 127.0.0.1:0 $at >"$dir/log" 2>&1 </dev/null 8>&- 9>&- &
serving=$!
until grep -q '^token' "$dir/log" || ! kill -0 "$serving" 2>/dev/null; do sleep 0.05; done
base=$(sed -n 's/^gateway: //p' "$dir/log")/v1
OPENAI_BASE_URL=$base OPENAI_API_KEY=k1234 TAU_MODEL_DEFAULT=openai/echo run doctor --online $at
has "doctor: the server is asked" "$dir/out" "it answered with status 4"
hasnt "doctor: and no key is shown" "$dir/out" "k1234"
# One that takes the call and says nothing: whoever waits for it can be stopped.
kill -STOP "$serving"
OPENAI_BASE_URL=$base OPENAI_API_KEY=k1234 TAU_MODEL_DEFAULT=openai/echo "$tau" doctor --online $at >"$dir/out" 2>&1 </dev/null 8>&- 9>&- &
asking=$!
until [ "/proc/$asking/exe" -ef "$tau" ] || ! kill -0 "$asking" 2>/dev/null; do sleep 0.05; done
kill -TERM "$asking"
wait "$asking" 2>/dev/null
is "doctor: stopped while it waits: status" $? 143
kill -CONT "$serving"
kill "$serving"
wait "$serving" 2>/dev/null
OPENAI_BASE_URL=$base OPENAI_API_KEY=k1234 TAU_MODEL_DEFAULT=openai/echo run doctor --online $at
is "doctor: a server that is gone: status" $rc 1
has "doctor: a server that is gone: why" "$dir/out" "it can not be reached"

# ---- where things are ----
run info $at
is "info: status" $rc 0
has "info: the directory of the state" "$dir/out" "state      $store"
has "info: the files of what was copied" "$dir/out" "copies     $store/copies"
has "info: the rules that were kept" "$dir/out" "$store/policy.rules"
has "info: the rules of the operator" "$dir/out" "$XDG_CONFIG_HOME/tau/policy.rules"
run info --json $at
is "info: as JSON" "$("$peek" get store <"$dir/out")" "$store/tau.db"

# ---- cleaning up ----
mkdir -p "$store/backup" "$store/unkept_x" "$store/copies"
: >"$store/copies/1.txt"
: >"$store/unkept_x/file"
: >"$store/backup/tau-1.db"
printf 'x\n' >"$store/tau.log"
run clean --dry-run $at
is "clean: a look: status" $rc 0
has "clean: a look: what would go" "$dir/out" "would remove $store/tau.log"
holds "clean: a look: it is there" test -e "$store/tau.log"
hasnt "clean: what is precious stays" "$dir/out" "tau.db"
run clean $at
is "clean: status" $rc 0
holds "clean: logs are gone" test ! -e "$store/tau.log"
holds "clean: leftovers are gone" test ! -e "$store/unkept_x"
holds "clean: copies are gone" test ! -e "$store/copies"
holds "clean: sessions are there" test -e "$store/tau.db"
holds "clean: backups are there" test -e "$store/backup/tau-1.db"
mkdir -p .tau/reports .tau/dashboard "$dir/theirs/reports"
touch .tau/reports/onboarding-1.json .tau/reports/mine.md "$dir/theirs/reports/onboarding-1.json"
run clean $at
holds "clean: reports of the workspace are gone" test ! -e .tau/reports/onboarding-1.json
holds "clean: so is the dashboard" test ! -e .tau/dashboard
holds "clean: what somebody else put there stays" test -e .tau/reports/mine.md
rm -r .tau
ln -s "$dir/theirs" .tau
run clean $at
holds "clean: nothing goes through a link" test -e "$dir/theirs/reports/onboarding-1.json"
run onboard --onboard-non-interactive $at
is "onboard: nothing is written through a link: status" $rc 2
is "onboard: nothing is written through a link" "$(ls "$dir/theirs/reports")" onboarding-1.json
rm .tau

run clean sessions $at
is "clean: named, without a yes: status" $rc 2
run clean nonsense $at
is "clean: no such thing: status" $rc 2
run clean backups --yes $at
holds "clean: named: backups are gone" test ! -e "$store/backup"
: >"$dir/log"
"$tau" gateway serve --bind 127.0.0.1:0 $at >"$dir/log" 2>&1 </dev/null 8>&- 9>&- &
serving=$!
until grep -q '^token' "$dir/log" || ! kill -0 "$serving" 2>/dev/null; do sleep 0.05; done
run clean $at
is "clean: while a tau runs: status" $rc 1
has "clean: while a tau runs: which" "$dir/err" "process $serving"
kill "$serving"
wait "$serving" 2>/dev/null
mkfifo "$dir/lines"
"$tau" --line $at <"$dir/lines" >"$dir/log" 2>&1 8>&- 9>&- &
typing=$!
exec 7>"$dir/lines"
echo 'hello' >&7
until grep -q '^interactive.turn=end' "$dir/log" || ! kill -0 "$typing" 2>/dev/null; do sleep 0.05; done
run clean sessions memory --yes $at
is "clean: while lines are typed: status" $rc 1
has "clean: while lines are typed: which" "$dir/err" "process $typing"
mkdir -m 700 "$dir/run2"
XDG_RUNTIME_DIR=$dir/run2 "$tau" clean sessions memory --yes $at >"$dir/out" 2>"$dir/err"
is "clean: a tau whose socket is not seen: status" $? 1
# Where paths are too long for a socket it lies elsewhere, and is seen after all.
holds "clean: a tau whose socket is not seen: why" \
    grep -Eq "another tau has this store open|a tau runs here \(process $typing\)" "$dir/err"
holds "clean: a tau whose socket is not seen: sessions are there" test -e "$store/tau.db"
exec 7>&-
wait "$typing" 2>/dev/null
# One that keeps nothing has its files there all the same.
"$tau" --line --no-session $at <"$dir/lines" >"$dir/log" 2>&1 8>&- 9>&- &
typing=$!
exec 7>"$dir/lines"
echo 'hello' >&7
until grep -q '^interactive.turn=end' "$dir/log" || ! kill -0 "$typing" 2>/dev/null; do sleep 0.05; done
run clean $at
is "clean: a tau that keeps nothing: status" $rc 1
has "clean: a tau that keeps nothing: which" "$dir/err" "a tau with --no-session runs here"
is "clean: a tau that keeps nothing: its files are there" "$(ls -d "$store"/unkept_* | grep -c .)" 1
kill -9 "$typing"
exec 7>&-
wait "$typing" 2>/dev/null
run clean $at
is "clean: one that died: its files are gone" "$rc $(ls -d "$store"/unkept_* 2>/dev/null)" "0 "
run clean sessions --yes $at
is "clean: sessions without memory: status" $rc 2
has "clean: sessions without memory: why" "$dir/err" "lie in one store"
holds "clean: sessions without memory: they are there" test -e "$store/tau.db"
run clean sessions memory secrets --yes $at
is "clean: sessions and secrets: status" $rc 0
holds "clean: sessions are gone" test ! -e "$store/tau.db"
holds "clean: secrets are gone" test ! -e "$store/gateway.token"
done_testing
