"""What a run and a question read, in bytes, as Athena counts and bills them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from comparison import differences
from driver import SAMPLES
from lake import BUCKET, RAW, SETTINGS, Lake
from test_same_results import expected_of
from thorough import only_thorough

from local_athena.stack import LocalAthena

# A folder that a table with partitions looks into.
FOLDER = re.compile(r"/CloudTrail/[a-z0-9-]+/(\d{4})/(\d{2})/(\d{2})/[^/]+$")
EMPTY_GZIP = len(gzip.compress(b""))
# What dbt writes before a statement names the model that it is of.
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@pytest.fixture(scope="module")
def stored(local: LocalAthena) -> dict[str, int]:
    """Store the sample logs; return the keys and bytes of those with a record."""
    stored = local.load(SAMPLES, BUCKET, "pruning")
    # Trino does not count what it reads of a file that holds nothing.
    return {key: size for key, size in stored.items() if size > EMPTY_GZIP}


def bytes_of_days(stored: dict[str, int], first: str, last: str) -> int:
    """Return the bytes of the folders of a range of days."""
    total = 0
    for key, size in stored.items():
        folder = FOLDER.search(key)
        if folder and first <= "-".join(folder.groups()) <= last:
            total += size
    return total


def raw_reads(queries: list[dict]) -> list[int]:
    """Return the bytes of the queries that read the raw table, those with any."""
    return [
        query["Statistics"]["DataScannedInBytes"]
        for query in queries
        if RAW.search(COMMENT.sub("", query["Query"]))
        and query["Statistics"]["DataScannedInBytes"]
    ]


@pytest.mark.parametrize(
    "layout", ["projected", pytest.param("partitioned", marks=only_thorough)]
)
def test_a_run_reads_its_window_once(
    layout: str,
    local: LocalAthena,
    stored: dict[str, int],
    new_lake: Callable[..., Lake],
) -> None:
    """Of the raw files the window's folders alone, each byte once, tests included."""
    lake = new_lake(f"s3://{BUCKET}/pruning", layout=layout, **SETTINGS)
    lake.make_table(end_date="2026-05-20")
    lake.do("seed")
    whole = ("build", "--exclude-resource-type", "unit_test")
    for command, first, last in (
        (("run",), "2026-05-01", "2026-05-12"),
        (whole, "2026-05-10", "2026-05-14"),
    ):
        before = len(local.queries())
        lake.do(*command, end_date=last)
        (read,) = raw_reads(local.queries()[before:])
        raw = bytes_of_days(stored, first, last)
        assert raw <= read <= raw + catalogue_bytes(local, lake)

    # Freshness looks at the last two days.
    before = len(local.queries())
    lake.dbt("source", "freshness", end_date="2026-05-14")
    assert raw_reads(local.queries()[before:]) == [
        bytes_of_days(stored, "2026-05-13", "2026-05-14")
    ]

    # A question with a day reads that day's partitions, also through a view.
    glue = local.client("glue")
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=lake.schema, TableName="fct_s3_requests"
    )
    folders = {
        tuple(partition["Values"]): partition["StorageDescriptor"]["Location"]
        for page in pages
        for partition in page["Partitions"]
    }
    day = sum(
        bytes_below(local, folder)
        for (event_date, _), folder in folders.items()
        if event_date == "2026-05-12"
    )
    everything = sum(bytes_below(local, folder) for folder in folders.values())
    assert day < everything / 5
    for table in ("fct_s3_requests", "fct_s3_object_access"):
        told = local.query(
            f"select max(object_key), max(requester), max(user_agent) from {table}"
            " where event_date = date '2026-05-12'",
            lake.schema,
        )
        assert 0 < told["Statistics"]["DataScannedInBytes"] <= day


def bytes_below(local: LocalAthena, location: str) -> int:
    """Return the bytes of the objects below a location."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    pages = (
        local.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=prefix.rstrip("/") + "/")
    )
    return sum(entry["Size"] for page in pages for entry in page.get("Contents", []))


def catalogue_bytes(local: LocalAthena, lake: Lake) -> int:
    """Return the bytes of the seed that the same query reads."""
    table = local.client("glue").get_table(
        DatabaseName=lake.schema, Name="cloudtrail_event_catalogue"
    )["Table"]
    size = bytes_below(local, table["StorageDescriptor"]["Location"])
    assert 0 < size < 20_000
    return size


def test_an_unpartitioned_table_is_read_whole(
    local: LocalAthena, stored: dict[str, int], new_lake: Callable[..., Lake]
) -> None:
    """The tables are the same, and the run says what it reads."""
    lake = new_lake(f"s3://{BUCKET}/pruning", layout="unpartitioned", **SETTINGS)
    lake.make_table()
    lake.do("seed")
    before = len(local.queries())
    run = lake.do("run")
    assert any("is unpartitioned: every run reads all" in said for said in run.messages)
    (read,) = raw_reads(local.queries()[before:])
    raw = sum(stored.values())
    assert raw <= read <= raw + catalogue_bytes(local, lake)
    assert differences(expected_of(SAMPLES, **SETTINGS), lake) == []
