"""What kind of statement a query is, and what Trino gets of it.

Refuses what Athena refuses before it runs anything.
"""

from __future__ import annotations

from enum import Enum
from itertools import islice
from typing import NamedTuple

from local_athena.lexer import (
    SyntaxFault,
    Token,
    each_token,
    tokens,
    trino_name,
    without_last_semicolon,
)

# Athena's quota, in bytes of the query's text.
LONGEST = 262144
ICEBERG_CATALOG = "iceberg"


class Kind(Enum):
    """How a statement is carried out."""

    HIVE_DDL = "DDL by Glue calls"
    CREATE_TABLE_AS = "a new table from a query"
    VIEW = "a view"
    CHANGE_ROWS = "rows changed in an Iceberg table"
    QUERY = "a query or an insert"
    SHOW = "what SHOW, DESCRIBE and EXPLAIN tell"


class TableName(NamedTuple):
    """A table as a Trino statement names it, in lower case."""

    parts: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table alone."""
        return self.parts[-1]

    def schema(self, default: str | None) -> str | None:
        """The database that it is in."""
        return self.parts[-2] if len(self.parts) > 1 else default


FIRST_WORDS: list[tuple[tuple[str, ...], Kind]] = [
    (("create", "external"), Kind.HIVE_DDL),
    (("create", "database"), Kind.HIVE_DDL),
    (("create", "schema"), Kind.HIVE_DDL),
    (("drop", "database"), Kind.HIVE_DDL),
    (("drop", "schema"), Kind.HIVE_DDL),
    (("drop", "table"), Kind.HIVE_DDL),
    (("alter", "table"), Kind.HIVE_DDL),
    (("create", "view"), Kind.VIEW),
    (("create", "or", "replace", "view"), Kind.VIEW),
    (("drop", "view"), Kind.VIEW),
    (("delete", "from"), Kind.CHANGE_ROWS),
    (("update",), Kind.CHANGE_ROWS),
    (("merge", "into"), Kind.CHANGE_ROWS),
    (("select",), Kind.QUERY),
    (("with",), Kind.QUERY),
    (("values",), Kind.QUERY),
    (("insert", "into"), Kind.QUERY),
    (("show",), Kind.SHOW),
    (("describe",), Kind.SHOW),
    (("explain",), Kind.SHOW),
]
# Statements that Athena has and the emulation lacks.
LACKING = {"msck", "optimize", "vacuum", "unload", "prepare", "execute", "deallocate"}


def kind(statement: str) -> Kind:
    """Tell what a statement is by its first words.

    Raises:
        SyntaxFault: Athena has no such statement, or the emulation lacks it.
    """
    parts = list(islice(each_token(statement, "trino"), 4))
    if not parts:
        raise SyntaxFault("the query is empty")
    if parts[0].is_sign("("):
        return Kind.QUERY
    begun = [part.text.lower() for part in parts]
    if begun[:2] == ["create", "table"]:
        return _kind_of_create_table(statement)
    for words, found in FIRST_WORDS:
        if tuple(begun[: len(words)]) == words:
            return found
    if begun[0] in LACKING:
        raise SyntaxFault(f"the local Athena lacks {begun[0].upper()}")
    raise SyntaxFault(f"line 1:{parts[0].start + 1}: mismatched input '{begun[0]}'")


def _kind_of_create_table(statement: str) -> Kind:
    for part in each_token(statement, "trino"):
        if part.is_sign("("):
            break
        if part.is_word("with", "as"):
            return Kind.CREATE_TABLE_AS
    return Kind.HIVE_DDL


def checked(query: str) -> tuple[Kind, str]:
    """Return the kind of a query and its one statement.

    Raises:
        SyntaxFault: Athena would refuse the text.
    """
    size = len(query.encode("utf-8"))
    if size > LONGEST:
        raise SyntaxFault(
            f"the query string has {size} bytes; its length must be at most {LONGEST}"
        )
    found = kind(query)
    if found is Kind.HIVE_DDL:
        return found, without_last_semicolon(query, "hive")
    statement = without_last_semicolon(query, "trino")
    for part in tokens(statement, "trino"):
        if part.kind == "backticked":
            raise SyntaxFault(
                f"line 1:{part.start + 1}: backquoted identifiers are not supported;"
                " use double quotes to quote identifiers"
            )
    return found, statement


def name_at(parts: list[Token], at: int) -> tuple[TableName, int]:
    """Read a table's name; return it and the position after it.

    Raises:
        SyntaxFault: there is none.
    """
    names = []
    while True:
        if at >= len(parts) or parts[at].kind not in ("word", "quoted"):
            raise SyntaxFault("a table's name was expected")
        names.append(trino_name(parts[at]))
        at += 1
        if at < len(parts) and parts[at].is_sign("."):
            at += 1
            continue
        return TableName(tuple(names)), at


def changed_table(statement: str) -> TableName:
    """Return the table whose rows a DELETE, UPDATE or MERGE changes."""
    parts = tokens(statement, "trino")
    return name_at(parts, 1 if parts[0].is_word("update") else 2)[0]


def created_view(statement: str) -> TableName | None:
    """Return the view that a CREATE VIEW makes, none if it is a DROP VIEW."""
    parts = tokens(statement, "trino")
    for at, part in enumerate(parts[:4]):
        if part.is_word("view") and parts[0].is_word("create"):
            return name_at(parts, at + 1)[0]
    return None


class TableAs(NamedTuple):
    """A CREATE TABLE AS."""

    name: TableName
    if_not_exists: bool
    properties: dict[str, str]
    query: str

    @property
    def is_iceberg(self) -> bool:
        """Whether it becomes an Iceberg table."""
        return self.properties.get("table_type", "").strip("'").lower() == "iceberg"

    @property
    def location_property(self) -> str:
        """The property that says where its files go."""
        return "location" if self.is_iceberg else "external_location"

    def location(self) -> str | None:
        """Where its files go, if the statement says so."""
        given = self.properties.get(self.location_property)
        return given.strip("'").rstrip("/") + "/" if given else None

    def trino_statement(self, schema: str | None, location: str) -> str:
        """Return what Trino gets.

        Args:
            schema: the database, where the name has none.
            location: where the files go.

        Raises:
            SyntaxFault: a property is none that Athena has.
        """
        kept = {
            name: value
            for name, value in self.properties.items()
            if name not in ATHENA_ONLY
        }
        allowed = ICEBERG_PROPERTIES if self.is_iceberg else HIVE_PROPERTIES
        for name in kept:
            if name not in allowed:
                raise SyntaxFault(f"Table property '{name}' does not exist")
        is_external = self.properties.get("is_external", "true").lower()
        if self.is_iceberg and is_external != "false":
            raise SyntaxFault("An Iceberg table needs is_external = false")
        kept[self.location_property] = "'" + location.replace("'", "''") + "'"
        catalog = ICEBERG_CATALOG if self.is_iceberg else "awsdatacatalog"
        listed = ", ".join(f"{name} = {value}" for name, value in kept.items())
        table = f'"{catalog}"."{self.name.schema(schema)}"."{self.name.table}"'
        condition = "if not exists " if self.if_not_exists else ""
        return f"create table {condition}{table} with ({listed}) as {self.query}"


# Athena's own; what they ask for is what the engine does anyway.
ATHENA_ONLY = {"table_type", "is_external", "write_compression"}
HIVE_PROPERTIES = {
    "external_location",
    "format",
    "partitioned_by",
    "bucketed_by",
    "bucket_count",
}
ICEBERG_PROPERTIES = {"location", "format", "partitioning"}


def table_as(statement: str) -> TableAs:
    """Read a CREATE TABLE AS.

    Raises:
        SyntaxFault: it is written otherwise than Athena wants it.
    """
    parts = tokens(statement, "trino")
    at = 2
    condition = [part.text.lower() for part in parts[at : at + 3]]
    if_not_exists = condition == ["if", "not", "exists"]
    if if_not_exists:
        at += 3
    name, at = name_at(parts, at)
    properties: dict[str, str] = {}
    try:
        if parts[at].is_word("with"):
            at = _read_properties(statement, parts, at + 1, properties)
        if not parts[at].is_word("as"):
            raise SyntaxFault("mismatched input: AS was expected")
        query = statement[parts[at + 1].start :]
    except IndexError:
        raise SyntaxFault("mismatched input '<EOF>'") from None
    return TableAs(name, if_not_exists, properties, query)


def _read_properties(
    statement: str, parts: list[Token], at: int, properties: dict[str, str]
) -> int:
    """Read (name = value, …); return the position after it.

    Raises:
        SyntaxFault: it is written otherwise.
        IndexError: it ends too early.
    """
    if not parts[at].is_sign("("):
        raise SyntaxFault("mismatched input: ( was expected")
    while not parts[at].is_sign(")"):
        name, equals = parts[at + 1], parts[at + 2]
        if name.kind != "word" or not equals.is_sign("="):
            raise SyntaxFault(
                f"mismatched input '{name.text}': a property was expected"
            )
        begun = at = at + 3
        depth = 0
        while depth or not (parts[at].is_sign(",") or parts[at].is_sign(")")):
            depth += parts[at].is_sign("[") - parts[at].is_sign("]")
            at += 1
        if name.text.lower() in properties:
            raise SyntaxFault(f"the property {name.text} is given twice")
        properties[name.text.lower()] = statement[
            parts[begun].start : parts[at - 1].end
        ]
    return at + 1
