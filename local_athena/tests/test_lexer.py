"""Statements are split as Athena's two languages have it."""

from __future__ import annotations

import pytest

from local_athena.lexer import (
    SyntaxFault,
    hive_name,
    hive_text,
    tokens,
    trino_name,
    without_last_semicolon,
)


def kinds(statement: str, language: str) -> list[tuple[str, str]]:
    """Return kind and text of each part."""
    return [(token.kind, token.text) for token in tokens(statement, language)]


def test_parts_of_a_statement() -> None:
    assert kinds("select \"a b\", `c` from t1 where x = 'it''s'", "trino") == [
        ("word", "select"),
        ("quoted", '"a b"'),
        ("sign", ","),
        ("backticked", "`c`"),
        ("word", "from"),
        ("word", "t1"),
        ("word", "where"),
        ("word", "x"),
        ("sign", "="),
        ("text", "'it''s'"),
    ]


@pytest.mark.parametrize("language", ["hive", "trino"])
def test_blanks_and_comments_are_passed_over(language: str) -> None:
    statement = "-- /* it's\n/* ; ` \n */ a\t--b"
    assert kinds(statement, language) == [("word", "a")]


def test_positions_are_those_of_the_statement() -> None:
    (token,) = tokens("  /* x */ name ", "trino")
    assert (token.start, token.end) == (10, 14)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"'it\'s'", "it's"),
        (r"'a\\b'", r"a\b"),
        (r"'a\nb'", "a\nb"),
        ("'a\"b'", 'a"b'),
    ],
)
def test_a_backslash_in_a_hive_text(written: str, meant: str) -> None:
    (token,) = tokens(written, "hive")
    assert hive_text(token) == meant


def test_a_backslash_ends_no_trino_text() -> None:
    assert kinds(r"'a\' , 'b'", "trino") == [
        ("text", r"'a\'"),
        ("sign", ","),
        ("text", "'b'"),
    ]


def test_names_are_lower_case() -> None:
    assert [hive_name(token) for token in tokens("Ab `C``d`", "hive")] == ["ab", "c`d"]
    assert [trino_name(token) for token in tokens('Ab "C""d"', "trino")] == [
        "ab",
        'c"d',
    ]


@pytest.mark.parametrize("statement", ["select 'a", 'select "a', "select `a"])
@pytest.mark.parametrize("language", ["hive", "trino"])
def test_a_quote_that_is_not_closed(statement: str, language: str) -> None:
    with pytest.raises(SyntaxFault, match="position 7 is not closed"):
        tokens(statement, language)


@pytest.mark.parametrize(
    "query", ["select ';'", "select ';';", "select ';' ; ;\n-- end;"]
)
def test_one_statement(query: str) -> None:
    assert without_last_semicolon(query, "trino").strip().startswith("select ';'")


@pytest.mark.parametrize("query", ["", ";", " -- select 1"])
def test_no_statement(query: str) -> None:
    with pytest.raises(SyntaxFault, match="empty"):
        without_last_semicolon(query, "trino")


@pytest.mark.parametrize("query", ["select 1; select 2", "select 1;; select 2;"])
def test_two_statements(query: str) -> None:
    with pytest.raises(SyntaxFault, match="Only one sql statement is allowed"):
        without_last_semicolon(query, "trino")
