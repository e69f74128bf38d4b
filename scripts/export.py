"""Writes tables of the DuckDB database as Parquet, for people who read files.

    export.py

DEST is the folder. It gets a folder for each table: a table with a day has one
folder a day below it (`event_date=2026-05-01/`), another one a single file; and
`manifest.json`, which tells what was written. TABLES names other tables than those
of decisions; START and END, both inclusive, limit the days, and leave the other
days of an earlier export as they are. CLOUDTRAIL_DUCKDB_PATH names the database.

The new folder is made beside the old one, of which it takes over what stays, and
changes places with it when it is complete. Whatever stops the script before that
leaves the old export.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import dbt_runs
import duckdb
import local_dbt
from local_dbt import Stopped

MODELS = local_dbt.ROOT / "models"
MANIFEST = "manifest.json"
FILE = "data_0.parquet"
FORMAT = "cloudtrail_s3 export"
# Tables are cut into days by the first of these that they have.
DAYS = ("event_date", "log_date")
# How Hive, DuckDB and Spark write the day of rows that have none.
NO_DAY = "__HIVE_DEFAULT_PARTITION__"
# What the systems call the exchange of two paths: function and flag.
EXCHANGES = {"linux": ("renameat2", 2, (-100,)), "darwin": ("renamex_np", 2, ())}


class Asked(NamedTuple):
    """What the environment asks for; no day is no limit."""

    destination: Path
    database: Path
    tables: list[str]
    first: date | None
    last: date | None


def public_tables(folder: Path) -> list[str]:
    """Return the public tables whose models lie in a folder."""
    return sorted(
        file.stem for kind in ("dim", "fct") for file in folder.rglob(f"{kind}_*.sql")
    )


def asked() -> Asked:
    """Read what is asked for.

    Raises:
        Stopped: something is missing or cannot be.
    """
    given = os.environ.get("DEST", "").strip()
    if not given:
        raise Stopped("An export needs a folder: make export DEST=/data/export.")
    if "://" in given:
        raise Stopped(
            f"DEST: {given} is no folder; export to one, and copy that, with"
            " aws s3 sync --delete."
        )
    names = re.split(r"[\s,]+", os.environ.get("TABLES", "").strip())
    tables = [name for name in dict.fromkeys(names) if name]
    known = public_tables(MODELS)
    for name in tables:
        if name not in known:
            raise Stopped(
                f"TABLES: {name} is no table to export; there are {', '.join(known)}."
            )
    destination = Path(dbt_runs.absolute(given)).resolve()
    if not destination.name:
        raise Stopped(f"DEST: {given} is the root: give a folder below it.")
    first, last = (
        local_dbt.day(name, os.environ.get(name, "").strip())
        for name in ("START", "END")
    )
    if first and last and last < first:
        raise Stopped(f"END {last} is before START {first}.")
    return Asked(
        destination,
        dbt_runs.settings("export").database,
        tables or public_tables(MODELS / "decisions"),
        first,
        last,
    )


@contextmanager
def only_writer(destination: Path) -> Iterator[None]:
    """Hold the lock file beside a folder; the lock ends with the process.

    Raises:
        Stopped: another export holds it, or it cannot be made.
    """
    path = destination.with_name(f".{destination.name}.lock")
    while True:
        try:
            file = path.open("a")
        except OSError as error:
            raise Stopped(
                f"The folder {destination.parent} cannot be written"
                f" ({error.strerror}): make it, and make it writable, or choose"
                " another DEST."
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Stopped(
                    f"Another export writes to {destination}: wait for its end."
                ) from error
            # Who held it before may have removed the file meanwhile.
            with suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    try:
                        yield
                    finally:
                        path.unlink(missing_ok=True)
                    return


def earlier(destination: Path) -> dict[str, Any]:
    """Return the tables of the export that a folder holds, by their name.

    Raises:
        Stopped: it holds something else.
    """
    if not destination.exists():
        return {}
    if not destination.is_dir():
        raise Stopped(f"DEST: {destination} is a file: choose another one.")
    found = {path.name for path in destination.iterdir()}
    if not found:
        return {}
    tables: dict[str, Any] = {}
    with suppress(OSError, LookupError, TypeError, ValueError):
        told = json.loads((destination / MANIFEST).read_text("utf-8"))
        if told["format"] == FORMAT:
            known = public_tables(MODELS)
            tables = {
                name: told["tables"][name]
                for name in known
                if name in found and is_description(told["tables"][name])
            }
    others = sorted(found - tables.keys() - {MANIFEST})
    for name, told in tables.items():
        parts = {f"{told['partitioned_by']}={day}" for day in told["days"]}
        inside = {path.name for path in (destination / name).iterdir()}
        others += sorted(f"{name}/{part}" for part in inside - (parts or {FILE}))
    if not tables or others:
        what = others[0] if others else MANIFEST
        raise Stopped(
            f"DEST: {destination} holds something else than an export ({what}):"
            " choose an empty folder or a new one."
        )
    return tables


def is_description(told: Any) -> bool:
    """Tell whether a manifest describes a table; its days are parts of paths."""
    return (
        isinstance(told["columns"], list)
        and told["partitioned_by"] in (None, *DAYS)
        and isinstance(told["days"], dict)
        and all(
            day == NO_DAY or local_dbt.IS_DAY.fullmatch(day) for day in told["days"]
        )
        and all(type(rows) is int for rows in told["days"].values())
    )


def literal(text: str) -> str:
    """Return a text in SQL."""
    return "'" + text.replace("'", "''") + "'"


class Export:
    """A new export, made beside the folder that it will replace."""

    def __init__(self, given: Asked, database: duckdb.DuckDBPyConnection) -> None:
        """Begin with what the old one holds.

        Raises:
            Stopped: the folder holds something else.
        """
        self.given = given
        self.database = database
        self.aside = given.destination.with_name(f".{given.destination.name}.old")
        if self.aside.exists() and not given.destination.exists():
            self.aside.rename(given.destination)
        self.old = earlier(given.destination)
        self.tables: dict[str, Any] = {}
        self.folder = given.destination.with_name(f".{given.destination.name}.new")

    def write(self) -> None:
        """Write all tables, and change places with the old export.

        Raises:
            Stopped: a table is not there, or has changed since the old export.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name in sorted({*self.old, *self.given.tables}):
            if name not in self.given.tables:
                self.keep(name, self.old[name]["days"])
                self.tables[name] = self.old[name]
        for name in self.given.tables:
            self.tables[name] = self.table(name)
        told = {
            "format": FORMAT,
            "time_zone": "UTC",
            "written_by": f"DuckDB {duckdb.__version__}",
            "tables": dict(sorted(self.tables.items())),
        }
        text = json.dumps(told, indent=2, ensure_ascii=False)
        (self.folder / MANIFEST).write_text(f"{text}\n", "utf-8")
        # What was put there since is not to go.
        earlier(self.given.destination)
        replace(self.given.destination, self.folder, self.aside)

    def table(self, name: str) -> dict[str, Any]:
        """Write a table, and return what the manifest tells of it.

        Raises:
            Stopped: it is not there, or has changed since the old export.
        """
        columns = self.database.execute(
            "select column_name, data_type from duckdb_columns()"
            " where database_name = current_database()"
            " and schema_name = 'main' and table_name = ? order by column_index",
            [name],
        ).fetchall()
        if not columns:
            raise Stopped(
                f"The database {self.given.database} has no table {name}: build it"
                " anew with make build."
            )
        described = [{"name": column, "type": kind} for column, kind in columns]
        by_day = next((column for column in DAYS if (column, "DATE") in columns), None)
        written = self.copy(name, by_day)
        days = written if by_day else {}
        if by_day and (self.given.first or self.given.last) and name in self.old:
            if self.old[name]["columns"] != described:
                raise Stopped(
                    f"The columns of {name} have changed since the export in"
                    f" {self.given.destination}: export it without START and END."
                )
            outside = {
                day: rows
                for day, rows in self.old[name]["days"].items()
                if rows and not self.is_asked(day)
            }
            self.keep(name, outside)
            days |= outside
        if by_day and not days:
            self.empty(name, by_day)
            days = {NO_DAY: 0}
        return {
            "exported_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "columns": described,
            "partitioned_by": by_day,
            "rows": sum((days or written).values()),
            "days": dict(sorted(days.items())),
        }

    def is_asked(self, text: str) -> bool:
        """Tell whether a day, as the manifest has it, is one to write."""
        if text == NO_DAY:
            return False
        found = date.fromisoformat(text)
        return (self.given.first or found) <= found <= (self.given.last or found)

    def copy(self, name: str, by_day: str | None) -> dict[str, int]:
        """Write the days that are asked for; return the rows of each day."""
        place = self.folder / name
        place.mkdir()
        query = f'select * from main."{name}"'
        options = "format parquet, compression zstd, return_stats true"
        if by_day:
            limits = [
                f"{by_day} {sign} date '{limit}'"
                for sign, limit in ((">=", self.given.first), ("<=", self.given.last))
                if limit
            ]
            query += " where " + " and ".join(limits) if limits else ""
            target = place
            options += f", partition_by ({by_day})"
        else:
            target = place / FILE
        files = self.database.execute(
            f"copy ({query}) to {literal(str(target))} ({options})"
        ).fetchall()
        days: Counter[str] = Counter()
        for _, rows, _, _, _, keys, *_ in files:
            days[(keys or {}).get(by_day) or NO_DAY] += rows
        return dict(days)

    def empty(self, name: str, by_day: str) -> None:
        """Write a file without rows, so that the table can be read."""
        folder = self.folder / name / f"{by_day}={NO_DAY}"
        folder.mkdir()
        self.database.execute(
            f'copy (select * exclude ({by_day}) from main."{name}" limit 0)'
            f" to {literal(str(folder / FILE))} (format parquet)"
        )

    def keep(self, name: str, days: dict[str, int]) -> None:
        """Take files of the old export over: some days, or all if it has none."""
        by_day = self.old[name]["partitioned_by"]
        for part in [f"{by_day}={day}" for day in days] if by_day else ["."]:
            shutil.copytree(
                self.given.destination / name / part,
                self.folder / name / part,
                copy_function=linked_copy,
            )


