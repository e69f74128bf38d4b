"""Hive's DDL is read as Athena reads it, and refused where Athena refuses it."""

from __future__ import annotations

import pytest

from local_athena import hive_ddl
from local_athena.lexer import SyntaxFault

TABLE = """
create external table if not exists `Db`.`logs` (
    Id int comment 'it\\'s',
    `user` struct<name: string, tags: array<map<string, decimal(5, 2)>>>,
    code VARCHAR(3)
)
comment 'x'
partitioned by (region string, `date` string)
row format serde 'a.Serde' with serdeproperties ('k' = 'v')
stored as inputformat 'a.In' outputformat 'a.Out'
location 's3://bucket/a/'
tblproperties ('projection.enabled' = 'true')
"""


def test_create_external_table() -> None:
    assert hive_ddl.parse(TABLE) == hive_ddl.CreateTable(
        name=("db", "logs"),
        if_not_exists=True,
        columns=[
            ("id", "int"),
            ("user", "struct<name:string,tags:array<map<string,decimal(5,2)>>>"),
            ("code", "varchar(3)"),
        ],
        partition_columns=[("region", "string"), ("date", "string")],
        location="s3://bucket/a/",
        serde="a.Serde",
        serde_properties={"k": "v"},
        input_format="a.In",
        output_format="a.Out",
        properties={"projection.enabled": "true"},
    )


def test_a_format_of_one_word() -> None:
    statement = "create external table t (a int) stored as parquet location 's3://b/c/'"
    read = hive_ddl.parse(statement)
    assert isinstance(read, hive_ddl.CreateTable)
    assert (read.stored_as, read.name) == ("parquet", (None, "t"))


