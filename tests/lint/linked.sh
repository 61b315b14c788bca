#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What tau links at its start, and nothing else: the rest is opened when it is first wanted.
echo 1..1
cd "${top_builddir:?}" || exit 99
readelf -d tau | sed -n 's/.*NEEDED.*\[\(lib[a-z0-9-]*\)\.so.*/\1/p' | grep -vE \
    '^lib(ncursesw|tinfo|termkey|sqlite3|cjson|pcre2-8|utf8proc|cmark-gfm|cmark-gfm-extensions|cbor|sodium|protobuf-c|wslay|inih|asan|ubsan|tsan|c|m|gcc_s)$' >linked.extra
if [ -s linked.extra ]; then
    sed 's/^/# /' linked.extra
    echo "not ok 1 - tau links no more than it may"
else
    echo "ok 1 - tau links no more than it may"
fi
rm -f linked.extra
