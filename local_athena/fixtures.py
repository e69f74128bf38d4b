"""The running stack for tests; the conftest.py of the checkout loads this."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_athena.stack import LocalAthena, running


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAthena]:
    """Return the running stack, one for all tests."""
    with running(tmp_path_factory.mktemp("local_athena")) as stack:
        yield stack


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use it: they need Java and Trino."""
    for item in items:
        if "local" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.athena)
