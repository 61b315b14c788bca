#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Sessions found, and out to files and in from files, from outside.
. "${top_srcdir:?}/tests/cli/lib.sh"

# ---- search ----
run session search anything --store-dir "$store"
is "search without a store: status" "$rc" 0
play '{"call":{"name":"bash","arguments":{"command":"echo a badger in the output"}}}' \
    '{"text":"There was one badger."}'
# shellcheck disable=SC2086
run $played --mode auto --session first -p "look for the badger"
play '{"text":"A stoat is no badger."}'
# shellcheck disable=SC2086
run $played --session second -p "and the stoat?"

run session search badger --store-dir "$store"
is "search: places" "$(grep -c '^20' "$dir/out")" 4
has "the newest first" "$dir/out" "A stoat is no «badger»."
is "and it is the first" "$(sed -n 2p "$dir/out" | tr -d ' ')" "Astoatisno«badger»."
run session search no badger --in first --store-dir "$store"
is "words that are not there together" "$(cat "$dir/out")" ""
run session search "one badger" --store-dir "$store"
is "words side by side" "$(grep -c '^20' "$dir/out")" 1
run session search badg --role tool --store-dir "$store"
is "what a tool said" "$(grep -c ' tool ' "$dir/out")" 1
run session search badger --role nobody --store-dir "$store"
is "a role that is none" "$rc" 2
run session search badger --limit 2 --json --store-dir "$store"
is "as JSON, two" "$(wc -l <"$dir/out" | tr -d ' ')" 2
run session search --store-dir "$store" -- '-'
is "no word: status" "$rc" 2
has "no word" "$dir/err" "no word"
run session reset second --yes --store-dir "$store"
run -p '/session-search stoat' --store-dir "$store"
has "by a prompt; what left the session is marked" "$dir/out" "(left the session)"
play '{"call":{"name":"session_search","arguments":{"query":"badger","role":"user"}}}' '{"text":"ok"}'
# shellcheck disable=SC2086
run $played --session third --mode plan -p "search" --output events
has "the model may search" "$dir/out" "look for the «badger»"

# ---- export ----
printf 'a ````` fence\n</pre><script>x</script>\n```\n' >odd.txt
play '{"call":{"name":"bash","arguments":{"command":"cat odd.txt"}}}' \
    '{"call":{"name":"write","arguments":{"path":"made.txt","content":"one\n"}}}' \
    '{"call":{"name":"read","arguments":{"path":"not-there"}}}' \
    '{"text":"Look:\n```c\nint x;\n<!-- open\n\u001b[31m\u202e"}' '{"text":"<b>bold</b> & done"}'
# shellcheck disable=SC2086
run $played --mode auto --session out -p "<script>alert(1)</script> & \`\`\`"
is "a session to export" "$rc" 0
# shellcheck disable=SC2086
run $played --session out -p "again"

run session export out --store-dir "$store"
is "md: status" "$rc" 0
cp "$dir/out" "$dir/out.md"
has "md: the name" "$dir/out.md" "# out"
has "md: a question is quoted" "$dir/out.md" "> <script>alert(1)</script> & \`\`\`"
has "md: a call is folded" "$dir/out.md" "<summary>bash · completed · exit 0"
has "md: what it changed" "$dir/out.md" "made.txt +1 -0"
has "md: why a call failed" "$dir/out.md" "> not_found: "
has "md: the fence is longer than any in the result" "$dir/out.md" "\`\`\`\`\`\`"
is "md: every fence is closed" "$(($(grep -c '^```' "$dir/out.md") % 2))" "$(grep -c '^```$' odd.txt)"
has "md: a block of HTML is text" "$dir/out.md" '\<b>bold</b> & done'
hasnt "md: no escape sequence" "$dir/out.md" "$(printf '\033')"
has "md: what turns the direction is seen" "$dir/out.md" "[U+202E]"

run session export out --format html --out page.html --store-dir "$store"
is "html: status" "$rc" 0
has "html: says what it did" "$dir/out" "session export: session=out format=html path=page.html"
is "html: private" "$(stat -c %a page.html)" 600
is "html: nothing else is left" "$(ls page.html*)" page.html
is "html: no tag of the session" "$(grep -c '<script\|<b>' page.html)" 0
has "html: escaped" page.html "&lt;script&gt;alert(1)&lt;/script&gt; &amp; \`\`\`"
has "html: nothing may be loaded" page.html "default-src 'none'"
if command -v python3 >/dev/null; then
    holds "html: every tag is closed" python3 -c '
import sys, html.parser
class P(html.parser.HTMLParser):
    void = {"meta"}
    def __init__(self):
        super().__init__(); self.open = []
    def handle_starttag(self, tag, attrs):
        assert not any(a.startswith("on") or a in ("src", "href") for a, _ in attrs), attrs
        if tag not in self.void: self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag
p = P(); p.feed(open("page.html").read()); p.close(); assert not p.open, p.open'
fi
run session export out --format html --out page.html --store-dir "$store"
is "a file that is there: status" "$rc" 2
has "a file that is there" "$dir/err" "there already"
run session export out --out page.html --force --store-dir "$store"
is "replaced when told to; the name says the format" "$rc" 0
run session export out --out page.xyz --store-dir "$store"
is "a name that says nothing" "$rc" 2
run session export out --out nowhere/page.md --store-dir "$store"
has "a place that is not there" "$dir/err" "nowhere/page.md"
run session export nobody --store-dir "$store"
is "a session that is not there" "$rc" 2

run session export out --format jsonl --store-dir "$store"
cp "$dir/out" "$dir/out.jsonl"
has "jsonl: its first line" "$dir/out.jsonl" '{"record_type":"tau.session","schema_version":2,'
run events out --after 0 --limit 1000 --json --store-dir "$store"
is "jsonl: every event" "$(wc -l <"$dir/out.jsonl" | tr -d ' ')" $(($(wc -l <"$dir/out" | tr -d ' ') + 1))
turned=$(printf 'turned\342\200\256round')
run session new "$turned" --store-dir "$store"
run session export "$turned" --store-dir "$store"
has "a name that would turn the line is shown" "$dir/out" "# turned\[U+202E]round"
run session export out --format dot --store-dir "$store"
is "a format of something else: status" "$rc" 2
has "a format of something else: why" "$dir/err" "--format: a session is not written as dot"
run session export out --format tau --store-dir "$store"
has "tau: meta" "$dir/out" '{"record_type":"meta","schema_version":1}'
has "tau: a call" "$dir/out" '"name":"write","arguments":{"path":"made.txt","content":"one\n"}'
has "tau: its result" "$dir/out" '"tool_name":"write","is_error":false}'
has "tau: parents" "$dir/out" '"id":2,"parent_id":1,'
run -p '/session-export to-file.md' --store-dir "$store"
has "by a prompt a file" "$dir/out" "format=md path=to-file.md"
run -p '/session-export out --format tau' --store-dir "$store"
has "by a prompt on the screen" "$dir/out" '"record_type":"meta"'
done_testing
