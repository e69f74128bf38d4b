"""The local Athena's Trino knows more functions than Athena: none of them is used."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import compile_athena
import sqlglot
from driver import Warehouse
from sqlglot.tokens import TokenType
from test_tables import SAMPLES

LIST = Path(__file__).with_name("athena_functions.txt")
# Words before a parenthesis that are no functions.
GRAMMAR = set(
    "all and any array as between by case cast decimal else exists from having in"
    " insert interval is join like not on or order over partition row select then"
    " try_cast union unnest using values varchar when where with".split()
)


def documented() -> set[str]:
    """Return the functions that Athena documents."""
    lines = LIST.read_text("utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def functions(sql: str) -> set[str]:
    """Return the functions that a statement calls."""
    tokens = sqlglot.tokenize(sql, dialect="trino")
    return {
        token.text.lower()
        for before, token, following in zip(
            [None, *tokens], tokens, tokens[1:], strict=False
        )
        if following.token_type is TokenType.L_PAREN
        and re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", token.text)
        # Not a relation or its alias, with its columns.
        and not (before and before.text.lower() in ("as", "."))
    } - GRAMMAR


def test_every_function_is_documented(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    """Of the compiled models, tests and analyses."""
    warehouse = new_warehouse(SAMPLES)
    warehouse.load()
    folder = compile_athena.compile_athena(warehouse.path, tmp_path)
    files = sorted(folder.rglob("*.sql"))
    assert len(files) > 30
    called: dict[str, str] = {}
    for path in files:
        for name in functions(path.read_text("utf-8")):
            called.setdefault(name, path.name)
    assert {"regexp_extract", "json_extract_scalar", "transform"} <= set(called)
    unknown = {name: path for name, path in called.items() if name not in documented()}
    assert unknown == {}


def test_an_unknown_function_is_found() -> None:
    """As one that came after engine version 3."""
    sql = "with a as (select array_first(x) from (values 1) as t (x)) select 1 from a"
    assert functions(sql) - documented() == {"array_first"}
