#!/bin/sh
# Resolves requirements/*.in to pins that hold on every supported Python.
#
# dev.txt first: the tools limit some of the versions that run.txt then takes.
# No index and no address is written down, so that the pins install from
# wherever pip of a machine is told to look. Extras are kept because pip takes
# "a[b]" and "a" for two things when it checks hashes.
set -eu

cd "$(dirname "$0")/.."

compile() {
    UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/python -m uv pip compile \
        --universal --python-version 3.10 --generate-hashes --upgrade --quiet \
        --no-emit-index-url --no-emit-find-links --no-strip-extras "$@"
}

compile requirements/dev.in \
    --constraints requirements/constraints.in --output-file requirements/dev.txt
compile requirements/run.in \
    --constraints requirements/dev.txt --output-file requirements/run.txt
compile requirements/java.in --output-file requirements/java.txt
compile requirements/bench.in --output-file requirements/bench.txt
