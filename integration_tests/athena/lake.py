"""Runs dbt against the local Athena, as a user of the Athena target would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import yaml
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from driver import PROJECT, Row, Run, environment, without_decisions

from local_athena.stack import RESULTS_BUCKET, LocalAthena

RESULTS = f"s3://{RESULTS_BUCKET}"
BUCKET = "cloudtrail-logs"
# What reads the raw logs, also through a view; not "cloudtrail_events$partitions",
# which reads no log file.
RAW = re.compile(r"cloudtrail_events(?!\$)|stg_cloudtrail__")
# What the sample logs are read under, where both engines are to say the same.
SETTINGS: dict[str, Any] = {
    "account_ids": ["111122223333", "444455556666", "777788889999", "888899990000"],
    "regions": [
        "cn-north-1",
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-gov-west-1",
    ],
    "start_date": "2026-05-01",
    "end_date": "2026-05-20",
    # It lies in no folder of a day, where a table with partitions never looks.
    "excluded_files": [
        "restored/111122223333_CloudTrail_eu-west-1_20260514T1300Z_k7caVwHN0UK3otyC"
        ".json.gz"
    ],
}


def write_athena_profiles(folder: Path, name: str = "profiles.yml") -> None:
    """Write the example's profiles; queries are asked for more often."""
    text = (PROJECT / "profiles.example.yml").read_text("utf-8")
    profiles = yaml.safe_load(text)
    profiles["cloudtrail_s3"]["outputs"]["athena"]["poll_interval"] = 0.05
    (folder / name).write_text(yaml.safe_dump(profiles), "utf-8")


def athena_environment(
    local: LocalAthena, schema: str, workgroup: str = "primary"
) -> dict[str, str | None]:
    """Return what the profile of the target reads from the environment."""
    return {
        **local.environment,
        "ATHENA_SCHEMA": schema,
        "ATHENA_WORKGROUP": workgroup,
        "ATHENA_S3_STAGING_DIR": f"{RESULTS}/staging/",
        "ATHENA_S3_DATA_DIR": f"{RESULTS}/tables/",
        "CLOUDTRAIL_ROOT": None,
    }


