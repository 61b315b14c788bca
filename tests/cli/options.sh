#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The command line, the environment and the configuration: what is taken, what is refused and how.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

usage() { # NAME WORDS ARGS...: exit 2, the words on standard error, nothing on standard output
    usage_name=$1 usage_words=$2
    shift 2
    run "$@"
    is "$usage_name is 2" "$rc $(wc -c <"$dir/out")" "2 0"
    has "$usage_name: told" "$dir/err" "$usage_words"
}

# ---- mistakes ----
play '{"text":"x"}'
usage "an unknown option" "did you mean --model?" --modle x
usage "an unknown option after a command" "did you mean --store-dir?" info --store-dri x
usage "an unknown letter" "unknown option '-Z'" -Z
usage "an unknown command" "did you mean tau session list?" session lits
usage "words without a command" "unknown command 'hello'" hello
usage "a value that is missing" "--model needs a value" -p x --model
usage "a letter's value that is missing" "-p needs a value" -p
usage "a value where none belongs" "takes no value" --no-session=yes -p x
usage "an option given twice" "given twice" -p x -p y
usage "an option of another command" "does not take --model" info --model x
usage "an argument too many" "usage: tau" config why a b
usage "an argument too few" "usage: tau config why KEY" config why
usage "how it is used is said by its own help" "tau config why --help says what it takes" config why
usage "which options, too" "tau info --help says what it takes" info --model x
usage "a query that is unknown" "did you mean session.list? tau ctl lists them" query session.lits
usage "no session yet" "one begins with the first question" context --store-dir "$dir/nothing"
usage "a session of another name" "tau session list lists them" session show none --store-dir "$dir/nothing"
usage "a wrong choice" "ask|edits|plan|auto" -p x --mode maybe
usage "a wrong choice of no setting" "--status: expected requested|approved|rejected|expired, got 'maybe'" approvals --status maybe
usage "a wrong type" "the type: expected identity|" memory list maybe
usage "a wrong type, of the tree" "the type: expected identity|" memory tree maybe
usage "a provider that is unknown" "did you mean openai?" model list --provider opnai
usage "a wrong number" "--max-turns" -p x $played --max-turns 0
usage "a number that is none" "--turn-timeout-ms" -p x $played --turn-timeout-ms soon
for option in request connect wait idle; do
    usage "a deadline below nothing: $option" "--$option-timeout-ms" -p x $played --$option-timeout-ms -1
    usage "a deadline past a day: $option" "up to 86400000" -p x $played --$option-timeout-ms 86400001
done
usage "no calls at once" "--agent-max-parallel-tool-calls" -p x $played --agent-max-parallel-tool-calls 0
usage "two sessions" "two sessions" -p x $played -c --session a
usage "a session that is not kept" "--no-session" -p x $played --no-session --session a
usage "a directory that is missing" "$dir/none" -p x $played -C "$dir/none"
usage "a setting that is missing" "did you mean policy.mode?" config why policy.mod
usage "help on nothing" "topics:" --help nothing
usage "a shell that is unknown" "bash, zsh or fish" completion csh
usage "a session that is missing" "there is no session 'none'" session show none --store-dir "$store"

# ---- no terminal ----
run
is "without a terminal it is line mode" $rc 0
if command -v script >/dev/null; then
    script -qec "TERM=dumb '$tau' --store-dir '$store'" /dev/null </dev/null >"$dir/out" 2>&1
    is "so it is on TERM=dumb" $? 0
    has "with its prompt" "$dir/out" "> "
    script -qec "env -u TERM '$tau' --store-dir '$store'" /dev/null </dev/null >"$dir/out" 2>&1
    is "and without TERM" $? 0
    script -qec "TERM=no-such-terminal '$tau' --store-dir '$store'" /dev/null </dev/null >"$dir/out" 2>&1
    is "the console on an unknown terminal is 2" $? 2
    has "and names it" "$dir/out" "no-such-terminal"
