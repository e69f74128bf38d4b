"""What a run that fails, or does not run all models, leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import hostile
import oracle
from comparison import assert_tables
from driver import PROJECT, Warehouse


def day_file(root: Path, day: int, name: str, **fields: Any) -> Path:
    """Write a log file of one request to the folder of a day."""
    record = hostile.plain_record(
        eventID=f"{day} {name}", eventTime=f"2024-02-{day:02}T10:00:00Z", **fields
    )
    path = root / f"AWSLogs/111122223333/CloudTrail/us-east-1/2024/02/{day:02}"
    return hostile.write(path / f"{name}.json", hostile.envelope([record]))


def test_failed_refresh_loses_nothing(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A full refresh that meets a damaged file leaves every table as it was.

    Also the loads: else the next run would start from nothing, and drop the
    days whose files have expired meanwhile.
    """
    warehouse = new_warehouse(tmp_path)
    expiring = day_file(tmp_path, 10, "expiring")
    day_file(tmp_path, 11, "kept")
    warehouse.load()
    before = warehouse.snapshot()
    damaged = day_file(tmp_path, 12, "damaged")
    damaged.write_text('{"Records": [', "utf-8")
    assert str(damaged) in warehouse.refused("--full-refresh")
    assert warehouse.snapshot() == before
    damaged.unlink()
    expiring.unlink()
    warehouse.load()
    assert warehouse.snapshot() == before


