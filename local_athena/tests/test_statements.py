"""What kind of statement a query is, and what Trino gets of it."""

from __future__ import annotations

import pytest

from local_athena.lexer import SyntaxFault
from local_athena.statements import (
    LONGEST,
    Kind,
    changed_table,
    checked,
    created_view,
    kind,
    table_as,
)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("create external table t (a int)", Kind.HIVE_DDL),
        ("create table t (a int) tblproperties ('x' = 'select')", Kind.HIVE_DDL),
        ("create table `as`.t (a int)", Kind.HIVE_DDL),
        (r"alter table t set tblproperties ('a' = 'it\'s')", Kind.HIVE_DDL),
        ("drop table t", Kind.HIVE_DDL),
        ("create schema d", Kind.HIVE_DDL),
        ("create table t as select 1", Kind.CREATE_TABLE_AS),
        ("create table t with (format = 'x') as (select 1)", Kind.CREATE_TABLE_AS),
        ("create table if not exists t as table u", Kind.CREATE_TABLE_AS),
        ("create view v as select 1", Kind.VIEW),
        ("create or replace view v as select 1", Kind.VIEW),
        ("drop view v", Kind.VIEW),
        ("delete from t", Kind.CHANGE_ROWS),
        ("merge into t using u", Kind.CHANGE_ROWS),
        ("update t set a = 1", Kind.CHANGE_ROWS),
        ("-- /* dbt */\nSELECT 1", Kind.QUERY),
        ("(select 1)", Kind.QUERY),
        ("with a as (select 1) select * from a", Kind.QUERY),
        ("insert into t select 1", Kind.QUERY),
        ("show tables", Kind.SHOW),
        ("explain select 1", Kind.SHOW),
    ],
)
def test_the_kind_of_a_statement(statement: str, expected: Kind) -> None:
    assert kind(statement) is expected


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("", "empty"),
        ("-- nothing", "empty"),
        ("create or replace table t as select 1", "mismatched input 'create'"),
        ("create materialized view v as select 1", "mismatched input 'create'"),
        ("insert overwrite t select 1", "mismatched input 'insert'"),
        ("truncate table t", "mismatched input 'truncate'"),
        ("selec 1", "mismatched input 'selec'"),
        ('"select" 1', "mismatched input"),
        ("vacuum t", "the local Athena lacks VACUUM"),
        ("select 1; select 2", "Only one sql statement is allowed"),
        ("drop table t; drop table u", "Only one sql statement is allowed"),
        ("select `a` from t", "backquoted identifiers are not supported"),
        ("create table t as select 1 as `a`", "backquoted identifiers"),
        ("create view `v` as select 1", "backquoted identifiers"),
        ("select 'a", "not closed"),
    ],
)
def test_what_is_refused_before_anything_runs(statement: str, reason: str) -> None:
    with pytest.raises(SyntaxFault) as raised:
        checked(statement)
    assert reason in str(raised.value)


def test_the_longest_query() -> None:
    frame = len("select ''")
    longest = "select '" + "é" * ((LONGEST - frame) // 2) + "'"
    longest += " " * (LONGEST - len(longest.encode()))
    assert checked(longest) == (Kind.QUERY, longest)
    with pytest.raises(SyntaxFault, match=f"has {LONGEST + 1} bytes"):
        checked(longest + " ")


def test_what_follows_a_last_semicolon_is_cut_off() -> None:
    assert checked("select ';' ;\n-- end") == (Kind.QUERY, "select ';' ")


def test_create_table_as() -> None:
    read = table_as(
        'create table "awsdatacatalog"."Db"."T"'
        " with (table_type='hive', is_external=true,"
        " external_location='s3://b/c', partitioned_by=ARRAY['a', 'b'],"
        " format='parquet', write_compression='SNAPPY')"
        " as select 1 as x, '(' as a, ')' as b"
    )
    assert (read.is_iceberg, read.location()) == (False, "s3://b/c/")
    assert read.trino_statement("other", "s3://b/c/") == (
        'create table "awsdatacatalog"."db"."t"'
        " with (external_location = 's3://b/c/', partitioned_by = ARRAY['a', 'b'],"
        " format = 'parquet') as select 1 as x, '(' as a, ')' as b"
    )


def test_create_table_as_of_iceberg() -> None:
    read = table_as(
        "create table if not exists t with (table_type = 'ICEBERG',"
        " is_external = false, location = 's3://b/c/',"
        " partitioning = array['day(x)']) as (select 1 as x)"
    )
    assert (read.is_iceberg, read.location()) == (True, "s3://b/c/")
    assert read.trino_statement("d", "s3://b/c/") == (
        'create table if not exists "iceberg"."d"."t"'
        " with (location = 's3://b/c/', partitioning = array['day(x)'])"
        " as (select 1 as x)"
    )


def test_create_table_as_without_properties() -> None:
    read = table_as("create table t as select 1")
    assert read.location() is None
    assert read.trino_statement("d", "s3://b/it's/") == (
        'create table "awsdatacatalog"."d"."t"'
        " with (external_location = 's3://b/it''s/') as select 1"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "create table",
        "create table t",
        "create table t as",
        "create table t with",
        "create table t with (",
        "create table t with (format",
        "create table t with (format = 'x'",
        "create table t with (format = array['x') as select 1",
        "create table t with (format = 'x')",
        "create table t with ('format' = 'x') as select 1",
        "create table t with (format = 'x', FORMAT = 'y') as select 1",
        "create table t with format = 'x' as select 1",
        "create table 't' as select 1",
        "create table t. as select 1",
    ],
)
def test_create_table_as_that_is_refused(statement: str) -> None:
    with pytest.raises(SyntaxFault):
        table_as(statement)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("transactional = true", "'transactional' does not exist"),
        ("location = 's3://b/'", "'location' does not exist"),
        (
            "table_type = 'iceberg', is_external = false, partitioned_by = array['a']",
            "'partitioned_by' does not exist",
        ),
        ("table_type = 'iceberg'", "needs is_external = false"),
        ("table_type = 'iceberg', is_external = true", "needs is_external = false"),
    ],
)
def test_properties_that_are_refused(properties: str, reason: str) -> None:
    read = table_as(f"create table t with ({properties}) as select 1 as a")
    with pytest.raises(SyntaxFault) as raised:
        read.trino_statement("d", "s3://b/c/")
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "statement",
    [
        'delete from "D"."T" where a = 1',
        "merge into d.t as x using y on true",
        "update awsdatacatalog.d.t set a = 1",
    ],
)
def test_the_table_whose_rows_change(statement: str) -> None:
    name = changed_table(statement)
    assert (name.schema("other"), name.table) == ("d", "t")


@pytest.mark.parametrize(
    ("statement", "view"),
    [
        ('create or replace view "D"."V" as select 1', ("d", "v")),
        ("create view v as select 1", ("other", "v")),
    ],
)
def test_the_view_that_is_created(statement: str, view: tuple[str, str]) -> None:
    name = created_view(statement)
    assert name is not None
    assert (name.schema("other"), name.table) == view
    assert created_view("drop view v") is None
