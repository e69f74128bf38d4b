"""DDL is carried out in Glue; Trino is shown tables that it can read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from local_athena import hive_ddl
from local_athena.catalog import (
    CLOUDTRAIL_INPUT_FORMAT,
    CLOUDTRAIL_SERDE,
    JSON_SERDE,
    OPENX_SERDE,
    TEXT_INPUT_FORMAT,
    Catalog,
    DdlFailed,
    for_trino,
    storage_formats,
)

COLUMNS = "(eventtime string, useridentity struct<type: string>, newcolumn string)"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


def table(
    serde: str = JSON_SERDE,
    input_format: str = CLOUDTRAIL_INPUT_FORMAT,
    partitions: str = "",
    if_not_exists: str = "",
) -> str:
    """Return the statement that creates the raw table."""
    return (
        f"create external table {if_not_exists} d.logs {COLUMNS} {partitions}"
        f" row format serde '{serde}'"
        f" stored as inputformat '{input_format}' outputformat '{OUTPUT_FORMAT}'"
        " location 's3://b/logs/' tblproperties ('a' = 'b')"
    )


@pytest.fixture
def catalog(glue: Any, s3: Any) -> Catalog:
    """Return a catalog with one empty database."""
    s3.create_bucket(Bucket="bbb")
    made = Catalog(glue, s3)
    made.apply(hive_ddl.parse("create database d"), "default")
    return made


@pytest.fixture
def run(catalog: Catalog) -> Any:
    """Return a function that carries statements out in the database d."""

    def carry_out(*statements: str) -> None:
        for statement in statements:
            catalog.apply(hive_ddl.parse(statement), "d")

    return carry_out


@pytest.fixture
def refused(run: Any) -> Any:
    """Return a function that returns why a statement is refused."""

    def why(statement: str) -> str:
        with pytest.raises(DdlFailed) as raised:
            run(statement)
        return str(raised.value)

    return why


# What Trino is shown


def test_what_trino_is_shown_of_the_json_serde(run: Any, catalog: Catalog) -> None:
    run(table())
    entry = catalog.table("d", "logs")
    assert entry is not None
    declared = copy.deepcopy(entry)
    shown = for_trino(entry)["StorageDescriptor"]
    assert entry == declared, "the entry itself was changed"
    assert shown["InputFormat"] == TEXT_INPUT_FORMAT
    assert shown["SerdeInfo"] == {
        "SerializationLibrary": OPENX_SERDE,
        "Parameters": {},
    }
    assert shown["Columns"] == declared["StorageDescriptor"]["Columns"]


def test_cloudtrailserde_does_not_know_newer_columns(
    run: Any, catalog: Catalog
) -> None:
    run(table(CLOUDTRAIL_SERDE))
    entry = catalog.table("d", "logs")
    assert entry is not None
    parameters = for_trino(entry)["StorageDescriptor"]["SerdeInfo"]["Parameters"]
    assert list(parameters) == ["mapping.newcolumn"]


@pytest.mark.parametrize(
    "entry",
    [
        {"Name": "view"},
        {"StorageDescriptor": {"InputFormat": TEXT_INPUT_FORMAT, "Columns": []}},
    ],
)
def test_other_tables_are_shown_as_they_are(entry: dict[str, Any]) -> None:
    assert for_trino(entry) is entry


# Formats


def formats(statement: str) -> tuple[str, str, str]:
    """Return the formats of a CREATE TABLE."""
    read = hive_ddl.parse(statement)
    assert isinstance(read, hive_ddl.CreateTable)
    return storage_formats(read)


@pytest.mark.parametrize("serde", [JSON_SERDE, CLOUDTRAIL_SERDE])
def test_the_serdes_of_cloudtrail(serde: str) -> None:
    assert formats(table(serde)) == (CLOUDTRAIL_INPUT_FORMAT, OUTPUT_FORMAT, serde)


def test_formats_of_one_word() -> None:
    plain = "create external table t (a int) {} location 's3://b/c/'"
    assert formats(plain.format("")) == formats(plain.format("stored as textfile"))
    assert "parquet" in formats(plain.format("stored as PARQUET"))[2]
    with pytest.raises(DdlFailed, match="unrecognized file format odd"):
        formats(plain.format("stored as odd"))


@pytest.mark.parametrize(
    ("serde", "input_format", "reason"),
    [
        (OPENX_SERDE, CLOUDTRAIL_INPUT_FORMAT, "does not read"),
        (CLOUDTRAIL_SERDE, TEXT_INPUT_FORMAT, "needs the input format"),
    ],
)
def test_formats_that_do_not_fit(serde: str, input_format: str, reason: str) -> None:
    with pytest.raises(DdlFailed, match=reason):
        formats(table(serde, input_format))


# Statements


def test_glue_keeps_what_was_declared(run: Any, catalog: Catalog) -> None:
    run(table(CLOUDTRAIL_SERDE, partitions="partitioned by (region string)"))
    entry = catalog.table("d", "logs")
    assert entry is not None
    assert entry["TableType"] == "EXTERNAL_TABLE"
    assert entry["Parameters"] == {"EXTERNAL": "TRUE", "a": "b"}
    assert entry["PartitionKeys"] == [{"Name": "region", "Type": "string"}]
    storage = entry["StorageDescriptor"]
    assert storage["Location"] == "s3://b/logs/"
    assert storage["InputFormat"] == CLOUDTRAIL_INPUT_FORMAT
    assert storage["SerdeInfo"]["SerializationLibrary"] == CLOUDTRAIL_SERDE
    assert [column["Name"] for column in storage["Columns"]] == [
        "eventtime",
        "useridentity",
        "newcolumn",
    ]


def test_a_table_that_exists(run: Any, refused: Any, catalog: Catalog) -> None:
    run(table())
    assert "AlreadyExistsException" in refused(table())
    run(table(CLOUDTRAIL_SERDE, if_not_exists="if not exists"))
    entry = catalog.table("d", "logs")
    assert entry is not None
    serde = entry["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert serde == JSON_SERDE, "the table was replaced"


def test_databases(run: Any, refused: Any, glue: Any) -> None:
    run("create database if not exists d", "create schema e", "drop schema e")
    assert "AlreadyExistsException" in refused("create database d")
    run("drop database if exists e")
    assert "EntityNotFoundException" in refused("drop database e")
    run(table())
    assert "not empty" in refused("drop database d")
    run("drop database d cascade")
    assert glue.get_databases()["DatabaseList"] == []


def test_tables_are_dropped(run: Any, refused: Any, catalog: Catalog) -> None:
    run(table(), "drop table logs")
    assert catalog.table("d", "logs") is None
    run("drop table if exists logs")
    assert "EntityNotFoundException" in refused("drop table logs")


def test_properties_and_columns(run: Any, refused: Any, catalog: Catalog) -> None:
    run(
        table(partitions="partitioned by (region string)"),
        "alter table logs set tblproperties ('a' = 'c', 'd' = 'e')",
        "alter table d.logs add columns (added map<string, int>)",
    )
    entry = catalog.table("d", "logs")
    assert entry is not None
    assert entry["Parameters"] == {"EXTERNAL": "TRUE", "a": "c", "d": "e"}
    assert entry["StorageDescriptor"]["Columns"][-1] == {
        "Name": "added",
        "Type": "map<string,int>",
    }
    for column in ("added", "eventtime", "region"):
        reason = refused(f"alter table logs add columns ({column} int)")
        assert reason.endswith(f"Duplicate column name: {column}")
    assert "Duplicate" in refused("alter table logs add columns (x int, X int)")
    unknown = "alter table nothing set tblproperties ('a' = 'b')"
    assert "EntityNotFoundException" in refused(unknown)


def partitions(glue: Any) -> dict[tuple[str, ...], str]:
    """Return the values and locations of the table's partitions."""
    return {
        tuple(partition["Values"]): partition["StorageDescriptor"]["Location"]
        for page in glue.get_paginator("get_partitions").paginate(
            DatabaseName="d", TableName="logs"
        )
        for partition in page["Partitions"]
    }


