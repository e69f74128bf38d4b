"""What is compiled for Athena: everything, and with functions that Athena has.

The local Athena's Trino knows more of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import compile_athena
import pytest
import sqlglot
from driver import PROJECT, Warehouse
from sqlglot.tokens import TokenType

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


@pytest.fixture(scope="module")
def compiled(
    samples: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Return the models, tests and analyses, compiled beside the samples' tables."""
    folder = tmp_path_factory.mktemp("athena")
    return sorted(compile_athena.compile_athena(samples.path, folder).rglob("*.sql"))


def test_everything_compiles(compiled: list[Path]) -> None:
    written = [*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("analyses/**/*.sql")]
    assert written
    assert {file.stem for file in written} <= {file.stem for file in compiled}


def test_every_function_is_documented(compiled: list[Path]) -> None:
    called: dict[str, str] = {}
    for path in compiled:
        for name in functions(path.read_text("utf-8")):
            called.setdefault(name, path.name)
    assert {"regexp_extract", "json_extract_scalar", "transform"} <= set(called)
    unknown = {name: path for name, path in called.items() if name not in documented()}
    assert unknown == {}


def test_an_unknown_function_is_found() -> None:
    """As one that came after engine version 3."""
    sql = "with a as (select array_first(x) from (values 1) as t (x)) select 1 from a"
    assert functions(sql) - documented() == {"array_first"}
