"""Short logs of February 2024, and files that arrive step by step."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import hostile
import oracle

ACCOUNT, REGION = hostile.ACCOUNTS[0], hostile.REGIONS[0]
OTHER_ACCOUNT = hostile.ACCOUNTS[1]


def log(root: Path, day: int, number: int, *records: dict[str, Any]) -> Path:
    """Write a file of a day in February 2024."""
    name = hostile.log_path(ACCOUNT, REGION, oracle.date(2024, 2, day), number)
    return hostile.write(root / "AWSLogs" / name, hostile.envelope(records))


def event(**fields: Any) -> dict[str, Any]:
    """Return a record of 10 February 2024."""
    return hostile.plain_record(**{"eventTime": "2024-02-10T23:59:00Z", **fields})


OTHERS = [event(eventID=f"other {number}") for number in range(3)]
OWNER = {"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AIDA"}


def days_of(archive: Path) -> list[list[str]]:
    """Return the files below a folder by the day of their log folder."""
    days: dict[Any, list[str]] = {}
    for file in oracle.log_files(archive, oracle.Settings()):
        days.setdefault(file.log_date, []).append(file.load_name)
    return [days[day] for day in sorted(days)]


def chunks(values: list[Any], count: int) -> list[list[Any]]:
    """Split a list into a number of parts that follow one another."""
    bounds = [len(values) * part // count for part in range(count + 1)]
    return [values[start:end] for start, end in zip(bounds, bounds[1:], strict=False)]


def copy_files(archive: Path, root: Path, names: Iterable[str]) -> None:
    """Copy log files from the archive to the same place below the root."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(archive / name, root / name)