else
    skip "the console on TERM=dumb" "script is missing"
fi

# ---- ways to write an option ----
run --prompt=x --model=local/script --script="$script" --store-dir="$store"
is "--option=value" "$rc $(cat "$dir/out")" "0 x"
run -px $played
is "-pTEXT" "$rc $(cat "$dir/out")" "0 x"
play '[{"expect":"a=b"},{"text":"x"}]'
run --prompt=a=b $played
is "a value with =" "$rc" 0
play '{"text":"x"}'
run -p "--help me" $played
is "a value that only looks like an option" "$rc $(cat "$dir/out")" "0 x"
run --prompt="--help" $played
is "a value that is one" "$rc $(cat "$dir/out")" "0 x"
run -p--help $played
is "so in the same word" "$rc $(cat "$dir/out")" "0 x"
play '[{"expect":"session list"},{"text":"x"}]'
run -p $played "session list"
is "-p as a flag: the text is the word of the line" "$rc $(cat "$dir/out")" "0 x"
run --prompt --store-dir="$store" "session list" --model local/script --script "$script"
is "--prompt as a flag" "$rc $(cat "$dir/out")" "0 x"
run $played "session list" -p
is "-p as a flag at the end" "$rc $(cat "$dir/out")" "0 x"
run $played -p -- "session list"
is "-p before the end of options" "$rc $(cat "$dir/out")" "0 x"
play '[{"expect":"info"},{"text":"x"}]'
run -p $played info
is "the word of the line is a text, no command" "$rc $(cat "$dir/out")" "0 x"
printf 'from the pipe' >"$dir/question"
play '[{"expect":"from the pipe"},{"text":"x"}]'
cat "$dir/question" | timeout 60 "$tau" -p $played >"$dir/out" 2>"$dir/err"
is "-p as a flag: standard input is the text" "$? $(cat "$dir/out")" "0 x"
"$tau" -p $played --output events <"$dir/question" >"$dir/out" 2>"$dir/err"
hasnt "and nothing beside it" "$dir/out" "standard input"
usage "-p without any text" "-p needs a value" -p $played
in=$dir/empty
: >"$in"
usage "-p with an empty standard input" "-p needs a value" -p $played
in=/dev/null
usage "two words for -p" "put quotes around" -p $played two words
usage "-p twice, once as a flag" "given twice" -p --prompt x
play '{"text":"x"}'
run -p "/info -p" $played
is "a verb takes no text" $rc 2
has "and says so" "$dir/err" "tau info does not take --prompt"
TAU_MODEL=local/script TAU_SCRIPT=$script TAU_STORE_DIR=$store timeout 60 "$tau" -p x >"$dir/out" 2>"$dir/err" </dev/null
is "options from the environment" $? 0
TAU_MODE=maybe timeout 60 "$tau" info >"$dir/out" 2>"$dir/err" </dev/null
is "the environment of another command is not in the way" $? 0
TAU_BRANCH_FROM=abc TAU_SESSION=/nonexistent/x timeout 60 "$tau" demo --line >"$dir/out" 2>"$dir/err" </dev/null
is "nor are options that the command does not take: the demonstration" $? 0
TAU_SESSION=./elsewhere TAU_PROMPT=hello timeout 60 "$tau" session list --store-dir "$store" >"$dir/out" 2>"$dir/err" </dev/null
is "nor for a verb" $? 0
holds "nothing is made there" test ! -e elsewhere
TAU_SESSION=elsewhere TAU_OUTPUT=json timeout 60 "$tau" -p x $played >"$dir/out" 2>"$dir/err" </dev/null
is "one that takes them hears them" "$? $("$peek" get answer <"$dir/out")" "0 x"
is "all of them" "$(env TAU_SESSION=elsewhere "$tau" session list --store-dir "$store" | grep -c elsewhere)" 1
TAU_MODEL=local/script timeout 60 "$tau" config get model.default >"$dir/out" 2>"$dir/err" </dev/null
is "a setting is heard by all" "$(cat "$dir/out")" local/script
TAU_MODE=maybe timeout 60 "$tau" -p x $played >"$dir/out" 2>"$dir/err" </dev/null
is "a wrong value of the environment is 2" $? 2
has "and named" "$dir/err" "TAU_MODE"
run --version
is "--version" "$rc $(cat "$dir/out")" "0 tau 0.1.0"

