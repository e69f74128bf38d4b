"""Log files that come, go and change while a run reads them.

A run on DuckDB lists the files, reads them, and then writes down what it has read.
It is paused between two of these, and goes on after the change.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import oracle
import pytest
from comparison import assert_tables
from faulty import FaultyWarehouse, points_of_change
from february import OTHERS, event, log
from sentences import sentence

# The table that is made next when a run is paused.
PAUSES = {
    "before it is read": "int_s3_batch",
    "after it was read": "int_cloudtrail_files_read",
}


def making_of(table: str) -> str:
    """Return what the statements that make a table are the first to hold."""
    return f'"{table}__dbt_tmp'


@dataclass
class Trail:
    """Loaded logs, with new ones beside them.

    Attributes:
        root: the folder.
        warehouse: the database, which has the first file only.
        old: the file that is loaded.
        new: one that is not, of the same day.
    """

    root: Path
    warehouse: FaultyWarehouse
    old: Path
    new: Path


@pytest.fixture
def trail(tmp_path: Path, new_faulty: Callable[..., FaultyWarehouse]) -> Trail:
    """Return logs of which some are loaded."""
    root = tmp_path / "logs"
    log(root, 9, 1, event(eventID="another day"))
    old = log(root, 10, 1, *OTHERS, event(eventID="old"))
    warehouse = new_faulty(root)
    warehouse.load()
    new = log(root, 10, 2, event(eventID="new 1"), event(eventID="new 2"))
    return Trail(root, warehouse, old, new)


def disturbed(trail: Trail, when: str, change: Callable[[], object]) -> str:
    """Change something while a run is paused, and return how that fails.

    No table may have changed then, and the next run must end in the right ones.
    """
    before = trail.warehouse.readable()
    run = trail.warehouse.start(pause_at=making_of(PAUSES[when])).until_paused()
    change()
    run.resume()
    if not run.success:
        assert trail.warehouse.readable() == before
        trail.warehouse.load()
    assert_tables(oracle.tables(trail.root), trail.warehouse.warehouse)
    return "" if run.success else sentence(run.error, "dbt.log")


@pytest.mark.parametrize("when", PAUSES)
@pytest.mark.parametrize("which", ["old", "new"])
def test_a_file_grows(when: str, which: str, trail: Trail) -> None:
    """The run stops and names the file; the next one reads it as it is."""
    path = getattr(trail, which)

    def grow() -> None:
        records = [*OTHERS, event(eventID="old"), event(eventID="grown")]
        path.write_bytes(log(trail.root.parent / "other", 10, 1, *records).read_bytes())

    said = disturbed(trail, when, grow)
    assert str(path) in said and "has changed" in said and "again" in said


@pytest.mark.parametrize("when", PAUSES)
def test_a_file_is_emptied(when: str, trail: Trail) -> None:
    """A file of no bytes is no longer what was listed."""
    said = disturbed(trail, when, lambda: trail.new.write_bytes(b""))
    assert str(trail.new) in said


@pytest.mark.parametrize("when", PAUSES)
def test_a_file_disappears(when: str, trail: Trail) -> None:
    """The run stops and names the file."""
    said = disturbed(trail, when, trail.new.unlink)
    assert str(trail.new) in said
    assert "gone" in said and "again" in said


@pytest.mark.parametrize("when", PAUSES)
def test_all_files_disappear(when: str, trail: Trail) -> None:
    """Logs that go away take nothing with them."""
    away = trail.root.with_name("away")
    before = trail.warehouse.readable()
    run = trail.warehouse.start(pause_at=making_of(PAUSES[when])).until_paused()
    trail.root.rename(away)
    run.resume()
    assert not run.success
    said = sentence(run.error, "dbt.log")
    assert str(trail.root) in said and "gone" in said
    assert trail.warehouse.readable() == before
    away.rename(trail.root)
    trail.warehouse.load()
    assert_tables(oracle.tables(trail.root), trail.warehouse.warehouse)


@pytest.mark.parametrize("day", [10, 11])
@pytest.mark.parametrize("when", PAUSES)
def test_a_file_comes(when: str, day: int, trail: Trail) -> None:
    """A file that was not listed is the next run's, and disturbs nothing."""
    listed = oracle.tables(trail.root)
    run = trail.warehouse.start(pause_at=making_of(PAUSES[when])).until_paused()
    log(trail.root, day, 3, event(eventID="late"), event(eventID="new 1"))
    run.resume()
    assert run.success, run.error
    assert_tables(listed, trail.warehouse.warehouse)
    trail.warehouse.load()
    assert_tables(oracle.tables(trail.root), trail.warehouse.warehouse)


def test_a_file_comes_before_the_data_tests(trail: Trail, tmp_path: Path) -> None:
    """They look at what was listed, too."""
    options = ("--exclude-resource-type", "unit_test")
    last = len(trail.warehouse.copy(tmp_path / "whole").load().statements)
    run = trail.warehouse.start(*options, command="build", pause_at=last)
    run.until_paused()
    log(trail.root, 10, 3, event(eventID="late"))
    run.resume()
    assert run.success, run.error


def test_a_file_is_cut_off_after_it_was_listed(trail: Trail) -> None:
    """It is named as damaged."""
    whole = trail.new.read_bytes()
    data = gzip.compress(os.urandom(5000) + whole)

    def cut() -> None:
        trail.new.write_bytes(data[: len(data) // 2])

    before = trail.warehouse.readable()
    run = trail.warehouse.start(pause_at=making_of("int_s3_batch")).until_paused()
    cut()
    run.resume()
    said = sentence(run.error, "dbt.log")
    assert str(trail.new) in said and "is damaged" in said
    assert trail.warehouse.readable() == before
    trail.new.write_bytes(whole)
    trail.warehouse.load()
    assert_tables(oracle.tables(trail.root), trail.warehouse.warehouse)


def test_a_file_changes_in_a_full_refresh(trail: Trail) -> None:
    """Readers keep the old tables."""
    before = trail.warehouse.readable()
    number = making_of("int_cloudtrail_files_read")
    run = trail.warehouse.start("--full-refresh", pause_at=number).until_paused()
    log(trail.root, 10, 1, *OTHERS, event(eventID="of another version"))
    run.resume()
    said = sentence(run.error, "dbt.log")
    assert str(trail.old) in said
    assert trail.warehouse.readable() == before
    trail.warehouse.load("--full-refresh")
    assert_tables(oracle.tables(trail.root), trail.warehouse.warehouse)


def test_a_changed_file_comes_back_as_it_was(trail: Trail, tmp_path: Path) -> None:
    """Nothing says that a version is loaded whose rows a killed run replaced."""
    trail.warehouse.load()
    version = trail.old.read_bytes()
    times = trail.old.stat().st_atime_ns, trail.old.stat().st_mtime_ns
    changed = [event(eventID="of another version", eventTime="2024-02-07T00:00:00Z")]
    log(trail.root, 10, 1, *changed)
    statements = trail.warehouse.copy(tmp_path / "whole").load().statements
    making = making_of("fct_s3_requests")
    fact = next(n for n, text in enumerate(statements, 1) if making in text)
    kept = next(n for n in points_of_change(statements) if n > fact)
    assert trail.warehouse.start(kill_at=kept + 1).until_ended().killed
    trail.old.write_bytes(version)
    os.utime(trail.old, ns=times)
    trail.warehouse.load()
    assert_tables(oracle.tables(trail.root), trail.warehouse.warehouse)
