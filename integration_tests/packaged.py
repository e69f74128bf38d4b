"""A project that installs this one: a copy of `consumer/`, with logs of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.deprecations import reset_deprecations
from driver import DATABASE, PROJECT, Run, environment, write_profiles

CONSUMER = PROJECT / "integration_tests" / "consumer"
PACKAGE = "cloudtrail_s3"
# What is written where dbt runs, in a checkout too.
MADE = shutil.ignore_patterns("dbt_packages", "target", "logs", "package-lock.yml")


class Consumer:
    """A copy of the project that has this one among its packages.

    Attributes:
        folder: where the copy is.
        environment: what its runs find in the environment.
        manifest: what dbt parsed last.
        options: what is added to each command.
    """

    def __init__(
        self,
        folder: Path,
        logs: Path | str,
        package: dict[str, str] | None = None,
    ) -> None:
        """Copy the project.

        Args:
            folder: where to; it is made.
            logs: the root of the logs.
            package: the entry of packages.yml; this checkout unless given.
        """
        self.folder = folder
        self.environment: dict[str, str | None] = {
            "CLOUDTRAIL_DUCKDB_PATH": str(folder / DATABASE),
            "CLOUDTRAIL_ROOT": str(logs),
        }
        self.manifest: Manifest | None = None
        self.options: list[str] = []
        shutil.copytree(CONSUMER, folder, ignore=MADE)
        write_profiles(folder)
        entry = package or {"local": str(PROJECT)}
        self.write("packages.yml", yaml.safe_dump({"packages": [entry]}))

    def write(self, name: str, text: str) -> None:
        """Write one of the project's files."""
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")

    def configure(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change dbt_project.yml."""
        settings = yaml.safe_load((self.folder / "dbt_project.yml").read_text("utf-8"))
        change(settings)
        self.write("dbt_project.yml", yaml.safe_dump(settings))

    def vary(self, **variables: Any) -> None:
        """Change the package's variables, given without their `cloudtrail_`."""
        given = {f"cloudtrail_{name}": value for name, value in variables.items()}
        self.configure(lambda settings: settings["vars"][PACKAGE].update(given))

    def dbt(self, *arguments: str) -> Run:
        """Run a dbt command there, as its user would."""
        run = Run(success=False)
        # What other projects of this process used is none of this one's.
        reset_deprecations()
        folder = str(self.folder)
        options = ["--project-dir", folder, "--profiles-dir", folder]
        with environment(self.environment):
            try:
                result = dbtRunner(callbacks=[run.note]).invoke(
                    [*arguments, *options, *self.options, "--quiet"]
                    + ["--log-path", str(self.folder / "logs")]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()
        if arguments[0] == "parse":
            self.manifest = result.result
        run.end(result)
        return run

    def do(self, *arguments: str) -> Run:
        """Run a dbt command, which must succeed."""
        run = self.dbt(*arguments)
        assert run.success, run.error or "\n".join(run.messages[-5:])
        return run

    def refused(self, *arguments: str) -> str:
        """Run a dbt command, which must fail, and return what dbt says."""
        run = self.dbt(*arguments)
        assert not run.success, "the run succeeded"
        return run.error

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with duckdb.connect(str(self.folder / DATABASE), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> dict[str, tuple[str, str]]:
        """Return the schema of every table and view, and which of both it is."""
        return {
            name: (schema, "view" if kind == "VIEW" else "table")
            for schema, name, kind in self.query(
                "select table_schema, table_name, table_type"
                " from information_schema.tables"
            )
        }
