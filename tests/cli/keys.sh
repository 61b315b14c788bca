#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Keys and the way to the server: where a key may come from, which of several counts, that it is
# nowhere to be seen, and what a proxy on the way is said to have done.
# shellcheck disable=SC2086
. "${top_srcdir:?}/tests/cli/lib.sh"
fake_start
limits="--store-dir $store --mode auto --provider-max-retries 0"
unset OPENAI_API_KEY OPENAI_BASE_URL GROQ_API_KEY

# keyed ROW ARGS...: as run, from an empty list of requests.
keyed() {
    row=$1
    shift
    : >"$dir/requests"
    run -p hi $limits --model "openai/$row" --api-base "$base" "$@"
}

went() { grep -c ' 1$' "$dir/requests"; }

# ---- where it comes from ----
keyed echo --api-key sk-test
is "a key on the command line: status" "$rc" 0
is "it goes along" "$(went)" 1
has "and the better way is told" "$dir/err" "better set OPENAI_API_KEY"
: >"$dir/requests"
run -p hi $limits --model groq/echo --api-base "$base" --api-key sk-test
has "by the variable of the model's own server" "$dir/err" "better set GROQ_API_KEY"
printf 'sk-test\n' >"$dir/key"
chmod 644 "$dir/key"
TAU_MODEL_KEY_FILE=$dir/key keyed echo
is "a key file that others can read: status" "$rc" 2
has "it is said" "$dir/err" "can be read by others"
chmod 600 "$dir/key"
TAU_MODEL_KEY_FILE=$dir/key keyed echo
is "a key file: it goes along" "$(went)" 1
printf 'sk-test\r\nmore\n' >"$dir/key"
TAU_MODEL_KEY_FILE=$dir/key keyed echo
is "of a key file its first line, whatever ends it" "$(went)" 1
: >"$dir/key"
TAU_MODEL_KEY_FILE=$dir/key keyed echo
is "an empty key file: status" "$rc" 2
has "and it is said" "$dir/err" "is empty"
mkfifo -m 600 "$dir/pipe"
TAU_MODEL_KEY_FILE=$dir/pipe keyed echo
is "a pipe is no key file, and nothing waits for it" "$rc" 2
TAU_MODEL_KEY_FILE=$dir/none keyed echo
is "a key file that is not there" "$rc" 2
printf 'sk-file\n' >"$dir/key"
TAU_MODEL_KEY_FILE=$dir/key OPENAI_API_KEY=sk-test keyed echo
is "the environment counts before the file" "$(went)" 1
TAU_MODEL_KEY_FILE=$dir/key OPENAI_API_KEY=sk-env keyed echo --api-key sk-test
is "the command line before both" "$(went)" 1
OPENAI_API_KEY=sk-test OPENAI_BASE_URL=$base run -p hi $limits --model openai/echo
is "the address from the environment" "$rc" 0

# ---- what is no key, or no address ----
bad=$(printf 'sk-test\nX-Evil: 1')
OPENAI_API_KEY=$bad keyed echo
is "a key with a line feed: status" "$rc" 2
has "its variable is named" "$dir/err" "OPENAI_API_KEY holds no key"
hasnt "and not what it is" "$dir/err" sk-test
is "nothing was asked" "$(grep -c . "$dir/requests")" 0
TAU_MODEL_KEY_FILE=$dir/key OPENAI_API_KEY=$bad keyed echo
is "another key does not take its place in silence" "$rc" 2
OPENAI_API_KEY=$bad keyed echo --api-key sk-test
is "one that was asked for does" "$(went)" 1
for where in OPENAI_BASE_URL TAU_API_BASE; do
    OPENAI_API_KEY=sk-test
    export OPENAI_API_KEY
    env "$where=http://me:sekret@127.0.0.1:$port/v1" "$tau" -p hi $limits --model openai/404 >"$dir/out" 2>"$dir/err" </dev/null
    is "$where with a password: status" "$?" 2
    hasnt "$where with a password: it is not shown" "$dir/err" sekret
    env "$where=http://me:sekret@127.0.0.1:$port/v1" "$tau" model list >"$dir/out" 2>"$dir/err" </dev/null
    hasnt "$where with a password: nor in the list" "$dir/out" sekret
