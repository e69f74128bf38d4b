"""The tables depend on the set of files, not on how or when they were loaded.

Hypothesis draws the histories and the orders. A failing example is printed as
a story: which file held which records, and which runs came in between.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import hostile
import oracle
import pytest
from comparison import assert_tables
from driver import PROJECT, REAL_LOGS, SAMPLES, SCHEMA, Run, Warehouse
from february import copy_files, days_of, event, log
from histories import History, Play, histories
from hypothesis import given, note, settings
from hypothesis import strategies as st
from thorough import only_thorough

# An example on a whole archive costs many times one of a few files.
FEW = settings(max_examples=max(1, settings().max_examples // 10))


@given(history=histories(), is_rebuilt=st.booleans())
def test_any_history(
    history: History,
    is_rebuilt: bool,
    new_warehouse: Callable[..., Warehouse],
) -> None:
    """Whatever came and ran, the tables are those of the files seen."""
    with tempfile.TemporaryDirectory() as folder:
        play = Play(history, Path(folder), new_warehouse, note)
        play.act()
        if is_rebuilt:
            play.compare_with_full_refresh()


# ------------------------------------------------------------- Whole archives


@dataclass
class Archive:
    """A folder of logs, and the tables that one full load makes of it.

    Attributes:
        folder: the logs.
        root: a folder that they are copied to, step by step.
        days: the files by the day of their folder.
        tables: every row of the tables, without the time of the run.
        new_warehouse: makes a database for the logs below a root.
    """

    folder: Path
    root: Path
    days: list[list[str]]
    tables: dict[str, list[str]]
    new_warehouse: Callable[..., Warehouse]

    def load(self, steps: list[list[str]]) -> None:
        """Load the files in steps, and compare with the full load."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir()
        warehouse = self.new_warehouse(self.root)
        is_refused = True
        for names in steps:
            copy_files(self.folder, self.root, names)
            # A root that holds files of other JSON alone is refused.
            is_refused = is_refused and all(
                oracle.read_file(self.folder / name).status == "ignored"
                for name in names
            )
            if not is_refused:
                warehouse.load()
        found = warehouse.snapshot("loaded_at")
        for table, rows in self.tables.items():
            assert found[table] == rows, f"{table} differs from a full load"


def write_generated(folder: Path) -> Path:
    """Write the logs of a busy trail."""
    options = {"--out": folder, "--events": 3000, "--days": 5, "--files": 30}
    subprocess.run(
        [
            sys.executable,
            PROJECT / "benchmarks" / "generate.py",
            "--first-day=2024-01-01",
            *[str(part) for pair in options.items() for part in pair],
        ],
        check=True,
    )
    return folder


def write_hostile(folder: Path) -> Path:
    """Write odd logs."""
    hostile.write_logs(folder, 12)
    return folder


ARCHIVES: dict[str, Callable[[Path], Path]] = {
    "samples": lambda _: SAMPLES,
    "genuine": lambda _: REAL_LOGS,
    "hostile": write_hostile,
    "generated": write_generated,
}


@pytest.fixture(scope="module", params=list(ARCHIVES))
def archive(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_warehouse: Callable[..., Warehouse],
) -> Archive:
    """Return an archive whose full load is as the reference says."""
    if request.param == "genuine" and not REAL_LOGS.is_dir():
        pytest.skip("no genuine logs here")
    place = tmp_path_factory.mktemp(request.param)
    folder = ARCHIVES[request.param](place / "logs")
    root, days = place / "root", days_of(folder)
    copy_files(folder, root, sum(days, []))
    warehouse = new_warehouse(root)
    warehouse.load()
    assert_tables(oracle.tables(root), warehouse)
    tables = warehouse.snapshot("loaded_at")
    return Archive(folder, root, days, tables, new_warehouse)


@only_thorough
def test_day_by_day(archive: Archive) -> None:
    """A load for every day makes what one load makes."""
    archive.load(archive.days)


@only_thorough
def test_newest_day_first(archive: Archive) -> None:
    """So does a backfill that goes back in time."""
    archive.load(archive.days[::-1])


@FEW
@given(data=st.data())
def test_random_chunks(archive: Archive, data: st.DataObject) -> None:
    """So does any partition of the files, in any order."""
    files = data.draw(st.permutations(sum(archive.days, [])))
    bounds = sorted(data.draw(st.lists(st.integers(0, len(files)), max_size=3)))
    steps = [
        list(files[start:end])
        for start, end in zip([0, *bounds], [*bounds, len(files)], strict=True)
    ]
    archive.load(steps)


