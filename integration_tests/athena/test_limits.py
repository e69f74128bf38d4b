"""Where Athena has limits, and where names need quoting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import hostile
from comparison import differences
from lake import BUCKET, Lake
from test_same_results import expected_of

from local_athena.stack import LocalAthena
from local_athena.statements import LONGEST

DAYS = 104
FIRST = date(2024, 1, 1)


def test_many_partitions_and_odd_names(
    local: LocalAthena, tmp_path: Path, new_lake: Callable[..., Lake]
) -> None:
    """A first load of 104 days, a hyphen in the database, odd signs in the prefix.

    Athena opens no more than 100 partitions in a statement and takes no longer text
    than 262,144 bytes.
    """
    prefix = "it's the logs' prefix, ключ/2024"
    account, region = hostile.ACCOUNTS[0], hostile.REGIONS[0]
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        records = [
            hostile.plain_record(eventID=f"{day}", eventTime=f"{day}T10:00:00Z"),
            hostile.plain_record(eventID=f"{day}, too", eventTime=f"{day}T11:00:00Z"),
        ]
        path = hostile.log_path(account, region, day, 1)
        hostile.write(tmp_path / "AWSLogs" / path, hostile.envelope(records))
    local.load(tmp_path, BUCKET, prefix)
    last = FIRST + timedelta(days=DAYS - 1)
    lake = new_lake(
        f"s3://{BUCKET}/{prefix}",
        schema="logs-of-2024",
        layout="partitioned",
        account_ids=list(hostile.ACCOUNTS),
        regions=[
            "us-east-1",
            "eu-central-1",
            "us-gov-west-1",
            "eu-west-1",
            "eu-west-2",
        ],
        start_date=FIRST.isoformat(),
        end_date=last.isoformat(),
    )
    lake.do("seed")
    before = len(local.queries())
    lake.make_table()
    sizes = [
        len(query["Query"].encode("utf-8"))
        for query in local.queries()[before:]
        if "add if not exists" in query["Query"]
    ]
    assert len(sizes) > 1 and LONGEST - 1000 < max(sizes) <= LONGEST
    glue = local.client("glue")
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName="logs-of-2024", TableName="cloudtrail_events"
    )
    assert sum(len(page["Partitions"]) for page in pages) == DAYS * 3 * 5

    settings = {"start_date": FIRST.isoformat(), "end_date": last.isoformat()}
    expected = expected_of(tmp_path, **settings)
    lake.do("run")
    assert differences(expected, lake) == []
