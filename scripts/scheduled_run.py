"""Runs the project on Athena once, from nothing or after an earlier run.

    scheduled_run.py

It makes the raw table if there is none, adds the partitions of new days, removes
what is past the retention, asks how old the newest log file is, builds and tests the
tables, and tells the findings and the cost. What fails becomes one sentence on
stderr and a non-zero exit: an open finding of cloudtrail_fail_on_severity does, and
a cost above cloudtrail_cost_budget. The tables are built then.

Settings come from the environment: those of the profile's output athena, VARS, and
FULL_REFRESH, which also makes the raw table anew, as other accounts, regions or
another root need it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import aws
import build
import cost_report
import local_dbt
import source_settings
from build import Progress
from local_dbt import Stopped

NAME = "scheduled"
RESULTS = local_dbt.ROOT / "target" / NAME / "run_results.json"
# The last table of a build: with it, there is something that days can go from.
LAST_TABLE = "fct_cloudtrail_loads"


def is_there(glue: Any, database: str, table: str) -> bool:
    """Tell whether the catalog has a table.

    Raises:
        Stopped: AWS refuses to tell.
    """
    with aws.asking(f"the table {database}.{table}", "glue:GetTable"):
        try:
            glue.get_table(DatabaseName=database, Name=table)
        except glue.exceptions.EntityNotFoundException:
            return False
    return True


def operate(dbt: build.Dbt, name: str, **arguments: Any) -> None:
    """Run an operation.

    Raises:
        Stopped: it fails.
    """
    given = json.dumps(arguments)
    dbt("run-operation", name, "--args", given, progress=Progress())


def prepare_source(
    dbt: build.Dbt, source: source_settings.Settings, full_refresh: bool
) -> None:
    """Have the raw table show what the settings name, and no expired day.

    Raises:
        Stopped: an operation fails.
    """
    glue = aws.client(aws.session(), "glue")
    if full_refresh or not is_there(glue, source.database, source.table):
        operate(dbt, "cloudtrail_create_table", replace=True)
    if source.layout == "partitioned":
        operate(dbt, "cloudtrail_add_partitions")
    if not source.retention:
        return
    tables = os.environ.get("ATHENA_SCHEMA") or source_settings.DEFAULT_SCHEMA
    if is_there(glue, tables, LAST_TABLE):
        operate(dbt, "cloudtrail_apply_retention")
    if source.layout == "partitioned":
        operate(dbt, "cloudtrail_drop_partitions")


def run() -> None:
    """Do all of it.

    Raises:
        Stopped: something fails.
    """
    begun = time.monotonic()
    screen = Progress()
    chosen = build.settings(NAME)._replace(target="athena")
    local_dbt.prepare(chosen.database, chosen.root)
    source = source_settings.read()
    screen.say(f"Logs:     s3://{source.bucket}/{source.above}")
    screen.say("Reading the project ...")
    dbt = build.Dbt(chosen)
    screen.say("Preparing the raw table ...")
    prepare_source(dbt, source, chosen.full_refresh)
    # The newest log file of the last two days: without it nothing is built.
    dbt("source", "freshness", progress=Progress(shows_tables=False))
    screen.say("Building the tables and testing them ...")
    refresh = ["--full-refresh"] if chosen.full_refresh else []
    checked, warnings = dbt.build(*refresh, progress=Progress())
    screen.say(f"Built in {time.monotonic() - begun:.0f} s: {checked}")
    for line in warnings:
        screen.say(line)
    # An operation writes the file anew.
    results = cost_report.results(RESULTS)
    failures = []
    for name, arguments in (
        ("cloudtrail_cost_report", {"results": results}),
        ("cloudtrail_findings", {"min_severity": "medium"}),
    ):
        try:
            operate(dbt, name, **arguments)
        except Stopped as stopped:
            failures.append(str(stopped))
    if failures:
        raise Stopped(" ".join(failures))


if __name__ == "__main__":
    sys.exit(build.run(run))