# ---- precedence ----
conf=$XDG_CONFIG_HOME/tau/tau.conf
winner() { # NAME WANT ARGS...
    winner_name=$1 winner_want=$2
    shift 2
    run policy show "$@"
    is "$winner_name" "$("$peek" get mode <"$dir/out")" "$winner_want"
}
winner "built in" ask
printf '# mine\n[policy]\nmode = edits\n' >"$conf"
winner "the user's file over built in" edits
mkdir .tau && printf '[policy]\nmode = plan\n' >.tau/tau.conf
winner "a project that is not trusted says nothing" edits
run policy trust
has "not trusted yet" "$dir/out" "not trusted"
run policy trust yes
winner "a trusted project over the user's file" plan
TAU_POLICY_MODE=auto
export TAU_POLICY_MODE
winner "the environment over files" auto
winner "the option over the environment" ask --mode ask
run config why policy.mode
has "why: who won" "$dir/out" "* environment auto"
has "why: who lost, with its line" "$dir/out" "project     plan  ($(pwd)/.tau/tau.conf:2)"
has "why: and who else" "$dir/out" "user        edits  ($conf:3)"
has "why: and what is built in" "$dir/out" "built-in    ask"
unset TAU_POLICY_MODE
run policy trust no
winner "trust is taken back" edits
run config show
has "show: value and place" "$dir/out" "policy.mode = edits  ($conf:3)"

# ---- a broken file ----
printf '[policy]\nmode = perhaps\nmod = ask\n\nnonsense\n[turns]\nmax_steps = 7\n' >"$conf"
play '{"text":"x"}'
run -p x $played
is "a broken file does not stop the start" "$rc $(cat "$dir/out")" "0 x"
has "a wrong value has file and line" "$dir/err" "$conf:2: "
has "an unknown setting has file and line" "$dir/err" "$conf:3: unknown setting 'policy.mod'"
has "a line that is none has file and line" "$dir/err" "$conf:5: expected key = value"
run config show
has "what is right below it counts" "$dir/out" "turns.max_steps = 7"
printf '[policy]\nmode = \377\376\n\000\n' >"$conf"
run -p x $played
is "a file that is no text does not stop the start" "$rc $(cat "$dir/out")" "0 x"
has "and is told" "$dir/err" "$conf:2: "
has "and where a zero byte is" "$dir/err" "$conf:3: there is a zero byte in it"
holds "as text that can be shown" sh -c "LC_ALL=C.UTF-8 grep -qx '.*' '$dir/err' && ! grep -q '$(printf '\377')' '$dir/err'"
printf '[console] ; mine\n[turns] # mine\nmax_steps = 7\n[policy\nmode = plan\n[policy] mode\nmode = plan\n' >"$conf"
run config show
has "a comment behind a section: it begins" "$dir/out" "turns.max_steps = 7"
has "a section that is none has file and line" "$dir/err" "$conf:4: expected [section]"
has "and more behind one, too" "$dir/err" "$conf:6: expected [section]"
hasnt "and what follows counts nowhere" "$dir/out" "policy.mode = plan"
run config set policy.mode edits
run config set turns.max_steps 8
is "a comment behind a section: it is written to" "$(sed -n 2,3p "$conf" | tr '\n' '|')" "[turns] # mine|max_steps = 8|"
long=$(printf '%8200s' '' | tr ' ' x)
printf '[policy]\nprotected = %.4096s\nprotected = y\nprotected = %s\n' "$long" "$long" >"$conf"
run config get policy.protected
is "a long line: not its front" "$(cat "$dir/out")" y
has "a long line has file and line" "$dir/err" "$conf:4: a line has at most"
if grep -q 'HAVE_DECL_INI_MAX_LINE 1' "$top_builddir/config.h"; then
    hasnt "the longest value fits" "$dir/err" "$conf:2:"
    sed -i '3,$d' "$conf"
    run config get policy.protected
    is "and is whole" "$(wc -c <"$dir/out")" 4097
