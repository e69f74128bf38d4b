"""The tables on Athena are those that DuckDB builds from the same files.

DuckDB's are compared with the reference in `test_tables.py`; where a test here would
only repeat that, it compares with the reference itself.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import hostile
import oracle
import pytest
from comparison import differences
from driver import REAL_LOGS, SAMPLES, Warehouse
from lake import BUCKET, RESULTS, SETTINGS, Lake
from thorough import only_thorough
from typed_logs import keep_readable

from local_athena.catalog import CLOUDTRAIL_SERDE_COLUMNS
from local_athena.log_loader import records
from local_athena.stack import LocalAthena


def expected_of(root: Path, **settings: Any) -> oracle.Tables:
    """Return the reference's tables, but loads, whose grain differs on Athena."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in settings.items()
    }
    for name in ("start_date", "end_date"):
        if name in given:
            given[name] = date.fromisoformat(given[name])
    tables = oracle.tables(root, oracle.Settings(**given))
    del tables["fct_cloudtrail_loads"]
    return tables


def rows_shown(rows: list[dict[str, Any]]) -> list[str]:
    """Return the rows as text, in an order of their own."""
    return sorted(repr(sorted(row.items())) for row in rows)


def snapshot(lake: Lake, tables: oracle.Tables) -> dict[str, list[str]]:
    """Return every row of some tables, to tell whether one changed."""
    return {table: sorted(map(repr, lake.rows(table))) for table in tables}


@pytest.fixture(scope="module")
def samples(local: LocalAthena) -> str:
    """Store the sample logs and return their root."""
    local.load(SAMPLES, BUCKET, "samples")
    return f"s3://{BUCKET}/samples"


# The stack's test (downstream) builds and tests as much with make daily.
@only_thorough
def test_as_a_user_would(
    samples: str,
    new_warehouse: Callable[..., Warehouse],
    new_lake: Callable[..., Lake],
) -> None:
    """Table, build with every test, again, anew, documentation and freshness."""
    warehouse = new_warehouse(SAMPLES, **SETTINGS)
    warehouse.load(decisions=True)
    expected = {
        table: warehouse.rows(table)
        for table in oracle.KEYS
        if table != "fct_cloudtrail_loads"
    }
    assert all(expected.values())

    lake = new_lake(samples, **SETTINGS)
    lake.do("seed")
    lake.operate("cloudtrail_create_table")
    built = lake.do("build", decisions=True)
    assert differences(expected, lake) == []
    for table in warehouse.project.decisions():
        rows = warehouse.rows(table)
        assert rows, table
        assert rows_shown(lake.rows(table)) == rows_shown(rows), table
    scanned = json.loads(
        (lake.folder / "target" / "run_results.json").read_text("utf-8")
    )["results"]
    results = [
        {key: node[key] for key in ("unique_id", "adapter_response", "execution_time")}
        for node in scanned
    ]
    costs = lake.do(
        "run-operation",
        "cloudtrail_cost_report",
        "--args",
        json.dumps({"results": results, "limit": 1000}),
    )
    told = re.match(r"Scanned ([\d,]+) bytes in \d+ nodes", costs.printed[0])
    assert told and int(told[1].replace(",", "")) > 100_000
    # A table's bytes are told in another way than a test's.
    assert any(line.startswith("fct_s3_requests ") for line in costs.printed)
    assert any(name.startswith("test_") for name in built.statuses)
    loads = lake.rows("fct_cloudtrail_loads")
    assert {row["log_date"] for row in loads} == {
        date(2026, 5, day) for day in range(1, 21)
    }
    assert sum(row["s3_record_count"] for row in loads) == sum(
        row["s3_record_count"] for row in expected["fct_cloudtrail_log_files"]
    )

    before = snapshot(lake, expected)
    lake.build()
    assert snapshot(lake, expected) == before
    lake.do("run", "--full-refresh")
    assert differences(expected, lake) == []

    lake.do("docs", "generate")
    catalog = json.loads((lake.folder / "target" / "catalog.json").read_text("utf-8"))
    assert {f"model.cloudtrail_s3.{table}" for table in expected} <= set(
        catalog["nodes"]
    )
    stale = lake.refused("source", "freshness")
    assert "events" in stale


def test_partitions(samples: str, new_lake: Callable[..., Lake]) -> None:
    """A raw table with partitions gives the same tables.

    So does one without (`test_pruning.py`).
    """
    lake = new_lake(samples, layout="partitioned", **SETTINGS)
    lake.do("seed")
    lake.make_table()
    lake.do("run")
    assert differences(expected_of(SAMPLES, **SETTINGS), lake) == []


# How each layout is asked for one day, in four regions.
OF_A_DAY = {
    "projected": "day = '2026/05/14' and region != 'us-gov-west-1'",
    "partitioned": "month = '05' and day = '14' and region != 'us-gov-west-1'",
    "unpartitioned": "regexp_like(\"$path\", '/(eu|us|cn)-[a-z]+-[0-9]/2026/05/14/')",
}


@pytest.fixture(scope="module")
def tables_lake(samples: str, new_lake: Callable[..., Lake]) -> Lake:
    """Return a database for raw tables alone."""
    return new_lake(samples, **SETTINGS)


@pytest.mark.parametrize("serde", ["json", "cloudtrail"])
@pytest.mark.parametrize("layout", OF_A_DAY)
def test_every_table_reads_the_same(layout: str, serde: str, tables_lake: Lake) -> None:
    """Each layout with each SerDe shows the same events of a day."""
    tables_lake.make_table(layout=layout, serde=serde)
    (row,) = tables_lake.query(
        "select count(*) as events, count(eventid) as ids, count(tlsdetails) as tls"
        f" from cloudtrail_events where {OF_A_DAY[layout]}"
    )
    assert row["events"] == 153 and 0 < row["ids"] <= 153
    assert (row["tls"] > 0) == (serde == "json")


