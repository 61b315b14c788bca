#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Bad input: bytes that are no text, files that are no files, calls that are none, scripts with
# errors. Each ends in a typed error, in the conversation or on standard error.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"

# The result of the first call of a turn, as the model was told: $said, and its reason: $reason.
call() { # NAME ARGUMENTS (JSON)
    play "{\"call\":{\"name\":\"$1\",\"arguments\":$2}}" '{"text":"on"}'
    one_call
}
raw() { # NAME ARGUMENTS (a JSON string that holds any text)
    play "{\"call\":{\"name\":\"$1\",\"arguments_raw\":$2}}" '{"text":"on"}'
    one_call
}
one_call() {
    run -p go $played --mode auto --output events
    said=$("$peek" same data result <"$dir/out" | head -c 400000)
    reason=$("$peek" same data error reason_code <"$dir/out" | head -n 1)
    lines=$("$peek" lines <"$dir/out" 2>&1)
    end=$("$peek" same kind <"$dir/out" | tail -n 1)
}
refused() { # NAME REASON
    is "$1" "$rc $end $reason" "0 turn.completed $2"
}

# ---- bytes that are no text ----
bad=$(printf 'a\377\376b')
play '{"text":"x"}'
run -p "$bad" $played
is "invalid UTF-8 in the prompt" "$rc $(cat "$dir/out")" "0 x"
has "is told" "$dir/err" "not all UTF-8"
play '[{"expect":"a\ufffd\ufffdb"},{"text":"x"}]'
run -p "$bad" $played --output events
is "the model is given U+FFFD for it" "$rc" 0
holds "and the log is JSON" "$peek" lines <"$dir/out"
run -p x $played --session "$bad"
is "invalid UTF-8 in the name of a session" "$rc" 2
run -p x --model "$bad" --store-dir "$store"
is "invalid UTF-8 in the name of a model" "$rc" 2
hasnt "what is shown of it is text" "$dir/err" "$bad"
printf 'piped \377\376\n' >"$dir/stdin"
play '{"text":"x"}'
in=$dir/stdin
run -p x $played
is "invalid UTF-8 on standard input" "$rc" 0
has "is told too" "$dir/err" "not all UTF-8"
in=/dev/null
run --"$bad"
is "invalid UTF-8 in an option" "$rc" 2
mkdir "$bad"
echo inside >"$bad/$bad.txt"
call ls '{"path":"."}'
is "a name that is no UTF-8 in ls" "$rc $end" "0 turn.completed"
holds "every event is still JSON" test "$lines" -gt 5
printf 'text \377\376 more\n' >bytes.txt
call read '{"path":"bytes.txt"}'
is "a file that is no UTF-8" "$rc $end" "0 turn.completed"
holds "and the events are JSON" test "$lines" -gt 5
call bash '{"command":"printf \"\\\\377\\\\376\\\\001\\\\033[31m\""}'
is "a command that writes any bytes" "$rc $end" "0 turn.completed"
holds "and its events are JSON" test "$lines" -gt 5
play '[{"bytes":"61fffe62"},{"text":"more"}]'
run -p x $played --output json
holds "a model that sends invalid UTF-8: the object is valid" "$peek" get status <"$dir/out"
printf 'a\0b' >"$dir/stdin"
in=$dir/stdin
run -p x $played
is "a NUL on standard input" "$rc" 0
has "is told as well" "$dir/err" "not all UTF-8"
in=/dev/null
run -C "$bad" -p x $played
is "a workspace whose name is no UTF-8" "$rc" 0