def test_refresh_of_one_table_is_refused(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A table that remembers files is not rebuilt from the last run alone."""
    warehouse = new_warehouse(tmp_path)
    for day in (10, 11):
        day_file(tmp_path, day, "a")
        warehouse.load()
    before = warehouse.snapshot()
    for table in (
        "fct_s3_requests",
        "fct_cloudtrail_log_files",
        "fct_cloudtrail_loads",
        "int_s3_owner_copies",
    ):
        sentence = warehouse.refused("--full-refresh", "--select", table)
        assert "without a selection" in sentence, table
    assert warehouse.snapshot() == before


def test_loads_never_say_more_than_the_tables(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """The loads, run alone after a run that stopped early, are refused."""
    warehouse = new_warehouse(tmp_path)
    day_file(tmp_path, 10, "a")
    warehouse.load()
    day_file(tmp_path, 10, "b")
    warehouse.load("--select", "+int_cloudtrail_files_read")
    assert "2024-02-10" in warehouse.refused("--select", "fct_cloudtrail_loads")
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


# Selections with the loads that leave out a table, and that table.
LEFT_OUT = {
    "--exclude int_s3_owner_copies": "int_s3_owner_copies",
    "--exclude int_s3_access_daily --full-refresh": "int_s3_access_daily",
    "--exclude fct_s3_requests": "fct_s3_requests",
    "--select path:models/requests": "_daily does not hold",
    "--select int_s3_batch+ --exclude fct_s3_activity_daily": "fct_s3_activity_daily",
}


def test_no_table_is_left_out(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A run that would call files loaded which a table does not get is refused.

    One that leaves out the loads as well, or writes nothing new, is not.
    """
    warehouse = new_warehouse(tmp_path)
    day_file(tmp_path, 10, "a")
    warehouse.load()
    warehouse.load("--select", "stg_cloudtrail__events", "fct_cloudtrail_loads")
    for day, (selection, table) in enumerate(LEFT_OUT.items(), 11):
        day_file(tmp_path, day, "b")
        assert table in warehouse.refused(*selection.split()), selection
        assert len(warehouse.rows("fct_cloudtrail_loads")) <= 1
    warehouse.load("--exclude", "int_s3_owner_copies", "fct_cloudtrail_loads")
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


def process(warehouse: Warehouse, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt as a user does: it has parsed nothing before."""
    folder = warehouse.project.folder
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), *arguments),
            *("--project-dir", PROJECT, "--profiles-dir", folder),
            *("--target-path", warehouse.path.parent / "target"),
            *("--log-path", warehouse.path.parent / "logs"),
        ],
        env={
            **os.environ,
            "CLOUDTRAIL_DUCKDB_PATH": str(warehouse.path),
            "CLOUDTRAIL_ROOT": warehouse.root,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_retry_leaves_no_table_out(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """What was refused is not gone on with by a command that has no selection."""
    warehouse = new_warehouse(tmp_path)
    day_file(tmp_path, 10, "a")
    run = process(warehouse, "run", "--exclude", "int_s3_access_daily")
    assert "int_s3_access_daily does not hold" in run.stdout
    run = process(warehouse, "retry")
    assert run.returncode and "run dbt build" in run.stdout, run.stdout
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_backfill_by_dbt_alone(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """The variables of a backfill are enough, also where dbt parses with them."""
    warehouse = new_warehouse(tmp_path)
    for day in (10, 11, 12):
        day_file(tmp_path, day, "a")
    for first, last in ((11, 12), (10, 10)):
        days = {
            "cloudtrail_backfill_start": f"2024-02-{first}",
            "cloudtrail_backfill_end": f"2024-02-{last}",
        }
        run = process(warehouse, "run", "--vars", json.dumps(days))
        assert not run.returncode, run.stdout
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_models_that_are_run_one_by_one_are_one_run(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A scheduler runs each model by a command of its own, each of which begins later.

    The run is over with the last of them: the next one reads nothing.
    """
    warehouse = new_warehouse(tmp_path)
    day_file(tmp_path, 10, "a")
    warehouse.load("--select", "path:models/staging", "int_cloudtrail_files_to_read")
    listed = int(time.time())
    while int(time.time()) == listed:
        time.sleep(0.01)
    # Times are whole seconds.
    for selected in (
        "int_s3_batch int_cloudtrail_file_days int_cloudtrail_files_read",
        "int_s3_owner_copies_read int_s3_changed_partitions",
        "fct_s3_requests+",
    ):
        warehouse.load("--select", *selected.split())
    assert_tables(oracle.tables(tmp_path), warehouse)
    warehouse.load()
    assert warehouse.rows("int_cloudtrail_files_to_read") == []
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_a_model_that_is_run_again_keeps_its_rows(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A scheduler tries a task again whose end it did not see, or when it is told to.

    After a rebuild the requests are what the batch was, and that is empty now.
    """
    warehouse = new_warehouse(tmp_path)
    day_file(tmp_path, 10, "a")
    warehouse.load()
    before = warehouse.snapshot()
    assert "without a selection" in warehouse.refused("--select", "fct_s3_requests")
    assert warehouse.snapshot() == before
    day_file(tmp_path, 11, "a")
    warehouse.load()
    before = warehouse.snapshot()
    warehouse.load("--select", "fct_s3_requests")
    assert warehouse.snapshot() == before
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_dropped_table_is_built_from_everything(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A table that somebody dropped comes back whole, or not at all.

    Made alone, from what the last run read, it would lack the rest without a word.
    """
    warehouse = new_warehouse(tmp_path)
    day_file(tmp_path, 10, "a")
    warehouse.load()
    for day, table in enumerate(
        (
            "fct_s3_requests",
            "fct_s3_activity_daily",
            "fct_cloudtrail_log_files",
            "fct_cloudtrail_loads",
        ),
        start=11,
    ):
        day_file(tmp_path, day, "a")
        warehouse.load()
        with duckdb.connect(str(warehouse.path)) as connection:
            connection.execute(f"drop table {table}")
        if table != "fct_s3_activity_daily":
            said = warehouse.refused("--select", table)
            assert f"the table {table} is gone" in said
            assert "without a selection" in said
        warehouse.load()
        assert_tables(oracle.tables(tmp_path), warehouse)


def test_dropped_copies_come_back_with_a_refresh(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """What owners' trails delivered is worth no rebuild that nobody asked for."""
    warehouse = new_warehouse(tmp_path)

    def told(*arguments: str) -> list[str]:
        warnings = warehouse.load(*arguments).warnings
        return [text for text in warnings if "int_s3_owner_copies" in text]

    for day in (10, 11):
        day_file(tmp_path, day, "a", recipientAccountId=hostile.ACCOUNTS[1])
        assert told() == []
    whole = oracle.tables(tmp_path)
    assert len(whole["int_s3_owner_copies"]) == 2
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("drop table int_s3_owner_copies")
    day_file(tmp_path, 12, "a", recipientAccountId=hostile.ACCOUNTS[1])
    (said,) = told()
    assert "int_s3_owner_copies is new" in said and "a full refresh" in said
    assert len(warehouse.rows("int_s3_owner_copies")) == 1
    assert told("--full-refresh") == []
    assert_tables(oracle.tables(tmp_path), warehouse)
    again = "fct_s3_requests holds what this run read already"
    assert again in warehouse.refused("--select", "int_s3_owner_copies_read+")
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_only_files_of_the_days_are_opened(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A filter on log_date leaves files out before they are opened.

    A filter that stays behind, above the scan, would also collect whole files
    in memory.
    """
    warehouse = new_warehouse(tmp_path)
    for day in (10, 11, 12):
        day_file(tmp_path, day, "a")
    warehouse.load()
    for condition, files in {
        "log_date = date '2024-02-11'": "1/3",
        "log_date between date '2024-02-10' and date '2024-02-11'": "2/3",
        "log_date in (date '2024-02-10', date '2024-02-12')": "2/3",
        "log_file like '%/2024/02/12/%'": "1/3",
    }.items():
        plan = warehouse.query(
            "explain (format json) select count(request_key)"
            f" from stg_cloudtrail__records where {condition}"
        )[0]["explain_value"]
        assert f'"Scanning Files": "{files}"' in plan, condition
        below_unnest = plan.partition('"name": "UNNEST')[2]
        assert below_unnest and '"FILTER' not in below_unnest, condition
