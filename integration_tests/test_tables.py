"""The tables that dbt builds hold, row by row, what the reference says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import hostile
import oracle
import pytest
from comparison import assert_tables
from driver import REAL_LOGS, SAMPLES, Warehouse

# Folder of genuine logs: S3 requests, anonymous ones, SigV2 ones.
REAL = {
    "invictus-ir-aws-dataset": (271, 0, 0),
    "flaws2": (24, 22, 0),
    "aws-docs": (7, 0, 1),
    ".": (302, 22, 1),
}


def test_samples(samples: Warehouse) -> None:
    """The tables of the sample logs are right, and none is empty."""
    expected = oracle.tables(SAMPLES)
    assert_tables(expected, samples)
    assert all(expected.values())


@pytest.mark.skipif(not REAL_LOGS.is_dir(), reason="no genuine logs here")
@pytest.mark.parametrize("folder", REAL)
def test_genuine_logs(folder: str, new_warehouse: Callable[..., Warehouse]) -> None:
    """The tables of genuine logs are right, and so are the numbers by hand."""
    root = REAL_LOGS / folder
    warehouse = new_warehouse(root)
    warehouse.load()
    assert_tables(oracle.tables(root), warehouse)
    facts = warehouse.rows("fct_s3_requests")
    anonymous = warehouse.rows("fct_s3_anonymous_access")
    sigv2 = warehouse.rows("fct_s3_sigv2_requests")
    assert (len(facts), len(anonymous), len(sigv2)) == REAL[folder]
    if folder == "aws-docs":
        assert sigv2[0]["is_presigned"]
        assert [row["event_name"] for row in facts if row["is_acl_required"]] == [
            sigv2[0]["event_name"]
        ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hostile_logs(
    seed: int, new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    """Odd records leave every other record and every count right.

    The project's own tests agree, and a machine's time zone changes nothing.
    """
    hostile.write_logs(tmp_path, seed)
    expected = oracle.tables(tmp_path)
    warehouse = new_warehouse(tmp_path)
    if seed == 1:
        warehouse.build()
    else:
        warehouse.load("--target", "elsewhere")
    assert_tables(expected, warehouse)


def test_column_types(samples: Warehouse) -> None:
    """Every column of the interface is there with its type."""
    for table, rows in oracle.tables(SAMPLES).items():
        described = samples.query(f"describe main.{table}")
        types = {row["column_name"]: row["column_type"] for row in described}
        wrong = {
            column: types.get(column)
            for column in rows[0]
            if types.get(column) != expected_type(column)
        }
        assert not wrong, table


def expected_type(column: str) -> str:
    """Return the type that a column's name stands for."""
    if column.endswith("_at"):
        return "TIMESTAMP"
    if column.endswith("_date"):
        return "DATE"
    if column.startswith("is_"):
        return "BOOLEAN"
    if column.endswith(("_count", "_seconds")) or column in (
        "bytes_in",
        "bytes_out",
        "size",
    ):
        return "BIGINT"
    return "VARCHAR"


ONE_DAY = date(2024, 2, 29)
SETTINGS: dict[str, dict[str, Any]] = {
    "account_ids": {"account_ids": ("444455556666", "777788889999")},
    "regions": {"regions": ("us-east-1",)},
    "days": {"start_date": ONE_DAY, "end_date": date(2024, 3, 2)},
    "excluded": {
        "excluded_buckets": ("reports", "backup"),
        "excluded_files": ("loose.json", "by day/2024/02/29/events.json.gz"),
    },
}


@pytest.fixture(scope="module")
def hostile_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of hostile logs."""
    root = tmp_path_factory.mktemp("hostile")
    hostile.write_logs(root, 4, records=150)
    return root


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_decide_what_is_read(
    name: str, hostile_logs: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Accounts, regions, days and exclusions leave out what they say."""
    settings = oracle.Settings(**SETTINGS[name])
    expected = oracle.tables(hostile_logs, settings)
    assert 0 < len(expected["fct_s3_requests"])
    assert len(expected["fct_s3_requests"]) < len(
        oracle.tables(hostile_logs)["fct_s3_requests"]
    )
    variables = {
        setting: str(value) if isinstance(value, date) else list(value)
        for setting, value in SETTINGS[name].items()
    }
    warehouse = new_warehouse(hostile_logs, **variables)
    warehouse.load()
    assert_tables(expected, warehouse)


def test_accounts_of_loose_files(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Where the path tells no account or region the record does."""
    accounts, regions = hostile.ACCOUNTS, hostile.REGIONS
    records = [
        hostile.plain_record(
            eventID=f"{account} {region}", recipientAccountId=account, awsRegion=region
        )
        for account in accounts
        for region in regions
    ]
    hostile.write(tmp_path / "loose.json", hostile.envelope(records))
    path = hostile.log_path(accounts[0], regions[0], ONE_DAY, 1)
    other = hostile.plain_record(
        eventID="the path counts",
        recipientAccountId=accounts[1],
        awsRegion=regions[1],
    )
    hostile.write(tmp_path / "AWSLogs" / path, hostile.envelope([other]))
    warehouse = new_warehouse(tmp_path, account_ids=[accounts[0]], regions=[regions[0]])
    warehouse.load()
    assert {row["event_id"] for row in warehouse.rows("fct_s3_requests")} == {
        f"{accounts[0]} {regions[0]}",
        "the path counts",
    }
    settings = oracle.Settings((accounts[0],), (regions[0],))
    assert_tables(oracle.tables(tmp_path, settings), warehouse)
