#!/bin/sh
# Checks the style of all Python, YAML and SQL; says nothing that is in order.
#
# Models look things up while they are compiled, so the SQL is linted beside a
# database of the sample logs that is built here first.
set -eu

cd "$(dirname "$0")/.."
python=.venv/bin/python
for name in $(env | sed -n 's/^\(DBT_[A-Za-z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
export CLOUDTRAIL_ROOT="$PWD/samples/logs"
export CLOUDTRAIL_DUCKDB_PATH="$PWD/target/lint/cloudtrail_s3.duckdb"

step() {
    printf '%s\n' "lint: $1"
}

# On all cores.
sql() {
    "$python" -m sqlfluff lint --processes 0 --disable-progress-bar "$@"
}

step "Python"
"$python" -m ruff check --quiet --output-format concise .
"$python" -m ruff format --check --quiet . || {
    echo "Run make format." >&2
    exit 1
}

step "YAML"
"$python" -m yamllint --strict .

step "SQL for DuckDB"
rm -rf target/lint
mkdir -p target/lint .venv/profiles
cp profiles.example.yml .venv/profiles/profiles.yml
"$python" .venv/bin/dbt --quiet build --exclude-resource-type test unit_test \
    --profiles-dir .venv/profiles --target duckdb --target-path target/lint
sql models analyses tests

step "SQL of the project that installs this one"
sql --templater jinja integration_tests/consumer

step "dbt project"
# On the manifest that the build above has written.
if told=$({ sh scripts/bootstrap.sh bouncer 2>&1 >&3; } 3>&1); then
    found=target/lint/dbt-bouncer.txt
    COLUMNS=220 .venv-bouncer/bin/dbt-bouncer run --show-all-failures \
        >"$found" 2>&1 || {
        cat "$found" >&2
        exit 1
    }
else
    case $told in
        *"3.11 or 3.12 is needed"*) step "not checked by dbt-bouncer: $told" ;;
        *)
            printf '%s\n' "$told" >&2
            exit 1
            ;;
    esac
fi

step "SQL for Athena"
compiled=$("$python" scripts/compile_athena.py "$CLOUDTRAIL_DUCKDB_PATH")
sql --disregard-sqlfluffignores --ignore-local-config \
    --config scripts/athena.sqlfluff \
    "$compiled/models" "$compiled/analyses" "$compiled/tests"