def test_the_older_serde(
    samples: str, tmp_path: Path, new_lake: Callable[..., Lake]
) -> None:
    """What CloudTrailSerde does not fill is as if it had not been logged."""
    shutil.copytree(SAMPLES, tmp_path / "logs")
    for path in (tmp_path / "logs").rglob("*.json*"):
        data = path.read_bytes()
        is_compressed = data[:2] == b"\x1f\x8b"
        text = gzip.decompress(data) if is_compressed else data
        if b'"Records"' not in text or "/CloudTrail/" not in path.as_posix():
            continue
        filled = [
            {k: v for k, v in record.items() if k.lower() in CLOUDTRAIL_SERDE_COLUMNS}
            for record in map(json.loads, records(text.decode("utf-8-sig")))
        ]
        data = hostile.envelope(filled).encode("utf-8")
        path.write_bytes(gzip.compress(data) if is_compressed else data)
    lake = new_lake(samples, serde="cloudtrail", **SETTINGS)
    lake.do("seed")
    lake.make_table()
    lake.do("run")
    assert differences(expected_of(tmp_path / "logs", **SETTINGS), lake) == []


def test_hostile_logs(
    local: LocalAthena, tmp_path: Path, new_lake: Callable[..., Lake]
) -> None:
    """Odd records are read as DuckDB reads them."""
    hostile.write_logs(tmp_path, 5, records=500)
    # Below AWSLogs/: where a table looks.
    root = tmp_path / "seen"
    shutil.copytree(tmp_path / "AWSLogs", root / "AWSLogs")
    keep_readable(root)
    local.load(root, BUCKET, "hostile")
    settings = {"start_date": "2024-02-20", "end_date": "2024-04-10"}
    expected = expected_of(root, **settings)
    assert len(expected["fct_s3_requests"]) > 100
    lake = new_lake(f"s3://{BUCKET}/hostile", layout="unpartitioned", **settings)
    lake.do("seed")
    lake.make_table()
    lake.do("run")
    assert differences(expected, lake) == []


DOCS = ("aws-docs", {"layout": "unpartitioned"})


@pytest.mark.skipif(not REAL_LOGS.is_dir(), reason="no genuine logs here")
@pytest.mark.parametrize(
    ("folder", "table", "first", "last", "requests"),
    [
        (
            "invictus-ir-aws-dataset",
            {"account_ids": ["218007301253"], "regions": ["us-east-1"]},
            "2023-07-10",
            "2023-07-10",
            271,
        ),
        pytest.param(
            "flaws2",
            {"account_ids": ["653711331788"], "regions": ["us-east-1"]},
            "2018-11-28",
            "2018-11-28",
            24,
            marks=only_thorough,
        ),
        pytest.param(*DOCS, "2019-02-01", "2019-02-01", 3, marks=only_thorough),
        pytest.param(*DOCS, "2020-11-30", "2020-11-30", 1, marks=only_thorough),
        (*DOCS, "2024-07-02", "2024-09-11", 3),
    ],
)
def test_genuine_logs(
    folder: str,
    table: dict[str, Any],
    first: str,
    last: str,
    requests: int,
    local: LocalAthena,
    new_lake: Callable[..., Lake],
) -> None:
    """So are genuine logs."""
    local.load(REAL_LOGS / folder, BUCKET, folder)
    settings = {"start_date": first, "end_date": last}
    lake = new_lake(f"s3://{BUCKET}/{folder}", **table, **settings)
    lake.do("seed")
    lake.make_table()
    lake.do("run")
    expected = expected_of(REAL_LOGS / folder, **settings)
    assert len(expected["fct_s3_requests"]) == requests
    assert differences(expected, lake) == []


@pytest.mark.parametrize(
    "above", [pytest.param("", marks=only_thorough), "o-example111/"]
)
def test_organization(
    above: str, local: LocalAthena, tmp_path: Path, new_lake: Callable[..., Lake]
) -> None:
    """An organization's trail, and Control Tower's, in a workgroup of its own.

    The workgroup enforces where results and tables go.
    """
    name = "tower" if above else "organization"
    accounts, regions = hostile.ACCOUNTS[:2], hostile.REGIONS[:2]
    for number, account in enumerate(accounts):
        for region in regions:
            path = hostile.log_path(account, region, date(2024, 2, 10), number)
            record = hostile.plain_record(
                eventID=f"{account} {region}",
                eventTime="2024-02-10T01:00:00Z",
                recipientAccountId=account,
            )
            hostile.write(
                tmp_path / f"{above}AWSLogs/o-example111/{path}",
                hostile.envelope([record]),
            )
    local.load(tmp_path, BUCKET, name)
    local.client("athena").create_work_group(
        Name=name,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": f"{RESULTS}/{name}/"},
        },
    )
    settings = {"start_date": "2024-02-10", "end_date": "2024-02-11"}
    lake = new_lake(
        f"s3://{BUCKET}/{name}/{above}".rstrip("/"),
        workgroup=name,
        organization_id="o-example111",
        account_ids=list(accounts),
        regions=list(regions),
        **settings,
    )
    lake.do("seed")
    lake.make_table()
    lake.do("run")
    expected = expected_of(tmp_path, **settings)
    assert len(expected["fct_s3_requests"]) == 4
    assert differences(expected, lake) == []
