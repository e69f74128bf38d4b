"""What is done once for all tests on the local Athena."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what is said of this folder's calls and queries at its end.

    What other folders' tests ask of the stack is none of dbt's.
    """
    items.sort(
        key=lambda item: (
            item.path.parent != FOLDER,
            item.path.name == "test_policy.py",
        )
    )


@pytest.fixture(scope="session", autouse=True)
def models_of_services() -> Iterator[None]:
    """Read each of botocore's models once.

    dbt-athena makes a client for nearly every call, and each parses its service's
    model anew: half of a run's time here.
    """
    read = JSONFileLoader.load_file
    known: dict[str, Any] = {}

    def load_file(self: JSONFileLoader, path: str) -> Any:
        if path not in known:
            known[path] = read(self, path)
        return known[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_file)
        yield
