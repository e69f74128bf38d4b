"""Runs that are killed or paused, and what the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driver import PROJECT, Project, Warehouse
from faulty import FaultyWarehouse
from runs import Server


@pytest.fixture(scope="session")
def server(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Return what runs dbt on DuckDB in processes of their own."""
    folder = tmp_path_factory.mktemp("server")
    options = {
        "--project-dir": PROJECT,
        "--profiles-dir": project.folder,
        "--target-path": folder / "target",
        "--log-path": folder / "logs",
    }
    started = Server(
        "duckdb",
        [
            *[str(part) for pair in options.items() for part in pair],
            "--quiet",
            "--log-level-file",
            "none",
            "--no-write-json",
        ],
        {},
        folder / "output.txt",
    )
    yield started
    started.stop()


@pytest.fixture(scope="session")
def new_faulty(
    server: Server, new_warehouse: Callable[..., Warehouse]
) -> Callable[..., FaultyWarehouse]:
    """Return a function that makes a database for logs below a root."""

    def make(root: Path | str, **variables: str) -> FaultyWarehouse:
        return FaultyWarehouse(server, new_warehouse(root, **variables))

    return make
