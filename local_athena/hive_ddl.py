"""Reads Athena's DDL, which is Hive's, and refuses what Athena refuses in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from local_athena.lexer import SyntaxFault, Token, hive_name, hive_text, tokens

Name = tuple[str | None, str]
Spec = dict[str, str]
Item = TypeVar("Item")
# The types of Hive's tables; in DDL it is int, not integer.
SIMPLE_TYPES = set(
    "boolean tinyint smallint int bigint float double string binary date timestamp"
    " decimal char varchar".split()
)
# Numbers that may follow these in parentheses.
SIZES = {"decimal": 2, "char": 1, "varchar": 1}
# Athena user guide, "Reserved keywords in DDL": as names they need backticks.
RESERVED = set(
    "all alter and array as authorization between bigint binary boolean both by case"
    " cashe cast char column conf constraint commit create cross cube current"
    " current_date current_timestamp cursor database date dayofweek decimal delete"
    " describe distinct div double drop else end exchange exists extended external"
    " extract false fetch float floor following for foreign from full function grant"
    " group grouping having if import in inner insert int integer intersect interval"
    " into is join lateral left less like local macro map more none not null numeric"
    " of on only or order out outer over partialscan partition percent preceding"
    " precision preserve primary procedure range reads reduce regexp references"
    " revoke right rlike rollback rollup row rows select set smallint start table"
    " tablesample then time timestamp to transform trigger true truncate unbounded"
    " union uniquejoin update user using utc_timestamp values varchar views when"
    " where window with".split()
)


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE or SCHEMA."""

    name: str
    if_not_exists: bool


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE or SCHEMA."""

    name: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class CreateTable:
    """CREATE EXTERNAL TABLE, and CREATE TABLE of an Iceberg table."""

    name: Name
    if_not_exists: bool
    columns: list[tuple[str, str]]
    partition_columns: list[tuple[str, str]]
    location: str
    serde: str | None = None
    serde_properties: Spec = field(default_factory=dict)
    input_format: str | None = None
    output_format: str | None = None
    stored_as: str | None = None
    properties: Spec = field(default_factory=dict)

    @property
    def is_iceberg(self) -> bool:
        """Whether it is to be an Iceberg table."""
        return self.properties.get("table_type", "").lower() == "iceberg"


@dataclass(frozen=True)
class AddPartitions:
    """ALTER TABLE ADD PARTITION."""

    table: Name
    if_not_exists: bool
    partitions: list[tuple[Spec, str | None]]


@dataclass(frozen=True)
class DropPartitions:
    """ALTER TABLE DROP PARTITION."""

    table: Name
    if_exists: bool
    partitions: list[Spec]


@dataclass(frozen=True)
class SetLocation:
    """ALTER TABLE PARTITION SET LOCATION."""

    table: Name
    partition: Spec
    location: str


@dataclass(frozen=True)
class SetProperties:
    """ALTER TABLE SET TBLPROPERTIES."""

    table: Name
    properties: Spec


@dataclass(frozen=True)
class AddColumns:
    """ALTER TABLE ADD COLUMNS."""

    table: Name
    columns: list[tuple[str, str]]


@dataclass(frozen=True)
class RenameTable:
    """ALTER TABLE RENAME TO, which Athena knows of Iceberg tables."""

    table: Name
    new_name: Name


@dataclass(frozen=True)
class DropTable:
    """DROP TABLE."""

    table: Name
    if_exists: bool


Statement = (
    CreateDatabase
    | DropDatabase
    | CreateTable
    | AddPartitions
    | DropPartitions
    | SetLocation
    | SetProperties
    | AddColumns
    | RenameTable
    | DropTable
)


def parse(statement: str) -> Statement:
    """Read a DDL statement.

    Raises:
        SyntaxFault: Athena would not accept it.
    """
    return _Reader(statement).statement()


class _Reader:
    """Reads a statement from left to right."""

    def __init__(self, statement: str) -> None:
        self._tokens = tokens(statement, "hive")
        self._at = 0
        for token in self._tokens:
            if token.kind == "quoted":
                raise SyntaxFault(
                    f"line 1:{token.start}: mismatched input '{token.text}': DDL has"
                    " backticks around names and single quotes around texts"
                )

    # Single parts

    @property
    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _fault(self) -> SyntaxFault:
        token = self._next
        if token is None:
            return SyntaxFault("mismatched input '<EOF>'")
        return SyntaxFault(f"line 1:{token.start}: mismatched input '{token.text}'")

    def _take(self) -> Token:
        token = self._next
        if token is None:
            raise self._fault()
        self._at += 1
        return token

    def _words(self, *words: str) -> bool:
        """Pass over these words if they come next."""
        ahead = self._tokens[self._at : self._at + len(words)]
        if len(ahead) == len(words) and all(
            token.is_word(word) for token, word in zip(ahead, words, strict=True)
        ):
            self._at += len(words)
            return True
        return False

    def _need(self, *words: str) -> None:
        if not self._words(*words):
            raise self._fault()

    def _sign(self, sign: str) -> bool:
        if self._next is not None and self._next.is_sign(sign):
            self._at += 1
            return True
        return False

    def _need_sign(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._fault()

    def _text(self) -> str:
        if self._next is None or self._next.kind != "text":
            raise self._fault()
        return hive_text(self._take())

    def _name(self) -> str:
        token = self._next
        if token is None or token.kind not in ("word", "backticked"):
            raise self._fault()
        if token.kind == "word" and (
            token.text.lower() in RESERVED or not re.match("[A-Za-z]", token.text)
        ):
            # These need backticks.
            raise self._fault()
        return hive_name(self._take())

    def _table(self) -> Name:
        first = self._name()
        return (first, self._name()) if self._sign(".") else (None, first)

    def _list(self, item: Callable[[], Item]) -> list[Item]:
        self._need_sign("(")
        items = [item()]
        while self._sign(","):
            items.append(item())
        self._need_sign(")")
        return items

    def _end(self) -> None:
        if self._next is not None:
            raise self._fault()

    # Parts of statements

    def _column(self) -> tuple[str, str]:
        name, kind = self._name(), self._type()
        if self._words("comment"):
            self._text()
        return name, kind

    def _type(self) -> str:
        token = self._next
        name = token.text.lower() if token and token.kind == "word" else ""
        if name in SIMPLE_TYPES:
            self._at += 1
            if name in SIZES and self._next is not None and self._next.is_sign("("):
                sizes = self._list(self._number)
                if len(sizes) > SIZES[name]:
                    raise self._fault()
                return f"{name}({','.join(sizes)})"
            return name
        if name not in ("array", "map", "struct"):
            raise self._fault()
        self._at += 1
        self._need_sign("<")
        if name == "array":
            parts = [self._type()]
        elif name == "map":
            parts = [self._type()]
            self._need_sign(",")
            parts.append(self._type())
        else:
            parts = [self._field()]
            while self._sign(","):
                parts.append(self._field())
        self._need_sign(">")
        return f"{name}<{','.join(parts)}>"

    def _field(self) -> str:
        name = self._name()
        self._need_sign(":")
        return f"{name}:{self._type()}"

    def _number(self) -> str:
        token = self._take()
        if not token.text.isdecimal():
            self._at -= 1
            raise self._fault()
        return token.text

    def _property(self) -> tuple[str, str]:
        name = self._text()
        self._need_sign("=")
        return name, self._text()

    def _properties(self) -> Spec:
        return dict(self._list(self._property))

    def _location(self) -> str:
        location = self._text()
        if not re.match(r"s3://[^/]+/", location):
            raise SyntaxFault(
                f"The location {location} is no path: it is written as s3://bucket/…/"
            )
        return location

    def _partition(self) -> Spec:
        self._need("partition")

        def item() -> tuple[str, str]:
            name = self._name()
            self._need_sign("=")
            return name, self._text()

        pairs = self._list(item)
        spec = dict(pairs)
        if len(spec) != len(pairs):
            raise SyntaxFault("a partition names a column twice")
        return spec

    # Statements

    def statement(self) -> Statement:
        if self._words("create", "database") or self._words("create", "schema"):
            read = self._create_database()
        elif self._words("drop", "database") or self._words("drop", "schema"):
            read = self._drop_database()
        elif self._words("create", "external", "table"):
            read = self._create_table(is_external=True)
        elif self._words("create", "table"):
            read = self._create_table(is_external=False)
        elif self._words("drop", "table"):
            if_exists = self._words("if", "exists")
            read = DropTable(self._table(), if_exists)
        elif self._words("alter", "table"):
            read = self._alter_table()
        else:
            raise self._fault()
        self._end()
        return read

    def _create_database(self) -> CreateDatabase:
        if_not_exists = self._words("if", "not", "exists")
        name = self._name()
        if self._words("comment"):
            self._text()
        if self._words("location"):
            self._location()
        return CreateDatabase(name, if_not_exists)

    def _drop_database(self) -> DropDatabase:
        if_exists = self._words("if", "exists")
        name = self._name()
        cascade = self._words("cascade")
        if not cascade:
            self._words("restrict")
        return DropDatabase(name, if_exists, cascade)

    def _create_table(self, is_external: bool) -> CreateTable:
        if_not_exists = self._words("if", "not", "exists")
        name = self._table()
        columns = self._list(self._column)
        if self._words("comment"):
            self._text()
        partition_columns = (
            self._list(self._column) if self._words("partitioned", "by") else []
        )
        serde, serde_properties = None, {}
        if self._words("row", "format", "serde"):
            serde = self._text()
            if self._words("with", "serdeproperties"):
                serde_properties = self._properties()
        input_format = output_format = stored_as = None
        if self._words("stored", "as", "inputformat"):
            input_format = self._text()
            self._need("outputformat")
            output_format = self._text()
        elif self._words("stored", "as"):
            stored_as = self._name()
        if not self._words("location"):
            raise SyntaxFault("No location was specified for the table")
        location = self._location()
        properties = self._properties() if self._words("tblproperties") else {}
        names = [column for column, _ in columns + partition_columns]
        for column in names:
            if names.count(column) > 1:
                raise SyntaxFault(f"Duplicate column name {column}")
        created = CreateTable(
            name,
            if_not_exists,
            columns,
            partition_columns,
            location,
            serde,
            serde_properties,
            input_format,
            output_format,
            stored_as,
            properties,
        )
        if is_external == created.is_iceberg:
            raise SyntaxFault(
                "Only external table creation is supported: CREATE EXTERNAL TABLE,"
                " but CREATE TABLE for an Iceberg table"
            )
        return created

    def _alter_table(self) -> Statement:
        table = self._table()
        if self._words("set", "tblproperties"):
            return SetProperties(table, self._properties())
        if self._words("rename", "to"):
            return RenameTable(table, self._table())
        if self._words("add", "columns"):
            return AddColumns(table, self._list(self._column))
        if self._words("add"):
            return self._add_partitions(table)
        if self._words("drop"):
            if_exists = self._words("if", "exists")
            dropped = [self._partition()]
            while self._sign(","):
                dropped.append(self._partition())
            return DropPartitions(table, if_exists, dropped)
        if self._next is not None and self._next.is_word("partition"):
            partition = self._partition()
            self._need("set", "location")
            return SetLocation(table, partition, self._location())
        raise self._fault()

    def _add_partitions(self, table: Name) -> AddPartitions:
        if_not_exists = self._words("if", "not", "exists")
        added: list[tuple[Spec, str | None]] = []
        while self._next is not None:
            spec = self._partition()
            added.append((spec, self._location() if self._words("location") else None))
        if not added:
            raise self._fault()
        return AddPartitions(table, if_not_exists, added)
