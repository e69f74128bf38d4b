"""One run of a schedule, from nothing or after an earlier one.

On Athena it makes the raw table if there is none and adds the partitions of new days.
It removes what is past the retention, asks how old the newest log is, builds and
tests the tables, and tells the open findings; on Athena also what the run scanned.

Settings come from the environment, as make passes them on: those of dbt_runs.py, and

    TARGET       an output of the profile, as for backfill.py
    FRESHNESS    0 leaves the age of the newest log out

FULL_REFRESH also makes the raw table anew, as other accounts, regions or another
root need it.

What stops it is one sentence on stderr and a non-zero exit: logs that are too old and
a build that fails; and, when the tables are built, a cost above the variable
cloudtrail_cost_budget and an open finding from cloudtrail_fail_on_severity on.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import cost_report
import dbt_runs
import local_dbt
from local_dbt import Stopped

NAME = "daily"
RESULTS = local_dbt.ROOT / "target" / NAME / "run_results.json"


def prepare_source(dbt: dbt_runs.Dbt, variables: dict[str, Any]) -> None:
    """Have Athena's raw table show what the variables name.

    Raises:
        Stopped: an operation fails.
    """
    is_new = dbt.chosen.full_refresh
    dbt.operate("cloudtrail_create_table", replace=is_new, if_missing=not is_new)
    if variables["cloudtrail_layout"] == "partitioned":
        dbt.operate("cloudtrail_add_partitions")


def remove_expired(
    dbt: dbt_runs.Dbt, variables: dict[str, Any], is_duckdb: bool
) -> None:
    """Apply the retention, where there is one.

    Raises:
        Stopped: an operation fails.
    """
    if variables["cloudtrail_retention_days"] in (0, "0", ""):
        return
    dbt.operate("cloudtrail_apply_retention", if_built=True)
    if not is_duckdb and variables["cloudtrail_layout"] == "partitioned":
        dbt.operate("cloudtrail_drop_partitions")


def check_freshness(dbt: dbt_runs.Dbt, screen: dbt_runs.Progress) -> None:
    """Compare the newest delivery with the present.

    Raises:
        Stopped: it is older than the source allows, or is not known.
    """
    try:
        checked = dbt(
            "source", "freshness", progress=dbt_runs.Progress(shows_tables=False)
        )
    except dbt_runs.Failed as failed:
        late = [found for found in results(failed.result) if is_late(found)]
        if not late:
            raise
        raise Stopped(
            f"{age(late[0])} Bring newer logs, or leave this check out with"
            " FRESHNESS=0."
        ) from failed
    for found in results(checked):
        said = age(found)
        screen.say(dbt_runs.wrapped(said) if str(found.status) == "warn" else said)


def results(command: Any) -> list[Any]:
    """Return what a command says of each of its nodes."""
    return getattr(command.result, "results", [])


def is_late(found: Any) -> bool:
    """Tell whether a result knows the newest delivery, and that is too old."""
    return str(found.status) == "error" and hasattr(found, "max_loaded_at")


def age(found: Any) -> str:
    """Return the sentence for the age of the newest log."""
    hours = found.age / 3600
    # dbt's value for none.
    if found.max_loaded_at.year == 1:
        return (
            "No log file that has CloudTrail's name was found (on Athena of today or"
            " yesterday), so that nothing tells how old the newest log is: look at"
            " the root and the settings that leave logs out."
        )
    return (
        f"CloudTrail delivered the newest log file at"
        f" {found.max_loaded_at:%Y-%m-%d %H:%M} UTC, {hours:,.0f} hours ago."
    )


def tell(dbt: dbt_runs.Dbt, is_duckdb: bool) -> None:
    """Print what the run scanned, and the open findings.

    Raises:
        Stopped: one of them is more than the variables allow.
    """
    reports: dict[str, dict[str, Any]] = {"cloudtrail_findings": {"limit": 20}}
    if not is_duckdb:
        # Read now: an operation writes the file anew.
        scanned = {"results": cost_report.results(RESULTS)}
        reports = {"cloudtrail_cost_report": scanned, **reports}
    failures = []
    for name, arguments in reports.items():
        try:
            dbt.operate(name, **arguments)
        except Stopped as stopped:
            failures.append(str(stopped))
    if failures:
        raise Stopped(" ".join(failures))


def daily() -> None:
    """Do all of it.

    Raises:
        Stopped: something failed, or is to be told.
    """
    chosen, is_duckdb = dbt_runs.with_target(
        dbt_runs.settings(NAME), os.environ.get("TARGET", "").strip()
    )
    if is_duckdb:
        dbt_runs.check_database(chosen.database)
        dbt_runs.check_names(chosen.root)
    local_dbt.prepare(chosen.database, chosen.root)
    begun = time.monotonic()
    screen = dbt_runs.Progress()
    screen.say(f"Target:   {chosen.target}")
    variables = local_dbt.variables()
    dbt = dbt_runs.Dbt(chosen)
    if not is_duckdb:
        prepare_source(dbt, variables)
    remove_expired(dbt, variables, is_duckdb)
    if dbt_runs.is_set(os.environ.get("FRESHNESS", "1")):
        check_freshness(dbt, screen)
    refresh = ["--full-refresh"] if chosen.full_refresh else []
    checked, warnings = dbt.build(
        *refresh, progress=dbt_runs.Progress(shows_tables=False)
    )
    screen.say(f"Built in {time.monotonic() - begun:.0f} s: {checked}")
    for line in warnings:
        screen.say(line)
    tell(dbt, is_duckdb)


if __name__ == "__main__":
    sys.exit(dbt_runs.run(daily))