PARTITIONED = table(partitions="partitioned by (region string, day string)")


def test_partitions(run: Any, refused: Any, glue: Any) -> None:
    run(
        PARTITIONED,
        "alter table logs add partition (day = '1', region = 'r')"
        " partition (region = 'r', day = '2') location 's3://b/other/'",
    )
    added = {
        ("r", "1"): "s3://b/logs/day=1/region=r/",
        ("r", "2"): "s3://b/other/",
    }
    assert partitions(glue) == added
    again = "partition (region = 'r', day = '1') partition (region = 'r', day = '3')"
    assert "already exists" in refused(f"alter table logs add {again}")
    assert partitions(glue) == added, "a part of the statement was carried out"
    run(f"alter table logs add if not exists {again}")
    assert len(partitions(glue)) == 3
    run(
        "alter table logs drop partition (region = 'r', day = '1'),"
        " partition (day = '2', region = 'r')"
    )
    assert list(partitions(glue)) == [("r", "3")]
    gone = "partition (region = 'r', day = '1')"
    assert "not found" in refused(f"alter table logs drop {gone}")
    run(f"alter table logs drop if exists {gone}")


def test_a_partition_gets_another_folder(run: Any, refused: Any, glue: Any) -> None:
    run(PARTITIONED, "alter table logs add partition (day = '1', region = 'r')")
    run(
        "alter table logs partition (region = 'r', day = '1')"
        " set location 's3://b/new/'"
    )
    assert partitions(glue) == {("r", "1"): "s3://b/new/"}
    reason = refused(
        "alter table logs partition (region = 'r', day = '2') set location 's3://b/p/'"
    )
    assert "Partition not found" in reason
    reason = refused("alter table logs partition (day = '1') set location 's3://b/p/'")
    assert "does not name exactly the partition columns" in reason


