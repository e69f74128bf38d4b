"""Values and types are written as Athena writes them."""

from __future__ import annotations

from typing import Any

import pytest

from local_athena.texts import column_info, hive_type, text_of


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "varchar", None),
        ("x", "varchar(1)", "x"),
        ("", "varchar", ""),
        (9007199254740993, "bigint", "9007199254740993"),
        (True, "boolean", "true"),
        ("1.50", "decimal(5,2)", "1.50"),
        ("2026-05-01 00:00:00.000", "timestamp(3)", "2026-05-01 00:00:00.000"),
        ("Cgs=", "varbinary", "0a 0b"),
        (1.0, "double", "1.0"),
        (0.0, "double", "0.0"),
        (-0.25, "double", "-0.25"),
        (0.001, "double", "0.001"),
        (0.00015, "double", "1.5E-4"),
        (9999999.0, "double", "9999999.0"),
        (1e7, "double", "1.0E7"),
        (-123456789.125, "double", "-1.23456789125E8"),
        ("NaN", "double", "NaN"),
        ([1, None], "array(integer)", "[1, null]"),
        ([[True], []], "array(array(boolean))", "[[true], []]"),
        ({"a": 1.0}, "map(varchar, double)", "{a=1.0}"),
        ([1, "x"], "row(a integer, b varchar)", "{a=1, b=x}"),
        ([1, "x"], "row(integer, varchar)", "{field0=1, field1=x}"),
        ([[[1]]], 'array(row("A b" row(c integer)))', "[{A b={c=1}}]"),
        ("a", "HyperLogLog", "a"),
    ],
)
def test_values(value: Any, kind: str, text: str | None) -> None:
    assert text_of(value, kind) == text


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("varchar", "varchar"),
        ("varchar(3)", "varchar"),
        ("decimal(5,2)", "decimal"),
        ("timestamp(3)", "timestamp"),
        ("timestamp(3) with time zone", "timestamp with time zone"),
        ("timestamp with time zone", "timestamp with time zone"),
        ("interval day to second", "interval day to second"),
        ("array(row(a varchar(3), b decimal(5,2)))", "array"),
        ("map(varchar, timestamp(3) with time zone)", "map"),
    ],
)
def test_a_column(kind: str, base: str) -> None:
    told = column_info("a", kind)
    assert (told["Name"], told["Label"], told["Type"]) == ("a", "a", base)
    assert told["CaseSensitive"] is (base == "varchar")


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("varchar", "string"),
        ("integer", "int"),
        ("real", "float"),
        ("varbinary", "binary"),
        ("timestamp(3)", "timestamp"),
        ("decimal(38,0)", "decimal(38,0)"),
        (
            "array(row(a integer, b map(varchar, bigint)))",
            "array<struct<a:int,b:map<string,bigint>>>",
        ),
    ],
)
def test_a_type_in_glue(kind: str, written: str) -> None:
    assert hive_type(kind) == written


@pytest.mark.parametrize(
    ("kind", "precision", "scale"),
    [
        ("bigint", 19, 0),
        ("varchar(3)", 2147483647, 0),
        ("timestamp(3)", 3, 0),
        ("decimal(5,2)", 5, 2),
        ("row(a decimal(5,2))", 0, 0),
    ],
)
def test_a_column_tells_its_digits(kind: str, precision: int, scale: int) -> None:
    told = column_info("a", kind)
    assert (told["Precision"], told["Scale"]) == (precision, scale)
