#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Stopping a turn from outside: by ^C, by ^C twice, by the death of tau. Whatever its command
# started is gone afterwards, however it was started.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

# Starts a turn in the background and waits until it said `up`; $pid is tau's. A shell gives its
# background children an ignored SIGINT, so setsid's exec is not enough: env puts it back.
start() { # ARGS...
    rm -f "$dir/fifo" "$dir/out"
    mkfifo "$dir/fifo"
    env --default-signal=INT "$tau" -p go --mode auto --output events "$@" \
        >"$dir/fifo" 2>"$dir/err" </dev/null &
    pid=$!
    exec 7<"$dir/fifo"
    while read -r line <&7; do
        printf '%s\n' "$line" >>"$dir/out"
        case $line in *"$awaited"*) return ;; esac
    done
}

# The rest of what it printed, and its exit code.
end() {
    cat <&7 >>"$dir/out"
    exec 7<&-
    wait "$pid"
    rc=$?
}

# A number of seconds that no other process waits for.
mark() {
    marks=$((${marks:-0} + 1))
    mark=1000.$$$marks
}

# In a session leader of its own, below a parent that is gone, deaf to HUP, all of that at once, deaf to
# TERM, a daemon that closed all it had, and forty that fork one another.
cat >many <<'END'
#!/bin/sh
setsid sleep $1 & (sleep $1 &) ; nohup sleep $1 & (setsid sh -c "sleep $1 & sleep $1" &)
(trap '' TERM; exec sleep $1) &
(setsid sh -c "exec <&- >&- 2>&- 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-; sleep $1 & sleep $1" &)
cat >bomb <<'BOMB'
[ "$1" -le 0 ] || sh bomb $(($1 - 1)) "$2" & sleep "$2"
BOMB
sh bomb 39 $1 &
echo up; sleep $1
END
chmod +x many
# Without a sandbox even mode auto runs only what a rule allows.
echo 'allow bash ./many *
allow bash sleep *' >"$XDG_CONFIG_HOME/tau/policy.rules"
chmod 600 "$XDG_CONFIG_HOME/tau/policy.rules"

many() {
    mark
    play "{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"./many $mark\"}}}" '{"text":"done"}'
    awaited='"text":"up\n'
}

for level in auto landlock none; do
    many
    start $played --sandbox $level --tool-policy-preset permissive
    # As many as there are, so that none is still on its way when the others are stopped.
    holds "sandbox $level: all are running" "$peek" there 49 "$mark"
    kill -INT "$pid"
    end
    is "sandbox $level: ^C is 130" $rc 130
    is "sandbox $level: the log ends with turn.cancelled" "$("$peek" same kind <"$dir/out" | tail -n 1)" turn.cancelled
    has "sandbox $level: the call is closed" "$dir/out" '"kind":"tool.cancelled"'
    holds "sandbox $level: no descendant is left after ^C" "$peek" gone "$mark"

    many
    start $played --sandbox $level --tool-policy-preset permissive
    holds "sandbox $level: all are running again" "$peek" there 49 "$mark"
    kill -KILL "$pid"
    end
    is "sandbox $level: tau was killed" $rc 137
    holds "sandbox $level: no descendant is left after kill -9" "$peek" gone "$mark"
    play '{"text":"not this"}' '{"text":"back"}'
    run -p again $played -c
    is "sandbox $level: the session goes on" "$rc $(cat "$dir/out")" "0 back"
    run session show --store-dir "$store"
    has "sandbox $level: what it had said is there" "$dir/out" "> go"

    mark
    play "{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"sleep $mark\",\"background\":true}}}" '[{"text":"left running"},{"stall":true}]'
    awaited='"text":"left running'
    start $played --sandbox $level --tool-policy-preset permissive
    holds "sandbox $level: a job runs" "$peek" there 1 "$mark"
    kill -INT "$pid"
    end
    holds "sandbox $level: a job ends with its turn's program" "$peek" gone "$mark"
    mark
    play "{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"sleep $mark\",\"background\":true}}}" '[{"text":"left running"},{"stall":true}]'
    start $played --sandbox $level --tool-policy-preset permissive
    holds "sandbox $level: a job runs again" "$peek" there 1 "$mark"
    kill -KILL "$pid"
    end
    holds "sandbox $level: a job ends when tau is killed" "$peek" gone "$mark"
    holds "sandbox $level: nothing of the launcher is left" "$peek" gone "$dir/work"
done

# ---- a model that says nothing ----
play '[{"text":"half an "},{"stall":true}]'
awaited='"text":"half an '
start $played
kill -INT "$pid"
end
is "^C while the model is silent is 130" $rc 130
has "what it had said is kept" "$dir/out" '"kind":"turn.message"'
is "the last event" "$("$peek" same kind <"$dir/out" | tail -n 1)" turn.cancelled

# ---- TERM and HUP are the same ----
for signal in TERM HUP; do
    play '[{"text":"half an "},{"stall":true}]'
    start $played
    kill -$signal "$pid"
    end
    is "SIG$signal is 130" $rc 130
    is "SIG$signal: the last event" "$("$peek" same kind <"$dir/out" | tail -n 1)" turn.cancelled
done

# ---- twice: it does not wait ----
mark
play "{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"trap '' INT TERM; echo up; sleep $mark; sleep $mark\"}}}" '{"text":"done"}'
awaited='"text":"up\n'
start $played
kill -INT "$pid"
kill -INT "$pid" 2>/dev/null
end
is "^C twice is 130" $rc 130
holds "and no descendant is left" "$peek" gone "$mark"
play '{"text":"back"}'
run -p again $played --output json
is "and the next turn runs" "$rc $("$peek" get answer <"$dir/out")" "0 back"
timeout 60 "$tau" session repair --store-dir "$store" >"$dir/out" 2>"$dir/err"
is "the store is whole" $? 0

done_testing