done
run -p hi $limits --model openai/404 --api-base "http://me:sekret@127.0.0.1:$port/v1"
is "--api-base with a password: status" "$rc" 2
hasnt "--api-base with a password: it is not shown" "$dir/err" sekret
unset OPENAI_API_KEY

# ---- where it is not ----
play '{"call":{"name":"bash","arguments":{"command":"env; tr \"\\\\0\" \"\\\\n\" </proc/$PPID/environ"}}}' '{"text":"seen"}'
OPENAI_API_KEY=sk-test GROQ_API_KEY=sk-groq run -p go $played --mode auto --output events
hasnt "commands do not get the key" "$dir/out" sk-test
hasnt "nor another's" "$dir/out" sk-groq
run model list
has "model list names the variable" "$dir/out" "OPENAI_API_KEY is not set"
OPENAI_API_KEY=sk-test run model list
has "and whether it is set" "$dir/out" "OPENAI_API_KEY is set"
hasnt "not what it is" "$dir/out" sk-test
for row in 401-key error-key; do
    OPENAI_API_KEY=sk-test keyed $row --output events
    hasnt "$row: the server repeats the key, tau does not" "$dir/out" sk-test
    has "$row: what stood there is said" "$dir/out" "[key]"
done
OPENAI_API_KEY=sk-test "$tau" -p hi $limits --model openai/stall-head --api-base "$base" --request-timeout-ms 60000 \
    >"$dir/out" 2>"$dir/err" </dev/null &
busy=$!
while ! grep -q stall-head "$dir/requests"; do sleep 0.05; done
tr '\0' '\n' <"/proc/$busy/environ" >"$dir/environ" 2>/dev/null
if [ -s "$dir/environ" ]; then hasnt "the environment of tau has it no more" "$dir/environ" sk-test; else
    skip "the environment of tau has it no more" "it can not be read"
fi
kill "$busy"
wait "$busy" 2>/dev/null
env OPENAI_API_KEY=sk-test "$tau" -p hi $limits --model openai/stall-head --api-base "$base" --api-key sk-line \
    --request-timeout-ms 60000 >"$dir/out" 2>"$dir/err" </dev/null &
busy=$!
while [ "$(grep -c stall-head "$dir/requests")" -lt 2 ]; do sleep 0.05; done
tr '\0' '\n' <"/proc/$busy/cmdline" >"$dir/cmdline"
has "its command line is there" "$dir/cmdline" --api-key
hasnt "without the key" "$dir/cmdline" sk-line
kill "$busy"
wait "$busy" 2>/dev/null

# ---- of a model that has no server ----
run -p hi $limits --model local/offline --api-key sk-test
is "a key for it: status" "$rc" 2
has "a key for it: what to say" "$dir/err" "name the model, too"
TAU_API_KEY=sk-test TAU_API_BASE=$base run memory write "keys lie in drawers" --store-dir "$store"
is "variables that always stand there are no mistake: status" "$rc" 0
TAU_API_KEY=sk-test TAU_API_BASE=$base run demo --line
is "nor of the demonstration: status" "$rc" 0

