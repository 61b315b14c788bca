#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Verbs and queries from outside. Every query of queries.def is asked on the command line and by a
# prompt, and both say the same.
. "${top_srcdir:?}/tests/cli/lib.sh"

# Nothing is there yet, and that is no error.
for words in "session list" "events" "artifact list" "tool stats" "jobs list"; do
    # shellcheck disable=SC2086
    run $words --store-dir "$store"
    is "$words without a store: status" "$rc" 0
    is "$words without a store: nothing" "$(cat "$dir/out")" ""
done
run session show --store-dir "$store"
is "session show without a store" "$rc" 2
has "session show says there is none" "$dir/err" "no session here"

# A turn with a call whose output is an artifact.
play '{"call":{"name":"bash","arguments":{"command":"yes 0123456789 | head -n 9000"}}}' \
    '{"text":"counted"}'
# shellcheck disable=SC2086
run $played --mode auto -p "count it"
is "a turn" "$rc" 0

run session list --store-dir "$store"
is "one session" "$(wc -l <"$dir/out" | tr -d ' ')" 1
named=$(cut -d' ' -f1 "$dir/out")
run session list --json --store-dir "$store"
has "as JSON" "$dir/out" "\"name\":\"$named\""
session=$(sed 's/.*"id":"\(session_[A-Z0-9]*\)".*/\1/' "$dir/out")
run session show "$named" --store-dir "$store"
has "show: the question" "$dir/out" "> count it"
has "show: the answer" "$dir/out" "counted"
cp "$dir/out" "$dir/by-name"
run session show "$session" --store-dir "$store"
holds "by id the same" cmp "$dir/out" "$dir/by-name"
run session show --store-dir "$store"
holds "the last one the same" cmp "$dir/out" "$dir/by-name"

run tool stats --store-dir "$store"
has "tool stats" "$dir/out" "1 calls"
run artifact list --store-dir "$store"
artifact=$(cut -d' ' -f1 "$dir/out")
run artifact show "$artifact" --store-dir "$store"
is "the whole artifact" "$(wc -c <"$dir/out" | tr -d ' ')" 99000
run artifact show nothing --store-dir "$store"
is "no such artifact: status" "$rc" 2
has "no such artifact" "$dir/err" "no artifact 'nothing'"

run events --limit 3 --store-dir "$store"
is "three events" "$(wc -l <"$dir/out" | tr -d ' ')" 3
has "the newest is the last" "$dir/out" "session.leased"
run events --after 0 --limit 1 --store-dir "$store"
has "from the beginning" "$dir/out" "session.created"
run events --limit many --store-dir "$store"
is "a wrong number" "$rc" 2
run tool stats nobody --store-dir "$store"
has "a session that is not there" "$dir/err" "no session 'nobody'"

run session reset --store-dir "$store"
is "reset wants a yes: status" "$rc" 2
has "reset wants a yes" "$dir/err" "--yes"
run session reset "$named" --yes --store-dir "$store"
has "reset" "$dir/out" "$named begins anew"
run session new first --store-dir "$store"
run session new "in two words" --store-dir "$store"
run session reset first "in two words" nobody --yes --store-dir "$store"
has "reset of several: each is named" "$dir/out" "in two words begins anew"
has "reset of several: the one that is not there" "$dir/err" "no session 'nobody'"
run session show "$named" --store-dir "$store"
hasnt "what was said is not shown any more" "$dir/out" "count it"
run events --after 0 --limit 1000 --store-dir "$store"
has "the log keeps it" "$dir/out" "count it"

run events "$named" --kind session.reset --store-dir "$store"
is "events of a kind, however far back" "$(grep -c session.reset "$dir/out")" 1
run events --before 3 --json --store-dir "$store"
is "events before a number" "$(grep -c . "$dir/out")" 2

