"""Leaves out of odd logs what Athena's SerDe cannot read.

A record whose identity is a text, or whose resources are no list, makes a query on
Athena fail, as any value that contradicts its column's type does; DuckDB reads the
record's other fields. docs/athena.md says so.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from local_athena.log_loader import records

# Columns that are structures, with those below them.
STRUCTURES: dict[str, Any] = {
    "useridentity": {
        "onbehalfof": {},
        "sessioncontext": {
            "attributes": {},
            "sessionissuer": {},
            "webidfederationdata": {"attributes": {}},
        },
    },
    "addendum": {},
    "tlsdetails": {},
}


def fits(value: Any, structures: dict[str, Any]) -> bool:
    """Tell whether an object's members have the forms of their columns."""
    for name, member in value.items():
        below = structures.get(name.lower())
        if below is None or member is None:
            continue
        if not isinstance(member, dict) or not fits(member, below):
            return False
    return True


def is_readable(record: dict[str, Any]) -> bool:
    """Tell whether Athena's SerDe reads a record."""
    for name, value in record.items():
        if name.lower() == "resources" and value is not None:
            if not isinstance(value, list):
                return False
            if not all(item is None or isinstance(item, dict) for item in value):
                return False
    return fits(record, STRUCTURES)


def keep_readable(root: Path) -> None:
    """Write the log files below a folder anew, without what is not readable."""
    for path in sorted(root.rglob("*.json*")):
        data = path.read_bytes()
        if not data:
            continue
        is_compressed = data[:2] == b"\x1f\x8b"
        if is_compressed:
            data = gzip.decompress(data)
        kept = [
            record
            for record in records(data.decode("utf-8-sig"))
            if is_readable(json.loads(record))
        ]
        data = ('{"Records":[' + ",".join(kept) + "]}").encode("utf-8")
        path.write_bytes(gzip.compress(data) if is_compressed else data)
