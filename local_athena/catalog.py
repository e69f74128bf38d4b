"""Carries DDL out in Glue, and translates its tables for Trino.

Glue keeps what was declared, as AWS's does. Trino knows neither the CloudTrail
input format nor the two SerDes that read it: at its door alone the table becomes
one of JSON lines, which is how the loader stores the log files.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from local_athena import hive_ddl

CLOUDTRAIL_INPUT_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
CLOUDTRAIL_SERDE = "com.amazon.emr.hive.serde.CloudTrailSerde"
JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
OPENX_SERDE = "org.openx.data.jsonserde.JsonSerDe"
TEXT_INPUT_FORMAT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
# Athena user guide, "CloudTrail SerDe": the columns of its example, and the note
# that the SerDe does not handle some of the newer fields.
CLOUDTRAIL_SERDE_COLUMNS = {
    "eventversion",
    "useridentity",
    "eventtime",
    "eventsource",
    "eventname",
    "awsregion",
    "sourceipaddress",
    "useragent",
    "errorcode",
    "errormessage",
    "requestparameters",
    "responseelements",
    "additionaleventdata",
    "requestid",
    "eventid",
    "resources",
    "eventtype",
    "apiversion",
    "readonly",
    "recipientaccountid",
    "serviceeventdetails",
    "sharedeventid",
    "vpcendpointid",
}
# Formats that a table may name by one word.
NAMED_FORMATS = {
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "textfile": (TEXT_INPUT_FORMAT, TEXT_OUTPUT_FORMAT, LAZY_SERDE),
}


class DdlFailed(Exception):
    """A DDL statement failed, with what Athena says."""


def for_trino(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a Glue table or partition as Trino can read it."""
    storage = entry.get("StorageDescriptor") or {}
    if storage.get("InputFormat") != CLOUDTRAIL_INPUT_FORMAT:
        return entry
    translated = copy.deepcopy(entry)
    storage = translated["StorageDescriptor"]
    declared = storage["SerdeInfo"]["SerializationLibrary"]
    properties = {}
    if declared == CLOUDTRAIL_SERDE:
        # A column that the SerDe does not know is read from a key that no
        # record has: it is null.
        properties = {
            f"mapping.{column['Name']}": "not filled by CloudTrailSerde"
            for column in storage.get("Columns", [])
            if column["Name"] not in CLOUDTRAIL_SERDE_COLUMNS
        }
    storage["InputFormat"] = TEXT_INPUT_FORMAT
    storage["SerdeInfo"] = {
        "SerializationLibrary": OPENX_SERDE,
        "Parameters": properties,
    }
    return translated


