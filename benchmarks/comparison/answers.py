"""Compares answers: as sets of rows in which a row may stand several times."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

# Above so many rows a difference is told by their number alone.
COMPARED_ROW_BY_ROW = 1_000_000


@dataclass(frozen=True)
class Answer:
    """An answer in short.

    Attributes:
        rows: how many there are.
        digest: the sum of the rows' hashes, the same in every order.
    """

    rows: int
    digest: int


def rows(out: Path, name: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of an answer; what is null and what is empty are the same.

    Raises:
        FileNotFoundError: there is no such answer.
    """
    text = out / f"{name}.tsv"
    path = out / f"{name}.csv"
    if text.exists():
        with text.open(encoding="utf-8", newline="") as lines:
            yield from map(
                tuple, csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            )
        return
    # Spark writes a folder of files.
    for file in sorted(path.glob("part-*.csv")) if path.is_dir() else [path]:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from map(tuple, csv.reader(lines))


def answer(out: Path, name: str) -> Answer:
    """Return an answer in short.

    Raises:
        FileNotFoundError: there is no such answer.
    """
    count = digest = 0
    for row in rows(out, name):
        count += 1
        hashed = blake2b(repr(row).encode(), digest_size=16).digest()
        digest += int.from_bytes(hashed, "big")
    return Answer(count, digest % 2**128)


def difference(expected: Path, found: Path, name: str) -> str:
    """Return how an answer differs from the expected one, nothing if it does not.

    Raises:
        FileNotFoundError: there is no such answer.
    """
    wanted, got = answer(expected, name), answer(found, name)
    if wanted == got:
        return ""
    if max(wanted.rows, got.rows) > COMPARED_ROW_BY_ROW:
        return f"{name}: {got.rows:,} rows instead of {wanted.rows:,}, or other ones"
    left, right = Counter(rows(expected, name)), Counter(rows(found, name))
    missing, surplus = left - right, right - left
    parts = [f"{name}: "]
    for counted, what in ((missing, "missing"), (surplus, "too many")):
        if counted:
            parts.append(f"{counted.total():,} rows {what}, as {min(counted)}; ")
    return "".join(parts).removesuffix("; ")
