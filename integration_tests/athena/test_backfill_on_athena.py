"""Loading a range of days, and dropping what is past the retention, on Athena."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import oracle
import pytest
import yaml
from checkouts import Checkout
from comparison import differences
from dbt.adapters.athena import AthenaAdapter
from dbt_common.exceptions import DbtRuntimeError
from february import ACCOUNT, REGION, event, log
from lake import BUCKET, Lake, write_athena_profiles
from test_backfill_and_retention import APPLY, days, write_day
from thorough import only_thorough

from local_athena.stack import LocalAthena

LAST = 9


def tables(root: Path, first: int, last: int = LAST) -> oracle.Tables:
    """Return what a full load of some days makes."""
    settings = oracle.Settings(
        start_date=date(2024, 2, first), end_date=date(2024, 2, last)
    )
    expected = oracle.tables(root, settings)
    del expected["fct_cloudtrail_loads"]
    return expected


def gaps(said: list[str]) -> list[str]:
    """Return the warnings about days that were never loaded."""
    return [text for text in said if "never loaded completely" in text]


def stop_at(patch: pytest.MonkeyPatch, number: int) -> None:
    """Have dbt fail before one of its changes of a table."""
    changes = 0

    def changed() -> None:
        nonlocal changes
        changes += 1
        if changes == number:
            raise DbtRuntimeError(f"stopped before change {number}")

    execute, clean_up = AthenaAdapter.execute, AthenaAdapter.clean_up_partitions

    def counted_execute(self: AthenaAdapter, sql: str, *more: Any, **named: Any) -> Any:
        if sql.lstrip().startswith(("create table", "delete", "insert")):
            changed()
        return execute(self, sql, *more, **named)

    def counted_clean_up(self: AthenaAdapter, *more: Any, **named: Any) -> None:
        changed()
        clean_up(self, *more, **named)

    patch.setattr(AthenaAdapter, "execute", counted_execute)
    patch.setattr(AthenaAdapter, "clean_up_partitions", counted_clean_up)


def make_backfill(checkout: Checkout, lake: Lake) -> str:
    """Load the first four days with make, and return what it prints."""
    write_athena_profiles(checkout.folder)
    profiles = yaml.safe_load((checkout.folder / "profiles.yml").read_text("utf-8"))
    outputs = profiles["cloudtrail_s3"]["outputs"]
    outputs["nightly"] = outputs.pop("athena")
    (checkout.folder / "profiles.yml").write_text(yaml.safe_dump(profiles), "utf-8")
    given = {f"cloudtrail_{name}": value for name, value in lake.variables.items()}
    done = checkout.make(
        "backfill",
        "START=2024-02-01",
        "END=2024-02-06",
        "DAYS=2",
        "TARGET=nightly",
        f"VARS={json.dumps(given)}",
        env={name: text for name, text in lake.environment.items() if text},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Some 3,000 queries each.
@only_thorough
@pytest.mark.parametrize("table_type", ["hive", "iceberg"])
def test_newest_days_first_then_the_older_then_retention(
    table_type: str,
    local: LocalAthena,
    new_lake: Callable[..., Lake],
    tmp_path: Path,
    checkout: Checkout,
) -> None:
    for day in range(2, LAST + 1):
        write_day(tmp_path, day)
    prefix = f"backfill_{table_type}"
    local.load(tmp_path, BUCKET, prefix)
    lake = new_lake(
        f"s3://{BUCKET}/{prefix}",
        table_type=table_type,
        account_ids=[ACCOUNT],
        regions=[REGION],
        start_date="2024-02-01",
        end_date=f"2024-02-{LAST:02}",
        lookback_days=1,
    )
    lake.do("seed")
    lake.make_table()

    # A long first load is told, and a first range without requests refused.
    run = lake.do("run", "-s", "+int_cloudtrail_files_to_read", end_date="2024-05-01")
    way_out = "make backfill TARGET=athena START=2024-02-01 END=2024-05-01"
    assert any(way_out in text for text in run.messages)
    said = lake.refused("run", "--fail-fast", **days(1, 1))
    assert "begin the backfill with days that have some" in said

    lake.do("run", **days(5, 8))
    assert differences(tables(tmp_path, 5, 8), lake) == []

    # The days from 1 to 4 are named, and not read.
    run = lake.do("run")
    (said,) = gaps(run.warnings)
    assert "4 log days before 2024-02-07" in said
    assert "2024-02-01 to 2024-02-04; " in said
    assert "make backfill TARGET=athena START=2024-02-01 END=2024-02-04" in said
    assert differences(tables(tmp_path, 5), lake) == []

    lake.do("run", **days(3, 3))
    (said,) = gaps(lake.do("run").warnings)
    assert "3 log days" in said
    assert "2024-02-01 to 2024-02-02, 2024-02-04; " in said
    run = lake.do("run-operation", "cloudtrail_print_backfill_days", **days(1, 6))
    assert [day["day"][8:] for day in json.loads(run.printed[-1])] == ["01", "02", "04"]
    if table_type == "hive":
        printed = make_backfill(checkout, lake)
        assert "chunk 1/3: 2024-02-01 to 2024-02-02, 2 days" in printed
        assert "chunk 2/3: 2024-02-04 to 2024-02-04, 1 day" in printed
        assert "chunk 3/3" not in printed
    else:
        lake.do("run", **days(1, 4))
    assert differences(tables(tmp_path, 1), lake) == []
    assert gaps(lake.do("run").warnings) == []
    assert len(lake.rows("fct_cloudtrail_loads")) == LAST

    # Four days are kept: from the fifth on.
    def stored() -> dict[str, list[str]]:
        return {name: sorted(map(repr, lake.rows(name))) for name in oracle.KEYS}

    whole, kept = tables(tmp_path, 1), tables(tmp_path, 5)
    before = stored()
    run = lake.do("run-operation", APPLY, "--args", "{dry_run: true}", retention_days=4)
    assert stored() == before
    for table, count in (
        ("fct_s3_requests", 3),
        ("fct_cloudtrail_log_files", 3),
        ("int_s3_owner_copies", 3),
    ):
        rows = len(whole[table]) - len(kept[table])
        assert f"  {table}: {rows} rows of {count} log days go" in run.printed
    assert "  fct_cloudtrail_loads: 4 rows of 4 log days go" in run.printed
    names = ", ".join(sorted(oracle.DAILY))
    assert f"  counts by day: 4 event days of {names} are counted anew" in run.printed
    other = {"hive": "iceberg", "iceberg": "hive"}[table_type]
    said = lake.refused("run-operation", APPLY, retention_days=4, table_type=other)
    assert f"is of the type {table_type}" in said and stored() == before

    # Stopped before the loads, the first and the last day's counts, the fact, the
    # owners' copies and the log files are changed, and a run in between.
    for number in (1, 2, 8, 14, 15, 4):
        with pytest.MonkeyPatch.context() as patch:
            stop_at(patch, number)
            said = lake.refused("run-operation", APPLY, retention_days=4)
        assert f"stopped before change {number}" in said
        if number in (1, 8, 15):
            lake.do("run", retention_days=4)
    log(tmp_path, 4, 9, event(eventID="too late", eventTime="2024-02-04T01:00:00Z"))
    log(tmp_path, 5, 9, event(eventID="in time", eventTime="2024-02-05T01:00:00Z"))
    local.load(tmp_path, BUCKET, prefix)
    lake.do("run-operation", APPLY, retention_days=4)
    del kept["fct_s3_sigv2_requesters"]
    assert differences(kept, lake) == []

    # No run reads what went, whatever its lookback, nor misses it.
    run = lake.do("run", retention_days=4, lookback_days=9)
    assert gaps(run.warnings) == []
    assert differences(tables(tmp_path, 5), lake) == []
    loaded = {row["log_date"].day for row in lake.rows("fct_cloudtrail_loads")}
    assert loaded == set(range(5, LAST + 1))
    # A longer retention makes them days that are missing.
    (said,) = gaps(lake.do("run").warnings)
    assert "2024-02-01 to 2024-02-04; " in said
