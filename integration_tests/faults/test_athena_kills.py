"""SIGKILL of dbt while Athena's statements go on: readers, and the next run."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from comparison import differences
from driver import PROJECT, without_decisions
from february import ACCOUNT, OWNER, REGION, event
from lake import BUCKET, Lake
from runs import Server, Started
from test_incremental_runs import Trail, of_day, tables
from thorough import IS_THOROUGH

from local_athena.stack import RESULTS_BUCKET, LocalAthena

TABLE_TYPES = ("hive", "iceberg")
LAST = 20
# Old folders that hold a row of an event day alone.
LONELY = range(12, 19)
# Requests in an old folder of which a better copy can arrive.
OWNED = 600
# All kills take hours: in shares, which tell how far they are.
SHARES = range(8 if IS_THOROUGH else 1)

OPTIONS = {"run": (), "full refresh": ("--full-refresh",)}
# Where runs are killed: at the first statement with this text.
NEW_FACT = "fct_s3_requests__new_"
POINTS: dict[tuple[str, str], list[str]] = {
    # Where a folder loses a row to a later one, both of them old.
    ("hive", "run"): ["log_date = '2024-02-10') set location"],
    ("hive", "full refresh"): ["fct_cloudtrail_log_files__new_"],
    ("iceberg", "run"): ["merge into"],
    ("iceberg", "full refresh"): ["merge into"],
}


class Story:
    """A trail that grows, its tables, and runs on them that are killed."""

    def __init__(
        self,
        local: LocalAthena,
        new_lake: Callable[..., Lake],
        folder: Path,
        table_type: str,
    ) -> None:
        """Load what is there at the beginning."""
        self.trail = Trail(local, folder, f"kills_{table_type}_{folder.name}")
        self.table_type = table_type
        self.steps = 0
        self.lake = new_lake(
            f"s3://{BUCKET}/{self.trail.name}",
            table_type=table_type,
            layout="projected",
            account_ids=[ACCOUNT],
            regions=[REGION],
            start_date="2024-02-08",
            end_date=f"2024-02-{LAST}",
            lookback_days=1,
        )
        owned = [
            of_day(
                10, f"owner {number}", sharedEventID=f"s{number}", userIdentity=OWNER
            )
            for number in range(OWNED)
        ]
        self.trail.write(10, 1, of_day(10, "stays"), of_day(11, "stays too"), *owned)
        for number, day in enumerate(LONELY):
            self.trail.write(day, 1, self.lonely(number, OWNER))
        self.trail.write(19, 1, of_day(19, "yesterday's"))
        self.trail.arrive()
        self.lake.do("seed")
        self.lake.make_table()
        self.server = Server(
            "athena",
            self.options(folder),
            {name: text for name, text in self.lake.environment.items() if text},
            folder / "output.txt",
        )

    def options(self, folder: Path) -> list[str]:
        """Return dbt's options."""
        given = {
            f"cloudtrail_{name}": value for name, value in self.lake.variables.items()
        }
        options = {
            "--project-dir": PROJECT,
            "--profiles-dir": self.lake.folder,
            "--target-path": folder / "target",
            "--log-path": folder / "logs",
            "--target": "athena",
            "--log-level-file": "none",
            "--vars": json.dumps(given),
        }
        return ["--quiet", *[str(part) for pair in options.items() for part in pair]]

    def lonely(self, number: int, identity: dict | None = None) -> dict[str, Any]:
        """Return a copy of the only record in a folder."""
        fields = {"userIdentity": identity} if identity else {}
        return event(
            eventID=f"lonely {number} {bool(identity)}",
            sharedEventID=f"lonely {number}",
            eventTime="2024-01-01T10:00:00Z",
            **fields,
        )

    def arrive(self) -> None:
        """Have files arrive that add rows and take some from old folders."""
        number = self.steps
        self.steps += 1
        self.trail.write(
            LAST,
            number + 1,
            of_day(10, f"caller {number}", sharedEventID=f"s{number}"),
            of_day(LAST, f"new {number}"),
            of_day(19, f"late {number}"),
            *([self.lonely(number)] if number < len(LONELY) else []),
        )
        self.trail.arrive()

    def run(self, *arguments: str, **stops: int | str | None) -> Started:
        """Begin a run."""
        return self.server.start(*without_decisions(("run", *arguments)), **stops)

    def load(self, *arguments: str) -> None:
        """Run the models, which must succeed, and compare the tables."""
        ended = self.run(*arguments).until_ended()
        assert ended.success, ended.error
        assert self.wrong() == []

    def wrong(self) -> list[str]:
        """Say how the tables differ from what the files hold."""
        return differences(tables(self.trail.seen, LAST), self.lake)

    def requests(self) -> set[str]:
        """Return the requests that a reader finds."""
        return {
            row["request_key"]
            for row in self.lake.query("select request_key from fct_s3_requests")
        }

    def kills(self, kind: str, share: int) -> Iterator[list[str]]:
        """Kill runs of a kind, at named statements or at all of a share."""
        for point in POINTS[self.table_type, kind][share :: len(SHARES)]:
            is_killed, wrong = self.killed(kind, point)
            assert is_killed, f"no statement holds {point}"
            yield wrong
        for number in itertools.count(share + 1, len(SHARES)) if IS_THOROUGH else ():
            is_killed, wrong = self.killed(kind, number)
            yield wrong
            if not is_killed:
                assert number > len(SHARES), "no run is killed"
                break

    def killed(self, kind: str, point: int | str) -> tuple[bool, list[str]]:
        """Kill a run, let the next one end, and say what is wrong.

        Returns:
            whether the run got as far as where it is killed, and what is wrong.
        """
        self.arrive()
        there, requests = self.public_tables(), self.requests()
        broken = self.run(*OPTIONS[kind], kill_at=point).until_ended()
        assert broken.killed or broken.success, broken.error
        wrong = [f"{name} is gone" for name in there - self.public_tables()]
        missing = requests - self.requests()
        wrong += [f"{name} is missing" for name in sorted(missing)]
        ended = self.run().until_ended()
        wrong += [] if ended.success else [ended.error]
        wrong += self.wrong()
        if wrong:
            wrong = [f"killed at {point}: {broken.statements[-1][-200:]}", *wrong]
        return broken.killed, wrong

    def public_tables(self) -> set[str]:
        """Return the names of the tables that readers know."""
        return {
            name
            for name in self.lake.tables()
            if name.startswith("fct_") and "__" not in name
        }


