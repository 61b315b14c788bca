# SPDX-License-Identifier: MIT
#
# What the scripts of tests/cli share: a place of their own and TAP. Read in with `.`; the current
# directory is then an empty workspace, and nothing of the caller's tau is in reach.
#
#   run ARGS...        tau with these arguments: $rc, $dir/out, $dir/err. Standard input is $in.
#   play LINE...       a script of these lines, and $played: the arguments that play it
#   is NAME GOT WANT   one test; has NAME FILE WORDS; hasnt NAME FILE WORDS; holds NAME COMMAND...
#   fake_start         a model server: $port, $base; what it was asked is in $dir/requests
#   fake_stop          ends it
#   done_testing       the plan; the last command of a script
set -u
tau=${TAU_PROGRAM:-${top_builddir:?}/tau}
peek=${top_builddir:?}/tests/cli/peek
dir=$(mktemp -d "${TAU_TEST_TMP:-/tmp}/cli-XXXXXX") || exit 99
mounted=
trap '[ -z "$mounted" ] || umount -l "$mounted"; chmod -R u+w "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
for name in $(env | sed -n 's/^\(TAU_[A-Z_]*\)=.*/\1/p'); do
    case $name in TAU_TEST_*) ;; *) unset "$name" ;; esac
done
HOME=$dir/home XDG_CONFIG_HOME=$dir/config XDG_STATE_HOME=$dir/state XDG_RUNTIME_DIR=$dir/run
export HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME" "$XDG_CONFIG_HOME/tau" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" "$dir/work" "$dir/scripts"
chmod 700 "$XDG_RUNTIME_DIR"
cd "$dir/work" || exit 99
store=$dir/store
in=/dev/null
tests=0

# What a run does that hangs is the suite's loss only for this long.
run() {
    timeout -k 5 120 "$tau" "$@" <"$in" >"$dir/out" 2>"$dir/err"
    rc=$?
}

# A new name each time, so that a script is never another one's.
scripts=0
play() {
    scripts=$((scripts + 1))
    script=$dir/scripts/$scripts.jsonl
    printf '%s\n' "$@" >"$script"
    played="--model local/script --script $script --store-dir $store"
}

# What tests/fake/model does with a request says the name of the model.
fake_start() {
    mkfifo "$dir/stop"
    "$top_builddir/tests/fake/model" "$dir/requests" <"$dir/stop" >"$dir/port" &
    exec 9>"$dir/stop"
    while [ ! -s "$dir/port" ]; do sleep 0.05; done
    port=$(cat "$dir/port")
    base=http://127.0.0.1:$port/v1
    unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY no_proxy NO_PROXY all_proxy ALL_PROXY
}

fake_stop() {
    exec 9>&-
    wait
}

result() {
    tests=$((tests + 1))
    if [ "$1" = 0 ]; then echo "ok $tests - $2"; else
        echo "not ok $tests - $2"
        shift 2
        for line in "$@"; do printf '%s\n' "$line" | sed 's/^/# /'; done
        [ ! -s "$dir/err" ] || head -n 20 "$dir/err" | sed 's/^/# stderr: /'
    fi
}

is() {
    if [ "$2" = "$3" ]; then result 0 "$1"; else result 1 "$1" "got:  $2" "want: $3"; fi
}

has() {
    if grep -qF -- "$3" "$2"; then result 0 "$1"; else
        result 1 "$1" "not found: $3" "$(head -c 2000 "$2")"
    fi
}

hasnt() {
    if grep -qF -- "$3" "$2"; then result 1 "$1" "found: $3"; else result 0 "$1"; fi
}

holds() {
    name=$1
    shift
    if "$@" >"$dir/holds" 2>&1; then result 0 "$name"; else
        result 1 "$name" "failed: $*" "$(head -c 2000 "$dir/holds")"
    fi
}

# A test that could not run: said, and with CI set a failure.
skip() {
    tests=$((tests + 1))
    if [ -n "${CI:-}" ]; then echo "not ok $tests - $1 # not run: $2"; else
        echo "ok $tests - $1 # SKIP $2"
    fi
}

done_testing() {
    echo "1..$tests"
}
