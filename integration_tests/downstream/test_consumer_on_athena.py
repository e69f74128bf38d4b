"""A project that installs this one builds on Athena, in schemas of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from driver import SAMPLES
from lake import BUCKET, SETTINGS, athena_environment, rows_of, write_athena_profiles
from packaged import Consumer

from local_athena.stack import LocalAthena

SCHEMA = "harbor"
TRAFFIC = ("bucket_traffic_daily", "team_traffic_daily")


@pytest.fixture
def consumer(local: LocalAthena, tmp_path: Path) -> Consumer:
    """Return the project with the package installed, on two days of the samples."""
    local.load(SAMPLES, BUCKET, "consumer")
    consumer = Consumer(tmp_path / "project", "")
    consumer.environment = athena_environment(local, SCHEMA)
    consumer.options = ["--target", "athena"]
    write_athena_profiles(consumer.folder)
    days = {"start_date": "2026-05-04", "end_date": "2026-05-05"}
    consumer.vary(root=f"s3://{BUCKET}/consumer", **{**SETTINGS, **days})
    consumer.do("deps")
    return consumer


def test_it_builds_on_athena(local: LocalAthena, consumer: Consumer) -> None:
    """The raw table, the schemas, the hook and its own models."""
    consumer.do("run-operation", "cloudtrail_create_table")
    run = consumer.do(
        *("build", "--select", "+team_traffic_daily"),
        *("--indirect-selection", "buildable"),
        *("--exclude-resource-type", "unit_test"),
    )
    assert [n for n, s in run.statuses.items() if s not in ("success", "pass")] == []
    requests = f'from "{SCHEMA}_cloudtrail"."fct_s3_requests"'
    expected = rows_of(
        local,
        f"select count(*) as n {requests} where not is_companion",
        SCHEMA,
    )[0]["n"]
    assert expected
    teams = rows_of(
        local,
        "select team, sum(request_count) as n from team_traffic_daily group by 1",
        SCHEMA,
    )
    assert sum(row["n"] for row in teams) == expected
    assert {"web", "unknown"} <= {row["team"] for row in teams}
    left_out = f"select 1 as n {requests} where bucket_name = 'harbor-assets'"
    assert rows_of(local, left_out, SCHEMA) == []

    priced = [line for line in run.printed if line.startswith("Scanned")]
    assert len(priced) == 1
    assert priced[0].endswith("at 7.0000 a TB")
    assert not priced[0].startswith("Scanned 0 bytes")
    # What the hook is told by the variables of the package.
    consumer.vary(cost_budget="0.000000001")
    told = consumer.dbt("run", "--select", *TRAFFIC)
    assert not told.success
    assert "more than cloudtrail_cost_budget" in "\n".join([told.error, *told.messages])