READERS: dict[str, Callable[[str], Any]] = {
    "bigint": int,
    "integer": int,
    "boolean": lambda text: text == "true",
    "double": float,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


def rows_of(local: LocalAthena, statement: str, schema: str) -> list[Row]:
    """Return the rows of a query."""
    told = local.query(statement, schema)
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    columns = told["Columns"]
    rows = []
    for texts in told["Rows"][1:]:
        row = {}
        for (name, kind), text in zip(columns, texts, strict=True):
            read = READERS.get(kind, str)
            row[name] = None if text is None else read(text)
        rows.append(row)
    return rows


# The variables that runs alone look at, and dbt does not where it parses.
OF_RUNS = {
    "account_ids",
    "end_date",
    "excluded_files",
    "layout",
    "lookback_days",
    "regions",
    "root",
    "serde",
    "start_date",
}


def in_schema(parsed: Manifest, old: str, new: str) -> Manifest:
    """Return a copy of a parsed project whose tables lie in another schema."""
    copied = parsed.deepcopy()

    def move(named: Any, attribute: str) -> None:
        schema = getattr(named, attribute)
        if re.fullmatch(f"{re.escape(old)}(_.*)?", schema):
            setattr(named, attribute, new + schema.removeprefix(old))
        if getattr(named, "relation_name", None):
            named.relation_name = named.relation_name.replace(f'"{old}"', f'"{new}"')

    for nodes in (copied.nodes, copied.sources, copied.unit_tests):
        for node in nodes.values():
            move(node, "schema")
    for model in copied.semantic_models.values():
        move(model.node_relation, "schema_name")
    copied.build_flat_graph()
    return copied


class Lake:
    """A database on the local Athena, and the settings that its runs are given.

    Attributes:
        parsed: the project and its schema, by the variables that it was parsed with.
    """

    parsed: ClassVar[dict[str, tuple[Manifest, str]]] = {}

    def __init__(
        self,
        local: LocalAthena,
        folder: Path,
        schema: str,
        root: str,
        workgroup: str = "primary",
        **variables: Any,
    ) -> None:
        """Parse the project for a database.

        Args:
            local: the running stack.
            folder: an empty folder for dbt's files.
            schema: the database's name.
            root: the root of the logs.
            workgroup: the workgroup that queries run in.
            variables: the project's variables, without their `cloudtrail_`.
        """
        self.local = local
        self.folder = folder
        self.schema = schema
        self.variables = {"root": root, **variables}
        self.environment = athena_environment(local, schema, workgroup)
        folder.mkdir(parents=True, exist_ok=True)
        write_athena_profiles(folder)
        self.manifest: Manifest | None = None
        self._parse()

    def _parse(self) -> None:
        """Parse the project, but where a like database has done so."""
        read = {n: v for n, v in self.variables.items() if n not in OF_RUNS}
        key = json.dumps(read, sort_keys=True)
        if key in Lake.parsed:
            self.manifest = in_schema(*Lake.parsed[key], self.schema)
            return
        run = self.dbt("parse")
        assert run.success and self.manifest, run.error
        Lake.parsed[key] = (self.manifest, self.schema)

    def dbt(self, *arguments: str, decisions: bool = False, **variables: Any) -> Run:
        """Run a dbt command.

        Args:
            arguments: the command and its options.
            decisions: whether the tables of decisions are made too.
            variables: settings of this run alone, without their `cloudtrail_`.
        """
        run = Run(success=False)

        given = {
            name if name.startswith("analysis_") else f"cloudtrail_{name}": value
            for name, value in {**self.variables, **variables}.items()
        }
        options = {
            "--project-dir": PROJECT,
            "--profiles-dir": self.folder,
            "--target-path": self.folder / "target",
            "--log-path": self.folder / "logs",
            "--target": "athena",
            "--vars": json.dumps(given),
        }
        if not decisions:
            arguments = without_decisions(arguments)
        manifest = self.manifest.deepcopy() if self.manifest else None
        runner = dbtRunner(manifest=manifest, callbacks=[run.note])
        with environment(self.environment):
            result = runner.invoke(
                [
                    *arguments,
                    *[str(part) for pair in options.items() for part in pair],
                    "--quiet",
                    "--log-level-file",
                    "none",
                ]
            )
        if arguments[0] == "parse":
            self.manifest = result.result
            # dbt cannot copy what is disabled.
            self.manifest.disabled.clear()
        run.end(result)
        return run

    def do(self, *arguments: str, **variables: Any) -> Run:
        """Run a dbt command, which must succeed."""
        run = self.dbt(*arguments, **variables)
        assert run.success, run.error or "\n".join(run.messages[-5:])
        return run

    def refused(self, *arguments: str, **variables: Any) -> str:
        """Run a dbt command, which must fail, and return what dbt says."""
        run = self.dbt(*arguments, **variables)
        assert not run.success, "the run succeeded"
        return run.error or "\n".join(run.messages)

    def build(self, *arguments: str, **variables: Any) -> Run:
        """Build everything but the unit tests, which must succeed."""
        return self.do(
            "build", "--exclude-resource-type", "unit_test", *arguments, **variables
        )

    def operate(self, macro: str, arguments: str = "{}", **variables: Any) -> None:
        """Run an operation, with its arguments in YAML."""
        self.do("run-operation", macro, "--args", arguments, **variables)

    def make_table(self, **variables: Any) -> None:
        """Create the raw table anew, with its partitions if it has any."""
        self.operate("cloudtrail_create_table", "{replace: true}", **variables)
        if {**self.variables, **variables}.get("layout") == "partitioned":
            self.operate("cloudtrail_add_partitions", **variables)

    def query(self, statement: str) -> list[Row]:
        """Return the rows of a query."""
        return rows_of(self.local, statement, self.schema)

    def tables(self) -> set[str]:
        """Return the names of all tables and views."""
        glue = self.local.client("glue")
        pages = glue.get_paginator("get_tables").paginate(DatabaseName=self.schema)
        return {table["Name"] for page in pages for table in page["TableList"]}

    def rows(self, table: str) -> list[Row]:
        """Return a table's rows, none where there is no such table."""
        if table not in self.tables():
            return []
        return self.query(f'select * from "{self.schema}"."{table}"')