def linked_copy(source: str, target: str) -> None:
    """Give a file another name, or copy it where there are no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def replace(destination: Path, new: Path, aside: Path) -> None:
    """Put a folder into the place of another one, which is deleted.

    Args:
        destination: the other one, which need not be there.
        new: the folder.
        aside: where the other one goes to if the two cannot change places in one
            step. A kill in between leaves it there.

    Raises:
        Stopped: the folder can be moved nowhere.
    """
    try:
        if not destination.exists():
            new.rename(destination)
            return
        if not exchange(destination, new):
            shutil.rmtree(aside, ignore_errors=True)
            destination.rename(aside)
            new.rename(destination)
            new = aside
    except OSError as error:
        raise Stopped(
            f"The folder {destination} cannot be replaced ({error.strerror}): give a"
            " folder below it as DEST."
        ) from error
    shutil.rmtree(new)


def exchange(one: Path, other: Path) -> bool:
    """Have two paths change places in one step; tell whether the system can."""
    name, flag, at = EXCHANGES.get(sys.platform, ("", 0, ()))
    function = getattr(ctypes.CDLL(None), name, None) if name else None
    if function is None:
        return False
    paths = [os.fsencode(path) for path in (one, other)]
    return function(*(part for path in paths for part in (*at, path)), flag) == 0


def export() -> None:
    """Export what the environment asks for.

    Raises:
        Stopped: it cannot be.
    """
    given = asked()
    dbt_runs.require_database(given.database)
    screen = dbt_runs.Progress()
    screen.say(f"Database: {given.database}")
    # With one thread, a day is one file.
    with (
        only_writer(given.destination),
        duckdb.connect(
            str(given.database), read_only=True, config={"threads": 1}
        ) as database,
    ):
        made = Export(given, database)
        # All tables as they are at the same moment.
        database.begin()
        try:
            made.write()
        except OSError as error:
            raise Stopped(
                f"The export to {given.destination} failed ({error}); the one that"
                " was there stays."
            ) from error
    for name in given.tables:
        told = made.tables[name]
        # A table without rows has one day of none, so that it can be read.
        days = sum(rows > 0 for rows in told["days"].values())
        said = f", days: {days:,}" if told["partitioned_by"] else ""
        screen.say(f"  {name:<32} {told['rows']:>12,} rows{said}")
    screen.say(f"Exported to {given.destination}. It tells who did what: protect it as")
    screen.say("you protect the logs.")


if __name__ == "__main__":
    sys.exit(dbt_runs.run(export))
