"""The DAG of deploy/airflow, run by Airflow itself on a copy of the project."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import checkouts
import duckdb
import pytest
from checkouts import Checkout
from driver import PROJECT, SAMPLES, Warehouse

DAG = "cloudtrail_s3"
ACCOUNT = "111122223333"
# Of the samples, three log days that hold requests.
BACKFILL = ("2026-05-04", "2026-05-06")
FORBIDDEN = "forbidden-client/1.0"
# A check of one's own, as a user would put it into the tests of the checkout.
CHECK = f"""
select request_key from {{{{ ref("fct_s3_requests") }}}}
where user_agent = '{FORBIDDEN}'
"""
# The samples have such findings.
SEVERITY = '{"cloudtrail_fail_on_severity": "high"}'
# What a user's own alert does: here it writes down what it is told.
ALERTS = """
import os
from pathlib import Path

from cloudtrail_s3_settings import sentence


def write_down(context):
    task = context["task_instance"]
    with Path(os.environ["ALERTS_FILE"]).open("a") as file:
        file.write(sentence(task.task_id, task.run_id, context) + "\\n")
"""


class Run(NamedTuple):
    """What a run of the DAG did.

    Attributes:
        code: the exit code of `airflow dags test`.
        said: what it printed.
        states: the state of each task.
        tries: how often each task was tried.
    """

    code: int
    said: str
    states: dict[str, str | None]
    tries: dict[str, int]

    def of(self, state: str) -> set[str]:
        """Return the tasks of a state."""
        return {name for name, found in self.states.items() if found == state}

    def tests(self) -> list[str]:
        """Return the data tests that dbt said to have passed, as often as it did."""
        plain = re.sub(r"\x1b\[\d*m", "", self.said)
        line = r"^\S+  \d+ of \d+ (?:PASS|WARN \d+) (?!freshness of )(\w+)"
        return re.findall(line, plain, re.MULTILINE)


class Airflow:
    """An Airflow of its own, and a copy of the project that it runs."""

    def __init__(self, folder: Path) -> None:
        """Make the database, and parse the project.

        Args:
            folder: an empty folder that everything is written to.
        """
        self.folder = folder
        self.copy = Checkout(folder / "project").folder
        shutil.copy(self.copy / "profiles.example.yml", self.copy / "profiles.yml")
        (self.copy / "tests" / "assert_no_forbidden_client.sql").write_text(CHECK)
        self.root = folder / "logs"
        shutil.copytree(SAMPLES, self.root)
        self.database = folder / "daily" / "cloudtrail_s3.duckdb"
        self.database.parent.mkdir()
        self.alerts = folder / "alerts.txt"
        (folder / "my_alerts.py").write_text(ALERTS)
        self.home = folder / "home"
        self.bin = PROJECT / ".venv-airflow" / "bin"
        kept = (*checkouts.KEPT, "LD_LIBRARY_PATH")
        self.environment = {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **example(),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.copy / "deploy/airflow/dags"),
            "CLOUDTRAIL_PROJECT": str(self.copy),
            "CLOUDTRAIL_ROOT": str(self.root),
            "CLOUDTRAIL_DUCKDB_PATH": str(self.database),
            "CLOUDTRAIL_VARS": "",
            "CLOUDTRAIL_RETRIES": "0",
            "CLOUDTRAIL_RETRY_SECONDS": "0",
            "CLOUDTRAIL_ALERT": "my_alerts.write_down",
            "ALERTS_FILE": str(self.alerts),
            "PYTHONPATH": str(folder),
        }
        self.done("airflow", "db", "migrate")
        self.parse()

    @contextlib.contextmanager
    def started(
        self, *command: str, **environment: str
    ) -> Iterator[subprocess.Popen[str]]:
        """Start a program of Airflow's environment; end its processes afterwards."""
        process = subprocess.Popen(
            [str(self.bin / command[0]), *command[1:]],
            env={**self.environment, **environment},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def done(self, *command: str, **environment: str) -> str:
        """Run a program, which must succeed, and return what it printed."""
        with self.started(*command, **environment) as process:
            said, _ = process.communicate()
        assert process.returncode == 0, said
        return said

    def parse(self, **environment: str) -> None:
        """Parse the project for the DAG."""
        script = str(self.copy / "deploy" / "airflow" / "parse.py")
        self.done("python", script, **environment)

    def not_parsed(self, **environment: str) -> str:
        """Return why the DAG would refuse to run, or nothing."""
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from cloudtrail_s3_settings import read, what_is_not_parsed\n"
            "print(what_is_not_parsed(read()))"
        )
        dags = self.environment["AIRFLOW__CORE__DAGS_FOLDER"]
        return self.done("python", "-c", program, dags, **environment).strip()

    def run(
        self,
        *options: str,
        watch: Callable[[str], None] = lambda line: None,
        **environment: str,
    ) -> Run:
        """Run the DAG once.

        Args:
            options: of `airflow dags test`.
            watch: is called with each line that it prints.
            environment: settings of this run alone.
        """
        self.alerts.write_text("")
        lines = []
        with self.started(
            "airflow", "dags", "test", DAG, *options, **environment
        ) as process:
            assert process.stdout
            for line in process.stdout:
                lines.append(line)
                watch(line)
            process.wait()
        with contextlib.closing(sqlite3.connect(self.home / "airflow.db")) as database:
            rows = database.execute(
                "select task_id, state, try_number from task_instance where run_id ="
                " (select run_id from dag_run order by id desc limit 1)"
            ).fetchall()
        return Run(
            process.returncode,
            "".join(lines),
            {task: state for task, state, _ in rows},
            {task: number for task, _, number in rows},
        )

    def deliver(self, user_agent: str) -> None:
        """Write a log of now, as CloudTrail names it, with one request."""
        now = datetime.now(timezone.utc)
        folder = self.root / f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/{now:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        # The same file again, whatever the clock says meanwhile.
        old = sorted(folder.glob("*_EXAMPLE.json.gz"))
        stamp = f"{ACCOUNT}_CloudTrail_eu-west-1_{now:%Y%m%dT%H%MZ}_EXAMPLE.json.gz"
        path = old[0] if old else folder / stamp
        event = checkouts.record(
            eventTime=f"{now:%Y-%m-%dT00:00:00Z}", userAgent=user_agent
        )
        path.write_bytes(gzip.compress(json.dumps({"Records": [event]}).encode()))

    def tests(self) -> list[str]:
        """Return the data tests that the project has."""
        manifest = self.copy / "target" / "airflow" / "manifest.json"
        nodes = json.loads(manifest.read_text("utf-8"))["nodes"].values()
        return [node["name"] for node in nodes if node["resource_type"] == "test"]

    def rows(self, sql: str, database: Path | None = None) -> list[Any]:
        """Return what a query finds in the daily database, or another."""
        with duckdb.connect(str(database or self.database), read_only=True) as opened:
            return opened.sql(sql).fetchall()


def example() -> dict[str, str]:
    """Return the settings of airflow.env.example."""
    text = (PROJECT / "deploy/airflow/airflow.env.example").read_text("utf-8")
    words = shlex.split(text, comments=True)
    return dict(word.split("=", 1) for word in words)


@pytest.fixture(scope="module")
def airflow(
    programs: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Airflow:
    """Return an Airflow; its environment is made at the first use."""
    programs("airflow")
    return Airflow(tmp_path_factory.mktemp("airflow"))


# The tests follow one history of the schedule, in this order.


def test_the_dag_is_imported_without_an_error(airflow: Airflow) -> None:
    airflow.done("airflow", "dags", "reserialize")
    listed = airflow.done("airflow", "dags", "list-import-errors", "-o", "json")
    assert json.loads(listed.splitlines()[-1]) == []
    with contextlib.closing(sqlite3.connect(airflow.home / "airflow.db")) as database:
        (row,) = database.execute(
            "select max_active_runs, max_active_tasks, timetable_summary from dag"
        ).fetchall()
    # A DuckDB file has one writer.
    assert row == (1, 1, "30 1 * * *")


def test_an_end_before_its_start_is_refused(airflow: Airflow) -> None:
    run = airflow.run("-c", '{"start": "2026-05-06", "end": "2026-05-04"}')
    assert run.code != 0
    assert run.of("failed") == {"choose"}
    assert run.of("success") == set()
    assert "The end 2026-05-04 is before the start 2026-05-06." in run.said
    assert not airflow.database.exists()


def test_old_logs_stop_a_run_before_a_table_is_made(airflow: Airflow) -> None:
    """The samples are old; the task is tried again, and told of once."""
    run = airflow.run(CLOUDTRAIL_RETRIES="1")
    assert run.code != 0
    assert run.of("failed") == {"freshness"}
    assert run.of("success") == {"choose"}
    assert run.tries["freshness"] == 2
    (alert,) = airflow.alerts.read_text().splitlines()
    assert alert.startswith("cloudtrail_s3: the task freshness of ")
    assert airflow.rows("select * from duckdb_tables()") == []


def test_a_failing_data_test_fails_the_run(airflow: Airflow) -> None:
    """Nothing that is made from the table is, and the logs do not count as loaded."""
    airflow.deliver(FORBIDDEN)
    run = airflow.run()
    assert run.code != 0
    assert run.of("failed") == {"tables.fct_s3_requests.test"}
    assert "assert_no_forbidden_client" in run.said
    assert run.states["tables.fct_s3_requests.run"] == "success"
    assert run.states["findings"] == "upstream_failed"
    tables = {name for (name,) in airflow.rows("select table_name from duckdb_tables")}
    assert "fct_s3_requests" in tables
    assert not {"fct_cloudtrail_loads", "fct_s3_findings"} & tables
    (alert,) = airflow.alerts.read_text().splitlines()
    assert "tables.fct_s3_requests.test" in alert


def test_the_next_run_heals_and_makes_what_a_build_makes(
    airflow: Airflow, new_warehouse: Callable[..., Warehouse]
) -> None:
    """It begins while the database is in use, and tries again once that is free."""
    airflow.deliver("aws-cli/2.31.0")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; held = duckdb.connect(sys.argv[1]);"
            " print('held', flush=True); sys.stdin.read()",
            str(airflow.database),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout and holder.stdout.readline() == "held\n"

    def release(line: str) -> None:
        if "new_state=up_for_retry" in line:
            holder.kill()
            holder.wait()

    try:
        run = airflow.run(
            watch=release, CLOUDTRAIL_RETRIES="9", CLOUDTRAIL_RETRY_SECONDS="1"
        )
    finally:
        holder.kill()
        holder.wait()
    assert run.code == 0, run.said[-4000:]
    assert run.of("success") | run.of("skipped") == set(run.states)
    assert run.of("skipped") == {"backfill"}
    assert run.tries["freshness"] > 1
    assert airflow.alerts.read_text() == ""
    assert "critical" in run.said, "the findings were not printed"
    # Each task takes up what parse.py made.
    assert "full parse" not in run.said
    assert sorted(run.tests()) == sorted(airflow.tests())
    plain = new_warehouse(airflow.root)
    plain.build()
    by_tasks = new_warehouse(airflow.root)
    by_tasks.path.parent.mkdir(exist_ok=True)
    shutil.copy(airflow.database, by_tasks.path)
    assert len(by_tasks.snapshot()) > 15
    assert by_tasks.snapshot("loaded_at") == plain.snapshot("loaded_at")
    for table in ("dim_s3_buckets", "dim_s3_requesters"):
        rows = [sorted(map(repr, found.rows(table))) for found in (by_tasks, plain)]
        assert rows[0] == rows[1]


def test_a_backfill_loads_its_days_alone(airflow: Airflow) -> None:
    database = airflow.folder / "backfill" / airflow.database.name
    database.parent.mkdir()
    start, end = BACKFILL
    run = airflow.run(
        "-c",
        json.dumps({"start": start, "end": end, "days": 2}),
        CLOUDTRAIL_DUCKDB_PATH=str(database),
    )
    assert run.code == 0, run.said[-4000:]
    assert run.of("success") == {"choose", "backfill", "findings"}
    assert f"{start} to {end}: 2 chunks of 2 days" in run.said
    loaded = airflow.rows(
        "select distinct log_date::varchar from fct_cloudtrail_loads", database
    )
    days = sorted(day for (day,) in loaded)
    assert days and start <= days[0] and days[-1] <= end


def test_open_findings_fail_a_run_and_are_told(airflow: Airflow) -> None:
    """On the tables of the run before: all that comes earlier counts as done."""
    assert "is of other settings" in airflow.not_parsed(CLOUDTRAIL_VARS=SEVERITY)
    airflow.parse(CLOUDTRAIL_VARS=SEVERITY)
    assert airflow.not_parsed(CLOUDTRAIL_VARS=SEVERITY) == ""
    run = airflow.run(
        "--mark-success-pattern", "(?!findings$).*", CLOUDTRAIL_VARS=SEVERITY
    )
    assert run.code != 0
    assert run.of("failed") == {"findings"}
    assert run.tries["findings"] == 1
    (alert,) = airflow.alerts.read_text().splitlines()
    assert alert.startswith("cloudtrail_s3: the task findings of ")
    assert "cloudtrail_fail_on_severity is high" in run.said


def test_a_changed_project_has_to_be_parsed(airflow: Airflow) -> None:
    (airflow.copy / "tests" / "assert_no_forbidden_client.sql").unlink()
    run = airflow.run(CLOUDTRAIL_VARS=SEVERITY)
    assert run.of("failed") == {"choose"}
    assert "deploy/airflow/parse.py" in run.said
