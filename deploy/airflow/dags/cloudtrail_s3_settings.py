"""What the DAG cloudtrail_s3 takes from the environment.

README.md beside this folder lists the variables. Only small files are read here:
Airflow parses the DAG again and again.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

log = logging.getLogger(__name__)

PROFILE = "cloudtrail_s3"
# What parse.py writes beside the manifest.
SETTINGS = "settings.json"
WAY_TO_PARSE = "run deploy/airflow/parse.py with Airflow's Python and settings."
# What the manifest is made from.
SOURCES = ("dbt_project.yml", "macros", "models", "seeds", "tests")


class Misconfigured(Exception):
    """A setting is wrong; the text says which."""


@dataclass(frozen=True)
class Settings:
    """Where the project is and how it is run.

    Attributes:
        project: the checkout.
        parsed: the folder with what parse.py made of it.
        target: an output of its profiles.yml.
        kind: the adapter of that output.
        threads: tasks that may run at the same time.
        environment: what the project's processes get besides their own.
        variables: dbt's variables.
        checks_freshness: whether a run begins with the age of the newest log.
        retries: further tries of a task.
        retry_seconds: wait before the first of them; it doubles each time.
        schedule: a cron expression, in UTC.
    """

    project: Path
    parsed: Path
    target: str
    kind: str
    threads: int
    environment: dict[str, str]
    variables: dict[str, Any]
    checks_freshness: bool
    retries: int
    retry_seconds: int
    schedule: str

    @property
    def manifest(self) -> Path:
        """The parsed project, from which the tasks are made."""
        return self.parsed / "manifest.json"

    @property
    def environment_of_tasks(self) -> dict[str, str]:
        """The environment, and the project as it was parsed before all tasks."""
        parsed = self.parsed / "partial_parse.msgpack"
        return {**self.environment, "DBT_PARTIAL_PARSE_FILE_PATH": str(parsed)}

    @property
    def fingerprint(self) -> str:
        """What is the same for the parsed project and a task.

        The database's name stands in the manifest.
        """
        database = Path(self.environment["CLOUDTRAIL_DUCKDB_PATH"]).name
        known = {
            "target": self.target,
            "variables": self.variables,
            **({"database": database} if self.kind == "duckdb" else {}),
        }
        return json.dumps(known, sort_keys=True, default=str)

    @property
    def before_seeds(self) -> list[str]:
        """The tasks of an ordinary run before its seeds.

        Partitions come first: without today's, freshness sees no log of today.
        """
        stated = yaml.safe_load((self.project / "dbt_project.yml").read_text("utf-8"))
        layout = {**stated["vars"], **self.variables}["cloudtrail_layout"]
        adds = self.kind == "athena" and layout == "partitioned"
        return ["partitions"] * adds + ["freshness"] * self.checks_freshness


def read() -> Settings:
    """Read the settings.

    Raises:
        Misconfigured: one of them is wrong; the text says which.
    """
    beside = Path(__file__).resolve().parents[3]
    project = Path(os.environ.get("CLOUDTRAIL_PROJECT") or beside)
    variables = yaml.safe_load(os.environ.get("CLOUDTRAIL_VARS") or "{}")
    if not isinstance(variables, dict):
        raise Misconfigured("CLOUDTRAIL_VARS must be a dictionary in JSON.")
    root = os.environ.get("CLOUDTRAIL_ROOT", "").strip()
    used_root = str(variables.get("cloudtrail_root") or root)
    target = os.environ.get("CLOUDTRAIL_TARGET") or (
        "duckdb_s3" if used_root.startswith("s3://") else "duckdb"
    )
    output = output_of(project / "profiles.yml", target)
    # A DuckDB file has one writer.
    threads = 1 if output["type"] == "duckdb" else int(output.get("threads", 1))
    # A relative path would lie in the folder of a task, which goes with the task.
    database = os.environ.get("CLOUDTRAIL_DUCKDB_PATH") or "cloudtrail_s3.duckdb"
    parsed = project / "target" / "airflow"
    return Settings(
        project=project,
        parsed=parsed,
        target=target,
        kind=output["type"],
        threads=threads,
        environment={
            "CLOUDTRAIL_ROOT": root,
            "CLOUDTRAIL_DUCKDB_PATH": str(project / database),
            # They test the project's code, not the logs.
            "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",
        },
        variables=variables,
        checks_freshness=os.environ.get("CLOUDTRAIL_FRESHNESS", "1") != "0",
        retries=whole_number("CLOUDTRAIL_RETRIES", 2),
        retry_seconds=whole_number("CLOUDTRAIL_RETRY_SECONDS", 300),
        schedule=os.environ.get("CLOUDTRAIL_SCHEDULE") or "30 1 * * *",
    )


def output_of(profiles: Path, target: str) -> dict[str, Any]:
    """Return an output of the project's profile.

    Raises:
        Misconfigured: there is none.
    """
    if not profiles.is_file():
        raise Misconfigured(f"{profiles} is missing: copy profiles.example.yml to it.")
    outputs = yaml.safe_load(profiles.read_text("utf-8"))[PROFILE]["outputs"]
    if target not in outputs:
        raise Misconfigured(
            f"CLOUDTRAIL_TARGET: {target} is no target of {profiles}; it has"
            f" {', '.join(outputs)}."
        )
    return outputs[target]


def whole_number(name: str, default: int) -> int:
    """Return the number that an environment variable holds.

    Raises:
        Misconfigured: it holds none.
    """
    given = os.environ.get(name) or str(default)
    if not (given.isascii() and given.isdigit()):
        raise Misconfigured(f"{name}: {given} is no whole number.")
    return int(given)


def what_is_not_parsed(settings: Settings) -> str:
    """Return a sentence if the project was not parsed as it is now, or nothing.

    A folder's own time tells of files that were added or removed.
    """
    if not settings.manifest.is_file():
        return f"{settings.manifest} is missing: {WAY_TO_PARSE}"
    with_settings = settings.parsed / SETTINGS
    if with_settings.read_text("utf-8") != settings.fingerprint:
        return f"{settings.manifest} is of other settings: {WAY_TO_PARSE}"
    parsed = settings.manifest.stat().st_mtime
    for path in files_of(settings.project):
        if path.stat().st_mtime > parsed:
            return f"{path} is newer than {settings.manifest}: {WAY_TO_PARSE}"
    return ""


def files_of(project: Path) -> Iterator[Path]:
    """Yield the files and folders that the manifest is made from."""
    for name in SOURCES:
        yield project / name
        yield from (project / name).rglob("*")


def tests_across(manifest: Path) -> list[str]:
    """Return the data tests of tables of which none is made from all the others.

    The task of a table runs the tests that need it and what it is made from. These
    are left then.
    """
    parsed = json.loads(manifest.read_text("utf-8"))
    made_from = parsed["parent_map"]

    def ancestors(node: str) -> set[str]:
        found: set[str] = set()
        waiting = [node]
        while waiting:
            parents = set(made_from.get(waiting.pop(), [])) - found
            found |= parents
            waiting += parents
        return found

    left = []
    for node in parsed["nodes"].values():
        if node["resource_type"] == "test":
            tested = set(node["depends_on"]["nodes"])
            is_of_seeds = all(name.startswith("seed.") for name in tested)
            last = [name for name in tested if tested <= {name} | ancestors(name)]
            if not last and not is_of_seeds:
                left.append(node["name"])
    return sorted(left)


def alert(context: dict[str, Any]) -> None:
    """Tell of a task that failed and is not tried again.

    `CLOUDTRAIL_ALERT` names a function that is called with the context, as
    `my_alerts.to_mail`; without it the failure is an error in the task's log.
    """
    name = os.environ.get("CLOUDTRAIL_ALERT", "")
    if name:
        module, _, function = name.rpartition(".")
        getattr(importlib.import_module(module), function)(context)
        return
    task = context["task_instance"]
    log.error("Alert: %s", sentence(task.task_id, task.run_id, context))


def sentence(task_id: str, run_id: str, context: dict[str, Any]) -> str:
    """Return what failed and why, in one line of visible characters."""
    exception = context.get("exception")
    why = str(exception or "no reason was given")
    if isinstance(exception, AttributeError):
        # cosmos 1.15 stumbles over the result of an operation that failed.
        why = "dbt failed; its log tells why"
    said = f"{PROFILE}: the task {task_id} of {run_id} failed: {why}"
    return "".join(c if c.isprintable() else " " for c in said)[:1000]
