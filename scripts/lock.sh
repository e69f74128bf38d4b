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
        --universal --generate-hashes --upgrade --quiet \
        --no-emit-index-url --no-emit-find-links --no-strip-extras "$@"
}

# Pins "a" beside "a[b]" in a file: pip before 23.3 takes the second for no pin of "a",
# which other packages ask for.
pin_without_extras() {
    awk -v pinned="$2[" '
        /^[^ #]/ { copied = index($0, pinned) == 1; sub(/\[[^]]*\]/, "") }
        copied && !/^ *#/
    ' "$1" >"$1.plain"
    cat "$1.plain" >>"$1"
    rm "$1.plain"
}

compile requirements/dev.in --python-version 3.10 \
    --constraints requirements/constraints.in --output-file requirements/dev.txt
compile requirements/run.in --python-version 3.10 \
    --constraints requirements/dev.txt --output-file requirements/run.txt
for name in java bench; do
    compile "requirements/$name.in" --python-version 3.10 \
        --output-file "requirements/$name.txt"
done
compile requirements/airflow.in --python-version 3.11 \
    --constraints requirements/run.txt --output-file requirements/airflow.txt
pin_without_extras requirements/airflow.txt fastapi
for name in bouncer clients superset; do
    compile "requirements/$name.in" --python-version 3.11 \
        --output-file "requirements/$name.txt"
done
