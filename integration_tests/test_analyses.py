"""The S3 guide's questions, over the raw records and over the marts.

Both sides of every pair run on the sample logs. A raw row stands for one delivered
copy of a request, a mart's for the request, so raw rows are reduced to the key of
their request first. What then still differs is named and counted here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from driver import PROJECT, Row, Warehouse

QUESTIONS = (
    "01_first_rows",
    "02_sigv2_events",
    "03_sigv2_requesters",
    "04_sigv2_requesters_of_a_day",
    "05_put_requests",
    "06_get_requests",
    "07_anonymous_access",
    "08_unexpected_access",
)
SIDES = ("raw", "marts")


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Return the tables of the sample logs."""
    samples = new_warehouse(PROJECT / "samples" / "logs")
    samples.load()
    return samples


@pytest.fixture(scope="module")
def answers(warehouse: Warehouse) -> dict[str, list[Row]]:
    """Return the rows of every analysis over all days and buckets."""
    return answer(warehouse)