def test_a_partition_that_is_added_twice_by_one_statement(
    run: Any, refused: Any
) -> None:
    run(PARTITIONED)
    twice = "partition (region = 'r', day = '1') " * 2
    assert "already exists" in refused(f"alter table logs add {twice}")


def test_many_partitions(run: Any, glue: Any) -> None:
    specs = [f"partition (region = 'r', day = '{day}')" for day in range(230)]
    run(PARTITIONED, f"alter table logs add {' '.join(specs)}")
    assert len(partitions(glue)) == 230
    run(f"alter table logs drop {', '.join(specs)}")
    assert partitions(glue) == {}


@pytest.mark.parametrize(
    "spec",
    ["region = 'r'", "region = 'r', day = '1', x = '2'", "region = 'r', x = '1'"],
)
@pytest.mark.parametrize("change", ["add", "drop"])
def test_a_partition_spec_names_every_column(
    run: Any, refused: Any, change: str, spec: str
) -> None:
    run(PARTITIONED)
    reason = refused(f"alter table logs {change} partition ({spec})")
    assert "does not name exactly the partition columns" in reason


def test_a_table_without_partitions(run: Any, refused: Any) -> None:
    run(table())
    reason = refused("alter table logs add partition (a = '1')")
    assert "not a partitioned table" in reason


def test_what_iceberg_tables_alone_can(run: Any, refused: Any) -> None:
    run(table())
    reason = refused("alter table logs rename to other")
    assert "only Iceberg tables can be renamed" in reason
    created = (
        "create table t (a int) location 's3://b/c/'"
        " tblproperties ('table_type' = 'iceberg')"
    )
    assert "CREATE TABLE AS alone" in refused(created)


def test_what_is_an_iceberg_table(run: Any, catalog: Catalog) -> None:
    run(table())
    assert not catalog.is_iceberg("d", "logs")
    assert not catalog.is_iceberg("d", "nothing")
    run("alter table logs set tblproperties ('table_type' = 'ICEBERG')")
    assert catalog.is_iceberg("d", "logs")


def test_an_empty_location(catalog: Catalog, s3: Any) -> None:
    s3.put_object(Bucket="bbb", Key="full/object", Body=b"")
    assert catalog.is_empty("s3://bbb/empty/")
    assert not catalog.is_empty("s3://bbb/full/")
