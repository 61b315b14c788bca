#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tau onboard: what it finds and tries, what it writes and what it keeps; and what a model is told of the
# files that it makes.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
at="--store-dir $store"
conf=$XDG_CONFIG_HOME/tau/tau.conf
rm -f "$conf"
# Servers of this machine's own must not be found here.
for name in OLLAMA LLAMACPP LMSTUDIO VLLM; do export "TAU_${name}_API_BASE=http://127.0.0.1:1/v1"; done
newest() { ls -t .tau/reports/onboarding-*.json | head -n 1; }

run onboard --onboard-non-interactive $at
is "nothing is there: status" $rc 0
has "nothing is there: so it is" "$dir/out" "model: local/offline (nothing_found"
holds "nothing is there: nothing is written" test ! -e "$conf"
has "nothing is there: nor is it said to be" "$dir/out" "nothing was written)"
is "its report says so" "$("$peek" get profile_store_action <"$(newest)")" not_needed
is "its report: first run" "$("$peek" get wizard first_run_reason_codes 0 <"$(newest)")" no_user_configuration
is "its report: a program" "$("$peek" get executable_checks 0 executable <"$(newest)")" bash
is "its report: it is there" "$("$peek" get executable_checks 0 available <"$(newest)")" true
is "its report: files that are missing" "$("$peek" get identity_composition missing_count <"$(newest)")" 3
is "its report: of them" "$("$peek" get identity_composition entries 0 key <"$(newest)")" soul
is "its report: why" "$("$peek" get identity_composition entries 0 reason_code <"$(newest)")" identity_file_missing
is "its report: none was wanted" "$("$peek" get identity_bootstrap requested <"$(newest)")" false
is "its report" "$("$peek" get wizard selected_model <"$(newest)")" local/offline
holds "identity files are made only when they are wanted" test ! -e .tau/SOUL.md

fake_start
export OPENAI_BASE_URL=$base
OPENAI_API_KEY=wrong run --onboard --onboard-non-interactive $at
is "a key that is refused: status" $rc 0
has "a key that is refused: which" "$dir/out" "it does not take the key in OPENAI_API_KEY"
holds "a key that is refused: nothing is written" test ! -e "$conf"
has "a key that is refused: why nothing is chosen" "$dir/out" "(none_works;"
hasnt "a key that is refused: it is set" "$dir/out" "set its key"
export OPENAI_API_KEY=sk-test
run onboard --onboard-non-interactive --identity $at
is "a key that is taken: status" $rc 0
has "a key that is taken: the model" "$dir/out" "model: openai/echo (found, written"
is "its name is written, and its key is not" "$(cat "$conf")" "$(printf '[model]\ndefault = openai/echo')"
hasnt "nor is it in the report" "$(newest)" sk-test
is "the report names its variable" "$("$peek" get wizard key_variable <"$(newest)")" OPENAI_API_KEY
run config get model.default
is "it is the model now" "$(cat "$dir/out")" openai/echo
holds "identity files are made" test -s .tau/AGENTS.md
printf '# Mine\nalways in rhyme\n' >.tau/SOUL.md
printf '[model]\ndefault = local/offline\n' >"$conf"
: >.tau/USER.md
run onboard --onboard-non-interactive --identity $at
has "a second time: the choice is kept" "$dir/out" "model: local/offline (kept, kept"
is "a second time: an empty file is passed over" "$("$peek" get identity_composition skipped_count <"$(newest)")" 1
is "a second time: and is not missing" "$("$peek" get identity_composition missing_count <"$(newest)")" 0
has "a second time: so are files" "$dir/out" "kept: $PWD/.tau/SOUL.md"
is "a second time: as they were" "$(cat .tau/SOUL.md)" "$(printf '# Mine\nalways in rhyme')"
run onboard --onboard-non-interactive --repair $at
has "unless it is to be repaired" "$dir/out" "model: openai/echo (found, written"
fake_stop
run onboard --onboard-non-interactive --repair $at
has "a server that is gone is said" "$dir/out" "nothing answers at 127.0.0.1"
unset OPENAI_API_KEY OPENAI_BASE_URL
rm -f "$conf"

# What is typed. A line that is too long is no answer, and its end is not the next one.
typed() { # LINE...: what is answered
    printf '%s\n' "$@" >"$dir/lines"
    script -qec "'$tau' onboard --repair $at" /dev/null <"$dir/lines" >"$dir/out" 2>&1
}
if command -v script >/dev/null; then
    long=$(printf '%399s' '' | tr ' ' x)
    typed 0 n
    has "0 is chosen" "$dir/out" "model: local/offline (chosen"
    typed "${long}0" '' n
    has "an answer that is too long is asked for again" "$dir/out" "at most 399 bytes"
    has "its end is no answer" "$dir/out" "model: local/offline (nothing_found"
    typed "$long" '' n
    has "one of just so many bytes is an answer" "$dir/out" "that is none of them"
    hasnt "and not too long" "$dir/out" "at most"
    rm -rf .tau/SOUL.md .tau/AGENTS.md .tau/USER.md
    typed '' "y$long"
    has "nor is its front" "$dir/out" "at most 399 bytes"
    holds "nothing was made for it" test ! -e .tau/SOUL.md
    typed '' y
    holds "a yes makes them" test -e .tau/SOUL.md
    printf '# Mine\nalways in rhyme\n' >.tau/SOUL.md
else
    skip "what is typed" "script is missing"
fi

# What a model is told: nothing of these files before the directory is trusted.
play '[{"expect":"hi"},{"text":"x"}]'
run -p hi $played
run context --json $at
untrusted=$(sed -n 's/.*"part":"system".*"bytes":\([0-9]*\).*/\1/p' "$dir/out")
run policy trust yes
run -p hi $played
run context --json $at
trusted=$(sed -n 's/.*"part":"system".*"bytes":\([0-9]*\).*/\1/p' "$dir/out")
holds "then they are part of what it reads" test "$trusted" -gt "$untrusted"
rm .tau/USER.md
ln -s /etc/passwd .tau/USER.md
run -p hi $played
run context --json $at
linked=$(sed -n 's/.*"part":"system".*"bytes":\([0-9]*\).*/\1/p' "$dir/out")
holds "but nothing from outside, by a link" test "$linked" -le "$trusted"
done_testing
