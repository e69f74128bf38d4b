"""Runs dbt on the project, and reads the tables that it makes.

dbt parses the project once; every run in a test works on a copy of the parsed
project and on a copy of a database that already holds the seeds.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

Row = dict[str, Any]

# The parsed project holds the database's name, which DuckDB takes from the file's.
DATABASE = "cloudtrail_s3.duckdb"
PROJECT = Path(__file__).resolve().parents[1]
SAMPLES = PROJECT / "samples" / "logs"
# Genuine logs, which are none of this project's files.
REAL_LOGS = Path(os.environ.get("REAL_LOGS", PROJECT.parent / "shared" / "real_logs"))
SCHEMA = "main"
# What is made from the counts by day in each run anew. Most tests are about what
# comes before, and leave it out: it is half of a run's time. In such runs dbt does not
# compare columns with contracts and with tables that are there either, a quarter of
# what is left: those of the whole do.
DECISIONS = (
    "path:models/decisions/access",
    "path:models/decisions/acl",
    "path:models/decisions/denied",
    "path:models/decisions/findings",
    "path:models/decisions/readiness",
    "path:models/metrics",
    "fct_s3_presigned_urls",
    "fct_s3_sigv2_burn_down",
)


def without_decisions(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the arguments of a command that leaves the decisions out."""
    if arguments[0] not in ("run", "build") or "--select" in arguments:
        return arguments
    return (*arguments, "--exclude", *DECISIONS)


@dataclass
class Run:
    """What a dbt command did.

    Attributes:
        success: whether every node succeeded.
        error: the texts of all errors, empty after a success.
        warnings: the texts of all warnings.
        messages: everything that dbt said.
        printed: what macros printed.
        statuses: the status of every node by its name.
    """

    success: bool
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)

    def note(self, event: Any) -> None:
        """Keep what an event of dbt says."""
        if event.info.name == "PrintEvent":
            self.printed.append(event.data.msg)
        elif event.info.name == "RunningOperationCaughtError":
            self.fail(event.data.exc)
        if event.info.level == "warn":
            self.warnings.append(event.info.msg)
        self.messages.append(event.info.msg)

    def end(self, result: Any) -> None:
        """Keep what a command of dbt came to."""
        self.success = bool(result.success)
        if result.exception:
            self.fail(str(result.exception))
        for done in getattr(result.result, "results", []):
            # An operation has a result, but no node.
            name = done.node.name if hasattr(done, "node") else done.unique_id
            self.statuses[name] = str(done.status)
            if str(done.status) in ("error", "fail", "runtime error"):
                self.fail(f"{name}: {done.message}")

    def fail(self, error: str) -> None:
        """Add an error."""
        self.error = f"{self.error}\n{error}" if self.error else error

    @property
    def warned(self) -> list[str]:
        """The names of the tests that ended in a warning."""
        return [name for name, status in self.statuses.items() if status == "warn"]


@contextlib.contextmanager
def environment(values: dict[str, str | None]) -> Iterator[None]:
    """Set environment variables for a while; None removes one."""
    before = {name: os.environ.get(name) for name in values}

    def put(settings: dict[str, str | None]) -> None:
        for name, value in settings.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    put(values)
    try:
        yield
    finally:
        put(before)


def write_profiles(folder: Path) -> None:
    """Write the example's DuckDB output, and one of a machine in Nepal.

    The target `elsewhere` has another time zone and more threads.
    """
    text = (PROJECT / "profiles.example.yml").read_text("utf-8")
    profiles = yaml.safe_load(text)
    outputs = profiles["cloudtrail_s3"]["outputs"]
    here = outputs["duckdb"]
    settings = {**here.get("settings", {}), "TimeZone": "Asia/Kathmandu"}
    outputs["elsewhere"] = {**here, "threads": 4, "settings": settings}
    text = yaml.safe_dump(profiles)
    (folder / "profiles.yml").write_text(text, "utf-8")


