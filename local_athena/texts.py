"""Values and types as Athena's API and Glue write them."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError

Kind = exp.DataType.Type


@lru_cache
def _built(kind: str) -> exp.DataType:
    """Return what a type of Trino's is made of; the unusual ones are plain."""
    try:
        return exp.DataType.build(kind, dialect="trino")
    except ParseError:
        return exp.DataType(this=Kind.UNKNOWN)


def text_of(value: Any, kind: str) -> str | None:
    """Return a value as Athena writes it, none for null.

    Args:
        value: as Trino's JSON has it.
        kind: its type, in Trino's words.
    """
    return None if value is None else _text(value, _built(kind))


def _text(value: Any, kind: exp.DataType) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _float_text(value)
    if kind.is_type(Kind.VARBINARY):
        return base64.b64decode(value).hex(" ")
    parts = kind.expressions
    if isinstance(value, dict):
        item = parts[-1] if parts else kind
        pairs = [f"{key}={_text(part, item)}" for key, part in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list) and kind.is_type(Kind.STRUCT):
        pairs = []
        for at, (part, declared) in enumerate(zip(value, parts, strict=True)):
            name = declared.name if isinstance(declared, exp.ColumnDef) else ""
            item = declared.kind if isinstance(declared, exp.ColumnDef) else declared
            pairs.append(f"{name or f'field{at}'}={_text(part, item)}")
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        item = parts[0] if parts else kind
        return "[" + ", ".join(_text(part, item) for part in value) + "]"
    return str(value)


def _float_text(value: float) -> str:
    """Return a number as Java writes it: 1.0E10, not 10000000000.0."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, *others = [str(digit) for digit in digits]
    power = int(exponent) + len(others)
    return f"{'-' * sign}{first}.{''.join(others) or '0'}E{power}"


# Digits of types, as Athena tells them; a decimal's are its own.
PRECISIONS = {
    "varchar": 2147483647,
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "timestamp": 3,
}


def column_info(name: str, kind: str) -> dict[str, Any]:
    """Describe a column as Athena's API does, the type without its size."""
    base = re.sub(r"\(.*\)", "", kind)
    precision, scale = PRECISIONS.get(base, 0), 0
    if base == "decimal":
        precision, scale = map(int, re.findall(r"\d+", kind))
    return {
        "Precision": precision,
        "Scale": scale,
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": base,
        "Nullable": "UNKNOWN",
        "CaseSensitive": base in ("varchar", "char"),
    }


def hive_type(kind: str) -> str:
    """Return a type of Trino's as Glue spells it."""
    written = _built(kind).sql("hive").lower()
    return re.sub(r"([:,]) ", r"\1", written)