# ---- by way of tau up ----
# by_up ARGS...: a gateway in the background, and one turn of it.
by_up() {
    : >"$dir/requests"
    run up --bind 127.0.0.1:0 --store-dir "$store" --model openai/echo --api-base "$base" "$@"
    cp "$dir/err" "$dir/up.err"
    pid=$(sed -n 's/^up: process //p' "$dir/out")
    tr '\0' '\n' <"/proc/$pid/cmdline" >"$dir/cmdline"
    "$tau" ctl turn.submit input=hi --wait --store-dir "$store" >"$dir/turn" 2>&1 </dev/null
    run down --store-dir "$store"
}
by_up --api-key sk-test
is "a key for the gateway goes along" "$(went)" 1
has "the better way is told" "$dir/up.err" "better set OPENAI_API_KEY"
has "the gateway has a command line" "$dir/cmdline" serve
hasnt "without the key" "$dir/cmdline" sk-test
TAU_API_KEY=sk-test by_up
is "a key of the variable goes along" "$(went)" 1
hasnt "and there is no better way to tell" "$dir/up.err" "better set"
OPENAI_API_KEY=sk-test by_up
is "a key of the server's own variable goes along" "$(went)" 1
TAU_OPENAI_API_KEY=sk-env by_up --api-key sk-test
is "the command line before the variable" "$(went)" 1

holds "no file of the store has it" sh -c "! grep -rlaE 'sk-(test|line|groq|file|env)' '$store'"

# ---- a proxy on the way ----
OPENAI_API_KEY=sk-test
export OPENAI_API_KEY
# Through this proxy (with a password of its own) to a server that is there for nobody.
through() {
    env "https_proxy=http://me:sekret@127.0.0.1:$1" "$tau" -p hi $limits --model openai/x --api-base "https://$2.invalid/v1" \
        --output json >"$dir/out" 2>"$dir/err" </dev/null
    rc=$?
    why="$("$peek" get error reason_code <"$dir/out") $("$peek" get error phase <"$dir/out")"
}
through "$port" 407
is "a proxy that wants a password" "$why" "auth_failed provider_connect"
has "it is named" "$dir/out" "the proxy 127.0.0.1:$port wants a password"
hasnt "and its own password is not" "$dir/out" sekret
through "$port" 502
is "a proxy that opens no way" "$why" "provider_unavailable provider_connect"
has "what it answered is said" "$dir/out" "status 502"
through 1 any
is "a proxy that does not answer" "$why" "provider_unavailable provider_connect"
has "it is the proxy" "$dir/out" "the proxy 127.0.0.1:1, on the way to any.invalid, does not answer"

# ---- certificates ----
# A server that says hello in TLS and then nothing, so that a wait for its answer shows that it was
# trusted.
tls() {
    "$tau" -p hi $limits --model openai/x --api-base "https://$1:$tls_port/v1" --wait-timeout-ms 500 \
        --output json >"$dir/out" 2>"$dir/err" </dev/null
    why="$("$peek" get error reason_code <"$dir/out") $("$peek" get error phase <"$dir/out")"
}
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/tls.key" -out "$dir/tls.pem" -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
    openssl s_server -accept 127.0.0.1:0 -key "$dir/tls.key" -cert "$dir/tls.pem" -www \
        >"$dir/tls.out" 2>&1 </dev/null &
    busy=$!
    waited=0
    while ! grep -q '^ACCEPT .*[0-9]$' "$dir/tls.out" && [ $waited -lt 400 ]; do
        sleep 0.05
        waited=$((waited + 1))
    done
    tls_port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$dir/tls.out")
    tls localhost
    is "a certificate that nobody vouches for" "$why" "provider_unavailable provider_connect"
    has "it is said" "$dir/out" "localhost:$tls_port is not trusted"
    SSL_CERT_FILE=$dir/tls.pem
    export SSL_CERT_FILE
    tls localhost
    is "one that SSL_CERT_FILE vouches for is past that" "$why" "timed_out provider_wait"
    tls 127.0.0.1
    is "but not under another name" "$why" "provider_unavailable provider_connect"
    SSL_CERT_FILE=$dir/none tls localhost
    is "a file that is not there" "$why" "provider_unavailable provider_connect"
    has "is said, too" "$dir/out" "SSL_CERT_FILE"
    unset SSL_CERT_FILE
    kill "$busy"
else
    skip "a certificate that nobody vouches for" "openssl is missing"
fi
fake_stop
done_testing
