#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Forbidden calls and words in src and ui. The rules and their exceptions are in forbidden.rules.
cd "${top_srcdir:-.}" || exit 99
lint=tests/lint
scratch=$(mktemp -d "${TAU_TEST_TMP:-/tmp}/forbidden-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
echo 1..6

# answer NUMBER NAME WRONG: one line of TAP; WRONG is what is to be seen when it failed.
answer() {
    if [ -z "$3" ]; then echo "ok $1 - $2"; else
        echo "$3" | sed 's/^/# /'
        echo "not ok $1 - $2"
    fi
}

find src ui -name '*.[ch]' | LC_ALL=C sort |
    xargs awk -v rules=$lint/forbidden.rules -f $lint/forbidden.awk >"$scratch/found"
answer 1 'no forbidden call' "$(grep -v '^used: ' "$scratch/found")"

# Folders may be allowed something beforehand; a file of the list must exist and need its row.
sed -n 's/^allow *| *\([^ |]*[^ |/]\) *| *\([^ |]*\) *|.*/\1|\2/p' $lint/forbidden.rules |
    while IFS='|' read -r file call; do
        [ ! -e "$file" ] || grep -qxF "used: $file|$call" "$scratch/found" || echo "$file: $call"
    done >"$scratch/stale"
answer 2 'no exception that nothing needs' "$(cat "$scratch/stale")"

answer 3 'no unfinished work' "$(grep -rniwE 'TODO|FIXME|XXX|HACK|stub|placeholder' src ui \
    --include='*.[ch]' --include='*.def' | grep -vE '["|]todo["|]|, todo, ')"

# The lint sees what it should: each call once, each flag once, nothing in comments and strings.
mkdir -p "$scratch/src"
sed -n 's/^call *| *\([^ |]*\).*/    x = \1 (a);/p; s/^flag *| *\([^ |]*\).*/    y(\1(a,\n      b));/p' \
    $lint/forbidden.rules >"$scratch/src/bad.c"
want=$(grep -cE '^(call|flag) ' $lint/forbidden.rules)
got=$(cd "$scratch" && awk -v rules="$OLDPWD/$lint/forbidden.rules" -f "$OLDPWD/$lint/forbidden.awk" \
    src/bad.c | wc -l)
answer 4 'every rule is seen when it is broken' "$([ "$want" -eq "$got" ] || echo "$got of $want")"

cat >"$scratch/src/good.c" <<'EOF'
/* sprintf(a); system("x");
 * fork(); */
x = "system(\"y\") /* " + f('"'); // gets(a)
p->open(a); q.signal(b); my_system(c); systems(d); snprintf(a, b);
fd = open(path,
          O_RDONLY | O_CLOEXEC);
f = fopen(path, "rbe");
EOF
answer 5 'what only looks like a call is not' "$(cd "$scratch" &&
    awk -v rules="$OLDPWD/$lint/forbidden.rules" -f "$OLDPWD/$lint/forbidden.awk" src/good.c)"

answer 6 'how many of a thing is said by buf_count' "$(grep -rnE '== 1 \? "' ui --include='*.[ch]')"
