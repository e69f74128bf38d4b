"""Loads a range of log days in chunks, the oldest first.

    backfill.py --start 2024-01-01 --end 2024-03-31 [--days 7] [--dry-run]
        [--target athena]

The range is cut into chunks of so many days. Each chunk is a build of its own,
with its tests; days that are loaded already are left out. The first chunk that
fails ends it with one sentence on stderr and a non-zero exit; the same command
goes on from there. A dry run tells what would be read and changes nothing.

Without arguments the options come from the environment, as make passes them on:
START, END, DAYS, DRY_RUN, TARGET. The other settings always do: those of
dbt_runs.py, and for the target athena those that its profile reads.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple, NoReturn

import dbt_runs
import local_dbt
import yaml
from jinja2.filters import do_filesizeformat
from local_dbt import Stopped

DAYS = 7
EXAMPLE = "START=2024-01-01 END=2024-03-31"


class Asked(NamedTuple):
    """What the command line or the environment asks for."""

    start: str
    end: str
    days: str
    dry_run: bool
    target: str


class Arguments(argparse.ArgumentParser):
    """A parser whose errors are one sentence, as all others."""

    def error(self, message: str) -> NoReturn:
        """Stop with what is wrong.

        Raises:
            Stopped: always.
        """
        raise Stopped(f"backfill.py: {message}; backfill.py --help tells the options.")


class Chunk(NamedTuple):
    """The days of one run; none if all are loaded, or have no file."""

    number: int
    days: list[dict[str, Any]]

    @property
    def first(self) -> str:
        """The first day to read."""
        return self.days[0]["day"]

    @property
    def last(self) -> str:
        """The last day to read."""
        return self.days[-1]["day"]

    def __str__(self) -> str:
        """Tell the days, and where they are known the files and bytes."""
        count = len(self.days)
        told = f"{self.first} to {self.last}, {count} {'day' if count == 1 else 'days'}"
        if "files" in self.days[0]:
            files = sum(day["files"] for day in self.days)
            size = do_filesizeformat(sum(day["bytes"] for day in self.days))
            told += f", {files:,} {'file' if files == 1 else 'files'}, {size}"
        return told


def asked(arguments: list[str]) -> Asked:
    """Read the options, from the environment if there is none.

    Raises:
        Stopped: an option is missing or unknown.
    """
    parser = Arguments(description="Load a range of log days in chunks.")
    parser.add_argument("--start", default="", help="first log day, YYYY-MM-DD")
    parser.add_argument("--end", default="", help="last log day, inclusive")
    parser.add_argument("--days", default="", help=f"days of a chunk ({DAYS})")
    parser.add_argument("--dry-run", action="store_true", help="change nothing")
    parser.add_argument("--target", default="", help="output of the profile")
    if arguments:
        given = Asked(**vars(parser.parse_args(arguments)))
    else:
        start, end, days, dry_run, target = (
            os.environ.get(name, "").strip()
            for name in ("START", "END", "DAYS", "DRY_RUN", "TARGET")
        )
        given = Asked(start, end, days, dbt_runs.is_set(dry_run), target)
    if not given.start or not given.end:
        raise Stopped(
            f"A backfill needs its first and its last log day: make backfill {EXAMPLE}."
        )
    return given


def chunk_length(given: str) -> int:
    """Return the number of days of a chunk.

    Raises:
        Stopped: it is none.
    """
    if not given:
        return DAYS
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 100_000):
        raise Stopped(f"DAYS: {given} is no number of days; give 1 or more.")
    return int(given)


def settings(target: str) -> tuple[dbt_runs.Settings, bool]:
    """Return the settings of the runs, and whether they write a DuckDB file.

    Raises:
        Stopped: the profile has no such target, or a full refresh is asked for.
    """
    chosen = dbt_runs.settings("backfill")
    if chosen.full_refresh:
        raise Stopped(
            "FULL_REFRESH would lose the days outside of the range: leave it out, or"
            " rebuild everything with make build FULL_REFRESH=1."
        )
    return dbt_runs.with_target(chosen, target)


def days_to_read(dbt: dbt_runs.Dbt, start: str, end: str) -> list[dict[str, Any]]:
    """Ask the project which days of the range are to be read.

    Raises:
        Stopped: the range or another setting is wrong.
    """
    return json.loads(
        dbt.printed(
            "cloudtrail_print_backfill_days",
            variables=variables(dbt.chosen, start, end),
        )[-1]
    )


def variables(chosen: dbt_runs.Settings, start: str, end: str) -> str:
    """Return what `--vars` gets to read some days."""
    given = {
        **yaml.safe_load(chosen.variables),
        "cloudtrail_backfill_start": start,
        "cloudtrail_backfill_end": end,
    }
    # YAML reads an unquoted day as a date.
    return json.dumps(given, default=str)


def chunks(
    days: list[dict[str, Any]], start: str, end: str, length: int
) -> Iterator[Chunk]:
    """Cut a range into chunks, with the days of each that are to be read."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    by_chunk: dict[int, list[dict[str, Any]]] = {}
    for day in days:
        at = (date.fromisoformat(day["day"]) - first) // timedelta(days=length)
        by_chunk.setdefault(at, []).append(day)
    for at in range((last - first).days // length + 1):
        yield Chunk(at + 1, by_chunk.get(at, []))


def backfill(given: Asked) -> None:
    """Load a range, or tell what would be loaded.

    Raises:
        Stopped: something is wrong, or a chunk failed.
    """
    length = chunk_length(given.days)
    chosen, is_duckdb = settings(given.target)
    is_new = is_duckdb and not chosen.database.exists()
    if is_duckdb:
        dbt_runs.check_database(chosen.database)
    local_dbt.prepare(chosen.database, chosen.root)
    begun = time.monotonic()
    screen = dbt_runs.Progress()
    screen.say(f"Target:   {chosen.target}")
    if is_duckdb:
        screen.say(f"Logs:     {chosen.root or '(not given)'}")
        screen.say(f"Database: {chosen.database}")
    screen.say("Reading the project ...")
    dbt = dbt_runs.Dbt(chosen)
    try:
        days = days_to_read(dbt, given.start, given.end)
    finally:
        if is_new and given.dry_run:
            chosen.database.unlink(missing_ok=True)
    parts = list(chunks(days, given.start, given.end, length))
    total = len(parts)
    to_load = [chunk for chunk in parts if chunk.days]
    screen.say(
        f"{given.start} to {given.end}: {total} chunks of {length} days,"
        f" {total - len(to_load)} have nothing to load"
    )
    for chunk in to_load:
        screen.say(f"  chunk {chunk.number}/{total}: {chunk}")
        if not given.dry_run:
            load(dbt, chunk, total, screen)
    screen.say(
        "Dry run: nothing was read or changed."
        if given.dry_run
        else f"Done in {time.monotonic() - begun:.0f} s: {len(to_load)} chunks loaded."
    )


def load(
    dbt: dbt_runs.Dbt, chunk: Chunk, total: int, screen: dbt_runs.Progress
) -> None:
    """Build one chunk.

    Raises:
        Stopped: it failed.
    """
    begun = time.monotonic()
    try:
        checked, warnings = dbt.build(
            progress=dbt_runs.Progress(shows_tables=False),
            variables=variables(dbt.chosen, chunk.first, chunk.last),
        )
    except Stopped as stopped:
        raise Stopped(
            f"Chunk {chunk.number}/{total}, {chunk.first} to {chunk.last}: {stopped}"
        ) from stopped
    screen.say(f"    {time.monotonic() - begun:.0f} s: {checked}")
    for line in warnings:
        screen.say(line)


if __name__ == "__main__":
    sys.exit(dbt_runs.run(lambda: backfill(asked(sys.argv[1:]))))
