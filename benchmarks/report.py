"""Writes results as Markdown, and keeps them in benchmarks/README.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import PROJECT

README = PROJECT / "benchmarks" / "README.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column is text, the others numbers.

    Raises:
        ValueError: a row has not as many cells as the head.
    """
    for cells in rows:
        if len(cells) != len(head):
            raise ValueError(f"{len(cells)} cells below {len(head)} names: {cells}")
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return [
        f"| {' | '.join(head)} |",
        f"|{'|'.join(rule)}|",
        *(f"| {' | '.join(cell(text) for text in cells)} |" for cells in rows),
    ]


def cell(text: str) -> str:
    """Return a text as it may stand in a table: in one line, without a bar."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def ratio(seconds: float, floor: float) -> str:
    """Return how many times the floor is in the seconds, with three digits at most.

    Raises:
        ValueError: the floor is not above zero.
    """
    if floor <= 0:
        raise ValueError("nothing can be compared with no time at all")
    times = seconds / floor
    return f"{times:.2f}" if abs(times) < 9.995 else f"{times:.0f}"


def size(number: float) -> str:
    """Return bytes in MB."""
    return f"{number / 1e6:,.0f}"


def put(text: str, name: str, result: str) -> str:
    """Return a text with a result in the place of the last one of that name.

    Raises:
        ValueError: the text has no such place, or several.
    """
    begin, end = f"<!-- {name} begins -->", f"<!-- {name} ends -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"there must be one {begin} and one {end}")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{result}\n{end}{after}"


def record(name: str, lines: Sequence[str], readme: Path = README) -> None:
    """Print a result and keep it."""
    result = "\n".join(lines)
    readme.write_text(put(readme.read_text("utf-8"), name, result), "utf-8")
    print(result)