class Project:
    """The parsed project, with a profile and a target folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Parse the project and load its seeds.

        Args:
            folder: an empty folder that everything is written to.

        Raises:
            RuntimeError: the project does not parse, or a seed does not load.
        """
        self.folder = folder
        write_profiles(folder)
        self.manifest: Manifest | None = None
        self.seeds = folder / DATABASE
        self.parse()
        run = self.invoke("seed", database=self.seeds)
        if not run.success:
            raise RuntimeError(run.error)

    def decisions(self) -> list[str]:
        """Return the names of the tables of decisions, and the metrics' days."""
        nodes = self.manifest.nodes.values() if self.manifest else []
        return sorted(
            node.name
            for node in nodes
            if node.resource_type == "model"
            and node.path.startswith(("decisions/", "metrics/"))
            and node.config.materialized != "ephemeral"
        )

    def parse(self) -> None:
        """Read the project's files.

        Raises:
            RuntimeError: they do not parse.
        """
        result = self._call(dbtRunner(), ["parse"], self.folder / DATABASE)
        if not result.success:
            raise RuntimeError(f"the project does not parse: {result.exception}")
        self.manifest = result.result
        # dbt cannot copy what the other engine alone has.
        self.manifest.disabled.clear()
        # The many objects of the parsed project stay: no run looks at them again. Of
        # those of a run few are in cycles, and looking for these would take a tenth.
        gc.freeze()
        gc.set_threshold(50_000)

    def copy(self, is_whole: bool) -> Manifest | None:
        """Return the parsed project for a run, which leaves in it what it made of it.

        Args:
            is_whole: whether dbt compares columns, see `DECISIONS`.
        """
        manifest = self.manifest.deepcopy() if self.manifest else None
        if manifest and not is_whole:
            for node in manifest.nodes.values():
                if isinstance(node, ModelNode):
                    node.contract.enforced = node.config.contract.enforced = False
                    node.config.on_schema_change = "ignore"
        return manifest

    def _call(
        self,
        runner: dbtRunner,
        arguments: list[str],
        database: Path,
        root: str | None = None,
    ) -> Any:
        """Invoke dbt on a database, and close that afterwards."""
        folders = {
            "--project-dir": PROJECT,
            "--profiles-dir": self.folder,
            "--target-path": self.folder / "target",
            "--log-path": self.folder / "logs",
        }
        options = [str(part) for pair in folders.items() for part in pair]
        settings = {
            "CLOUDTRAIL_DUCKDB_PATH": str(database),
            "CLOUDTRAIL_ROOT": root,
        }
        with environment(settings):
            try:
                return runner.invoke(
                    [
                        *arguments,
                        *options,
                        "--quiet",
                        "--log-level",
                        "none",
                        "--log-level-file",
                        "none",
                        "--no-write-json",
                    ]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()

    def invoke(
        self,
        *arguments: str,
        database: Path,
        variables: dict[str, Any] | None = None,
        root: str | None = None,
        watch: Callable[[Any], None] | None = None,
        is_whole: bool = True,
    ) -> Run:
        """Run a dbt command.

        Args:
            arguments: the command and its options.
            database: the DuckDB file.
            variables: what `--vars` gets.
            root: what CLOUDTRAIL_ROOT is in the environment.
            watch: gets every event of dbt when it happens.
            is_whole: whether dbt compares columns, see `DECISIONS`.
        """
        run = Run(success=False)

        def note(event: Any) -> None:
            if watch:
                watch(event)
            run.note(event)

        runner = dbtRunner(manifest=self.copy(is_whole), callbacks=[note])
        result = self._call(
            runner,
            [*arguments, "--vars", json.dumps(variables or {})],
            database,
            root,
        )
        run.end(result)
        return run


class Warehouse:
    """A database, and the settings that its runs are given."""

    def __init__(
        self, project: Project, folder: Path, root: Path | str, **variables: Any
    ) -> None:
        """Make a database that holds the seeds alone.

        Args:
            project: the parsed project.
            folder: the folder that the database's file is written to.
            root: the root of the logs; runs get it in the environment, because
                dbt would render a variable's text.
            variables: the project's variables, without their `cloudtrail_`.
        """
        self.project = project
        self.path = folder / DATABASE
        self.root = str(root)
        self.variables = variables
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.seeds, self.path)

    def copy(self, folder: Path) -> Warehouse:
        """Return a copy with a folder of its own."""
        copied = Warehouse(self.project, folder, self.root, **self.variables)
        shutil.copy(self.path, copied.path)
        return copied

    def run(
        self,
        *arguments: str,
        command: str = "run",
        watch: Callable[[Any], None] | None = None,
        decisions: bool = False,
        **variables: Any,
    ) -> Run:
        """Run the models.

        Args:
            arguments: options such as `--full-refresh`.
            command: `build` also loads the seeds and tests everything.
            watch: gets every event of dbt when it happens.
            decisions: whether the tables of decisions are made too.
            variables: settings of this run alone, without their `cloudtrail_`.
        """
        command_line = (command, *arguments)
        if not decisions:
            command_line = without_decisions(command_line)
        given = {**self.variables, **variables}
        settings = {f"cloudtrail_{name}": value for name, value in given.items()}
        return self.project.invoke(
            *command_line,
            database=self.path,
            variables=settings,
            root=self.root,
            watch=watch,
            is_whole=decisions,
        )

    def operation(self, name: str, **arguments: Any) -> Run:
        """Run an operation; what it prints is among the messages."""
        return self.project.invoke(
            "run-operation",
            name,
            "--args",
            json.dumps(arguments),
            database=self.path,
            variables={f"cloudtrail_{key}": v for key, v in self.variables.items()},
            root=self.root,
        )

    def load(self, *arguments: str, command: str = "run", **variables: Any) -> Run:
        """Run the models, which must succeed."""
        run = self.run(*arguments, command=command, **variables)
        assert run.success, run.error
        return run

    def build(self) -> Run:
        """Run all models and the data tests, which must not fail."""
        return self.load(
            "--exclude-resource-type", "unit_test", command="build", decisions=True
        )

    def refused(self, *arguments: str, **variables: Any) -> str:
        """Run the models, which must fail, and return what dbt says."""
        run = self.run(*arguments, **variables)
        assert not run.success, "the run succeeded"
        return run.error

    def query(self, sql: str) -> list[Row]:
        """Return the rows of a query."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def rows(self, table: str) -> list[Row]:
        """Return a table's rows, none where there is no such table."""
        if table not in self.tables():
            return []
        return self.query(f'select * from {SCHEMA}."{table}"')

    def tables(self) -> set[str]:
        """Return the names of all tables and views."""
        listed = self.query(
            f"select table_name from information_schema.tables"
            f" where table_schema = '{SCHEMA}'"
        )
        return {row["table_name"] for row in listed}

    def snapshot(self, *leave_out: str) -> dict[str, list[str]]:
        """Return every row of every `fct_` table, to tell whether one changed.

        Args:
            leave_out: columns that may differ, such as the time of a load.
        """

        def shown(row: Row) -> str:
            return repr({name: row[name] for name in row if name not in leave_out})

        return {
            table: sorted(map(shown, self.rows(table)))
            for table in sorted(self.tables())
            if table.startswith("fct_")
        }
