#!/bin/sh
# Make .venv and install this package into it: `setup.sh run` what serving needs, `setup.sh dev` what testing needs too.
# Does nothing, at once, when pyproject.toml and the interpreter are what they were the last time.
# `setup.sh torch` adds torch to it, for the tests that need it: a build for the CPU alone (200 MB), or none.
set -eu
cd "$(dirname "$0")/.."

want=${1:-dev}
venv=.venv
python=$venv/bin/python

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if fits "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
}

make_venv() {
    found=$(find_python)
    if command -v uv >/dev/null 2>&1; then
        # uv brings an interpreter where there is none.
        uv venv --quiet --clear --seed --python "${found:->=3.11}" "$venv"
        return
    fi
    [ -n "$found" ] || fail "No Python 3.11 or newer found (tried python3 and python3.11 to python3.14)." \
        "Install one, or say where it is: make PYTHON=/path/to/python3"
    "$found" -m venv --clear "$venv" >/dev/null 2>&1 && return
    # Debian and Ubuntu keep venv's pip in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "Installing python$version-venv with apt-get …"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv"; } \
            </dev/null >/dev/null 2>&1 || true
    fi
    "$found" -m venv --clear "$venv" || fail "$found cannot make a virtual environment." \
        "On Debian and Ubuntu: sudo apt-get install python3-venv"
}

fits "$python" || { echo "Making $venv …"; make_venv; }

if [ "$want" = torch ]; then
    "$python" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' && exit 0
    # The name after the + belongs to builds without CUDA only, which weigh gigabytes less; no other version will do.
    echo "Installing torch for the CPU into $venv (about a minute, once) …"
    set -- install -qq --disable-pip-version-check --no-input "torch==2.13.0+cpu"
    "$python" -m pip "$@" 2>/dev/null && exit 0
    "$python" -m pip "$@" --retries 1 --timeout 15 --extra-index-url https://download.pytorch.org/whl/cpu \
        2>/dev/null && exit 0
    echo "There is no such build for this machine and this Python: the tests that need torch will be skipped."
    exit 0
fi

# What is installed now, in one word each: the manifest's checksum, the interpreter, the extras.
state="$(cksum <pyproject.toml) $("$python" -c 'import sys; print(sys.version.split()[0])')"
for extra in dev "$want"; do
    [ "$(cat "$venv/.installed-$extra" 2>/dev/null)" = "$state" ] && exit 0
done

case $want in
    run) target=. what="what serving needs" ;;
    dev) target=.[dev] what="what tests and checks need" ;;
    *) fail "setup.sh: run, dev or torch, not '$want'" ;;
esac
echo "Installing openreactor and $what into $venv (about a minute, once) …"
if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$python" -e "$target"
else
    "$python" -m pip install -qq --disable-pip-version-check --no-input -e "$target"
fi
printf '%s' "$state" >"$venv/.installed-$want"
