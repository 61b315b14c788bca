# SPDX-License-Identifier: MIT
#
# Reads C files and prints "file:line: call: what to use" for every forbidden call, and
# "used: row" for every row of the allow-list that was needed.
#
# Comments and the insides of strings are blanked first. A call is a name before "(" that is no
# member of something. Flags are looked for in the whole statement, which may be several lines.
BEGIN {
    while ((getline row < rules) > 0) {
        if (split(row, r, / *[|] */) < 3) continue
        if (r[1] == "call") instead[r[2]] = r[3]
        if (r[1] == "flag") flag[r[2]] = r[3]
        if (r[1] == "allow") reason[r[2] "|" r[3]] = 1
    }
}

function allowed(call,    folder) {
    folder = FILENAME
    sub("[^/]*$", "", folder)
    if ((FILENAME "|" call) in reason) { print "used: " FILENAME "|" call; return 1 }
    return (folder "|" call) in reason
}

function calls(name, text) {
    return text ~ "(^|[^A-Za-z0-9_.>])" name "[ \t]*[(]"
}

function report(call, advice) {
    if (!allowed(call)) print FILENAME ":" from ": " call ": " advice
}

# Blanks comments; `bare` loses the insides of strings too.
function strip(line,    i, c, two, quote) {
    code = bare = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1); two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (quote) {
            code = code c
            if (c == "\\") { i++; code = code substr(line, i, 1) }
            else if (c == quote) { quote = ""; bare = bare c }
        } else if (two == "/*") { in_comment = 1; i++ }
        else if (two == "//") break
        else {
            code = code c; bare = bare c
            if (c == "\"" || c == "'") quote = c
        }
    }
}

function end_statement(    name) {
    for (name in flag)
        if (calls(name, all_bare) && index(all_code, flag[name]) == 0) report(name, "wants " flag[name])
    all_bare = all_code = ""
}

FNR == 1 { in_comment = 0; all_bare = all_code = "" }
{
    strip($0)
    if (all_bare == "") from = FNR
    if (bare ~ /^[ \t]*#/) next
    for (name in instead)
        if (calls(name, bare)) { first = from; from = FNR; report(name, instead[name]); from = first }
    all_bare = all_bare bare " "; all_code = all_code code " "
    if (bare ~ /[;{}]/) end_statement()
    else if (all_bare ~ /^[ \t]*$/) all_bare = all_code = ""
}
