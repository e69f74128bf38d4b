"""What people open elsewhere: a database in an older DuckDB, an export in pyarrow."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from driver import PROJECT, Row, Warehouse
from test_export import HOSTILE, write

# Tables that hold every type that there is, as views and as tables.
TABLES = (
    "dim_s3_buckets",
    "fct_s3_anonymous_access",
    "fct_s3_coverage_daily",
    "fct_s3_findings",
    "fct_s3_requests",
    "fct_s3_transfer_daily",
)
READ_DATABASE = """
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
told = {"version": duckdb.__version__}
for table in sys.argv[2:]:
    cursor = connection.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description]
    told[table] = [dict(zip(names, row)) for row in cursor.fetchall()]
json.dump(told, sys.stdout, default=str)
"""
READ_EXPORT = """
import json, sys
from pathlib import Path
import pyarrow as pa
from pyarrow import dataset
folder = Path(sys.argv[1])
tables = json.loads((folder / "manifest.json").read_text("utf-8"))["tables"]
told = {}
for table in sys.argv[2:]:
    day = tables[table]["partitioned_by"]
    days = pa.schema([(day, pa.date32())] if day else [])
    parts = dataset.partitioning(days, flavor="hive")
    read = dataset.dataset(folder / table, partitioning=parts).to_table()
    told[table] = {
        "types": {field.name: str(field.type) for field in read.schema},
        "rows": read.to_pylist(),
    }
json.dump(told, sys.stdout, default=str)
"""
TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "BOOLEAN": "bool",
    "DOUBLE": "double",
    "DATE": "date32[day]",
    "TIMESTAMP": "timestamp[us]",
}


@pytest.fixture(scope="module")
def client(programs: Callable[..., Path]) -> Callable[..., Any]:
    """Return a function that runs code in the clients' environment, and reads JSON."""
    python = programs("clients") / "python"

    def run(code: str, *arguments: str) -> Any:
        done = subprocess.run(
            [python, "-c", code, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def shown(rows: list[Row]) -> list[str]:
    """Return rows in an order, each as JSON."""
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def test_the_oldest_client_reads_a_database(
    client: Callable[..., Any], warehouse: Warehouse
) -> None:
    """DuckDB of the version that the profile names; every row is the same."""
    told = client(READ_DATABASE, str(warehouse.path), *TABLES)
    profile = yaml.safe_load((PROJECT / "profiles.example.yml").read_text("utf-8"))
    options = profile["cloudtrail_s3"]["outputs"]["duckdb"]["config_options"]
    oldest = options["storage_compatibility_version"]
    assert f"v{told['version']}".startswith(f"{oldest.rpartition('.')[0]}.")
    for table in TABLES:
        rows = warehouse.rows(table)
        assert rows, table
        assert shown(told[table]) == shown(rows), table


def test_another_reader_reads_an_export(
    client: Callable[..., Any], warehouse: Warehouse, tmp_path: Path
) -> None:
    """With its types, hostile texts, and rows that have no day."""
    copy = warehouse.copy(tmp_path / "database")
    with duckdb.connect(str(copy.path)) as connection:
        connection.execute(
            "insert into fct_s3_transfer_daily by name"
            " select null::date as event_date, ? as bucket_name",
            [HOSTILE],
        )
    destination = tmp_path / "export"
    write(copy, destination, TABLES=" ".join(TABLES))
    told = client(READ_EXPORT, str(destination), *TABLES)
    manifest = json.loads((destination / "manifest.json").read_text("utf-8"))
    for table in TABLES:
        rows = copy.rows(table)
        assert rows, table
        assert shown(told[table]["rows"]) == shown(rows), table
        assert told[table]["types"] == {
            column["name"]: TYPES[column["type"]]
            for column in manifest["tables"][table]["columns"]
        }, table
    assert any(
        (row["event_date"], row["bucket_name"]) == (None, HOSTILE)
        for row in told["fct_s3_transfer_daily"]["rows"]
    )
