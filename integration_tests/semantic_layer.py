"""Asks for metrics with MetricFlow's own commands, and reads what they answer."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import click
import yaml
from click.testing import CliRunner
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.semantic_manifest import SemanticManifest
from dbt_metricflow.cli import main as commands
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from driver import PROJECT, Row, environment

# MetricFlow turns a measure, which dbt 1.11 wants here, into a metric, and then warns
# that there are both.
WARNING = (
    "Cumulative metric 'cloudtrail_s3_sigv2_requests_7_days' should not have both a"
    " measure and a metric as inputs."
)


class Refused(Exception):
    """A command ended in an error; its text is what it said."""


def literal(value: str) -> str:
    """Return a text as SQL in a filter: nothing of it is SQL's or Jinja's."""
    told = value.replace("'", "''").replace("{", "{{ '{' }}")
    return "'" + told.replace("\r", "{{ '\\r' }}") + "'"


class SemanticLayer:
    """MetricFlow, on the parsed project and the tables of one database."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        profiles: Path,
        target: str,
        settings: dict[str, str | None],
    ) -> None:
        """Write what MetricFlow reads: the project, its metrics and a profile.

        Args:
            folder: an empty folder.
            manifest: the project as it was parsed for the database.
            profiles: the folder of the profiles that it was parsed with.
            target: the output that leads to the database.
            settings: the environment that the profile needs.
        """
        self.folder = folder
        self.settings = {**settings, "DBT_LOG_PATH": str(folder / "logs")}
        (folder / "target").mkdir(parents=True)
        shutil.copy(PROJECT / "dbt_project.yml", folder)
        written = folder / "target" / "semantic_manifest.json"
        SemanticManifest(manifest).write_json_to_file(str(written))
        outputs = yaml.safe_load((profiles / "profiles.yml").read_text("utf-8"))
        outputs["cloudtrail_s3"]["target"] = target
        (folder / "profiles.yml").write_text(yaml.safe_dump(outputs), "utf-8")
        self.known: dict[tuple[str, ...], list[Row]] = {}
        self.configuration = CLIConfiguration()
        with environment(self.settings):
            self.configuration.setup(folder, folder, configure_file_logging=False)
            # dbt forgets it when another project is run.
            self.adapter = self.configuration.dbt_artifacts.adapter
        self.let_go()

    def run(self, name: str, *arguments: str) -> str:
        """Run a command of `mf` and return what it prints.

        Raises:
            Refused: it ends in an error.
        """
        command: click.Command = commands.cli.commands[name]
        try:
            with environment(self.settings):
                result = CliRunner().invoke(command, arguments, obj=self.configuration)
        finally:
            self.let_go()
        if result.exit_code:
            raise Refused(result.output)
        return result.output

    def validate(self, *options: str) -> list[str]:
        """Return what `mf validate-configs` warns of, but what is known.

        Raises:
            Refused: something is wrong.
        """
        told = self.run("validate-configs", "--show-all", *options)
        return [line for line in told.splitlines() if line and WARNING not in line]

    def let_go(self) -> None:
        """Close the database: an open DuckDB file is nobody else's."""
        self.adapter.cleanup_connections()
        DuckDBConnectionManager.close_all_connections()

    def query(self, *arguments: str) -> list[Row]:
        """Return the rows of `mf query`, as text; None is what is null.

        The same question is asked once.
        """
        if arguments not in self.known:
            path = self.folder / "answer.csv"
            path.unlink(missing_ok=True)
            self.run("query", *arguments, "--quiet", "--csv", str(path))
            rows: list[Row] = []
            if path.exists():
                with path.open(encoding="utf-8", newline="") as file:
                    rows = [
                        {name: text or None for name, text in row.items()}
                        for row in csv.DictReader(file)
                    ]
            self.known[arguments] = rows
        return self.known[arguments]
