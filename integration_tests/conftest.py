"""Fixtures that run the project in databases of a test's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driver import Project, Warehouse


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project, parsed once for all tests."""
    return Project(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def new_warehouse(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Warehouse]:
    """Return a function that makes a database for logs below a root."""
    folder = tmp_path_factory.mktemp("databases")
    numbers = itertools.count()

    def make(root: Path | str, **variables: Any) -> Warehouse:
        place = folder / str(next(numbers))
        return Warehouse(project, place, root, **variables)

    return make
