#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The examples of README.md and docs/: what can be run alone is run, in the order of the page, and ends
# with 0; of the rest (servers, consoles, models that are not here, what takes long and has a test of its own)
# every command and option is there, for --help takes the line as the program does.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
mkdir "$dir/bin"
ln -s "$tau" "$dir/bin/tau"
PATH=$dir/bin:$PATH
git init -q . && git config user.email a@b.c && git config user.name a
mkdir src
printf '# Notes\n\n- teh changelog\n' >notes.txt
printf '# A program\n\nIt prints the colour.\n' >README.md
printf '#include <stdio.h>\n\nint main(void)\n{\n    return 0; /* TODO */\n}\n' >src/main.c
printf 'check:\n\ttrue\n' >Makefile
printf 'look at it\nmend it\n' >steps.txt
printf '/memory\nlist the files\n' >morning.txt
printf '{"text":"so it went"}\n' >turn.jsonl
printf '{"id":1,"parent_id":null,"message":{"role":"user","content":[{"type":"text","text":"before"}]}}\n' >old.jsonl
git add -A && git commit -qm "a start" && printf '\nmore\n' >>README.md

# The id in the first line of what a command lists, as its end is shown there.
id_of() {
    tau "$@" | awk 'NR == 1 { print ($1 == "*" ? $2 : $1) }' # * is a pinned one
}

# With ids of this store in the place of those of the page.
here() {
    case $1 in
    *4k2x9p*) printf '%s\n' "$1" | sed "s/4k2x9p/$(id_of memory list)/" ;;
    *4k2m9q*) printf '%s\n' "$1" | sed "s/4k2m9q/$(id_of session rewind)/" ;;
    *f1ctrv* | *tkqyj4* | *qhs2yr*)
        task=$(tau task create another | awk '{ print $1 }')
        printf '%s\n' "$1" | sed -E "s/f1ctrv|tkqyj4|qhs2yr/$task/"
        ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# The command lines of a page, with what stands before and behind tau, without comments and brackets.
lines_of() {
    grep -E '^    (\$ )?([^ ]+=[^ ]+ |[a-z]+ [^|]*\| )?(tau|\./bootstrap run)( |$)' "$1" |
        sed -E 's/^    (\$ )?//; s/ +# .*//; s#\./bootstrap run#tau#; s/ \| jq .*//; s/[][]//g' |
        grep -v '^tau  s:'
}

for page in "$top_srcdir/README.md" "$top_srcdir"/docs/*.md; do
    name=$(basename "$page")
    lines_of "$page" >"$dir/lines"
    while read -r line; do
        case $name:$line in
        *:tau | *:tau\ -c | *"tau --line" | *--watch* | *"tau demo" | *"tau tui"* | *"tau gateway"* | *"tau up" | *"tau down" | *"tau status" | *"tau ctl"* | \
            *openai/* | *ollama/* | *llamacpp/* | *vllm/* | *--schema* | *--image* | *onboard* | *"tau prove"* | \
            *.tau/sessions/* | *"--command-file"* | *"rewind --call"*)
            args=$(printf '%s\n' "$line" | sed -E 's/^.*tau( |$)//')
            sh -c "tau $args --help" >"$dir/out" 2>"$dir/err" </dev/null
            is "$name: $line: is understood" "$?" 0
            ;;
        *)
            case $name:$line in
            *"session redo" | *"session rewind --undo"*) ;; # of the line before
            *"session merge parser")
                run session alias set parser
                run session undo
                run -p "list the files" --session main
                ;;
            *"session rewind 4k2m9q --yes")
                run --mode auto -p 'replace "teh" with "the" in notes.txt' --session main
                ;;
            *"import main.jsonl") line="$line --store-dir $dir/another" ;;
            sessions.md:*) run -p "list the files" --session main ;;
            esac
            sh -c "$(here "$line")" >"$dir/out" 2>"$dir/err" </dev/null
            is "$name: $line" "$?" 0
            ;;
        esac
    done <"$dir/lines"
done
done_testing