# ---------------------------------------------- Duplicates that are weeks apart

RANKING_COLUMNS = {
    "request_key",
    "event_date",
    "log_date",
    "log_file",
    "user_arn",
    "addendum_reason",
}
WIDE_COLUMNS = {
    "event_id",
    "request_id",
    "object_key",
    "user_agent",
    "error_message",
    "request_parameters",
    "additional_event_data",
}
# What is counted by prefixes, messages or parameters of URLs reads them, of the event
# days that it counts anew.
COUNTS_OF_TEXTS = (
    "int_s3_acl_use_daily",
    "int_s3_denials_daily",
    "int_s3_presigned_urls_daily",
    "int_s3_public_access_daily",
)


STATEMENT = re.compile(r"On model\.cloudtrail_s3\.(\w+): /\*.*?\*/(.*)", re.DOTALL)


@dataclass
class Scan:
    """How a statement reads the stored rows of the fact.

    Attributes:
        node: the model that the statement is of.
        columns: the columns that are read.
        days: the days that the filter on them names.
    """

    node: str
    columns: set[str]
    days: set[str]


def statements_of(run: Run) -> Iterator[tuple[str, duckdb.Statement]]:
    """Yield the SQL of a run, and the model that it is of."""
    for message in run.messages:
        said = STATEMENT.match(message)
        if said:
            for statement in duckdb.extract_statements(said[2]):
                if statement.type != duckdb.StatementType.TRANSACTION:
                    yield said[1], statement


def scans_of_fact(plan: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what a plan says of each scan of the fact."""
    for part in plan:
        extra = part.get("extra_info", {})
        if str(extra.get("Table", "")).endswith(f".{SCHEMA}.fct_s3_requests"):
            yield extra
        yield from scans_of_fact(part.get("children", []))


def scans(run: Run, before: Path) -> list[Scan]:
    """Return how a run read the fact, told by acting it out once more.

    Args:
        run: the run.
        before: a copy of the database as it was before the run.
    """
    found = []
    with duckdb.connect(str(before)) as connection:
        for node, statement in statements_of(run):
            if statement.type in statement_types("SELECT CREATE INSERT DELETE"):
                explained = connection.execute(
                    f"explain (format json) {statement.query}"
                ).fetchall()
                for extra in scans_of_fact(json.loads(explained[0][1])):
                    columns = extra.get("Projections") or []
                    columns = [columns] if isinstance(columns, str) else columns
                    filters = str(extra.get("Filters", ""))
                    days = re.findall(r"event_date[^)]*?'(\d{4}-\d\d-\d\d)'", filters)
                    found.append(Scan(node, set(columns), set(days)))
            connection.execute(statement).fetchall()
    return found


def statement_types(names: str) -> list[duckdb.StatementType]:
    """Return types of statements by their names."""
    return [getattr(duckdb.StatementType, name) for name in names.split()]


def test_history_is_not_read_for_duplicates(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A copy that comes weeks later meets narrow columns of its event day.

    What reads more columns than the ranking needs keeps to the event days of the
    run, and only the counts that are made of wide columns read such.
    """
    root = tmp_path / "root"
    warehouse = new_warehouse(root)
    for day in (*range(1, 20), 29):
        records = [
            event(eventID=f"{day} {number}", eventTime=f"2024-02-{day:02}T10:00:00Z")
            for number in range(3)
        ]
        log(root, day, 1, *records)
    warehouse.load()
    before = warehouse.copy(tmp_path / "before")
    copy = event(eventID="10 1", eventTime="2024-02-10T10:00:00Z")
    log(root, 28, 1, copy, event(eventID="new", eventTime="2024-02-28T10:00:00Z"))
    run = warehouse.load()
    assert_tables(oracle.tables(root), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 61
    found = scans(run, before.path)
    of_the_fact = [scan for scan in found if scan.node == "fct_s3_requests"]
    assert [scan for scan in of_the_fact if "request_key" in scan.columns]
    for scan in of_the_fact:
        assert scan.columns <= RANKING_COLUMNS, scan
    for scan in found:
        if scan.node not in COUNTS_OF_TEXTS:
            assert not scan.columns & WIDE_COLUMNS, scan
        if not scan.columns <= {"event_date", "log_date", "log_file"}:
            assert scan.days == {"2024-02-10", "2024-02-28"}, scan