# ---- large ----
truncate -s 100M big
call read '{"path":"big"}'
is "a file of 100 MB" "$rc $end" "0 turn.completed"
holds "is not read whole" test ${#said} -lt 100000
"$peek" line 10000000 >long
call read '{"path":"long"}'
is "a line of 10 MB" "$rc $end" "0 turn.completed"
holds "is not read whole" test ${#said} -lt 100000
call grep '{"pattern":"xyza","path":"long"}'
is "found in a line of 10 MB" "$rc $end" "0 turn.completed"
holds "and shown in part" test ${#said} -lt 100000
call bash '{"command":"cat long"}'
is "a command that writes 10 MB" "$rc $end" "0 turn.completed"
holds "is clipped" test ${#said} -lt 100000
run --prompt-file long $played
is "a prompt of 10 MB" "$rc" 1
has "is too large" "$dir/err" "too_large"
run -p x --model local/script --script long --store-dir "$store"
has "a script that is a line of 10 MB" "$dir/err" "long:1"

# ---- no regular files ----
mkfifo fifo
call read '{"path":"fifo"}'
refused "read of a FIFO" not_a_regular_file
call edit '{"path":"fifo","edits":[{"find":"a","replace":"b"}]}'
refused "edit of a FIFO" not_a_regular_file
call write '{"path":"fifo","content":"x"}'
refused "write of a FIFO" not_a_regular_file
call grep '{"pattern":"x","path":"."}'
is "grep beside a FIFO" "$rc $end" "0 turn.completed"
call read '{"path":"."}'
refused "read of a directory" is_a_directory
call read '{"path":"none"}'
refused "read of what is missing" not_found
if [ "$(id -u)" = 0 ] && mknod device c 1 5 2>/dev/null; then
    call read '{"path":"device"}'
    refused "read of a device" not_a_regular_file
else
    skip "read of a device" "no device can be made"
fi
play '{"text":"x"}'
run --prompt-file fifo $played
is "--prompt-file with a FIFO" $rc 1
has "--prompt-file with a FIFO: why" "$dir/err" "not_a_regular_file"
run --prompt-file . $played
is "--prompt-file with a directory" $rc 1
has "--prompt-file with a directory: why" "$dir/err" "is_a_directory"
run -p x --model local/script --script fifo --store-dir "$store"
has "--script with a FIFO: why" "$dir/err" "not_a_regular_file"
run -p x --model local/script --script . --store-dir "$store"
has "--script with a directory: why" "$dir/err" "is_a_directory"
mkfifo "$XDG_CONFIG_HOME/tau/tau.conf"
run -p x $played
is "a configuration that is a FIFO does not stop the start" $rc 0
has "and is told" "$dir/err" "tau.conf: not a regular file"
rm "$XDG_CONFIG_HOME/tau/tau.conf"
mkfifo "$dir/never"
exec 8<>"$dir/never"
env --default-signal=INT,TERM "$tau" -p "waits.$$" $played <"$dir/never" >"$dir/out" 2>"$dir/err" &
pid=$!
"$peek" there 1 "waits.$$"
kill -TERM "$pid"
wait "$pid"
is "a prompt that never ends can be stopped" $? 143
exec 8>&-

# ---- outside ----
ln -s /etc out
ln -s loop loop
echo hidden words >"$dir/secret"
for path in /etc/passwd ../secret out/passwd "$dir/secret" work/../../secret; do
    call read "{\"path\":\"$path\"}"
    is "read of $path" "$rc $end $(printf '%s' "$said" | grep -c -e hidden -e root:)" "0 turn.completed 0"
done
call write '{"path":"../made","content":"x"}'
refused "write above the workspace" outside_roots
call write '{"path":"out/made","content":"x"}'
refused "write through a link that leads out" outside_roots
call read '{"path":"loop"}'
is "a link to itself" "$rc $end" "0 turn.completed"
holds "is an error" test -n "$reason"
call write '{"path":".tau/tau.conf","content":"x"}'
refused "write into .tau" protected_path
holds "nothing was made outside" test ! -e "$dir/made" -a ! -e /etc/made -a ! -e .tau/tau.conf

# ---- calls that are none ----
raw read '"{\"path\": nope"'
refused "arguments that are not JSON" invalid_tool_arguments
raw read '""'
refused "no arguments at all" invalid_tool_arguments
raw read '"[1,2]"'
refused "arguments that are no object" invalid_tool_arguments
call read '{"path":5}'
refused "an argument of a wrong type" invalid_tool_arguments
raw read '"{\"path\":\"a\",\"path\":\"b\"}"'
refused "a key that is there twice" invalid_tool_arguments
call read '{"path":"a","surprise":1}'
refused "a key that nobody knows" invalid_tool_arguments
call read '{}'
refused "an argument that is missing" invalid_tool_arguments
has "it is named" "$dir/out" "path"
call reed '{"path":"a"}'
refused "a tool that is not there" unknown_tool
raw read '"{\"path\":\"a\\u0000b\"}"'
refused "a path with a NUL" invalid_tool_arguments
call edit '{"path":"bytes.txt","edits":[]}'
is "no edits" "$rc $end" "0 turn.completed"
deep=$(printf '%0200d' 0 | tr 0 '[')
raw read "\"$deep\""
refused "arguments too deep" invalid_tool_arguments

# ---- scripts with errors ----
broken() { # NAME WORDS LINE...
    broken_name=$1 broken_words=$2
    shift 2
    play "$@"
    run -p x $played
    is "$broken_name: fails" "$(test $rc = 2 -o $rc = 6 && echo yes)" yes
    has "$broken_name: file, line and why" "$dir/err" "$script:$broken_words"
}
broken "a script that is no JSON" "1: " '{"text":'
broken "a script with an unknown item" "2: " '# a comment' '{"txet":"x"}'
broken "a script with a wrong type" "1: " '{"text":5}'
printf '{"text":"\377"}\n' >"$dir/scripts/bad.jsonl"
run -p x --model local/script --script "$dir/scripts/bad.jsonl" --store-dir "$store"
has "a script that is no UTF-8" "$dir/err" "bad.jsonl:1"
run -p x --model local/script --script "$dir/none.jsonl" --store-dir "$store"
is "a script that is missing" "$(test $rc = 2 -o $rc = 6 && echo yes)" yes
has "is named" "$dir/err" "none.jsonl"
run -p x --model local/script --store-dir "$store"
has "no script at all: how to give one" "$dir/err" "--script"

run session repair --store-dir "$store"
is "after all of it the store is whole" $rc 0

done_testing
