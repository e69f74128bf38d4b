"""A project that installs this one builds again and again, with the same rows."""

from __future__ import annotations

from pathlib import Path

from driver import SAMPLES, Warehouse
from lake import SETTINGS
from packaged import Consumer

# What it leaves out.
KEPT = "bucket_name is distinct from 'harbor-assets'"
SHOWN = "select * from {} where " + KEPT + " order by all"


def test_every_build_ends_in_the_same_rows(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """At first, with nothing new and anew, in its own schemas, as in a checkout."""
    consumer = Consumer(tmp_path / "project", SAMPLES)
    consumer.vary(**SETTINGS)
    consumer.do("deps")
    expected = {
        table: [tuple(row.values()) for row in warehouse.query(SHOWN.format(table))]
        for table in ("fct_s3_requests", "fct_s3_object_access")
    }
    for options in ([], [], ["--full-refresh"]):
        run = consumer.do("build", *options)
        assert run.warned == ["warn_fct_cloudtrail_log_files_unplaceable_records"]
        for table, rows in expected.items():
            assert rows
            found = consumer.query(SHOWN.format(f"main_cloudtrail.{table}"))
            assert found == rows, (table, options)
        owned = consumer.query(
            "select bucket_name, team, breaking_control_count from bucket_review"
            " where team is not null order by 1"
        )
        assert [name for name, _, _ in owned] == [
            "harbor-backups",
            "harbor-invoices",
            "harbor-website",
        ]
        assert all(breaking for _, _, breaking in owned)
        assert consumer.query("select sum(request_count) from team_traffic_daily") == [
            (sum(not companion for companion in companions(warehouse)),)
        ]


def companions(warehouse: Warehouse) -> list[bool]:
    """Return of each request that is kept whether it is a companion."""
    rows = warehouse.query(f"select is_companion from fct_s3_requests where {KEPT}")
    return [row["is_companion"] for row in rows]
