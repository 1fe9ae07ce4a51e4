#!/usr/bin/env bash
# Proves the one command on a machine with nothing but Python: a fresh clone, a scrubbed environment, as root and as an
# ordinary user. Usage: tests/bare.sh [--test] (also run the whole test command; needs root for the second user).
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-/usr/bin/python3}
user=pms-bare
port=8790
work=$(mktemp -d /tmp/pms-bare-XXXXXX)
chmod 755 "$work"
run_tests=no
[ "${1:-}" = "--test" ] && run_tests=yes

finish() {
    [ -n "${up:-}" ] && kill -KILL "$up" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; [ -f "${log:-}" ] && tail -40 "$log"; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# Only what a plain login has, and how this machine reaches its package registries.
scrubbed() {
    local home=$1 keep=()
    shift
    while IFS='=' read -r name value; do
        case $name in
            PIP_* | UV_* | SSL_CERT_* | *_CA_CERTS | *_CA_BUNDLE | http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | npm_config_*)
                keep+=("$name=$value") ;;
        esac
    done < <(env)
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$home" LANG=C.UTF-8 CI=true "${keep[@]}" "$@"
}

as() { # as root|USER COMMAND…: becomes it, with a home of its own, so that no cache of ours helps; use in a subshell
    local who=$1
    shift
    if [ "$who" = "$(id -un)" ]; then
        scrubbed "$work/home-$who" "$@"
    else
        scrubbed "$work/home-$who" setpriv --reuid "$who" --regid "$(id -g "$who")" --clear-groups "$@"
    fi
}

wait_ready() {
    local began
    began=$(now)
    until curl -fsS -o /dev/null "http://127.0.0.1:$port/readyz" 2>/dev/null && grep -q "ready in" "$log"; do
        kill -0 "$up" 2>/dev/null || fail "up ended"
        awk -v a="$began" -v b="$(now)" 'BEGIN { exit !(b - a > 300) }' && fail "not ready after 300 s"
        sleep 0.1
    done
}

start() { # start WHO LABEL
    local began
    log=$work/log-$1
    began=$(now)
    as "$1" "$python" "$work/clone-$1/manage.py" up --port "$port" --data "$work/data-$1/folder" >"$log" 2>&1 </dev/null &
    up=$! # of `up` itself: the chain env → setpriv → python only ever becomes the next
    wait_ready
    say "$1: $2: $(since "$began") s from the command, of these: $(grep -o 'Environment ready in [0-9.]* s' "$log" || echo 'nothing installed'); $(grep -o 'ready in [0-9.]* s)' "$log" | tr -d ')')"
}

members() { pgrep -f "$work/(clone|data)-$1" || true; }

stop() { # stop WHO
    local began
    began=$(now)
    kill -INT "$up"
    wait "$up" || fail "exit code $? after an interrupt"
    awk -v a="$began" -v b="$(now)" 'BEGIN { exit !(b - a > 5) }' && fail "stopping took longer than 5 s"
    say "$1: stopped in $(since "$began") s"
    [ -z "$(members "$1")" ] || fail "left behind: $(ps -o pid,args -p "$(members "$1" | paste -sd,)")"
    up=
}

prove() { # prove WHO
    mkdir -p "$work/home-$1"
    git clone -q "$here" "$work/clone-$1"
    mkdir "$work/data-$1"
    chown -R "$1" "$work/home-$1" "$work/clone-$1" "$work/data-$1"
    start "$1" "first start, nothing there"
    stop "$1"
    start "$1" "warm"
    kill -KILL "$up"
    wait "$up" 2>/dev/null || true
    sleep 2
    [ -z "$(members "$1")" ] || fail "kill -9 left behind: $(ps -o pid,args -p "$(members "$1" | paste -sd,)")"
    say "$1: kill -9 left nothing behind after 2 s"
    start "$1" "after kill -9"
    stop "$1"
    rm -rf "$work/data-$1"
    mkdir "$work/data-$1"
    chown "$1" "$work/data-$1"
    start "$1" "new data folder, environment there"
    stop "$1"
    if [ "$run_tests" = yes ]; then
        local began
        began=$(now)
        (cd "$work/clone-$1" && as "$1" ./.ci/run) || fail "the tests are red"
        say "$1: all tests in $(since "$began") s"
    fi
}

prove "$(id -un)"
if [ "$(id -u)" = 0 ]; then
    id "$user" >/dev/null 2>&1 || useradd --system --shell /usr/sbin/nologin "$user"
    prove "$user"
fi
say "Proven."
