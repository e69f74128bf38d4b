"""Writes the report: one HTML file that needs no network, from the built tables.

    report.py

REPORT names the file, else it stands beside the database: cloudtrail_s3.report.html
for cloudtrail_s3.duckdb, and athena.report.html for the target athena. The other
settings are those of dbt_runs.py, and TARGET (an output of profiles.yml).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import dbt_runs
import local_dbt
from local_dbt import Stopped
from sentences import first_line, printable

BEGINNING = b"<!doctype html>"


def beside(database: Path) -> Path:
    """Return the file for the report on a database."""
    return database.with_name(f"{database.stem}.report.html")


def destination(chosen: dbt_runs.Settings, *, is_duckdb: bool) -> Path:
    """Return the file to write.

    Raises:
        Stopped: it cannot be written, or holds something else.
    """
    given = os.environ.get("REPORT", "").strip()
    if given:
        file = Path(dbt_runs.absolute(given))
    elif is_duckdb:
        file = beside(chosen.database)
    else:
        file = local_dbt.ROOT / f"{chosen.target}.report.html"
    another = "name another file with REPORT=<file>."
    if not file.parent.is_dir():
        raise Stopped(
            f"The folder {file.parent} of the report does not exist: make it, or"
            f" {another}"
        )
    if file.is_dir():
        raise Stopped(f"The report cannot be written, {file} is a folder: {another}")
    if file.exists():
        with file.open("rb") as opened:
            beginning = opened.read(len(BEGINNING))
        if beginning.lower() not in (BEGINNING, b""):
            raise Stopped(f"{file} is no report, and stays as it is: {another}")
    return file


def write(dbt: dbt_runs.Dbt, file: Path) -> None:
    """Read the tables and write the report; an older one is there until it is whole.

    Raises:
        Stopped: the tables cannot be read, or the file cannot be written.
    """
    from report_page.page import page

    printed = [json.loads(line) for line in dbt.printed("cloudtrail_report_data")]
    text = page({one["section"]: one.get("rows", one) for one in printed})
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Stopped(
            f"The report {file} cannot be written ({first_line(str(error))}): make its"
            " folder writable, or name another file with REPORT=<file>."
        ) from error


def report() -> None:
    """Write the report on the tables of a target, and print where it is.

    Raises:
        Stopped: something is wrong.
    """
    chosen, is_duckdb = dbt_runs.with_target(
        dbt_runs.settings("report"), os.environ.get("TARGET", "").strip()
    )
    if is_duckdb:
        dbt_runs.require_database(chosen.database)
        dbt_runs.check_database(chosen.database)
    file = destination(chosen, is_duckdb=is_duckdb)
    local_dbt.prepare(chosen.database, chosen.root)
    write(dbt_runs.Dbt(chosen), file)
    print(printable(f"Report: {file}"))


if __name__ == "__main__":
    sys.exit(dbt_runs.run(report))
