"""make export: what the files hold, and that no export is ever half a one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import export
import pytest
from driver import PROJECT, Project, Row, Warehouse, environment
from local_dbt import Stopped

SCRIPT = PROJECT / "scripts" / "export.py"
TABLE = "fct_s3_transfer_daily"
HOSTILE = "x'\"`\n\x01,=1+1<b>\\ \U0001f4a5"


@pytest.fixture
def warehouse(samples: Warehouse, tmp_path: Path) -> Warehouse:
    """Return a copy that a test may change."""
    return samples.copy(tmp_path / "database")


def public(project: Project, below: str = "") -> set[str]:
    """Return the public tables whose models lie in a folder."""
    assert project.manifest
    return {
        node.name
        for node in project.manifest.nodes.values()
        if node.resource_type == "model"
        and str(node.config.access) == "public"
        and node.path.startswith(below)
    }


def settings(database: Path, destination: Path | str, **given: str) -> dict[str, str]:
    """Return the environment of an export; a setting that is not given is empty."""
    empty = dict.fromkeys(("TABLES", "START", "END", "VARS", "CALLED_FROM"), "")
    return {
        **empty,
        "CLOUDTRAIL_DUCKDB_PATH": str(database),
        "DEST": str(destination),
        **given,
    }


def write(warehouse: Warehouse, destination: Path | str, **given: str) -> None:
    """Export; `given` are settings such as TABLES."""
    with environment(settings(warehouse.path, destination, **given)):
        export.export()


def refused(warehouse: Warehouse, destination: Path | str, **given: str) -> str:
    """Export, which must be refused; return the sentence."""
    with pytest.raises(Stopped) as stopped:
        write(warehouse, destination, **given)
    assert str(stopped.value).endswith(".")
    return str(stopped.value)


def read(destination: Path, table: str) -> list[Row]:
    """Return the rows of an exported table, read by DuckDB."""
    with duckdb.connect() as connection:
        cursor = connection.execute(
            "select * from read_parquet(?, hive_partitioning = true)",
            [f"{destination}/{table}/**/*.parquet"],
        )
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def manifest(destination: Path) -> dict[str, Any]:
    """Return what the manifest tells of the tables."""
    return json.loads((destination / "manifest.json").read_text("utf-8"))["tables"]


def sorted_rows(rows: list[Row]) -> list[str]:
    """Return rows in an order, each with its columns in one."""
    return sorted(repr(sorted(row.items())) for row in rows)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


# What is written


def test_the_decisions_are_exported(
    project: Project, samples: Warehouse, tmp_path: Path
) -> None:
    """All of their tables, row by row and type by type; nothing else."""
    destination = tmp_path / "export"
    write(samples, destination)
    decisions = public(project, "decisions/")
    assert set(manifest(destination)) == decisions
    assert {path.name for path in destination.iterdir()} == {
        *decisions,
        "manifest.json",
    }
    for table, told in manifest(destination).items():
        rows = samples.rows(table)
        assert sorted_rows(read(destination, table)) == sorted_rows(rows), table
        assert told["rows"] == len(rows), table
        days = [str(row["event_date"]) for row in rows] if told["days"] else []
        counted = {day: days.count(day) for day in days}
        assert told["days"] == counted, table
    # Nothing is left beside it.
    assert {path.name for path in tmp_path.iterdir()} == {"export"}


def test_every_public_table_keeps_its_types(
    project: Project, samples: Warehouse, tmp_path: Path
) -> None:
    """The requests too, if they are asked for."""
    tables = public(project)
    assert export.public_tables(export.MODELS) == sorted(tables)
    destination = tmp_path / "export"
    write(samples, destination, TABLES=" ".join(tables))
    with duckdb.connect() as connection:
        for table in tables:
            described = connection.execute(
                "describe select * from read_parquet(?, hive_partitioning = true)",
                [f"{destination}/{table}/**/*.parquet"],
            ).fetchall()
            types = {column: kind for column, kind, *_ in described}
            told = manifest(destination)[table]["columns"]
            assert types == {column["name"]: column["type"] for column in told}, table
            assert len(read(destination, table)) == len(samples.rows(table)), table
            (file, *_) = (destination / table).rglob("*.parquet")
            codecs = connection.execute(
                "select distinct compression from parquet_metadata(?)", [str(file)]
            ).fetchall()
            assert codecs == [("ZSTD",)] or not samples.rows(table)


def test_odd_rows_are_only_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    """Hostile texts, no day, and a list and a structure, if a table had one."""
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"alter table {TABLE} add column more struct(a int[])")
        connection.execute(
            f"insert into {TABLE} by name"
            " select null::date as event_date, ? as bucket_name,"
            " {'a': [1, null]} as more union all select '1000-01-01', '', null",
            [HOSTILE],
        )
    destination = tmp_path / "an export's #name ü"
    write(warehouse, destination, TABLES=TABLE)
    rows = read(destination, TABLE)
    assert sorted_rows(rows) == sorted_rows(warehouse.rows(TABLE))
    (odd,) = [row for row in rows if row["event_date"] is None]
    assert (odd["bucket_name"], odd["more"]) == (HOSTILE, {"a": [1, None]})


def test_tables_without_rows_can_be_read(warehouse: Warehouse, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse.path)) as connection:
        for table in (TABLE, "dim_s3_buckets"):
            connection.execute(f"delete from {table}")
    destination = tmp_path / "export"
    write(warehouse, destination, TABLES=f"{TABLE}, dim_s3_buckets")
    assert read(destination, TABLE) == read(destination, "dim_s3_buckets") == []
    assert manifest(destination)[TABLE]["rows"] == 0


# What is replaced


def test_days_and_tables_that_are_not_asked_for_stay(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    destination = tmp_path / "export"
    write(warehouse, destination, TABLES=f"{TABLE} dim_s3_buckets")
    before = tree(destination)
    whole = warehouse.rows(TABLE)
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"update {TABLE} set bytes_out = -1")
        connection.execute(f"delete from {TABLE} where event_date = '2026-05-06'")
        connection.execute("delete from dim_s3_buckets")
    write(warehouse, destination, TABLES=TABLE, START="2026-05-05", END="2026-05-07")
    rows = read(destination, TABLE)
    days = sorted({str(row["event_date"]) for row in rows if row["bytes_out"] == -1})
    assert days == ["2026-05-05", "2026-05-07"]
    assert {str(row["event_date"]) for row in whole} - {
        str(row["event_date"]) for row in rows
    } == {"2026-05-06"}
    assert manifest(destination)[TABLE]["rows"] == len(rows)
    after = tree(destination)
    unchanged = [
        path
        for path in before
        if path != "manifest.json"
        and not any(f"event_date=2026-05-0{day}/" in path for day in (5, 6, 7))
    ]
    assert len(unchanged) > 10
    assert all(after[path] == before[path] for path in unchanged)

    # A range that holds all days is the whole table.
    write(warehouse, destination, TABLES=TABLE, START="2015-01-01", END="2030-01-01")
    assert sorted_rows(read(destination, TABLE)) == sorted_rows(warehouse.rows(TABLE))

    # Whole again, twice: the second changes nothing but its time.
    for _ in range(2):
        write(warehouse, destination, TABLES=TABLE)
        assert sorted_rows(read(destination, TABLE)) == sorted_rows(
            warehouse.rows(TABLE)
        )


def test_days_of_two_schemas_are_not_mixed(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    destination = tmp_path / "export"
    write(warehouse, destination, TABLES=TABLE)
    before = tree(destination)
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"alter table {TABLE} add column added int")
    said = refused(warehouse, destination, TABLES=TABLE, START="2026-05-05")
    assert "have changed since the export" in said
    assert tree(destination) == before
    write(warehouse, destination, TABLES=TABLE)
    assert "added" in read(destination, TABLE)[0]


# What is refused


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DEST": ""}, "needs a folder"),
        ({"DEST": "s3://bucket/export"}, "is no folder"),
        ({"DEST": "/"}, "is the root"),
        ({"DEST": "/nowhere/at/all"}, "cannot be written"),
        ({"TABLES": "fct_s3_findings; drop table x"}, "is no table to export"),
        ({"TABLES": "int_s3_batch"}, "is no table to export"),
        ({"TABLES": "../fct_s3_findings"}, "is no table to export"),
        ({"START": "2026-5-1"}, "START: 2026-5-1 is no day"),
        ({"END": "2026-02-30"}, "END: 2026-02-30 is no day"),
        ({"START": "2026-05-02", "END": "2026-05-01"}, "is before START"),
        ({"CLOUDTRAIL_DUCKDB_PATH": "/nowhere/x.duckdb"}, "There is no database"),
    ],
)
def test_what_cannot_be_is_refused(
    given: dict[str, str], said: str, samples: Warehouse, tmp_path: Path
) -> None:
    destination = given.pop("DEST", str(tmp_path / "export"))
    assert said in refused(samples, destination, **given)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_left_alone(
    samples: Warehouse, tmp_path: Path
) -> None:
    destination = tmp_path / "export"
    destination.mkdir()
    (destination / "thesis.txt").write_text("years of work")
    assert "(thesis.txt)" in refused(samples, destination, TABLES=TABLE)
    # Nor in an export, nor where a manifest says that it is one.
    (destination / "thesis.txt").rename(tmp_path / "thesis.txt")
    write(samples, destination, TABLES=TABLE)
    (tmp_path / "thesis.txt").rename(destination / "thesis.txt")
    assert "(thesis.txt)" in refused(samples, destination, TABLES=TABLE)
    (destination / "thesis.txt").rename(destination / TABLE / "thesis.txt")
    said = refused(samples, destination, TABLES=TABLE)
    assert f"({TABLE}/thesis.txt)" in said
    (destination / TABLE / "thesis.txt").unlink()
    told = json.loads((destination / "manifest.json").read_text("utf-8"))
    told["tables"][TABLE]["days"] = {"../../../database": 1}
    (destination / "manifest.json").write_text(json.dumps(told), "utf-8")
    assert "something else" in refused(samples, destination, TABLES=TABLE)
    file = tmp_path / "a-file"
    file.touch()
    assert "is a file" in refused(samples, file, TABLES=TABLE)


def test_a_database_without_the_table_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with (
        environment(settings(empty, tmp_path / "export", TABLES=TABLE)),
        pytest.raises(Stopped, match=f"has no table {TABLE}"),
    ):
        export.export()
    assert not (tmp_path / "export").exists()


# Kills, and two at once


def started(
    warehouse: Warehouse, destination: Path, patch: str
) -> subprocess.Popen[str]:
    """Start an export in a process of its own, with some code before it."""
    code = (
        f"import export, dbt_runs, sys, time\n{patch}\n"
        "sys.exit(dbt_runs.run(export.export))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=SCRIPT.parent,
        env={**os.environ, **settings(warehouse.path, destination, TABLES=TABLE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


# Where it stops: after the files were written, and after the folders have changed
# places where that takes two steps.
STOPS = {
    "before the swap": "export.replace = lambda *_: stop()",
    "between two renames": (
        "export.exchange = lambda *_: False\n"
        "rename = export.Path.rename\n"
        "export.Path.rename = lambda self, to:"
        " stop() if self.name.endswith('.new') else rename(self, to)"
    ),
    "after the swap": "export.shutil.rmtree = lambda path, **how: how or stop()",
}


@pytest.mark.parametrize("place", STOPS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_export_leaves_the_old_one_or_the_new(
    place: str, number: signal.Signals, warehouse: Warehouse, tmp_path: Path
) -> None:
    destination, mark = tmp_path / "export", tmp_path / "mark"
    write(warehouse, destination, TABLES=TABLE)
    old = warehouse.rows(TABLE)
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"update {TABLE} set bytes_out = -1")
    stop = f"def stop():\n    open({str(mark)!r}, 'w').close()\n    time.sleep(600)\n"
    process = started(warehouse, destination, stop + STOPS[place])
    wait_for(mark)
    assert "Another export writes to" in refused(warehouse, destination, TABLES=TABLE)
    process.send_signal(number)
    process.communicate()
    if place != "between two renames":
        expected = warehouse.rows(TABLE) if place == "after the swap" else old
        assert sorted_rows(read(destination, TABLE)) == sorted_rows(expected)
    # The next one takes over what the killed one left, and no more is left then.
    write(warehouse, destination, TABLES="dim_s3_buckets")
    rows = sorted_rows(read(destination, TABLE))
    assert rows in (sorted_rows(old), sorted_rows(warehouse.rows(TABLE)))
    mark.unlink()
    assert {path.name for path in tmp_path.iterdir()} == {"database", "export"}


def test_an_export_never_writes_the_database(
    samples: Warehouse, tmp_path: Path
) -> None:
    """Nor needs the right to."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    shutil.copy(samples.path, folder / samples.path.name)
    before = (folder / samples.path.name).read_bytes()
    with environment(settings(folder / samples.path.name, tmp_path / "export")):
        export.export()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        samples.path.name: before
    }
