"""What an update of the project finds: tables that an older one has made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from comparison import differences
from february import ACCOUNT, REGION
from lake import BUCKET, Lake
from test_backfill_and_retention import days
from test_incremental_runs import Trail, of_day, tables
from test_stopped_runs import RUN

from local_athena.stack import LocalAthena

FIRST, LAST = 10, 14
FACT = "fct_s3_requests"
# A column of the fact that the older project has not had.
NEW = "client_name"


def take_away(lake: Lake, column: str, folder: Path) -> None:
    """Have the fact lack a column: the table, its partitions and their files."""
    glue = lake.local.client("glue")
    named = {"DatabaseName": lake.schema, "TableName": FACT}

    def without(described: dict[str, Any]) -> dict[str, Any]:
        kept = [each for each in described["Columns"] if each["Name"] != column]
        assert len(kept) == len(described["Columns"]) - 1
        return {**described, "Columns": kept}

    table = glue.get_table(DatabaseName=lake.schema, Name=FACT)["Table"]
    kept = ("Name", "PartitionKeys", "TableType", "Parameters")
    described = without(table["StorageDescriptor"])
    glue.update_table(
        DatabaseName=lake.schema,
        TableInput={name: table[name] for name in kept}
        | {"StorageDescriptor": described},
    )
    for partition in glue.get_partitions(**named)["Partitions"]:
        described = without(partition["StorageDescriptor"])
        rewrite(lake.local, described["Location"], column, folder)
        glue.update_partition(
            **named,
            PartitionValueList=partition["Values"],
            PartitionInput={
                "Values": partition["Values"],
                "StorageDescriptor": described,
            },
        )


def rewrite(local: LocalAthena, location: str, column: str, folder: Path) -> None:
    """Write the Parquet files below a location anew, without a column."""
    s3 = local.client("s3")
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    old, new = folder / "old.parquet", folder / "new.parquet"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix.rstrip("/") + "/")
    for entry in listed["Contents"]:
        s3.download_file(bucket, entry["Key"], str(old))
        duckdb.sql(f"select * exclude ({column}) from '{old}'").write_parquet(str(new))
        s3.upload_file(str(new), bucket, entry["Key"])


def test_a_new_column_is_filled_by_the_run_that_writes_a_day(
    local: LocalAthena,
    new_lake: Callable[..., Lake],
    tmp_path: Path,
) -> None:
    """In partitions that an older project made too, and no partition is dropped."""
    trail = Trail(local, tmp_path, "updates")
    for day in range(FIRST, LAST + 1):
        trail.write(day, 1, of_day(day, f"day {day}"))
    trail.arrive()
    lake = new_lake(
        f"s3://{BUCKET}/{trail.name}",
        account_ids=[ACCOUNT],
        regions=[REGION],
        start_date=f"2024-02-{FIRST}",
        end_date=f"2024-02-{LAST}",
        lookback_days=1,
    )

    def wrong() -> list[str]:
        return differences({FACT: tables(trail.seen, LAST)[FACT]}, lake)

    lake.do("seed")
    lake.make_table()
    lake.do(*RUN)
    assert wrong() == []
    take_away(lake, NEW, tmp_path)
    before = len(local.queries())
    lake.do(*RUN)
    # Days that this run does not read; then one that finds the column there.
    assert [line for line in wrong() if NEW in line]
    lake.do(*RUN, **days(FIRST, LAST - 2))
    assert wrong() == []
    sent = [told["Query"] for told in local.queries()[before:]]
    assert any("add columns" in statement for statement in sent)
    assert not [statement for statement in sent if f"`{FACT}` drop" in statement]