class Catalog:
    """Glue, as Athena uses it."""

    def __init__(self, glue: Any, s3: Any) -> None:
        """Keep the clients of boto3."""
        self._glue = glue
        self._s3 = s3

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """Return a table's entry, none where there is no such table."""
        try:
            return self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return None

    def is_iceberg(self, database: str, name: str) -> bool:
        """Tell whether a table is an Iceberg table."""
        entry = self.table(database, name) or {}
        return entry.get("Parameters", {}).get("table_type", "").lower() == "iceberg"

    def is_empty(self, location: str) -> bool:
        """Tell whether no object lies below a location."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        listed = self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        return listed["KeyCount"] == 0

    def apply(self, statement: hive_ddl.Statement, default_database: str) -> None:
        """Carry a statement out.

        Raises:
            DdlFailed: it cannot be done.
        """
        try:
            self._apply(statement, default_database)
        except ClientError as error:
            said = error.response["Error"]
            raise DdlFailed(
                "FAILED: Execution Error, return code 1 from"
                f" org.apache.hadoop.hive.ql.exec.DDLTask. {said['Code']}:"
                f" {said['Message']}"
            ) from error

    def _apply(self, statement: hive_ddl.Statement, default_database: str) -> None:
        def place(name: hive_ddl.Name) -> dict[str, str]:
            return {"DatabaseName": name[0] or default_database}

        match statement:
            case hive_ddl.CreateDatabase(name, if_not_exists):
                if not (if_not_exists and self._has_database(name)):
                    self._glue.create_database(DatabaseInput={"Name": name})
            case hive_ddl.DropDatabase(name, if_exists, cascade):
                self._drop_database(name, if_exists, cascade)
            case hive_ddl.CreateTable():
                database = statement.name[0] or default_database
                self._create_table(database, statement)
            case hive_ddl.DropTable(table, if_exists):
                names = place(table)
                if self.table(names["DatabaseName"], table[1]) or not if_exists:
                    self._glue.delete_table(**names, Name=table[1])
            case hive_ddl.AddPartitions():
                self._add_partitions(place(statement.table), statement)
            case hive_ddl.DropPartitions():
                self._drop_partitions(place(statement.table), statement)
            case hive_ddl.SetLocation():
                self._set_location(place(statement.table), statement)
            case hive_ddl.SetProperties(table, properties):
                self._update(
                    place(table)["DatabaseName"],
                    table[1],
                    lambda entry: entry["Parameters"].update(properties),
                )
            case hive_ddl.AddColumns(table, columns):
                database = place(table)["DatabaseName"]
                self._add_columns(database, table[1], columns)
            case hive_ddl.RenameTable():
                raise DdlFailed(
                    "FAILED: SemanticException only Iceberg tables can be renamed"
                )

    def set_columns(
        self, database: str, name: str, columns: list[tuple[str, str]]
    ) -> None:
        """Write other columns into a table's entry."""
        self._update(
            database,
            name,
            lambda entry: entry["StorageDescriptor"].update(
                Columns=glue_columns(columns)
            ),
        )

    def _add_columns(
        self, database: str, name: str, columns: list[tuple[str, str]]
    ) -> None:
        def add(entry: dict[str, Any]) -> None:
            known = entry["StorageDescriptor"]["Columns"]
            all_columns = known + entry.get("PartitionKeys", [])
            names = [column["Name"] for column in all_columns]
            for column, _ in columns:
                if column in names:
                    raise DdlFailed(f"FAILED: Duplicate column name: {column}")
                names.append(column)
            known.extend(glue_columns(columns))

        self._update(database, name, add)

    def _has_database(self, name: str) -> bool:
        try:
            self._glue.get_database(Name=name)
        except self._glue.exceptions.EntityNotFoundException:
            return False
        return True

    def _drop_database(self, name: str, if_exists: bool, cascade: bool) -> None:
        if if_exists and not self._has_database(name):
            return
        tables = self._glue.get_tables(DatabaseName=name)["TableList"]
        if tables and not cascade:
            raise DdlFailed(f"FAILED: Database {name} is not empty")
        self._glue.delete_database(Name=name)

    def _create_table(self, database: str, statement: hive_ddl.CreateTable) -> None:
        name = statement.name[1]
        if statement.if_not_exists and self.table(database, name):
            return
        if statement.is_iceberg:
            raise DdlFailed(
                "FAILED: the local Athena makes Iceberg tables by CREATE TABLE AS alone"
            )
        input_format, output_format, serde = storage_formats(statement)
        entry = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", **statement.properties},
            "PartitionKeys": glue_columns(statement.partition_columns),
            "StorageDescriptor": {
                "Columns": glue_columns(statement.columns),
                "Location": statement.location,
                "InputFormat": input_format,
                "OutputFormat": output_format,
                "SerdeInfo": {
                    "SerializationLibrary": serde,
                    "Parameters": statement.serde_properties,
                },
            },
        }
        self._glue.create_table(DatabaseName=database, TableInput=entry)

    def _update(
        self, database: str, name: str, change: Callable[[dict[str, Any]], None]
    ) -> None:
        entry = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        kept = {
            key: entry[key]
            for key in (
                "Name",
                "Description",
                "Owner",
                "Retention",
                "StorageDescriptor",
                "PartitionKeys",
                "ViewOriginalText",
                "ViewExpandedText",
                "TableType",
                "Parameters",
            )
            if key in entry
        }
        kept.setdefault("Parameters", {})
        change(kept)
        self._glue.update_table(DatabaseName=database, TableInput=kept)

    def _values(self, table: dict[str, Any], spec: hive_ddl.Spec) -> list[str]:
        """Return a partition's values in the table's order."""
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        if not keys:
            raise DdlFailed(f"FAILED: {table['Name']} is not a partitioned table")
        if set(spec) != set(keys):
            raise DdlFailed(
                "FAILED: SemanticException partition spec"
                f" {spec} does not name exactly the partition columns {keys}"
            )
        return [spec[key] for key in keys]

    def _add_partitions(
        self, place: dict[str, str], statement: hive_ddl.AddPartitions
    ) -> None:
        name = statement.table[1]
        table = self._glue.get_table(**place, Name=name)["Table"]
        known = self._partition_values(place, name)
        inputs = []
        for spec, location in statement.partitions:
            values = self._values(table, spec)
            if tuple(values) in known:
                if statement.if_not_exists:
                    continue
                raise DdlFailed(
                    "FAILED: SemanticException Partition already exists:"
                    f" {list(spec.items())}"
                )
            known.add(tuple(values))
            storage = copy.deepcopy(table["StorageDescriptor"])
            folder = "/".join(f"{key}={value}" for key, value in spec.items())
            default = f"{storage['Location'].rstrip('/')}/{folder}/"
            storage["Location"] = location or default
            inputs.append({"Values": values, "StorageDescriptor": storage})
        for batch in batches(inputs, 100):
            self._glue.batch_create_partition(
                **place, TableName=name, PartitionInputList=batch
            )

    def _partition_values(
        self, place: dict[str, str], name: str
    ) -> set[tuple[str, ...]]:
        pages = self._glue.get_paginator("get_partitions").paginate(
            **place, TableName=name
        )
        return {
            tuple(partition["Values"])
            for page in pages
            for partition in page["Partitions"]
        }

    def _drop_partitions(
        self, place: dict[str, str], statement: hive_ddl.DropPartitions
    ) -> None:
        name = statement.table[1]
        table = self._glue.get_table(**place, Name=name)["Table"]
        known = self._partition_values(place, name)
        dropped = []
        for spec in statement.partitions:
            values = self._values(table, spec)
            if tuple(values) in known:
                dropped.append({"Values": values})
            elif not statement.if_exists:
                raise DdlFailed(
                    f"FAILED: SemanticException Partition not found: {spec}"
                )
        for batch in batches(dropped, 25):
            self._glue.batch_delete_partition(
                **place, TableName=name, PartitionsToDelete=batch
            )

    def _set_location(
        self, place: dict[str, str], statement: hive_ddl.SetLocation
    ) -> None:
        name = statement.table[1]
        table = self._glue.get_table(**place, Name=name)["Table"]
        values = self._values(table, statement.partition)
        if tuple(values) not in self._partition_values(place, name):
            raise DdlFailed(
                f"FAILED: SemanticException Partition not found: {statement.partition}"
            )
        partition = self._glue.get_partition(
            **place, TableName=name, PartitionValues=values
        )["Partition"]
        storage = partition["StorageDescriptor"]
        self._glue.update_partition(
            **place,
            TableName=name,
            PartitionValueList=values,
            PartitionInput={
                "Values": values,
                "StorageDescriptor": {**storage, "Location": statement.location},
            },
        )


