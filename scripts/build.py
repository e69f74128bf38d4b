"""Builds everything on a folder of CloudTrail files and prints the summary.

The demo writes the report too.

    build.py demo     the bundled sample logs, in a database of their own
    build.py build    CLOUDTRAIL_ROOT, in CLOUDTRAIL_DUCKDB_PATH

Settings come from the environment, see dbt_runs.py.
"""

from __future__ import annotations

import sys
import time

import dbt_runs
import local_dbt
from sentences import printable


def build(chosen: dbt_runs.Settings) -> None:
    """Build everything and print the summary.

    Raises:
        Stopped: something failed.
    """
    dbt_runs.check_database(chosen.database)
    dbt_runs.check_names(chosen.root)
    local_dbt.prepare(chosen.database, chosen.root)
    progress = dbt_runs.Progress()
    begun = time.monotonic()
    progress.say(printable(f"Logs:     {chosen.root or '(not given)'}"))
    progress.say(printable(f"Database: {chosen.database}"))
    progress.say("Reading the project ...")
    dbt = dbt_runs.Dbt(chosen)
    progress.say("Building the tables and testing them ...")
    refresh = ["--full-refresh"] if chosen.full_refresh else []
    checked, warnings = dbt.build(*refresh, progress=progress)
    progress.say(f"Done in {time.monotonic() - begun:.0f} s: {checked}")
    for line in warnings:
        progress.say(line)
    dbt.operate("cloudtrail_summary")
    if chosen.name == "demo":
        # Altair and what draws its charts take seconds to load.
        import report

        file = report.beside(chosen.database)
        report.write(dbt, file)
        progress.say(f"\nReport:   {file}")


if __name__ == "__main__":
    sys.exit(dbt_runs.run(lambda: build(dbt_runs.settings(sys.argv[1]))))