fi
rm "$conf"

# ---- help ----
holds "tau --help" "$tau" --help
"$tau" --help >"$dir/help"
for topic in exit-codes models settings; do "$tau" --help $topic >>"$dir/topics"; done
: >"$dir/each"
awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print }' "$dir/help" >"$dir/commands"
while read -r first second third; do
    case $second in
    '' | '['* | *'|'* | [A-Z]* | version) "$tau" "$first" --help >>"$dir/each" || echo "no help: $first" ;;
    *) "$tau" "$first" "$second" --help >>"$dir/each" 2>/dev/null || "$tau" "$first" --help >>"$dir/each" ||
        echo "no help: $first $second $third" ;;
    esac
done <"$dir/commands" >"$dir/nohelp"
is "every command has help" "$(cat "$dir/nohelp")" ""
is "no line of help is wider than 80 columns" "$(cat "$dir/help" "$dir/each" "$dir/topics" | awk 'length > 80')" ""
"$tau" completion fish | sed -n 's/^complete -c tau -l \([a-z-]*\).*/--\1/p' | sort -u >"$dir/names"
holds "there are options" test -s "$dir/names"
is "help names every option" "$(while read -r o; do grep -q -e "$o\b" "$dir/help" || echo "$o"; done <"$dir/names")" ""
run session list --help
has "a command's help is its own" "$dir/out" "tau session list"
hasnt "without the options it does not take" "$dir/out" "--model"

if [ -c /dev/full ]; then
    "$tau" --help >/dev/full 2>"$dir/err"
    is "help that can not be written: status" $? 1
    has "help that can not be written: why" "$dir/err" "No space left"
else
    skip "help that can not be written" "there is no /dev/full"
fi

# ---- completion ----
for shell in bash zsh fish; do
    "$tau" completion $shell >"$dir/completion.$shell"
    if command -v $shell >/dev/null; then
        holds "$shell reads its script" $shell -n "$dir/completion.$shell"
    else
        skip "$shell reads its script" "$shell is missing"
    fi
done
general="--directory --store-dir --help --version"
if command -v bash >/dev/null; then
    complete() {
        bash --norc --noprofile -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tau
            printf %s "${COMPREPLY[@]/%/ }"' complete "$dir/completion.bash" "$@"
    }
    is "bash completes an option" "$(complete tau --mod)" "--model --mode "
    is "bash completes a choice" "$(complete tau --mode p)" "plan "
    is "bash completes a command" "$(complete tau sess)" "session "
    is "bash completes its second word" "$(complete tau session repa)" "repair "
    is "bash completes an argument" "$(complete tau completion z)" "zsh "
    is "bash completes a setting" "$(complete tau config why turns.max_)" "turns.max_steps "
    is "bash completes an action" "$(complete tau ctl gateway.u)" "gateway.up "
    is "bash completes a query" "$(complete tau ctl session.l)" "session.list "
    is "bash completes what is under a bracket" "$(complete tau gateway '')" "serve routes up down drain cancel log "
    is "bash completes what can be cleaned" "$(complete tau clean '')" \
        "logs reports copies backups leftovers caches dashboard sessions secrets memory trust "
    is "bash completes a third word" "$(complete tau policy trust '')" "yes no "
    touch 'some file.jsonl'
    is "bash completes a file" "$(complete tau --script some)" "some file.jsonl "
    is "bash completes the file of a command of two words" "$(complete tau session import some)" "some file.jsonl "
    is "and of one" "$(complete tau image some)" "some file.jsonl "
    is "none behind it" "$(complete tau session import x some)" ""
    is "nor where a name is wanted" "$(complete tau session export some)" ""
    is "bash completes the options of a command, and the general ones" "$(complete tau session list --)" \
        "--json --limit --directory --store-dir --help --version "
    is "of one that takes only these" "$(complete tau session new --)" "$general "
    is "of a command of one word with an argument" "$(complete tau events default --a)" "--after "
    is "none of a command that only begins with the same word" "$(complete tau gateway --mod)" ""
    is "and those of that one" "$(complete tau gateway serve --mod)" "--model --mode "
    is "without a command: none that needs one" "$(complete tau --lim)" ""
    is "bash completes options behind -p" "$(complete tau -p --mod)" "--model --mode "
    is "and a text no command" "$(complete tau -p --model x sess)" ""
    is "nor what follows a text" "$(complete tau -p x --mod)" "--model --mode "
    is "bash passes over options and their values" "$(complete tau -C /tmp --mode = plan session alias --json '')" \
        "set use delete "
