"""Builds the project's tables from a root of logs, each dbt command timed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmarks.logs import DATA, Logs, say
from benchmarks.measure import PROJECT, Run, run

WORK = DATA / "work"
WITHOUT_TESTS = (
    "--exclude-resource-type",
    "test",
    "--exclude-resource-type",
    "unit_test",
)
# One event and one file, and one event more: what dbt takes whatever the logs hold.
NOTHING = Logs(1, 1)
BUILD, TESTS, AGAIN = "build", "tests", "build, nothing new"
NEW_DAY = "build, one new day"


class Pipeline:
    """A root of logs, and the database that dbt builds from it."""

    def __init__(self, name: str, logs: Logs) -> None:
        """Link the logs into an empty folder and parse the project.

        Raises:
            Failed: dbt fails.
        """
        self.name = name
        self.folder = WORK
        self.root = self.folder / "logs"
        self.database = self.folder / "benchmark.duckdb"
        self.reads = self.folder / "reads.csv"
        self._profiles = self.folder / "profiles"
        shutil.rmtree(self.folder, ignore_errors=True)
        self._profiles.mkdir(parents=True)
        (self._profiles / "profiles.yml").write_text(profiles())
        self.add(logs)
        self.dbt("parse", "parse", "--no-partial-parse")

    def add(self, logs: Logs) -> None:
        """Link more logs into the root."""
        shutil.copytree(
            logs.folder(),
            self.root / "AWSLogs",
            copy_function=os.link,
            dirs_exist_ok=True,
        )

    def dbt(self, stage: str, *arguments: str, target: str = "duckdb") -> Run:
        """Run dbt.

        Raises:
            Failed: dbt fails.
        """
        say(f"{self.name}: {stage}")
        return run(
            [str(Path(sys.executable).with_name("dbt")), *arguments],
            CLOUDTRAIL_ROOT=str(self.root),
            CLOUDTRAIL_DUCKDB_PATH=str(self.database),
            CLOUDTRAIL_READS=str(self.reads),
            DBT_PROFILES_DIR=str(self._profiles),
            DBT_TARGET=target,
            DBT_TARGET_PATH=str(self.folder / "target"),
            DBT_LOG_PATH=str(self.folder / "dbt_logs"),
        )

    def build(self, stage: str = BUILD, target: str = "duckdb") -> Run:
        """Run all seeds and models.

        Raises:
            Failed: dbt fails.
        """
        return self.dbt(stage, "build", *WITHOUT_TESTS, target=target)

    def model_seconds(self) -> dict[str, float]:
        """Return the seconds of each model and seed of the last run."""
        path = self.folder / "target" / "run_results.json"
        results = json.loads(path.read_text())["results"]
        return {
            result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"]
            for result in results
        }

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder)


def profiles() -> str:
    """Return the example's profile, with a target that logs what DuckDB reads."""
    text = (PROJECT / "profiles.example.yml").read_text("utf-8")
    profile = yaml.safe_load(text)
    outputs = profile["cloudtrail_s3"]["outputs"]
    outputs["duckdb_reads"] = {
        **outputs["duckdb"],
        "module_paths": [str(PROJECT)],
        "plugins": [{"module": "benchmarks.read_log"}],
    }
    return yaml.safe_dump(profile)


@dataclass
class Story:
    """The stages of a root's life, in the order in which they ran."""

    runs: dict[str, Run] = field(default_factory=dict)
    models: dict[str, float] = field(default_factory=dict)
    database_bytes: int = 0


def story(name: str, logs: Logs, with_tests: bool = True) -> Story:
    """Build the tables of a history, once more, and then with one day more.

    Raises:
        Failed: dbt fails.
    """
    pipeline = Pipeline(name, logs)
    told = Story()
    told.runs[BUILD] = pipeline.build()
    told.models = pipeline.model_seconds()
    told.database_bytes = pipeline.database.stat().st_size
    if with_tests:
        told.runs[TESTS] = pipeline.dbt(TESTS, "test")
    told.runs[AGAIN] = pipeline.build(AGAIN)
    pipeline.add(logs.new_day())
    told.runs[NEW_DAY] = pipeline.build(NEW_DAY)
    pipeline.remove()
    return told


def start_up(with_tests: bool = True) -> Story:
    """Return the story of next to no logs.

    Raises:
        Failed: dbt fails.
    """
    return story("start-up", NOTHING, with_tests)
