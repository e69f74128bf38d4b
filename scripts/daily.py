"""One run of a schedule: is the newest log fresh, build everything, open findings.

Settings come from the environment, as make passes them on: those of build.py, and

    TARGET       an output of the profile, as for backfill.py
    FRESHNESS    0 leaves the age of the newest log out

What stops it is one sentence on stderr and a non-zero exit: logs that are too old,
a build that fails, and an open finding from the variable cloudtrail_fail_on_severity
on.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import build
import local_dbt
from local_dbt import Stopped


def check_freshness(dbt: build.Dbt, screen: build.Progress) -> None:
    """Compare the newest delivery with the present.

    Raises:
        Stopped: it is older than the source allows, or is not known.
    """
    try:
        checked = dbt(
            "source", "freshness", progress=build.Progress(shows_tables=False)
        )
    except build.Failed as failed:
        late = [found for found in results(failed.result) if is_late(found)]
        if not late:
            raise
        raise Stopped(
            f"{age(late[0])} Bring newer logs, or leave this check out with"
            " FRESHNESS=0."
        ) from failed
    for found in results(checked):
        said = age(found)
        screen.say(build.wrapped(said) if str(found.status) == "warn" else said)


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


def daily() -> None:
    """Do all of it.

    Raises:
        Stopped: something failed, or is to be told.
    """
    chosen, is_duckdb = build.with_target(
        build.settings("daily"), os.environ.get("TARGET", "").strip()
    )
    if is_duckdb:
        build.check_database(chosen.database)
        build.check_names(chosen.root)
    local_dbt.prepare(chosen.database, chosen.root)
    begun = time.monotonic()
    screen = build.Progress()
    screen.say(f"Target:   {chosen.target}")
    dbt = build.Dbt(chosen)
    if build.is_set(os.environ.get("FRESHNESS", "1")):
        check_freshness(dbt, screen)
    if not is_duckdb and dbt.variable("cloudtrail_layout") == "partitioned":
        dbt("run-operation", "cloudtrail_add_partitions", progress=screen)
    checked, warnings = dbt.build(progress=build.Progress(shows_tables=False))
    screen.say(f"Built in {time.monotonic() - begun:.0f} s: {checked}")
    for line in warnings:
        screen.say(line)
    dbt(
        "run-operation", "cloudtrail_findings", "--args", "{limit: 20}", progress=screen
    )


if __name__ == "__main__":
    sys.exit(build.run(daily))
