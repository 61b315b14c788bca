#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The one-way rule: an include may only name a folder of the same or a lower rank, and each outside
# library only its own folder. Prints every line that goes against it.
cd "${top_srcdir:-.}" || exit 99
echo 1..2
wrong=$(find src ui -name '*.[ch]' | xargs awk '
BEGIN {
    n = split("base text json contract store state net model policy tool agent core", r, " ")
    for (i = 1; i <= n; i++) rank[r[i]] = i
    rank["gateway"] = rank["watch"] = rank["plane"] = rank["mcp"] = 13; rank["cli"] = 14; rank["exec"] = 1.5
    split("state contract text base json ui", u, " "); for (i in u) ui_may[u[i]] = 1
}
/^#include "/ {
    split(FILENAME, p, "/"); from = p[1] == "ui" ? "ui" : p[2]
    split($2, q, "\""); split(q[2], t, "/"); to = t[1]
    if (q[2] == "config.h" || to == from) next
    if (from == "ui") { if (!(to in ui_may)) print FILENAME ":" FNR ": " $0; next }
    if (to == "ui") { if (from != "cli") print FILENAME ":" FNR ": " $0; next }
    if (!(to in rank)) { print FILENAME ":" FNR ": unknown folder: " $0; next }
    if (rank[to] > rank[from]) print FILENAME ":" FNR ": upward: " $0
    if (rank[to] == 13 && rank[from] == 13) print FILENAME ":" FNR ": sideways: " $0
    if (from == "store" && to == "state" || from == "state" && to == "store") print FILENAME ":" FNR ": " $0
    if (from == "exec" && to != "base") print FILENAME ":" FNR ": " $0
}')
if [ -z "$wrong" ]; then echo "ok 1 - includes go one way"; else
    echo "$wrong" | sed 's/^/# /'; echo "not ok 1 - includes go one way"; fi

wrong=$(find src ui -name '*.[ch]' | xargs awk '
BEGIN {
    own["sodium.h"] = "src/base"; own["pcre2.h"] = "src/text"; own["utf8proc.h"] = "src/text"
    own["cmark-gfm.h"] = own["cmark-gfm-core-extensions.h"] = "src/text"
    own["cjson/cJSON.h"] = "src/json"; own["sqlite3.h"] = "src/store"; own["ini.h"] = "src/cli"
    own["curses.h"] = own["ncurses.h"] = own["termkey.h"] = "ui/term"
    own["seccomp.h"] = "src/exec"; own["curl/curl.h"] = "src/net" ; own["microhttpd.h"] = "src/net"
}
/^#include </ {
    split($2, q, "[<>]"); f = FILENAME; sub("/[^/]*$", "", f)
    if (q[2] in own && own[q[2]] != f) print FILENAME ":" FNR ": " $0
}')
if [ -z "$wrong" ]; then echo "ok 2 - each library in its own folder"; else
    echo "$wrong" | sed 's/^/# /'; echo "not ok 2 - each library in its own folder"; fi
