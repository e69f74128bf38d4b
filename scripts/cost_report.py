"""Prints what the last dbt run scanned on Athena, and what that costs.

    cost_report.py

dbt writes what each node scanned to run_results.json. RUN_RESULTS names another
file than that of the last `dbt build`, or else of the last `make build`; VARS
holds the price and the budget, as dbt_project.yml tells. Above the budget the
exit is 1.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import dbt_runs
import local_dbt
from local_dbt import Stopped

PLACES = ("target/run_results.json", "target/build/run_results.json")
KEPT = ("unique_id", "adapter_response", "execution_time")


def results_file() -> Path:
    """Return the file to read.

    Raises:
        Stopped: there is none.
    """
    given = os.environ.get("RUN_RESULTS", "").strip()
    files = (
        [dbt_runs.called_from() / given]
        if given
        else [local_dbt.ROOT / p for p in PLACES]
    )
    for file in files:
        if file.is_file():
            return file
    raise Stopped(
        f"There is no {given or PLACES[0]}: run dbt build first, or name the file with"
        " RUN_RESULTS."
    )


def results(file: Path) -> list[dict[str, Any]]:
    """Return what the report needs of each node.

    Raises:
        Stopped: the file is not dbt's.
    """
    try:
        nodes = json.loads(file.read_text("utf-8"))["results"]
        return [{name: node[name] for name in KEPT} for node in nodes]
    except (ValueError, KeyError, TypeError) as error:
        raise Stopped(f"{file} is no run_results.json of dbt.") from error


def report() -> None:
    """Hand the results to the project's operation.

    Raises:
        Stopped: there is nothing to report, or the budget is exceeded.
    """
    nodes = results(results_file())
    chosen = dbt_runs.settings("cost-report")
    local_dbt.prepare(chosen.database, chosen.root)
    dbt_runs.Dbt(chosen).operate("cloudtrail_cost_report", results=nodes)


if __name__ == "__main__":
    sys.exit(dbt_runs.run(report))
