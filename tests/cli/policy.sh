#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Policy from outside: what tau policy test says is what a turn then does.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

rules=$XDG_CONFIG_HOME/tau/policy.rules

verdict() { # COMMAND WANT: the last line of policy test begins with it
    run policy test "$1" --store-dir "$store"
    is "test: $1" "$rc $(tail -n 1 "$dir/out" | cut -d: -f1)" "0 $2"
}

# The preset whose verdicts do not depend on the sandbox of this machine.
printf '[policy]\npreset = permissive\n' >"$XDG_CONFIG_HOME/tau/tau.conf"

# ---- without rules ----
mkdir .git sub
echo hello >a.txt
echo TOKEN=1 >.env
verdict 'ls -l | head' allow
verdict 'npm test' ask
verdict 'ls $(rm a.txt)' ask
has "says what stopped it" "$dir/out" 'not understood: it has an expansion ($)'
verdict 'env ls' ask
verdict 'find . -delete' ask
verdict 'cat .env' ask
verdict 'echo x >.git/config' deny
run policy show --store-dir "$store"
has "show names the preset" "$dir/out" '"preset":"permissive"'

# ---- with rules ----
printf '%s\n' '# mine' 'allow bash npm test' 'allow bash touch *' 'deny bash rm' \
    'ask bash git log' 'deny read sub/**' >"$rules"
chmod 600 "$rules"
verdict 'npm test | tail -n 3' allow
has "and names the rule" "$dir/out" 'rule allow bash npm test (policy.rules:2)'
verdict 'npm test --watch' ask
verdict 'timeout 5 npm test' ask
verdict 'touch b && ls' allow
verdict 'touch ../b' ask
verdict 'sh -c "rm b"' deny
verdict 'git log' ask

# ---- what a turn does ----
call() { # NAME TOOL ARGUMENTS REASON: the call fails with that reason
    play "{\"call\":{\"name\":\"$2\",\"arguments\":$3}}" '{"text":"x"}'
    run -p go $played --output events
    has "$1" "$dir/out" "\"reason_code\":\"$4\""
}
call "a rule that denies a command" bash '{"command":"/bin/rm a.txt"}' denied_by_policy
call "a rule that denies a path" read '{"path":"sub/x"}' denied_by_policy
call "the same by a way round" read '{"path":"./sub/../sub/x"}' denied_by_policy
call "a path outside" read '{"path":"missing/../../x"}' outside_roots
call "a protected path" write '{"path":".git/hooks/pre-commit","content":"x"}' protected_path
call "a secret" read '{"path":".env"}' approval_needs_operator
call "a question that nobody can answer" bash '{"command":"make"}' approval_needs_operator
call "the same as a job" jobs_create '{"command":"make"}' approval_needs_operator
holds "nothing was changed" test -e a.txt -a ! -e .git/hooks
run -p go $played --output text
has "what can be done" "$dir/err" 'or with --mode auto'
play '{"call":{"name":"bash","arguments":{"command":"git log"}}}' '{"text":"x"}'
run -p go $played --output text --mode auto
has "in mode auto as well" "$dir/err" 'leaves this to somebody who can be asked'
hasnt "which is not named again" "$dir/err" 'with --mode auto'
play '{"call":{"name":"bash","arguments":{"command":"touch made"}}}' '{"text":"x"}'
run -p go $played
holds "what a rule allows is done" test -e made

# ---- what is judged read-only changes nothing ----
snapshot() { # git may write down in its index that nothing changed
    find . ! -path ./.git/index ! -path ./.git -printf '%p %y %m %s %T@\n' | sort
}
rm "$rules"
echo two >sub/b.c
git init -q . && git add a.txt && git -c user.name=a -c user.email=a@b commit -qm one
while IFS= read -r command; do
    case $command in '#'* | '') continue ;; esac
    snapshot >"$dir/before"
    timeout -k 1 5 bash --norc -c "$command" </dev/null >"$dir/out" 2>"$dir/err"
    snapshot >"$dir/after"
    holds "no effect: $command" cmp -s "$dir/before" "$dir/after"
done <"$top_srcdir/tests/data/bypasses/reads.txt"

# ---- files that are not believed ----
printf '%s\n' '# mine' 'allow bash npm test' >"$rules"
chmod 622 "$rules"
run policy test ls --store-dir "$store"
is "rules that others can write: refused" $rc 2
has "and told how to mend it" "$dir/err" "chmod 600"
chmod 600 "$rules"
echo 'alow bash ls' >>"$rules"
run policy test ls --store-dir "$store"
is "a rule with an error: refused" $rc 2
has "with its line" "$dir/err" "policy.rules:3: a rule begins with"
rm "$rules"
run policy trust yes --store-dir "$store"
chmod 644 "$XDG_CONFIG_HOME/tau/trusted"
run policy trust --store-dir "$store"
has "a list of trust that others can read trusts nothing" "$dir/out" "not trusted"

done_testing
