"""What the tests of the tables' readers share: a browser, and tables on each engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import Browser, browsing
from driver import Warehouse
from lake import BUCKET, SAMPLES, SETTINGS, Lake

from local_athena.stack import LocalAthena


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running Chromium."""
    with browsing() as running:
        yield running


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
