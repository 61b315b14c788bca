#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Images that go with a question: what is one, what the server gets, and what is kept.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
fake_start
export OPENAI_API_KEY=key-of-a-test
asked="--api-base $base --model openai/image --store-dir $store"

# The smallest PNG there is: one pixel.
png=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
echo "$png" | base64 -d >pixel.png
printf 'GIF89a\001\000\001\000\000\000\000;' >one.gif
printf 'RIFF\004\000\000\000WEBP' >one.webp
printf '\377\330\377\331' >one.jpg

run -p "what is this" --image pixel.png $asked
is "an image: status" "$rc" 0
is "the server got its bytes, and the text" "$(cat "$dir/out")" "what is this | image/png $png"
run -p "and before" -c $asked
has "the next request has it again" "$dir/out" "and before | image/png $png"
run -p "all" --image one.gif --image one.webp --image one.jpg $asked
has "several, by what they are" "$dir/out" "image/gif"
has "webp" "$dir/out" "image/webp"
has "jpeg" "$dir/out" "image/jpeg"

run session show --store-dir "$store"
has "the transcript names them" "$dir/out" "[image one.gif, 14 bytes]"
run artifact list --store-dir "$store"
has "they are artifacts" "$dir/out" "pixel.png"
run context --store-dir "$store"
has "and take their part of the window" "$dir/out" "image"
run events --kind turn.created --json --store-dir "$store"
hasnt "the log has no bytes of them" "$dir/out" "$png"
run session repair --store-dir "$store"
is "each is there, with its digest" "$rc" 0

# ---- a model that does not look ----
before=$(grep -c . "$dir/requests")
run -p "what is this" --image pixel.png --store-dir "$store"
is "local/offline: status" "$rc" 2
has "local/offline says so" "$dir/err" "local/offline does not look at images"
is "nobody was asked" "$(grep -c . "$dir/requests")" "$before"
run -p "help" -c --store-dir "$store"
is "the conversation goes on with another model" "$rc" 0

# ---- what is no image ----
echo "text" >note.png
run -p x --image note.png $asked
is "not an image: status" "$rc" 2
has "not an image" "$dir/err" "note.png: not an image that models take"
: >empty.png
run -p x --image empty.png $asked
has "an empty file" "$dir/err" "the file is empty"
run -p x --image nothing.png $asked
is "no file: status" "$rc" 2
has "no file" "$dir/err" "nothing.png"
run -p x --image . $asked
has "a directory" "$dir/err" "not a regular file"
mkfifo pipe.png
run -p x --image pipe.png $asked
has "a pipe does not block" "$dir/err" "not a regular file"
truncate -s 20971520 limit.png && dd if=pixel.png of=limit.png conv=notrunc 2>/dev/null
cp limit.png past.png && truncate -s 20971521 past.png
run -p x --image past.png $asked
has "too large" "$dir/err" "the image is larger than 20 MiB"
run -p x --image limit.png $asked
is "as large as may be" "$rc" 0
set --
for i in $(seq 1 17); do set -- "$@" --image pixel.png; done
run -p x "$@" $asked
has "too many" "$dir/err" "images: more than 16"
shift 2
run -p x "$@" $asked
is "as many as may be" "$rc" 0

# ---- references of an action ----
run image pixel.png --store-dir "$store"
is "the command is for the console" "$rc" 2
has "and says what to do" "$dir/err" "--image FILE"

# ---- it is gone ----
find "$store/blobs" -type f -exec rm -f {} +
run -p "still there?" -c $asked
is "bytes that are gone: status" "$rc" 0
has "their text stands for them" "$dir/out" "[image"
fake_stop
done_testing
