"""Splits a statement into words, texts, names and signs, as Athena does.

Athena has two languages: Hive's for DDL (backticks around names, backslashes in
texts) and Trino's for everything else (double quotes, doubled quotes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class SyntaxFault(Exception):
    """The statement is not one that Athena accepts."""


class Token(NamedTuple):
    """A part of a statement."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The position after it."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of these words, whatever the case."""
        return self.kind == "word" and self.text.lower() in words

    def is_sign(self, sign: str) -> bool:
        """Tell whether it is this sign."""
        return self.kind == "sign" and self.text == sign


COMMON = (
    r"(?P<blank>\s+|--[^\n]*|/\*.*?\*/)"
    r"|(?P<quoted>\"(?:[^\"]|\"\")*\")"
    r"|(?P<backticked>`(?:[^`]|``)*`)"
    r"|(?P<word>\w+)"
    r"|(?P<sign>[^\s\w])"
)
PATTERNS = {
    "hive": re.compile(r"(?P<text>'(?:[^'\\]|\\.)*')|" + COMMON, re.DOTALL),
    "trino": re.compile(r"(?P<text>'(?:[^']|'')*')|" + COMMON, re.DOTALL),
}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def each_token(statement: str, language: str) -> Iterator[Token]:
    """Yield the parts of a statement, without blanks and comments.

    Raises:
        SyntaxFault: a text or a name is not closed.
    """
    for match in PATTERNS[language].finditer(statement):
        kind = match.lastgroup or "sign"
        if kind == "sign" and match.group() in "'\"`":
            raise SyntaxFault(f"a quote at position {match.start()} is not closed")
        if kind != "blank":
            yield Token(kind, match.group(), match.start())


def tokens(statement: str, language: str) -> list[Token]:
    """Return the parts of a statement, without blanks and comments.

    Raises:
        SyntaxFault: a text or a name is not closed.
    """
    return list(each_token(statement, language))


def without_last_semicolon(statement: str, language: str) -> str:
    """Return the one statement that a text holds.

    Raises:
        SyntaxFault: it holds none, or more than one.
    """
    parts = tokens(statement, language)
    while parts and parts[-1].is_sign(";"):
        statement = statement[: parts.pop().start]
    if not parts:
        raise SyntaxFault("the query is empty")
    if any(part.is_sign(";") for part in parts):
        raise SyntaxFault("Only one sql statement is allowed")
    return statement


def hive_text(token: Token) -> str:
    """Return what a Hive text says."""
    return re.sub(
        r"\\(.)",
        lambda match: ESCAPES.get(match.group(1), match.group(1)),
        token.text[1:-1],
        flags=re.DOTALL,
    )


def hive_name(token: Token) -> str:
    """Return the name that a Hive word or a backticked name is, in lower case."""
    text = token.text
    if token.kind == "backticked":
        text = text[1:-1].replace("``", "`")
    return text.lower()


def trino_name(token: Token) -> str:
    """Return the name that a Trino word or a quoted name is, in lower case."""
    text = token.text
    if token.kind == "quoted":
        text = text[1:-1].replace('""', '"')
    return text.lower()
