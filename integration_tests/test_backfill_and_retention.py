"""Loading a range of days, and dropping what is past the retention."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import backfill
import duckdb
import oracle
import pytest
from checkouts import Checkout
from comparison import assert_tables, differences
from driver import Row, Run, Warehouse
from february import OTHER_ACCOUNT, OWNER, event, log
from local_dbt import Stopped
from thorough import IS_THOROUGH, only_thorough

LAST = 8
LOADS = "fct_cloudtrail_loads"
# What is kept by log day.
BY_LOG_DAY = (
    "fct_s3_requests",
    "fct_cloudtrail_log_files",
    LOADS,
    "int_s3_owner_copies",
)
APPLY = "cloudtrail_apply_retention"
SIGV2 = {"SignatureVersion": "SigV2", "AuthenticationMethod": "AuthHeader"}


def on(day: int, name: str, **fields: Any) -> dict[str, Any]:
    """Return a record of a day in February 2024."""
    fields = {"eventID": f"{name} of {day}", **fields}
    return event(eventTime=f"2024-02-{day:02}T23:10:00Z", **fields)


def write_day(root: Path, day: int) -> None:
    """Write a day's files: late events too, and copies of the day before.

    Of the copies the caller's counts, which comes a day after the owner's.
    """
    log(
        root,
        day,
        1,
        on(day, "first"),
        on(day, "second", additionalEventData=SIGV2),
        on(
            day,
            "owner",
            sharedEventID=f"shared {day}",
            userIdentity=OWNER,
            recipientAccountId=OTHER_ACCOUNT,
        ),
    )
    log(
        root,
        day,
        2,
        on(day - 1, "late"),
        on(day - 1, "caller", sharedEventID=f"shared {day - 1}"),
        on(day, "again", eventID=f"first of {day}"),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with the logs of eight days."""
    for day in range(2, LAST + 1):
        write_day(tmp_path / "logs", day)
    log(tmp_path / "logs", 1, 1, on(1, "first"))
    return tmp_path / "logs"


