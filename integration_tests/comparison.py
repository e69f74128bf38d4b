"""Compares the tables of a database with the rows that they must hold."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import oracle
from driver import Warehouse

Row = dict[str, Any]
SHOWN = 25


def json_value(text: str | None) -> Any:
    """Return a JSON text's value; a text that is no JSON stands for itself."""
    if text is None:
        return None
    try:
        return json.loads(text, object_pairs_hook=oracle.first_counts)
    except ValueError:
        return text


def same(column: str, expected: Any, actual: Any) -> bool:
    """Tell whether two values of a column are the same."""
    if column in oracle.JSON_COLUMNS:
        return json_value(expected) == json_value(actual)
    return type(expected) is type(actual) and expected == actual


def by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple, list[Row]]:
    """Group rows by their key."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row.get(column) for column in key)].append(row)
    return groups


def table_differences(table: str, expected: list[Row], actual: list[Row]) -> list[str]:
    """Say how the rows of a table differ from the expected ones."""
    key = oracle.KEYS[table]
    wanted, found = by_key(expected, key), by_key(actual, key)
    lines = []
    for name in [*wanted, *(name for name in found if name not in wanted)]:
        want, have = wanted.get(name, []), found.get(name, [])
        shown = " | ".join(map(str, name))
        if len(want) != len(have):
            lines.append(
                f"{table}: {len(want)} rows expected, {len(have)} found: {shown}"
            )
            continue
        for one, other in zip(want, have, strict=True):
            for column, value in one.items():
                if column not in other:
                    lines.append(f"{table}: no column {column}")
                elif not same(column, value, other[column]):
                    lines.append(
                        f"{table}: {column} is {other[column]!r},"
                        f" expected {value!r}: {shown}"
                    )
    return list(dict.fromkeys(lines))


def differences(expected: oracle.Tables, warehouse: Warehouse) -> list[str]:
    """Say how the tables of a database differ from the expected ones."""
    return [
        line
        for table, rows in expected.items()
        for line in table_differences(table, rows, warehouse.rows(table))
    ]


def assert_tables(expected: oracle.Tables, warehouse: Warehouse) -> None:
    """Fail where a table is not as expected, and show how."""
    lines = differences(expected, warehouse)
    kinds = Counter(re.split(" is | expected", line)[0] for line in lines)
    assert not lines, "\n".join(
        [f"{len(lines)} differences: {dict(kinds)}", *lines[:SHOWN]]
    )
