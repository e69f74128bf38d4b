"""The order of the tests on the local Athena."""

from __future__ import annotations

from pathlib import Path

import pytest

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
