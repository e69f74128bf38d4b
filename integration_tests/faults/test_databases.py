"""Disks that are full, databases that are in use, left open or damaged."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dbt_runs
import duckdb
import oracle
import pytest
from comparison import assert_tables
from driver import Warehouse
from faulty import FaultyWarehouse, Readable
from february import OTHERS, event, log
from local_dbt import Stopped
from sentences import sentence

LOADS = "fct_cloudtrail_loads"


def mount(folder: Path, *options: str) -> None:
    """Mount a disk in memory; skip the test where that is not allowed."""
    folder.mkdir(exist_ok=True)
    command = ["mount", *options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with room for little more than an empty database."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    folder = tmp_path / "disk"
    mount(folder, "-t", "tmpfs", "-o", "size=12m")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def loaded(tmp_path: Path, new_faulty: Callable[..., FaultyWarehouse]) -> tuple:
    """Return a loaded database and its logs."""
    root = tmp_path / "logs"
    log(root, 10, 1, *OTHERS)
    warehouse = new_faulty(root)
    warehouse.load()
    return warehouse, root


def moved(warehouse: FaultyWarehouse, folder: Path) -> FaultyWarehouse:
    """Return a copy of a database on another disk."""
    return warehouse.copy(folder / "database")


def write_much(root: Path) -> None:
    """Write a day whose rows do not compress."""
    draw = random.Random(1)
    for number in range(4):
        records = [
            event(eventID=draw.randbytes(16).hex(), errorMessage=text)
            for text in (draw.randbytes(400).hex() for _ in range(4000))
        ]
        log(root, 11, number, *records)


def without_loads(found: Readable) -> Readable:
    """Leave out what a rebuild forgets before it changes the first table."""
    return {name: rows for name, rows in found.items() if name != LOADS}


def test_a_full_disk(loaded: tuple, small_disk: Path) -> None:
    """The tables stay as they are, and with space again all is loaded."""
    before, root = loaded
    warehouse = moved(before, small_disk)
    write_much(root)
    old = warehouse.readable()
    said = sentence(warehouse.refused(), "dbt.log")
    assert said.startswith("The disk is full") and "CLOUDTRAIL_DUCKDB_PATH" in said
    assert warehouse.readable() == old
    said = sentence(warehouse.refused("--full-refresh"), "dbt.log")
    assert said.startswith("The disk is full")
    assert without_loads(warehouse.readable()) == without_loads(old)
    mount(small_disk, "-o", "remount,size=400m")
    warehouse.load()
    assert_tables(oracle.tables(root), warehouse.warehouse)


def test_a_disk_that_is_read_only(loaded: tuple, small_disk: Path) -> None:
    """It is said before anything is read, and readers can still read."""
    before, root = loaded
    warehouse = moved(before, small_disk)
    old = warehouse.readable()
    mount(small_disk, "-o", "remount,ro")
    with pytest.raises(Stopped) as stopped:
        dbt_runs.check_database(warehouse.path)
    assert str(warehouse.path) in str(stopped.value)
    assert "cannot be written" in str(stopped.value)
    assert warehouse.readable() == old
    mount(small_disk, "-o", "remount,rw")
    log(root, 11, 1, event(eventID="new"))
    warehouse.load()
    assert_tables(oracle.tables(root), warehouse.warehouse)


def test_two_runs_at_once(loaded: tuple) -> None:
    """The second is told whose the database is; the first is not disturbed."""
    warehouse, root = loaded
    log(root, 11, 1, event(eventID="new"))
    first = warehouse.start(pause_at=60).until_paused()
    with pytest.raises(Stopped) as stopped:
        dbt_runs.check_database(warehouse.path)
    second = warehouse.warehouse.refused()
    first.resume()
    assert first.success, first.error
    for said in (str(stopped.value), sentence(second, "dbt.log")):
        assert "is open in another process" in said
        assert str(warehouse.path) in said and f"PID {first.pid}" in said
    assert_tables(oracle.tables(root), warehouse.warehouse)


def test_a_reader_during_a_run(loaded: tuple) -> None:
    """It is told who writes, and the run goes on."""
    warehouse, root = loaded
    log(root, 11, 1, event(eventID="new"))
    run = warehouse.start(pause_at=60).until_paused()
    with pytest.raises(duckdb.IOException) as error:
        warehouse.readable()
    run.resume()
    assert run.success, run.error
    assert f"PID {run.pid}" in str(error.value)
    assert_tables(oracle.tables(root), warehouse.warehouse)


READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_run_during_a_reader(loaded: tuple) -> None:
    """The run is told who reads, and ends right when the reader has gone."""
    warehouse, root = loaded
    log(root, 11, 1, event(eventID="new"))
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(warehouse.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert reader.stdout and reader.stdout.readline() == b"open\n"
    said = sentence(warehouse.refused(), "dbt.log")
    reader.communicate()
    assert "is open in another process" in said and f"PID {reader.pid}" in said
    warehouse.load()
    assert_tables(oracle.tables(root), warehouse.warehouse)


def test_what_a_killed_run_leaves_beside_the_database(loaded: tuple) -> None:
    """The next one reads the .wal; without it nothing of it is lost for good."""
    warehouse, root = loaded
    log(root, 11, 1, event(eventID="new"))
    statements = warehouse.copy(warehouse.path.parent / "whole").load().statements
    warehouse.start(kill_at=len(statements)).until_ended()
    wal = warehouse.path.with_name(warehouse.path.name + ".wal")
    assert wal.stat().st_size > 0
    lost = warehouse.copy(warehouse.path.parent / "lost")
    lost.path.with_name(wal.name).unlink()
    for killed in (warehouse, lost):
        dbt_runs.check_database(killed.path)
        killed.load()
        assert_tables(oracle.tables(root), killed.warehouse)


def test_a_database_without_its_last_rows(
    tmp_path: Path, new_faulty: Callable[..., FaultyWarehouse]
) -> None:
    """No run takes it for whole, whatever of it the run would read."""
    root = tmp_path / "logs"
    log(root, 10, 1, *OTHERS)
    whole = new_faulty(root)
    whole.load()
    with duckdb.connect(str(whole.path)) as database:
        database.execute("checkpoint")
        (block,) = database.execute(
            "select block_size from pragma_database_size()"
        ).fetchone()
        # In the last block there are rows, and none that a run reads.
        database.execute("create table main.other as select range from range(9999)")
    size = whole.path.stat().st_size
    for number, length in enumerate((size, size - 1, size - block, size * 9 // 10)):
        warehouse = whole.copy(tmp_path / f"cut {number} [x]")
        os.truncate(warehouse.path, length)
        if length == size:
            warehouse.load()
            continue
        for options in ((), ("--full-refresh",)):
            said = warehouse.refused(*options)
            assert "lacks its end" in said and str(warehouse.path) in said, said
        assert warehouse.path.stat().st_size == length


def test_a_database_that_is_cut_off(
    loaded: tuple, new_warehouse: Callable[..., Warehouse]
) -> None:
    """It is said what to do, and that works."""
    warehouse, root = loaded
    path = warehouse.path
    os.truncate(path, path.stat().st_size * 2 // 5)
    try:
        dbt_runs.check_database(path)
        said = sentence(warehouse.refused(), "dbt.log")
    except Stopped as stopped:
        said = str(stopped)
    assert str(path) in said, said
    # The project's check, or DuckDB where it cannot open the rest.
    assert "lacks its end" in said or "CLOUDTRAIL_DUCKDB_PATH" in said, said
    path.unlink()
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    again = new_warehouse(root)
    again.load()
    assert_tables(oracle.tables(root), again)