else
    skip "bash completes" "bash is missing"
fi
if command -v fish >/dev/null; then
    is "fish completes a choice" "$(fish --no-config -c "source '$dir/completion.fish'; complete -C'tau --mode p' | cut -f 1")" "plan"
    is "fish completes a setting" "$(fish --no-config -c "source '$dir/completion.fish'; complete -C'tau config get turns.max_' | cut -f 1")" "turns.max_steps"
    complete() {
        fish --no-config -c "source '$dir/completion.fish'; complete -C'$1' | cut -f 1 | tr '\n' ' '"
    }
    is "fish completes the file of a command" "$(complete 'tau session import some')" "some file.jsonl "
    is "of one word" "$(complete 'tau image some')" "some file.jsonl "
    is "fish completes the options of a command, and the general ones" "$(complete 'tau session list --')" \
        "--directory --help --json --limit --store-dir --version "
    is "none of a command that only begins with the same word" "$(complete 'tau gateway --mod')" ""
    is "and those of that one" "$(complete 'tau gateway serve --mod')" "--mode --model "
    is "without a command: none that needs one" "$(complete 'tau --lim')" ""
    is "fish completes options behind -p" "$(complete 'tau -p --mod')" "--mode --model "
    is "and a text no command" "$(complete 'tau -p --model x sess')" ""
    is "fish passes over options and their values" "$(complete 'tau -C /tmp --mode=plan session alias --json ')" \
        "delete set use "
else
    skip "fish completes" "fish is missing"
fi
if command -v zsh >/dev/null; then
    # A zsh on a terminal of its own, which is typed to; what it lists ends with the word that is waited for.
    cat >"$dir/type.zsh" <<'END'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "stty rows 60 cols 160 -echo; PROMPT=; LISTMAX=10000; autoload -Uz compinit; compinit -u -D
    source $1; compdef _tau tau; print re''ady"
zpty -r -m z out '*ready*'
zpty -w -n z "$2"$'\t'
zpty -r -m z out "*$3*"
print -r -- "$out"
END
    complete() {
        timeout -k 5 120 zsh -f "$dir/type.zsh" "$dir/completion.zsh" "$@" | tr -d '\r' |
            sed -n 's/^\(\x1b\[J\)*\(--[a-z-]*\).*/\2/p' | tr '\n' ' '
    }
    is "zsh completes the options of a command, and the general ones" \
        "$(complete 'tau session list --' '--version')" "--directory --help --json --limit --store-dir --version "
    is "zsh completes the options of another" "$(complete 'tau -C /tmp gateway serve --m' '--model')" \
        "--max-turns --mode --model "
else
    skip "zsh completes" "zsh is missing"
fi

for shell in bash zsh fish; do
    hasnt "$shell: nothing of a usage line is completed" "$dir/completion.$shell" "NAME=VALUE"
done

done_testing
