"""What the tests of the tables' readers share: a browser, and tables on each engine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import Browser, browsing
from driver import PROJECT, SAMPLES, Warehouse
from lake import BUCKET, SETTINGS, Lake

from local_athena.stack import LocalAthena


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest file first: of two processes neither waits for the other."""
    items.sort(key=lambda item: item.path.name != "test_superset.py")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running Chromium."""
    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def programs() -> Callable[..., Path]:
    """Return a function that makes a tool's environment, and returns its programs.

    What is optional is skipped where there is no Python for it.
    """

    def make(name: str, *, is_optional: bool = False) -> Path:
        made = subprocess.run(
            ["sh", "scripts/bootstrap.sh", name],
            cwd=PROJECT,
            check=False,
            capture_output=True,
            text=True,
        )
        if is_optional and "3.11 or 3.12 is needed" in made.stderr:
            pytest.skip(f"{name} needs Python 3.11 or 3.12")
        assert made.returncode == 0, made.stderr
        return PROJECT / f".venv-{name}" / "bin"

    return make


@pytest.fixture(scope="session")
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Return all tables of the sample logs on DuckDB, to be read only."""
    built = new_warehouse(SAMPLES, **SETTINGS)
    built.load(decisions=True)
    return built


@pytest.fixture(scope="session")
def marts(warehouse: Warehouse) -> Path:
    """Return the file of that database; who writes takes a copy."""
    return warehouse.path


@pytest.fixture(scope="session")
def athena_marts(local: LocalAthena, new_lake: Callable[..., Lake]) -> Lake:
    """Return the same tables on the local Athena, with the same rows."""
    local.load(SAMPLES, BUCKET, "samples")
    lake = new_lake(f"s3://{BUCKET}/samples", schema="marts", **SETTINGS)
    lake.do("seed")
    lake.make_table()
    lake.do("run", decisions=True)
    return lake
