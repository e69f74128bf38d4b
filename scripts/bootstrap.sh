#!/bin/sh
# Makes an environment and installs the pinned packages, once.
#
#   scripts/bootstrap.sh run     what a build needs: .venv, requirements/run.txt
#   scripts/bootstrap.sh dev     the tools besides:  .venv, requirements/dev.txt
#   scripts/bootstrap.sh <name>  a tool that goes with neither, as superset:
#                                .venv-<name>, requirements/<name>.txt
#
# A copy of the requirements file in the environment says that its installation was
# completed. The copy goes before an installation and comes after it: an
# interrupted one leaves none, and the next run starts from nothing.
# PYTHON names another interpreter than the first suitable one on the PATH.
set -u

cd "$(dirname "$0")/.." || exit 1
set_name=$1
log=logs/bootstrap.log
case $set_name in
    run | dev)
        venv=.venv
        pythons="3.10 to 3.13"
        ;;
    *)
        venv=.venv-$set_name
        pythons="3.11 or 3.12"
        ;;
esac
venv_python=$venv/bin/python

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

installed() {
    cmp -s "requirements/$1.txt" "$venv/$1.txt"
}

runs() {
    "$1" -c '' >/dev/null 2>&1
}

# Prints the version of a Python, nothing if it is none.
version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

suitable() {
    case "$pythons: $(version_of "$1")" in
        *": 3.11" | *": 3.12" | "3.10 to 3.13: 3.10" | "3.10 to 3.13: 3.13")
            return 0
            ;;
        *) return 1 ;;
    esac
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.13 python3.12 python3.11 python3.10
    fi
    first=$1
    for candidate in "$@"; do
        if suitable "$candidate"; then
            python=$candidate
            return
        fi
    done
    found=$(version_of "$first")
    if [ -n "$found" ]; then
        fail "Python $pythons is needed and $first is Python $found:\
 install one of them and run make again, or name it with\
 PYTHON=/path/to/python3.12."
    fi
    fail "Python $pythons is needed and $first was not found:\
 install python3 and run make again, or name it with\
 PYTHON=/path/to/python3.12."
}

make_venv() {
    find_python
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        fail "Python's venv module is missing: install it (on Debian and\
 Ubuntu with 'apt install python$(version_of "$python")-venv') and run make\
 again."
    fi
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >>"$log" 2>&1; then
        rm -rf "$venv"
        fail "The Python environment $venv could not be made:\
 $log tells why ($(last_line))."
    fi
}

last_line() {
    grep -v '^ *$' "$log" 2>/dev/null | tail -n 1 | cut -c 1-200
}

case $set_name in
    # The tools include all that a build needs, in the same versions.
    run) { installed run || installed dev; } && complete=1 || complete= ;;
    *) installed "$set_name" && complete=1 || complete= ;;
esac
if [ -n "$complete" ] && runs "$venv_python"; then
    exit 0
fi

mkdir -p logs 2>/dev/null && (: >"$log") 2>/dev/null ||
    fail "The folder $(pwd) is not writable: clone the project into a folder\
 of your own and run make there."

if ! runs "$venv_python" || ! ls "$venv"/*.txt >/dev/null 2>&1; then
    make_venv
fi

printf '%s\n' "Installing the packages pinned in requirements/$set_name.txt \
into $venv (once; about a minute) ..."
rm -f "$venv"/*.txt
# A user-wide "install into my home" setting of pip is refused inside a venv.
if ! PIP_USER=0 "$venv_python" -m pip install --disable-pip-version-check \
    --no-input --progress-bar off --require-hashes \
    -r "requirements/$set_name.txt" >>"$log" 2>&1; then
    fail "The packages could not be installed: check the network and pip's\
 configuration and run make again ($log tells more: $(last_line))."
fi
cp "requirements/$set_name.txt" "$venv/$set_name.txt.new" &&
    mv "$venv/$set_name.txt.new" "$venv/$set_name.txt"