def glue_columns(columns: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Return columns as Glue writes them."""
    return [{"Name": name, "Type": kind} for name, kind in columns]


def batches(items: list[Any], size: int) -> list[list[Any]]:
    """Cut a list into parts of at most this size."""
    return [items[at : at + size] for at in range(0, len(items), size)]


def storage_formats(statement: hive_ddl.CreateTable) -> tuple[str, str, str]:
    """Return the input format, output format and SerDe of a new table.

    Raises:
        DdlFailed: Athena does not know them, or not together.
    """
    if statement.stored_as is not None and statement.stored_as not in NAMED_FORMATS:
        raise DdlFailed(f"FAILED: unrecognized file format {statement.stored_as}")
    named = NAMED_FORMATS[statement.stored_as or "textfile"]
    input_format = statement.input_format or named[0]
    output_format = statement.output_format or named[1]
    serde = statement.serde or named[2]
    if input_format == CLOUDTRAIL_INPUT_FORMAT:
        if serde not in (JSON_SERDE, CLOUDTRAIL_SERDE):
            raise DdlFailed(
                f"FAILED: the SerDe {serde} does not read {CLOUDTRAIL_INPUT_FORMAT}"
            )
    elif serde == CLOUDTRAIL_SERDE:
        raise DdlFailed(
            f"FAILED: the SerDe {serde} needs the input format"
            f" {CLOUDTRAIL_INPUT_FORMAT}"
        )
    return input_format, output_format, serde
