"""On Athena too the tables depend on the files seen, not on the runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import oracle
import pytest
from comparison import differences
from february import ACCOUNT, OWNER, REGION, event, log
from lake import BUCKET, Lake
from thorough import only_thorough

from local_athena.stack import LocalAthena

UPDATE = "UPDATED_DATA"
# A text that an expression which goes back would take hours for.
LONG = "aws-sdk-" * 4000


class Trail:
    """Logs that arrive step by step, in a folder and in the local S3."""

    def __init__(self, local: LocalAthena, folder: Path, name: str) -> None:
        """Begin with no file."""
        self.local = local
        self.name = name
        self.arriving = folder / "arriving"
        self.there = folder / "there"
        self.seen = folder / "seen"

    def write(self, day: int, number: int, *records: dict[str, Any]) -> Path:
        """Write a file of a day in February 2024, or write it anew."""
        for root in (self.arriving, self.there, self.seen):
            path = log(root, day, number, *records)
        return path.relative_to(self.seen)

    def arrive(self) -> None:
        """Have what was written since the last time appear in S3."""
        self.local.load(self.arriving, BUCKET, self.name)
        shutil.rmtree(self.arriving)

    def expire(self, path: Path) -> None:
        """Delete a file that was loaded."""
        (self.there / path).unlink()
        self.local.client("s3").delete_object(
            Bucket=BUCKET, Key=f"{self.name}/{path.as_posix()}"
        )


def tables(root: Path, end: int) -> oracle.Tables:
    """Return what the tables must hold after all files up to a day."""
    settings = oracle.Settings(start_date=date(2024, 2, 1), end_date=date(2024, 2, end))
    expected = oracle.tables(root, settings)
    del expected["fct_cloudtrail_loads"]
    return expected


def of_day(day: int, name: str, **fields: Any) -> dict[str, Any]:
    """Return a record of another day."""
    return event(eventID=name, eventTime=f"2024-02-{day}T10:00:00Z", **fields)


def update(day: int, name: str) -> dict[str, Any]:
    """Return a record that corrects another one."""
    addendum = {"reason": UPDATE, "originalEventID": name}
    return of_day(day, f"update of {name}", addendum=addendum)


@pytest.mark.parametrize(
    "table_type", ["hive", pytest.param("iceberg", marks=only_thorough)]
)
def test_steps(
    table_type: str,
    local: LocalAthena,
    new_lake: Callable[..., Lake],
    tmp_path: Path,
) -> None:
    """After every run the tables are those of a full load of all files seen."""
    trail = Trail(local, tmp_path, f"steps_{table_type}")
    lake = new_lake(
        f"s3://{BUCKET}/{trail.name}",
        table_type=table_type,
        layout="projected",
        account_ids=[ACCOUNT],
        regions=[REGION],
        start_date="2024-02-01",
        lookback_days=1,
    )
    lake.do("seed")
    lake.make_table()

    def check(end: int, *arguments: str, root: Path = trail.seen) -> None:
        lake.do("run", "--fail-fast", *arguments, end_date=f"2024-02-{end}")
        assert differences(tables(root, end), lake) == [], f"after day {end}"

    # Days 10 and 11; of two requests only the owner's copy.
    owned = {"userIdentity": OWNER}
    trail.write(
        10,
        1,
        *[of_day(10, f"stays {number}") for number in range(3)],
        *[of_day(10, "twice", userAgent=agent) for agent in ("b", None, "a")],
        of_day(10, "owner 1", sharedEventID="one", **owned),
        of_day(10, "owner 2", sharedEventID="two", **owned),
    )
    trail.write(11, 1, of_day(11, "moves 1"), of_day(11, "moves 2"))
    trail.arrive()
    # A first run that fails between two tables is healed by the next.
    local.fail_next(f'create table "awsdatacatalog"."{lake.schema}"."fct_s3_activity')
    said = lake.refused("run", end_date="2024-02-11")
    assert "a failure was asked for" in said
    check(11)

    # A late file in a folder that is read again; the caller's copy of the first.
    trail.write(11, 2, of_day(10, "late", userAgent=LONG), of_day(9, "very late"))
    trail.write(12, 1, of_day(10, "caller 1", sharedEventID="one"))
    trail.write(13, 1, of_day(13, "in its place"))
    trail.arrive()
    check(13)

    # The second caller's copy beats a row in a folder that is not read: its
    # other rows are carried over. Both rows of another folder's day move here.
    trail.write(14, 1, of_day(10, "caller 2", sharedEventID="two"))
    trail.write(14, 2, of_day(14, "changes its day"))
    expiring = trail.write(
        15, 1, update(11, "moves 1"), update(11, "moves 2"), of_day(15, "expires")
    )
    trail.arrive()
    check(15)
    check(15)

    # A file written anew has nothing of its day any more; one has expired, and
    # its folder gets another.
    trail.write(14, 2, of_day(13, "changes its day"))
    trail.write(15, 2, of_day(15, "beside what expired"))
    trail.write(16, 1, of_day(16, "last"))
    trail.arrive()
    trail.expire(expiring)
    before = len(local.queries())
    check(16)
    # Before the fact and after it; a statement takes a second on Athena.
    sent = [query["Query"] for query in local.queries()[before:]]
    assert sum("where is_rebuild" in text for text in sent) == 2

    loads = {
        row["log_date"].day: row["s3_record_count"]
        for row in lake.rows("fct_cloudtrail_loads")
    }
    assert sorted(loads) == list(range(1, 17))
    assert (loads[9], loads[10], loads[14], loads[16]) == (0, 8, 2, 1)

    # A full refresh would lose what expired.
    before = sorted(map(repr, lake.rows("fct_s3_requests")))
    said = lake.refused("run", "--full-refresh", end_date="2024-02-16")
    assert "2024-02-15" in said and "cloudtrail_allow_data_loss" in said
    assert sorted(map(repr, lake.rows("fct_s3_requests"))) == before
    lake.do("run", "--full-refresh", end_date="2024-02-16", allow_data_loss=True)
    assert differences(tables(trail.there, 16), lake) == []
