"""What ends with ACLs and why requests are denied: on Athena as on DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from driver import SAMPLES, Row, Warehouse
from lake import BUCKET, SETTINGS, Lake
from test_policy_statements import DAY, write_uses
from thorough import only_thorough

from local_athena.stack import LocalAthena

TABLES = ("fct_s3_acl_exit", "fct_s3_denied_access")


def shown(rows: list[Row]) -> list[str]:
    """Return rows in order, as text; a statement by its value."""
    for row in rows:
        if row.get("policy_statement"):
            row["policy_statement"] = json.loads(row["policy_statement"])
    return sorted(repr(sorted(row.items())) for row in rows)


@pytest.mark.parametrize(
    "logs", [pytest.param("samples", marks=only_thorough), "hostile"]
)
def test_same_decisions(
    logs: str,
    local: LocalAthena,
    tmp_path: Path,
    new_warehouse: Callable[..., Warehouse],
    new_lake: Callable[..., Lake],
) -> None:
    """The same rows, and the same statements as JSON values."""
    settings = SETTINGS
    root = SAMPLES
    if logs == "hostile":
        root = tmp_path
        write_uses(root)
        settings = {"start_date": DAY, "end_date": DAY, "layout": "unpartitioned"}
    local.load(root, BUCKET, f"statements-{logs}")
    warehouse = new_warehouse(root, **settings)
    warehouse.load(decisions=True)
    lake = new_lake(f"s3://{BUCKET}/statements-{logs}", **settings)
    lake.do("seed")
    lake.make_table()
    lake.do("run", decisions=True)
    for table in TABLES:
        expected = shown(warehouse.rows(table))
        assert shown(lake.rows(table)) == expected
        assert expected or (logs, table) == ("hostile", "fct_s3_denied_access")