@pytest.fixture
def warehouse(root: Path, new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Return a database for these logs on their last day, with nothing loaded."""
    return new_warehouse(root, end_date=f"2024-02-{LAST:02}")


def expected(root: Path, first: int = 1, last: int = LAST) -> oracle.Tables:
    """Return what a full load of some days makes."""
    return oracle.tables(
        root,
        oracle.Settings(start_date=date(2024, 2, first), end_date=date(2024, 2, last)),
    )


def fill(warehouse: Warehouse, first: int, last: int) -> Run:
    """Load a range of days."""
    return warehouse.load(**days(first, last))


def days(first: int, last: int) -> dict[str, str]:
    """Return the variables of a range of days."""
    return {
        "backfill_start": f"2024-02-{first:02}",
        "backfill_end": f"2024-02-{last:02}",
    }


def loaded_days(warehouse: Warehouse) -> list[int]:
    """Return the log days of which a file is loaded."""
    return sorted({row["log_date"].day for row in warehouse.rows(LOADS)})


# ------------------------------------------------------ A range of days


@pytest.mark.parametrize(
    "ranges",
    [
        pytest.param([(1, 3), (4, 6), (7, 8)], marks=only_thorough),
        pytest.param([(7, 8), (4, 6), (1, 3)], marks=only_thorough),
        [(3, 4), (4, 5), (8, 8), (2, 2), (3, 7)],
    ],
    ids=["oldest first", "newest first", "with overlaps and holes"],
)
def test_ranges_in_any_order(
    ranges: list[tuple[int, int]], root: Path, warehouse: Warehouse
) -> None:
    """Each reads its days alone; an ordinary run then reads what is missing."""
    done: set[int] = set()
    for first, last in ranges:
        fill(warehouse, first, last)
        done |= set(range(first, last + 1))
        assert loaded_days(warehouse) == sorted(done)
        if len(done) == last - first + 1:
            assert_tables(expected(root, first, last), warehouse)
    warehouse.load()
    assert_tables(expected(root), warehouse)


def test_same_range_twice_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.load()
    before = warehouse.snapshot()
    fill(warehouse, 2, 5)
    assert warehouse.snapshot() == before


def test_new_files_outside_of_the_range_wait(root: Path, warehouse: Warehouse) -> None:
    warehouse.load()
    log(root, 3, 9, on(3, "inside"))
    log(root, 6, 9, on(6, "outside"))
    fill(warehouse, 1, 5)
    ids = {row["event_id"] for row in warehouse.rows("fct_s3_requests")}
    assert "inside of 3" in ids and "outside of 6" not in ids
    warehouse.load()
    assert_tables(expected(root), warehouse)


def test_a_changed_file_uncovers_a_copy_outside_of_the_range(
    root: Path, warehouse: Warehouse
) -> None:
    """No later run would look for it, because the changed file is loaded then."""
    warehouse.load()
    changed = log(root, 6, 2, on(5, "late"))
    os.utime(changed, (1, 1))
    fill(warehouse, 6, 6)
    assert_tables(expected(root), warehouse)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"backfill_start": "2024-02-03"}, "cloudtrail_backfill_end is empty"),
        ({"backfill_end": "2024-02-03"}, "cloudtrail_backfill_start is empty"),
        (days(4, 3), "cloudtrail_backfill_end 2024-02-03 is before"),
        (days(4, 9), "cloudtrail_backfill_end 2024-02-09 is after 2024-02-08"),
        (
            {**days(2, 3), "start_date": "2024-02-03"},
            "cloudtrail_backfill_start 2024-02-02 is before 2024-02-03",
        ),
        (
            {**days(2, 3), "retention_days": 5},
            "cloudtrail_backfill_start 2024-02-02 is before 2024-02-03",
        ),
        (
            {**days(2, 3), "backfill_end": "3' or '1'='1"},
            "cloudtrail_backfill_end: 3' or '1'='1 is no day",
        ),
    ],
)
def test_ranges_that_are_none(
    given: dict[str, Any], said: str, warehouse: Warehouse
) -> None:
    assert said in warehouse.refused(**given)
    assert warehouse.rows("fct_s3_requests") == []


def test_a_full_refresh_of_a_range_is_refused(warehouse: Warehouse) -> None:
    """It would lose the other days."""
    warehouse.load()
    before = warehouse.snapshot()
    said = warehouse.refused("--full-refresh", **days(2, 3))
    assert "2024-02-02 to 2024-02-03 alone would lose the others" in said
    assert warehouse.snapshot() == before


def test_a_range_after_a_rebuild_that_stopped_is_refused(
    root: Path, warehouse: Warehouse
) -> None:
    """It would be a first load, of its days alone."""
    warehouse.load()
    warehouse.load("--full-refresh", "-s", "+fct_s3_requests")
    said = warehouse.refused(**days(2, 3))
    assert "a rebuild has not ended" in said
    assert "the log days 2024-02-02 to 2024-02-03 would lose the others" in said
    warehouse.load()
    assert_tables(expected(root), warehouse)


def test_a_first_range_without_files_is_refused(
    root: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Later it is nothing to do."""
    warehouse = new_warehouse(root)
    empty = {"backfill_start": "2024-03-01", "backfill_end": "2024-03-02"}
    said = warehouse.refused(**empty)
    assert "holds no log file of the days 2024-03-01 to 2024-03-02" in said
    warehouse.load()
    before = warehouse.snapshot()
    warehouse.load(**empty)
    assert warehouse.snapshot() == before


def test_days_to_read(root: Path, warehouse: Warehouse) -> None:
    """Those with a file that is new or changed, and all of their files."""

    def asked() -> list[Row]:
        run = warehouse.run(
            "cloudtrail_print_backfill_days", command="run-operation", **days(2, 5)
        )
        assert run.success, run.error
        return json.loads(run.printed[-1])

    def size(day: int) -> int:
        files = (root / "AWSLogs").rglob(f"2024/02/{day:02}/*")
        return sum(file.stat().st_size for file in files)

    assert asked() == [
        {"day": f"2024-02-{day:02}", "files": 2, "bytes": size(day)}
        for day in range(2, 6)
    ]
    fill(warehouse, 2, 4)
    log(root, 3, 3, on(3, "new"))
    assert asked() == [
        {"day": "2024-02-03", "files": 3, "bytes": size(3)},
        {"day": "2024-02-05", "files": 2, "bytes": size(5)},
    ]
    warehouse.load()
    assert asked() == []


# ------------------------------------------------------ Days past the retention


def apply(warehouse: Warehouse, arguments: str = "{}", **variables: Any) -> Run:
    """Remove what is past the retention of three days: days 1 to 4."""
    given = {"retention_days": 3, **variables}
    return warehouse.run(APPLY, "--args", arguments, command="run-operation", **given)


def log_days(tables: oracle.Tables, table: str) -> set[date]:
    """Return the log days of a table's rows."""
    return {row["log_date"] for row in tables[table]}


def removed(run: Run) -> list[str]:
    """Return the lines on the tables."""
    assert run.success, run.error
    return [line.strip() for line in run.printed if line.startswith("  ")]


def test_retention_leaves_a_full_load_of_the_days_kept(
    root: Path, warehouse: Warehouse
) -> None:
    warehouse.load()
    whole, kept = expected(root), expected(root, 5)
    before = warehouse.snapshot()
    told = removed(apply(warehouse, "{dry_run: true}"))
    assert warehouse.snapshot() == before
    assert told == [
        *[
            f"{table}: {len(whole[table]) - len(kept[table])} rows of"
            f" {len(log_days(whole, table) - log_days(kept, table))} log days go"
            for table in BY_LOG_DAY
        ],
        f"counts by day: 4 event days of {', '.join(sorted(oracle.DAILY))}"
        " are counted anew",
    ]
    # The event day 4 has rows that go and rows that stay.
    assert {4} == {
        row["event_date"].day
        for row in kept["fct_s3_requests"]
        if row["event_date"] < date(2024, 2, 5)
    }
    assert removed(apply(warehouse)) == told
    requesters = "fct_s3_sigv2_requesters"
    without = {name: rows for name, rows in kept.items() if name != requesters}
    assert_tables(without, warehouse)
    run = apply(warehouse)
    assert all(": 0 " in line for line in removed(run))
    assert_tables(without, warehouse)
    warehouse.load(retention_days=3)
    assert_tables(kept, warehouse)


def test_no_run_reads_what_is_past_the_retention(
    root: Path, warehouse: Warehouse
) -> None:
    """A late file, the files themselves, and files that are gone."""
    warehouse.load()
    apply(warehouse)
    log(root, 4, 9, on(4, "too late"))
    log(root, 5, 9, on(5, "in time"))
    warehouse.load(retention_days=3)
    kept = expected(root, 5)
    assert_tables(kept, warehouse)
    warehouse.load("--full-refresh", retention_days=3)
    assert_tables(kept, warehouse)
    # A longer one reads them again.
    warehouse.load(retention_days=4)
    assert_tables(expected(root, 4), warehouse)


def test_a_refresh_loses_nothing_that_is_past_the_retention(
    root: Path, warehouse: Warehouse
) -> None:
    """Where the days are still stored, but their files are gone."""
    warehouse.load()
    for file in (root / "AWSLogs").rglob("2024/02/0[1-4]/*"):
        file.unlink()
    assert "would lose 4 loaded days" in warehouse.refused("--full-refresh")
    warehouse.load(retention_days=3)
    assert len(loaded_days(warehouse)) == LAST
    warehouse.load("--full-refresh", retention_days=3)
    assert_tables(expected(root, 5), warehouse)


def test_a_request_goes_with_the_copy_that_counts(
    root: Path, warehouse: Warehouse
) -> None:
    """Its other copy, in a day that stays, is counted as a duplicate."""
    log(root, 5, 9, on(4, "delivered again", eventID="first of 4"))
    warehouse.load()
    apply(warehouse)
    lines = differences(expected(root, 5), warehouse)
    assert any("1 rows expected, 0 found: first of 4" in line for line in lines)
    warehouse.load("--full-refresh", retention_days=3)
    assert_tables(expected(root, 5), warehouse)


def test_all_days_may_be_past_the_retention(root: Path, warehouse: Warehouse) -> None:
    """The next run is a first one."""
    warehouse.load()
    apply(warehouse, end_date="2024-05-01")
    for table in ("fct_s3_requests", "fct_s3_activity_daily", LOADS):
        assert warehouse.rows(table) == []
    warehouse.load()
    assert_tables(expected(root), warehouse)


def test_retention_of_nothing_is_refused(warehouse: Warehouse) -> None:
    warehouse.load()
    before = warehouse.snapshot()
    run = apply(warehouse, retention_days=0)
    assert not run.success
    assert "cloudtrail_retention_days is 0, which keeps every log day" in run.error
    run = apply(warehouse, retention_days="all")
    assert not run.success and "must be a whole number" in run.error
    assert warehouse.snapshot() == before


def test_retention_of_tables_that_are_not_there(warehouse: Warehouse) -> None:
    run = apply(warehouse)
    assert not run.success
    assert "there is no table fct_s3_requests" in run.error


def dies_at(warehouse: Warehouse, number: int) -> bool:
    """Kill the command before one of its statements; tell whether it came to it."""
    statements = 0

    def count(event: Any) -> None:
        nonlocal statements
        if event.info.name == "SQLQuery":
            statements += 1
            if statements == number:
                os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        try:
            run = warehouse.run(
                APPLY, command="run-operation", watch=count, retention_days=3
            )
            os._exit(0 if run.success else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_at_any_statement(
    root: Path, warehouse: Warehouse, tmp_path: Path
) -> None:
    """The same command again removes all; a run in between does no harm."""
    warehouse.load()
    before, kept = warehouse.snapshot(), expected(root, 5)
    del kept["fct_s3_sigv2_requesters"]
    number = 0
    while True:
        number += 1 if IS_THOROUGH else 5
        copy = warehouse.copy(tmp_path / str(number))
        if not dies_at(copy, number):
            break
        assert copy.snapshot() == before, f"statement {number}"
        if number % 2 == 0:
            copy.load(retention_days=3)
        assert apply(copy).success
        assert differences(kept, copy) == [], f"statement {number}"
    assert number > 10


# ------------------------------------------------------ The command


def of_environment(**values: str) -> backfill.Asked:
    """Return what the environment asks for."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("START", "END", "DAYS", "DRY_RUN", "TARGET"):
            patch.setenv(name, values.get(name, ""))
        return backfill.asked([])


def test_options_are_those_of_make() -> None:
    given = backfill.asked(
        "--start 2024-02-01 --end 2024-02-09 --days 3 --dry-run --target athena".split()
    )
    assert given == of_environment(
        START="2024-02-01", END="2024-02-09", DAYS="3", DRY_RUN="1", TARGET="athena"
    )
    given = backfill.asked(["--start", "2024-02-01", "--end", "2024-02-09"])
    assert given == of_environment(START="2024-02-01", END="2024-02-09", DRY_RUN="0")


@pytest.mark.parametrize("arguments", [["--start", "2024-02-01"], ["--dry-run"], []])
def test_both_days_are_needed(arguments: list[str]) -> None:
    with pytest.raises(Stopped, match="needs its first and its last log day"):
        backfill.asked(arguments) if arguments else of_environment(END="2024-02-01")


def test_unknown_options() -> None:
    with pytest.raises(Stopped, match="unrecognized arguments: --from 1;"):
        backfill.asked(["--from", "1"])


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "seven", "²"])
def test_chunks_of_no_days(text: str) -> None:
    with pytest.raises(Stopped, match=r"^DAYS: .* is no number of days"):
        backfill.chunk_length(text)


@pytest.mark.parametrize("length", [1, 2, 3, 31, 100])
def test_chunks_hold_each_day_once(length: int) -> None:
    first = date(2024, 1, 30)
    listed = [
        {"day": (first + timedelta(days=at)).isoformat()} for at in range(0, 31, 2)
    ]
    parts = list(backfill.chunks(listed, "2024-01-30", "2024-02-29", length))
    assert [day for part in parts for day in part.days] == listed
    assert len(parts) == -(-31 // length)
    for part in parts:
        for day in part.days:
            offset = (date.fromisoformat(day["day"]) - first).days
            assert offset // length == part.number - 1


def database(path: Path) -> SimpleNamespace:
    """Return what reads a database's tables."""

    def rows(table: str) -> list[Row]:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            cursor = connection.execute(f'select * from "{table}"')
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return SimpleNamespace(rows=rows)


def test_make_loads_chunks_and_goes_on_where_it_stopped(
    checkout: Checkout, root: Path, tmp_path: Path
) -> None:
    """A damaged file stops the second chunk; mended, the rest is loaded."""
    path = tmp_path / "test.duckdb"
    command = [
        "backfill",
        "START=2024-02-01",
        f"END=2024-02-{LAST:02}",
        "DAYS=3",
        f"CLOUDTRAIL_ROOT={root}",
        f"CLOUDTRAIL_DUCKDB_PATH={path}",
    ]
    done = checkout.make(*command, "DRY_RUN=1")
    assert done.returncode == 0, done.stderr
    assert "3 chunks of 3 days, 0 have nothing to load" in done.stdout
    assert "chunk 1/3: 2024-02-01 to 2024-02-03, 3 days, 5 files, " in done.stdout
    assert "nothing was read or changed" in done.stdout
    assert not path.exists()

    (damaged,) = (root / "AWSLogs").rglob("2024/02/05/*0000001.json.gz")
    whole = damaged.read_bytes()
    damaged.write_bytes(gzip.compress(b'{"Records": [')[:-9])
    done = checkout.make(*command)
    assert done.returncode != 0
    said = done.stderr.splitlines()[0]
    assert said.startswith("Chunk 2/3, 2024-02-04 to 2024-02-06: The file ")
    assert str(damaged) in said and "Traceback" not in done.stderr
    assert done.stdout.index("chunk 1/3") < done.stdout.index("checks passed")
    assert "chunk 3/3" not in done.stdout
    assert differences(expected(root, 1, 3), database(path)) == []

    damaged.write_bytes(whole)
    before = database(path).rows(LOADS)
    done = checkout.make(*command, "DRY_RUN=1")
    assert "3 chunks of 3 days, 1 have nothing to load" in done.stdout
    assert database(path).rows(LOADS) == before
    done = checkout.make(*command)
    assert done.returncode == 0, done.stderr
    assert "chunk 1/3" not in done.stdout
    assert done.stdout.index("chunk 2/3") < done.stdout.index("chunk 3/3")
    assert "2 chunks loaded" in done.stdout
    assert differences(expected(root), database(path)) == []
    done = checkout.make(*command)
    assert done.returncode == 0, done.stderr
    assert "0 chunks loaded" in done.stdout


def test_make_refuses_what_it_cannot_load(
    checkout: Checkout, root: Path, tmp_path: Path
) -> None:
    def said(*more: str) -> str:
        return checkout.refused(
            "backfill",
            "START=2024-02-01",
            "END=2024-02-03",
            f"CLOUDTRAIL_ROOT={root}",
            f"CLOUDTRAIL_DUCKDB_PATH={tmp_path / 'test.duckdb'}",
            *more,
        )

    assert "no is no target of profiles.example.yml" in said("TARGET=no")
    assert "FULL_REFRESH would lose the days" in said("FULL_REFRESH=1")
    assert "END" in said("END=")
    assert "cloudtrail_backfill_start: $(id) is no day" in said("START=$(id)")