def scope(**_: Any) -> str:
    """Return the scope of a story: it has enough to tell for one share."""
    return "function" if IS_THOROUGH else "module"


@pytest.fixture(scope=scope, params=TABLE_TYPES)
def story(
    request: pytest.FixtureRequest,
    local: LocalAthena,
    new_lake: Callable[..., Lake],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """Return a loaded trail with tables of a type."""
    told = Story(local, new_lake, tmp_path_factory.mktemp("story"), request.param)
    told.load()
    yield told
    told.server.stop()


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("kind", OPTIONS)
def test_a_kill_at_a_statement(kind: str, share: int, story: Story) -> None:
    """Readers lose no table and no row, and the next run ends in the right tables."""
    if (story.table_type, kind) == ("iceberg", "full refresh") and not IS_THOROUGH:
        pytest.skip("make test-all")
    assert list(filter(None, story.kills(kind, share))) == []


def test_an_orphaned_statement(story: Story, local: LocalAthena) -> None:
    """What a killed run's statement does after the next run has ended changes nothing.

    It waits in the queue meanwhile, as where Athena has much to do.
    """
    held = {"hive": NEW_FACT, "iceberg": "merge into"}[story.table_type]
    story.arrive()
    local.hold_next(held)
    assert story.run(kill_at=held).until_ended().killed
    orphan = local.queries()[-1]["QueryExecutionId"]
    story.arrive()
    story.load()
    local.release()
    athena = local.client("athena")
    while True:
        told = athena.get_query_execution(QueryExecutionId=orphan)
        state = told["QueryExecution"]["Status"]["State"]
        if state not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.1)
    assert state == {"hive": "SUCCEEDED", "iceberg": "FAILED"}[story.table_type]
    assert story.wrong() == []


def test_two_runs_at_once(story: Story) -> None:
    """The slower one ends or is stopped; the next run ends in the right tables."""
    if story.table_type == "iceberg" and not IS_THOROUGH:
        pytest.skip("make test-all")
    story.arrive()
    slow = story.run(pause_at=NEW_FACT).until_paused()
    story.arrive()
    story.lake.do("run")
    assert story.wrong() == []
    slow.resume()
    assert slow.success or NEW_FACT in slow.error, slow.error
    story.load()


def test_what_a_killed_run_left_goes_a_day_later(story: Story) -> None:
    """Its table goes, and its files go that no table has got."""
    if story.table_type == "iceberg" and not IS_THOROUGH:
        pytest.skip("make test-all")
    for name in ("fct_s3_requests", "fct_s3_activity_daily"):
        story.lake.query(
            f"create table {name}__new_20240101000000_a with ("
            f" external_location = 's3://{RESULTS_BUCKET}/left/{name}/',"
            f" format = 'PARQUET') as select 1 as a"
        )
    story.load()
    assert not [name for name in story.lake.tables() if "__new_20240101" in name]
    listed = story.lake.local.client("s3").list_objects_v2(
        Bucket=RESULTS_BUCKET, Prefix="left/"
    )
    assert listed["KeyCount"] == 0
