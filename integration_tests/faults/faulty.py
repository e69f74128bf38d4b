"""A database on which runs fail, and what its readers see meanwhile."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
from driver import SCHEMA, Warehouse, without_decisions
from runs import Server, Started

Readable = dict[str, list[str]]


class FaultyWarehouse:
    """A DuckDB database whose runs can be killed or paused at a statement."""

    def __init__(self, server: Server, warehouse: Warehouse) -> None:
        """Take a database.

        Args:
            server: what runs dbt.
            warehouse: the database and its settings.
        """
        self.server = server
        self.warehouse = warehouse

    @property
    def path(self) -> Path:
        """The database's file."""
        return self.warehouse.path

    def copy(self, folder: Path) -> FaultyWarehouse:
        """Return a copy, in place of what the folder holds."""
        shutil.rmtree(folder, ignore_errors=True)
        copied = self.warehouse.copy(folder)
        # What a killed run committed may stand here alone.
        wal = self.path.with_name(self.path.name + ".wal")
        if wal.exists():
            shutil.copy(wal, folder)
        return FaultyWarehouse(self.server, copied)

    def start(
        self,
        *arguments: str,
        command: str = "run",
        kill_at: int | None = None,
        pause_at: int | None = None,
    ) -> Started:
        """Begin a run, see Server.start."""
        variables = {
            f"cloudtrail_{name}": value
            for name, value in self.warehouse.variables.items()
        }
        return self.server.start(
            *without_decisions((command, *arguments)),
            "--vars",
            json.dumps(variables),
            environment={
                "CLOUDTRAIL_DUCKDB_PATH": str(self.path),
                "CLOUDTRAIL_ROOT": self.warehouse.root,
            },
            kill_at=kill_at,
            pause_at=pause_at,
        )

    def load(self, *arguments: str, command: str = "run") -> Started:
        """Run the models, which must succeed."""
        run = self.start(*arguments, command=command).until_ended()
        assert run.success, run.error
        return run

    def refused(self, *arguments: str) -> str:
        """Run the models, which must fail, and return what dbt says."""
        run = self.start(*arguments).until_ended()
        assert run.status == 0 and not run.success, "the run succeeded"
        return run.error

    def readable(self) -> Readable:
        """Return the rows of every table and view, which must all be readable.

        The time of a load is left out: it tells one run from another.
        """
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            names = connection.execute(
                "select table_name from information_schema.tables"
                f" where table_schema = '{SCHEMA}' and table_name like 'fct_%'"
                " and table_name not like '%__dbt_%'"
            ).fetchall()
            found = {}
            for (name,) in sorted(names):
                columns = "* exclude (loaded_at)" if name.endswith("_loads") else "*"
                rows = connection.execute(
                    f'select {columns} from {SCHEMA}."{name}"'
                ).fetchall()
                found[name] = sorted(map(repr, rows))
        return found


def writes(statement: str) -> bool:
    """Tell whether a statement changes the rows that are stored."""
    text = re.sub(r"/\*.*?\*/|--[^\n]*", " ", statement, flags=re.DOTALL)
    return bool(
        re.match(r"(alter table|create table|delete|drop table|insert)\b", text.strip())
    )


def points_of_change(statements: list[str]) -> list[int]:
    """Return the numbers of the statements by which rows have come to stay.

    They do where a transaction ends, or a statement stands outside of one.
    """
    numbers, is_open, has_written = [], False, False
    for number, statement in enumerate(statements, 1):
        if statement == "BEGIN":
            is_open, has_written = True, False
        elif statement == "COMMIT":
            is_open = False
            if has_written:
                numbers.append(number)
        elif writes(statement):
            has_written = True
            if not is_open:
                numbers.append(number)
    return numbers