@pytest.mark.parametrize(
    ("statement", "meant"),
    [
        ("create database d", hive_ddl.CreateDatabase("d", False)),
        (
            "CREATE SCHEMA IF NOT EXISTS `D` comment 'x' location 's3://b/d/'",
            hive_ddl.CreateDatabase("d", True),
        ),
        ("drop database d", hive_ddl.DropDatabase("d", False, False)),
        ("drop schema if exists d cascade", hive_ddl.DropDatabase("d", True, True)),
        ("drop schema d restrict", hive_ddl.DropDatabase("d", False, False)),
        ("drop table d.t", hive_ddl.DropTable(("d", "t"), False)),
        ("drop table if exists t", hive_ddl.DropTable((None, "t"), True)),
        (
            "alter table t set tblproperties ('a' = 'b', 'c' = 'd')",
            hive_ddl.SetProperties((None, "t"), {"a": "b", "c": "d"}),
        ),
        (
            "alter table t add columns (a int, b string)",
            hive_ddl.AddColumns((None, "t"), [("a", "int"), ("b", "string")]),
        ),
        (
            "alter table t rename to d.u",
            hive_ddl.RenameTable((None, "t"), ("d", "u")),
        ),
        (
            "alter table t add if not exists partition (a = '1', `date` = 'x')"
            " location 's3://b/p/' partition (a = '2', `date` = 'y')",
            hive_ddl.AddPartitions(
                (None, "t"),
                True,
                [
                    ({"a": "1", "date": "x"}, "s3://b/p/"),
                    ({"a": "2", "date": "y"}, None),
                ],
            ),
        ),
        (
            "alter table t drop if exists partition (a = '1'), partition (a = '2')",
            hive_ddl.DropPartitions((None, "t"), True, [{"a": "1"}, {"a": "2"}]),
        ),
        (
            "alter table d.t partition (a = '1', b = 'x') set location 's3://b/p/'",
            hive_ddl.SetLocation(("d", "t"), {"a": "1", "b": "x"}, "s3://b/p/"),
        ),
    ],
)
def test_other_statements(statement: str, meant: hive_ddl.Statement) -> None:
    assert hive_ddl.parse(statement) == meant


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("`Db`.`logs`", '"logs"', "mismatched input '\"logs\"'"),
        ("external table", "table", "Only external table creation"),
        ("'s3://bucket/a/'", "'bucket/a/'", "The location bucket/a/"),
        ("'s3://bucket/a/'", "'https://bucket/a/'", "The location https"),
        ("'s3://bucket/a/'", "'s3:///a/'", "The location s3:///a/"),
        ("location 's3://bucket/a/'", "", "No location"),
        ("code VARCHAR", "ID varchar", "Duplicate column name id"),
        ("region string", "id string", "Duplicate column name id"),
        ("region string", "`date` string", "Duplicate column name date"),
        ("`date` string", "date string", "mismatched input 'date'"),
        ("Id int", "_id int", "mismatched input '_id'"),
        ("Id int", "1d int", "mismatched input '1d'"),
        ("Id int", "Id integer", "mismatched input 'integer'"),
        ("Id int", "Id json", "mismatched input 'json'"),
        ("Id int", "Id timestamp with time zone", "mismatched input 'with'"),
        ("Id int", "Id", "mismatched input 'comment'"),
        ("decimal(5, 2)", "decimal(5, x)", "mismatched input 'x'"),
        ("VARCHAR(3)", "varchar(3, 4)", "mismatched input"),
        (">>>", ">>", "mismatched input 'VARCHAR'"),
        ("name: string", "name string", "mismatched input 'string'"),
        ("(\n    Id", "(\n    , Id", "mismatched input ','"),
        ("'k' = 'v'", "'k' 'v'", "mismatched input ''v''"),
        ("outputformat 'a.Out'", "", "mismatched input 'location'"),
        ("'true')", "'true') garbage", "mismatched input 'garbage'"),
        ("'true')", "'true'", "mismatched input '<EOF>'"),
    ],
)
def test_a_table_that_is_refused(old: str, new: str, reason: str) -> None:
    assert TABLE.count(old) == 1
    with pytest.raises(SyntaxFault) as raised:
        hive_ddl.parse(TABLE.replace(old, new))
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("alter table t add partition (a = '1') garbage", "'garbage'"),
        ("alter table t add partition (a = '1'), partition (a = '2')", "','"),
        ("alter table t add partition (a = 1)", "'1'"),
        ("alter table t add partition (a = '1', a = '2')", "twice"),
        ("alter table t add partition (a = '1') location 'b/c/'", "location b/c/"),
        ("alter table t add partition ()", "')'"),
        ("alter table t add", "'<EOF>'"),
        ("alter table t add columns ()", "')'"),
        ("alter table t drop", "'<EOF>'"),
        ("alter table t drop partition (a = '1') partition (a = '2')", "'partition'"),
        ("alter table t replace columns (a int)", "'replace'"),
        ("alter table t set location 's3://b/'", "'set'"),
        ("alter table t partition (a = '1') location 's3://b/'", "'location'"),
        ("alter table t partition (a = '1') set location 'b'", "location b"),
        ('drop table "t"', "DDL has backticks"),
        ("drop table t garbage", "'garbage'"),
        ("drop table t purge", "'purge'"),
        ("create schema", "'<EOF>'"),
        ("select 1", "'select'"),
        (
            "create external table t (a int) location 's3://b/c/'"
            " tblproperties ('table_type' = 'ICEBERG')",
            "Only external",
        ),
    ],
)
def test_other_statements_that_are_refused(statement: str, reason: str) -> None:
    with pytest.raises(SyntaxFault) as raised:
        hive_ddl.parse(statement)
    assert reason in str(raised.value)


def test_an_iceberg_table_is_not_external() -> None:
    read = hive_ddl.parse(
        "create table t (a int) location 's3://b/c/'"
        " tblproperties ('table_type' = 'ICEBERG')"
    )
    assert isinstance(read, hive_ddl.CreateTable)
    assert read.is_iceberg
