#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tau -p --schema FILE: standard output gets JSON that meets the schema, or nothing.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
fake_start
OPENAI_API_KEY=sk-test
export OPENAI_API_KEY
cat >n.json <<'END'
{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false}
END
ask() {
    model=$1
    shift
    : >"$dir/requests"
    run -p hi --schema n.json --store-dir "$store" --api-base "$base" --model "openai/$model" "$@"
}
for row in json:1 json-fence:1 json-around:1 json-again:2 json-plain:2 json-bare:3; do
    ask "${row%:*}"
    is "${row%:*}: status" "$rc" 0
    is "${row%:*}: the JSON and nothing else" "$(cat "$dir/out")" '{"n": 5}'
    is "${row%:*}: requests" "$(grep -c . "$dir/requests")" "${row#*:}"
done
# The same process asks once with a schema, and then no more: three answers, four requests.
cat >none.json <<'END'
{"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}
END
: >"$dir/requests"
run -p hi --schema none.json --store-dir "$store" --api-base "$base" --model openai/json-plain
rm -f none.json
is "a server that takes no schema is told so once" "$(grep -c . "$dir/requests")" 5
ask json-never
is "never: status" "$rc" 1
is "never: nothing is printed" "$(cat "$dir/out")" ""
has "never: why, and where" "$dir/err" '$.n: expected integer, got string'
has "never: the reason" "$dir/err" "[schema_mismatch, stream"
is "never: it was asked four times" "$(grep -c . "$dir/requests")" 4
ask json-never --output json
is "never, as JSON: reason" "$("$peek" get error reason_code <"$dir/out")" schema_mismatch
ask json-fence --output json
is "as JSON: the value" "$("$peek" get value n <"$dir/out")" 5

# The scripted model, too; a turn that is at its limit of requests is not asked again.
play '{"text":"{\"n\":\"x\"}"}' '{"text":"{\"n\":7}"}'
run -p hi --schema n.json $played
is "a script: status" "$rc" 0
is "a script: its second answer" "$(cat "$dir/out")" '{"n":7}'
play '{"text":"{\"n\":\"x\"}"}' '{"text":"{\"n\":7}"}'
run -p hi --schema n.json --max-turns 1 $played
has "the limit of requests holds" "$dir/err" "[max_steps"
is "and nothing is printed then" "$(cat "$dir/out")" ""

# Files that are no schema.
play '{"text":"{}"}'
bad() {
    run -p hi --schema "$2" $played
    is "$1: status" "$rc" 2
    has "$1: said" "$dir/err" "$3"
    is "$1: nothing is printed" "$(cat "$dir/out")" ""
}
echo 'no' >no.json
echo '[]' >list.json
echo '{"properties":{"a":{"typ":"string"}}}' >unknown.json
head -c 300000 /dev/zero | tr '\0' ' ' >huge.json
mkfifo fifo.json
bad "missing" none.json none.json
bad "no JSON" no.json no.json
bad "no schema" list.json "expected a schema"
bad "a keyword that is not known" unknown.json '$.properties.a.typ: this keyword'
bad "too large" huge.json huge.json
bad "a FIFO" fifo.json fifo.json
bad "a directory" . "--schema"
run --schema n.json
is "without -p: status" "$rc" 2
has "without -p: why" "$dir/err" "it wants -p TEXT"
# ---- the page ----
sed -n 's/^    {"\([$a-zA-Z]*\)", FORM_.*/\1/p' "$top_srcdir/src/json/schema.c" | sort >"$dir/known"
sed -n '/^## Keywords/,$p' "$top_srcdir/docs/schema.md" | grep '^|' | cut -d'|' -f3 | sed 's/([^)]*)//g' |
    grep -o '`[$a-zA-Z]*`' | tr -d '`' | sort >"$dir/told"
holds "docs/schema.md names every keyword, and no other" diff "$dir/known" "$dir/told"
holds "and there are some" test "$(grep -c . "$dir/known")" -gt 30
fake_stop
done_testing
