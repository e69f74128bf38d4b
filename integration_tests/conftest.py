"""Fixtures that run the project in databases of a test's own."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import service_models
from botocore.loaders import JSONFileLoader
from checkouts import Checkout
from driver import SAMPLES, Project, Warehouse
from lake import Lake

from local_athena.stack import LocalAthena

status = pytest.StashKey[int]()
# The folders whose tests have a mark of their name.
FOLDERS = ("downstream", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of these folders."""
    for item in items:
        folder = item.path.parent
        if folder.name in FOLDERS and folder.parent == Path(__file__).parent:
            item.add_marker(folder.name)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how the tests ended."""
    session.config.stash[status] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once: at exit, DuckDB's bindings list all that dbt still holds.

    The last line is then pytest's own.
    """
    if status in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[status])


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


@pytest.fixture(scope="session")
def samples(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Return all tables of the sample logs, for tests that change none."""
    warehouse = new_warehouse(SAMPLES)
    warehouse.load(decisions=True)
    return warehouse


@pytest.fixture(scope="session")
def models_of_services() -> Iterator[None]:
    """Read each of botocore's models once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", service_models.remembering())
        yield


@pytest.fixture(scope="session")
def new_lake(
    local: LocalAthena,
    models_of_services: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Lake]:
    """Return a function that makes a database for the logs below a root."""
    folder = tmp_path_factory.mktemp("lakes")
    numbers = itertools.count()

    def make(root: str, schema: str = "", **variables: Any) -> Lake:
        number = next(numbers)
        schema = schema or f"lake_{number}"
        return Lake(local, folder / str(number), schema, root, **variables)

    return make


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Copy the checkout and give it the environment that runs the tests.

    The packages are linked, not installed anew, and so are marked as complete.
    """
    copy = Checkout(tmp_path_factory.mktemp("make") / "a checkout")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", copy.folder / ".venv"],
        check=True,
    )
    (own,) = (copy.folder / ".venv" / "lib").glob("python*/site-packages")
    (own / "tests.pth").write_text(str(Path(duckdb.__file__).parents[1]) + "\n")
    for name in ("run.txt", "dev.txt"):
        shutil.copy(copy.folder / "requirements" / name, copy.folder / ".venv")
    return copy
