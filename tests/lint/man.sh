#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manual is valid mdoc, and says everything that --help says.
cd "${top_builddir:-build}" || exit 99
echo 1..4
n=0
for page in tau.1 tau-config.5 tau-contract.7; do
    n=$((n + 1))
    said=$(mandoc -T lint -W warning "man/$page" 2>&1)
    if [ -z "$said" ]; then echo "ok $n - $page is valid"; else
        echo "$said" | head -n 20 | sed 's/^/# /'
        echo "not ok $n - $page is valid"
    fi
done
missing=
# Where a roff line has spaces between the dashes and the name, the plain text has none.
mandoc -T ascii man/tau.1 | sed 's/.\x08//g' >man/tau.1.txt
for word in $(./tau --help | grep -o -- '--[a-z][a-z-]*' | sort -u); do
    grep -q -- "$word" man/tau.1.txt || missing="$missing $word"
done
if [ -z "$missing" ]; then echo "ok 4 - every option is in tau(1)"; else
    echo "# missing:$missing"; echo "not ok 4 - every option is in tau(1)"; fi