# ---- every query on every face ----
run events --after 0 --json --limit 1000 --store-dir "$store"
call=$("$peek" same event data call_id <"$dir/out" | head -n 1)
arguments() {
    case $1 in
    transcript.* | conversation.* | context.parts | session.get | session.messages | session.marks | session.size | session.path | session.tips) echo "{\"session\":\"$session\"}" ;;
    artifact.read) echo "{\"artifact\":\"$artifact\",\"limit\":100}" ;;
    session.search) echo '{"query":"count"}' ;;
    task.history) echo '{"task":"nothing"}' ;;
    memory.search) echo '{"query":"word"}' ;;
    tool.get) echo "{\"call\":\"$call\"}" ;;
    *) echo '{}' ;;
    esac
}
for query in $(sed -n 's/^QUERY([A-Z_]*, [a-z_]*, "\([a-z.]*\)".*/\1/p' "$top_srcdir/src/contract/queries.def"); do
    run query "$query" "$(arguments "$query")" --store-dir "$store"
    is "$query: status" "$rc" 0
    cp "$dir/out" "$dir/rows"
    run -p "/query $query '$(arguments "$query")'" --store-dir "$store"
    holds "$query: the same by a prompt" cmp "$dir/out" "$dir/rows"
    run query "$query" '{"nothing":1}' --store-dir "$store"
    is "$query: an argument that it has not: status" "$rc" 2
    has "$query: it is named" "$dir/err" "nothing"
    run query "$query" '[' --store-dir "$store"
    is "$query: arguments that are no JSON" "$rc" 2
done
run query nope --store-dir "$store"
has "a query that is not there" "$dir/err" "no query 'nope'"

# ---- what is for the console ----
run -p '/gateway up' --store-dir "$store"
has "a gateway of one turn would end with it" "$dir/err" "tau gateway serve"

# ---- what is typed ----
run -p '/tool-stats' --store-dir "$store"
has "a verb as a prompt" "$dir/out" "bash"
run -p '/session stats' --store-dir "$store"
has "by its words" "$dir/out" "session   s"
run -p '/stats' --store-dir "$store"
has "by another name" "$dir/out" "session   s"
run -p '/config why policy.mode' --store-dir "$store"
has "a setting" "$dir/out" "policy.mode = "
run -p '/doctor --json' --store-dir "$store"
is "the doctor: checks" "$("$peek" get summary fail <"$dir/out")" 0
run -p '/session-show "two words' --store-dir "$store"
is "an open quote: status" "$rc" 2
has "an open quote" "$dir/err" "not closed"
run -p '/tool-stats --limit 3' --store-dir "$store"
has "an option that it does not take" "$dir/err" "does not take --limit"
run -p '/etc/passwd is a path' --model local/offline --store-dir "$store"
is "a path is no verb" "$rc" 0

# Every verb has help and is in the overview.
run --help
cp "$dir/out" "$dir/help"
sed -n 's/^VERB([A-Z_]*, [a-z_]*, "\([a-z -]*\)", "\([a-z-]*\)".*/\1/p' \
    "$top_srcdir/src/contract/verbs.def" >"$dir/verbs"
while read -r words; do
    has "tau --help names $words" "$dir/help" "  $words"
    # shellcheck disable=SC2086
    run $words --help </dev/null
    is "tau $words --help" "$rc" 0
done <"$dir/verbs"
# In a prompt: what is a command is never said to a model, and what only looks like one is.
turns() {
    "$tau" events --kind turn.created --limit 1 --json --store-dir "$store" | "$peek" get seq
}
before=$(turns)
for word in /help /session /sessions /policy /jobs /models /model /tasks /memory; do
    run -p "$word" --store-dir "$store"
    is "prompt $word: status" "$rc" 0
    is "prompt $word: no model is asked" "$(turns)" "$before"
done
run -p "/help fork" --store-dir "$store"
has "prompt /help fork: what it takes" "$dir/out" "tau session fork"
run -p /session --store-dir "$dir/nothing/yet"
is "prompt /session, where nothing was said yet" "$(cat "$dir/out")" \
    "session: path=$dir/nothing/yet/tau.db name= entries=0 active_head=none"
run -p "/help policy" --store-dir "$store"
has "prompt /help policy: of the verb that does it" "$dir/out" "tau policy show"
run -p "/help nonsense" --store-dir "$store"
is "prompt /help nonsense: status" "$rc" 2
run -p "/session-statz" --store-dir "$store"
is "prompt /session-statz: status" "$rc" 2
has "prompt /session-statz: the nearest" "$dir/err" "/session-stats"
run -p "/etc/passwd is what?" --store-dir "$store"
is "a path is no command: status" "$rc" 0
done_testing
