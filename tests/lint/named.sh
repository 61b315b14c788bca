#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What there is has its name in the manual or in docs/, and what is named there is there: settings, actions,
# queries, events, routes, commands of the console, options, pages. (Keys are printed
# from their table; tools: tests/unit/t_tool_table.)
root=$(cd "${top_srcdir:-..}" && pwd)
cd "${top_builddir:-build}" || exit 99
root_docs="$root/README.md $root/docs"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
HOME=$work XDG_CONFIG_HOME=$work XDG_STATE_HOME=$work XDG_RUNTIME_DIR=$work
export HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
n=0

# result NAME FILE: the lines of the file are what is wrong.
result() {
    n=$((n + 1))
    if [ -s "$2" ]; then
        sed 's/^/# /' "$2"
        echo "not ok $n - $1"
    else
        echo "ok $n - $1"
    fi
}
# The first column of rows of a table.
rows() {
    sed -n "s/^$1([^\"]*\"\([^\"]*\)\".*/\1/p" "$root/src/$2"
}
# there NAME PAGE: those of $work/words that the page does not name.
there() {
    while read -r word; do
        grep -qF -- "$word" "$2" || echo "$word"
    done <"$work/words" >"$work/wrong"
    found=$(wc -l <"$work/words")
    [ "$found" -gt 2 ] || echo "only $found rows were found" >>"$work/wrong"
    result "$1" "$work/wrong"
}

for page in tau.1 tau-config.5 tau-contract.7; do
    mandoc -T ascii "man/$page" | sed 's/.\x08//g' >"$work/$page"
done
# shellcheck disable=SC2086
find $root_docs -name '*.md' -exec cat {} + >"$work/docs"
cat "$work"/tau* "$work/docs" >"$work/all"

./tau config show | sed 's/ = .*//; s/.*[.]//' >"$work/words"
there "every setting is in tau-config(5)" "$work/tau-config.5"
for table in "ACTION contract/actions.def" "QUERY contract/queries.def" "EVENT contract/events.def" "ERR base/errors.def"; do
    # shellcheck disable=SC2086
    rows $table >"$work/words"
    there "every row of ${table##*/} is in tau-contract(7)" "$work/tau-contract.7"
done
./tau gateway routes | awk '{ sub(/[*]$/, "", $2); print $2 }' >"$work/words"
there "every route is in docs/gateway.md" "$root/docs/gateway.md"
{
    grep -E '^COMMAND.*, SAY,' "$root/ui/vm/commands.def" | sed 's/^[^"]*"\([^"]*\)".*/\1/'
    sed -n 's/^VERB([^"]*"[^"]*", "\([a-z-]*\)".*/\1/p' "$root/src/contract/verbs.def"
    rows ALIAS contract/aliases.def
} >"$work/words"
there "every command is in tau(1)" "$work/tau.1"

# The other way round. Foreign words: options of git, of model servers, of bootstrap.
grep -ohE -- '--[a-z][a-z-]+' "$work/all" | sort -u | grep -vxE -- '--(oneline|enable-auto-tool-choice|jinja|tool-call-parser|fast)' |
    while read -r option; do
        grep -qF -- "\"${option#--}\"" "$root/src/cli/options.def" || echo "$option"
    done >"$work/wrong"
result "every option that is named is there" "$work/wrong"
grep -ohE '`:[a-z][a-z-]+' "$work/docs" | sort -u | tr -d '`:' | while read -r command; do
    grep -qF -- "\"$command\"" "$root/ui/vm/commands.def" "$root/src/contract/verbs.def" "$root/src/contract/aliases.def" ||
        grep -qE "^VERB\\([^\"]*\"$command " "$root/src/contract/verbs.def" || echo ":$command"
done >"$work/wrong"
result "every command of the console that is named is there" "$work/wrong"
grep -ohE '/(healthz|readyz|gateway/[a-z/]+)' "$work/docs" | sort -u | while read -r path; do
    ./tau gateway routes | awk '{ print $2 }' | grep -qF -- "$path" || echo "$path"
done >"$work/wrong"
result "every route that is named is there" "$work/wrong"
./tau config show | sed 's/ = .*//' >"$work/settings"
sed 's/[.].*//' "$work/settings" | sort -u | tr '\n' '|' | sed 's/|$//' >"$work/sections"
grep -ohE "\\b($(cat "$work/sections"))[.][a-z_]+\\b" "$work/docs" "$work/tau-config.5" | sort -u >"$work/words"
{ rows ACTION contract/actions.def && rows QUERY contract/queries.def && rows EVENT contract/events.def; } >>"$work/settings"
grep -vxFf "$work/settings" "$work/words" | grep -vE '[.](db|log|conf|gguf|c|h|md|def|sh|rules|jsonl)$' >"$work/wrong"
result "every setting, action, query and event that is named is there" "$work/wrong"
grep -ohE '`(docs/)?[a-z]+[.]md`|[(]([a-z]+[.]md|docs/[a-z]+[.]md)[)]' "$work/docs" | tr -d '`()' | sort -u | while read -r page; do
    [ -e "$root/docs/${page#docs/}" ] || echo "$page"
done >"$work/wrong"
result "every page that is named is there" "$work/wrong"
echo "1..$n"
