#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Which models there are and what is known of one, and that docs/models.md says the same: every
# provider, every reason of a failure, every deadline.
. "${top_srcdir:?}/tests/cli/lib.sh"
for name in $(env | sed -n 's/^\([A-Z_]*\(_API_KEY\|_BASE_URL\)\)=.*/\1/p'); do unset "$name"; done
page=$top_srcdir/docs/models.md

# ---- the list ----
run model list --json
cp "$dir/out" "$dir/list"
is "model list: status" "$rc" 0
rows=0
while IFS= read -r line; do
    get() { printf '%s' "$line" | "$peek" get "$1" 2>/dev/null; }
    case $(get model) in local/*) continue ;; esac
    [ -n "$(get address)" ] || continue # a model that is known by name
    rows=$((rows + 1))
    has "the page has $(get model)" "$page" \
        "| \`$(get model)\` | \`$(get address)\` | \`$(get key_variable)\` | \`$(get address_variable)\` |"
done <"$dir/list"
is "and no others" "$(grep -c '^| `[a-z]*/MODEL` |' "$page")" "$rows"
run model list ollama
is "model list of some" "$(grep -c MODEL "$dir/out")" 1
run model list gpt-4o
is "model list of a model: those of that name" "$(grep -c '^openai/gpt-4o' "$dir/out")" 2
has "model list of a model: what is known of it" "$dir/out" "128000 tokens"
has "model list of a model: where that comes from" "$dir/out" "shown=2 matches=2 source=built-in"
run -p "/models-list --reasoning --limit 3"
is "as a prompt, those that think: at most so many" "$(grep -c 'thinks$' "$dir/out")" 3
hasnt "those that think: no provider" "$dir/out" "_API_KEY"
run model list --multimodal --provider openai --json
is "those that look at images" "$(head -n 1 "$dir/out" | "$peek" get images)" true
run model list --provider groq
is "one provider" "$(grep -c MODEL "$dir/out")" 1
hasnt "one provider, and no others' models" "$dir/out" gpt
run model list nobody
is "model list of none" "$rc $(cat "$dir/out")" "0 "
run -p "/models-list groq"
has "the same as a prompt" "$dir/out" "GROQ_API_KEY is not set"
TAU_MODEL_DEFAULT=openai/x TAU_MODEL_KEY_FILE=$dir/none run model list
is "a key file that is not there: status" "$rc" 2
has "the list is whole all the same" "$dir/out" "together/MODEL"
has "and it is said" "$dir/err" "$dir/none"

mkdir -p "$dir/bad" && printf 'no database' >"$dir/bad/tau.db"
run model list --store-dir "$dir/bad"
is "a store that is none is not in the way" "$rc" 0
run events --store-dir "$dir/bad"
is "but of who reads it" "$rc" 1

# ---- one ----
run model show openai/gpt-5-mini
has "its address" "$dir/out" "https://api.openai.com/v1"
has "its key" "$dir/out" "OPENAI_API_KEY is not set"
has "its window" "$dir/out" "400000 tokens"
has "its price" "$dir/out" "0.25 in, 0.025 in from the cache, 2 out"
has "what it takes" "$dir/out" "text, tools, images"
OPENAI_API_KEY=sk-test run model show openai/gpt-5-mini --json
is "as JSON" "$("$peek" get key <"$dir/out") $("$peek" get window <"$dir/out") $("$peek" get price output <"$dir/out")" "set 400000 2"
hasnt "without the key" "$dir/out" sk-test
run model show ollama/anything
has "one that is not known" "$dir/out" "128000 tokens, taken for granted"
has "needs no key there" "$dir/out" "OLLAMA_API_KEY is not needed"
run model show
has "the one of the settings" "$dir/out" "local/offline"
TAU_MODEL_DEFAULT=ollama/q TAU_MODEL_WINDOW=8000 TAU_MODEL_API_BASE=http://box:1/v1/ run model show
has "window and address of the settings" "$dir/out" "8000 tokens, as model.window says"
has "the address without its slash" "$dir/out" "address  http://box:1/v1 "
TAU_MODEL_DEFAULT=ollama/q TAU_MODEL_WINDOW=8000 run model show vllm/q
has "they are not another provider's" "$dir/out" "128000 tokens"
run model show opnai/x
is "an unknown provider: status" "$rc" 2
run model show openai
is "no model: status" "$rc" 2
has "which there are" "$dir/err" "openai/MODEL"

# ---- the window holds ----
fake_start
OPENAI_API_KEY=sk-test TAU_MODEL_WINDOW=9000 run -p hi --model openai/echo --api-base "$base" --store-dir "$store" --output events
has "model.window is what is filled" "$dir/out" '"window":9000'

# ---- the page ----
"$top_builddir/tests/fake/model" --rows | cut -f3 | sort -u >"$dir/reasons"
while read -r reason; do
    [ "$reason" = - ] || has "the page has $reason" "$page" "| \`$reason\` |"
done <"$dir/reasons"
run --help
for limit in connect wait idle request turn; do
    has "the page has --$limit-timeout-ms" "$page" "\`--$limit-timeout-ms\`"
    has "and the help" "$dir/out" "--$limit-timeout-ms"
done
fake_stop
done_testing
