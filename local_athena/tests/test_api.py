"""The running stack answers boto3 and refuses what Athena refuses."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_athena.stack import RESULTS_BUCKET, LocalAthena

DATABASE = "api_tests"
BUCKET = "api-tests"
OUTPUT = f"s3://{RESULTS_BUCKET}/"
INPUT_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
CLOUDTRAIL_SERDE = "com.amazon.emr.hive.serde.CloudTrailSerde"
JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
TEXT_SERDE = "org.openx.data.jsonserde.JsonSerDe"
Run = Callable[..., dict[str, Any]]
Refused = Callable[[str], str]


@pytest.fixture(scope="module", autouse=True)
def database(local: LocalAthena) -> None:
    """Make the database, the bucket and the tables that statements name."""
    local.client("s3").create_bucket(Bucket=BUCKET)
    local.query(f"create database {DATABASE}")
    for statement in (
        f"create table rows_of_hive with (external_location = 's3://{BUCKET}/hive/')"
        " as select 1 as a, 'x' as b",
        f"create table rows_of_iceberg with (table_type = 'ICEBERG',"
        f" is_external = false, location = 's3://{BUCKET}/iceberg/')"
        " as select 1 as a, 'x' as b",
        "create external table partitioned (a string) partitioned by"
        f" (region string, day string) location 's3://{BUCKET}/partitioned/'",
        "alter table partitioned add partition (region = 'r', day = '1')",
    ):
        told = local.query(statement, DATABASE)
        assert told["Status"]["State"] == "SUCCEEDED", told["Status"]


@pytest.fixture
def run(local: LocalAthena) -> Run:
    """Return a function that runs statements and tells of the last."""

    def carry_out(*statements: str) -> dict[str, Any]:
        for statement in statements:
            told = local.query(statement, DATABASE)
            assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
        return told

    return carry_out


@pytest.fixture
def refused(local: LocalAthena) -> Refused:
    """Return a function that returns why a statement is refused."""

    def why(statement: str) -> str:
        try:
            told = local.query(statement, DATABASE)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidRequestException"
            return error.response["Error"]["Message"]
        assert told["Status"]["State"] == "FAILED", told["Status"]
        reason = told["Status"]["StateChangeReason"]
        assert told["Status"]["AthenaError"]["ErrorMessage"] == reason
        return reason

    return why


def rows(told: dict[str, Any]) -> list[list[str | None]]:
    """Return a query's rows without the labels."""
    return told["Rows"][1:]


def columns_in_glue(local: LocalAthena, table: str) -> list[tuple[str, str]]:
    """Return a table's columns."""
    entry = local.client("glue").get_table(DatabaseName=DATABASE, Name=table)["Table"]
    columns = entry["StorageDescriptor"]["Columns"]
    return [(column["Name"], column["Type"]) for column in columns]


# What is refused


def table(
    columns: str = "a string", rest: str = "", begin: str = "create external table t"
) -> str:
    """Return the statement of a table whose location is fine."""
    return f"{begin} ({columns}) {rest} location 's3://{BUCKET}/t/'"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("select 1; select 2", "Only one sql statement is allowed"),
        ("drop table t; drop table u", "Only one sql statement is allowed"),
        ("selec 1", "mismatched input 'selec'"),
        ("select `a` from rows_of_hive", "backquoted identifiers"),
        ("create view v as select `a` from rows_of_hive", "backquoted identifiers"),
        (f"select '{'x' * 262144}'", "262153 bytes"),
        (table(begin='create external table "t"'), "DDL has backticks"),
        ('alter table "rows_of_hive" add columns (c int)', "DDL has backticks"),
        (table("date string"), "mismatched input 'date'"),
        (table("a integer"), "mismatched input 'integer'"),
        (table(begin="create table t"), "Only external table creation is supported"),
        (table().replace("s3://", ""), "written as s3://bucket/"),
        (table().replace("s3://", "https://"), "written as s3://bucket/"),
        (table("a int, A string"), "Duplicate column name a"),
        (table("a int", "partitioned by (a int)"), "Duplicate column name a"),
        ("alter table partitioned add columns (day int)", "Duplicate column name"),
        (
            "alter table partitioned add partition (day = '2')",
            "does not name exactly the partition columns",
        ),
        (
            "alter table partitioned drop partition (region = 'r')",
            "does not name exactly the partition columns",
        ),
        (
            "alter table partitioned add partition (region='r', day='2', day='3')",
            "twice",
        ),
        (
            "alter table partitioned add partition (region = 'r', day = '1')",
            "Partition already exists",
        ),
        (
            "alter table partitioned add partition (region='r', day='2') rubbish",
            "mismatched input 'rubbish'",
        ),
        (
            "alter table partitioned add partition (region='r', day='2') location 'b/'",
            "written as s3://bucket/",
        ),
        ("delete from rows_of_hive", "only supported for Iceberg tables"),
        ("update rows_of_hive set a = 2", "only supported for Iceberg tables"),
        ("alter table rows_of_hive rename to other", "only Iceberg tables"),
        ("drop table nothing", "EntityNotFoundException"),
        ("select * from nothing", "TABLE_NOT_FOUND"),
        ("select nothing from rows_of_hive", "COLUMN_NOT_FOUND"),
        ("select cast('x' as integer)", "INVALID_CAST_ARGUMENT"),
        ("insert into rows_of_hive select 'x', 'y'", "TYPE_MISMATCH"),
        ("create table rows_of_hive as select 1 as a", "already exists"),
        ("create table t as select null as a", "COLUMN_TYPE_UNKNOWN"),
        (
            f"create table t with (external_location = 's3://{BUCKET}/hive/')"
            " as select 1 as a",
            "HIVE_PATH_ALREADY_EXISTS",
        ),
        (
            f"create table t with (external_location = '{BUCKET}/t/') as select 1 as a",
            "no S3 location",
        ),
        (
            "create table t with (transactional = true) as select 1 as a",
            "transactional",
        ),
    ],
)
def test_statements_that_are_refused(
    refused: Refused, statement: str, reason: str
) -> None:
    assert reason in refused(statement)


@pytest.mark.parametrize(
    "value",
    [
        "timestamp '2026-05-01 00:00:00 UTC'",
        "current_timestamp",
        "time '00:00:00'",
        "interval '1' day",
        "json '{}'",
        "uuid()",
        "cast('10.0.0.1' as ipaddress)",
    ],
)
def test_types_that_hive_tables_lack(refused: Refused, value: str) -> None:
    assert "NOT_SUPPORTED" in refused(f"create table t as select {value} as a")


def many(partitions: int) -> str:
    """Return a query with a row for each of so many partitions."""
    return f"select 'x' as a, n from unnest(sequence(1, {partitions})) as t(n)"


FORMATS = {
    "hive": "partitioned_by = array['n']",
    "iceberg": "table_type = 'ICEBERG', is_external = false,"
    " partitioning = array['n'], location = 's3://{bucket}/{table}/'",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_hundred_partitions_and_no_more(
    run: Run, refused: Refused, kind: str
) -> None:
    def create(table: str, partitions: int) -> str:
        properties = FORMATS[kind].format(bucket=BUCKET, table=table)
        return f"create table {table} with ({properties}) as {many(partitions)}"

    name = f"many_{kind}"
    assert "TOO_MANY_OPEN_PARTITIONS" in refused(create(f"{name}_101", 101))
    run(create(name, 100))
    assert "TOO_MANY_OPEN_PARTITIONS" in refused(f"insert into {name} {many(101)}")
    run(f"insert into {name} {many(100)}")
    assert rows(run(f"select count(*) from {name}")) == [["200"]]


# Requests


def start(local: LocalAthena, statement: str = "select 1", **given: Any) -> str:
    """Start a query and return its id."""
    return local.client("athena").start_query_execution(
        QueryString=statement, QueryExecutionContext={"Database": DATABASE}, **given
    )["QueryExecutionId"]


def ended(local: LocalAthena, query_id: str) -> dict[str, Any]:
    """Wait for the end of a query and return what is told of it."""
    athena = local.client("athena")
    while True:
        told = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if told["Status"]["State"] != "RUNNING":
            return told


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "No output location provided"),
        (
            {"ResultConfiguration": {"OutputLocation": "results/"}},
            "not a valid S3 path",
        ),
        ({"WorkGroup": "nothing"}, "WorkGroup nothing is not found"),
    ],
)
def test_requests_that_are_refused(
    local: LocalAthena, given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason) as raised:
        start(local, **given)
    assert raised.value.response["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize(
    "action", ["get_query_execution", "get_query_results", "stop_query_execution"]
)
def test_an_unknown_query(local: LocalAthena, action: str) -> None:
    with pytest.raises(ClientError, match="was not found"):
        getattr(local.client("athena"), action)(QueryExecutionId="nothing")


def test_a_workgroup_that_enforces_its_location(local: LocalAthena) -> None:
    local.client("athena").create_work_group(
        Name="enforcing",
        Configuration={
            "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/enforced/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    statement = "create table {} {} as select 1 as a"
    given = {
        "WorkGroup": "enforcing",
        "ResultConfiguration": {"OutputLocation": OUTPUT},
    }
    location = f"with (external_location = 's3://{BUCKET}/t/')"
    told = ended(local, start(local, statement.format("t", location), **given))
    assert told["Status"]["State"] == "FAILED"
    reason = told["Status"]["StateChangeReason"]
    assert "enforces a centralized output location" in reason
    told = ended(local, start(local, statement.format("enforced", ""), **given))
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    place = told["ResultConfiguration"]["OutputLocation"]
    assert place.startswith(f"s3://{BUCKET}/enforced/")
    entry = local.client("glue").get_table(DatabaseName=DATABASE, Name="enforced")
    location = entry["Table"]["StorageDescriptor"]["Location"]
    assert location.startswith(f"s3://{BUCKET}/enforced/tables/")


def test_the_limit_of_scanned_bytes(local: LocalAthena, run: Run) -> None:
    # The least that the API takes.
    limit = 10_000_000
    line = json.dumps({"a": "x" * 1000}) + "\n"
    body = line * (limit // len(line) + 1)
    local.client("s3").put_object(Bucket=BUCKET, Key="large/a.json", Body=body)
    run(
        "create external table large (a string)"
        f" row format serde '{TEXT_SERDE}' location 's3://{BUCKET}/large/'"
    )
    athena = local.client("athena")
    athena.create_work_group(
        Name="limited", Configuration={"BytesScannedCutoffPerQuery": limit}
    )
    statement = "select count(a) from large"
    assert run(statement)["Statistics"]["DataScannedInBytes"] == len(body) > limit
    output = {"ResultConfiguration": {"OutputLocation": OUTPUT}}
    query_id = start(local, statement, WorkGroup="limited", **output)
    status = ended(local, query_id)["Status"]
    assert status["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in status["StateChangeReason"]
    with pytest.raises(ClientError, match="Final query state: CANCELLED"):
        athena.get_query_results(QueryExecutionId=query_id)


def test_a_query_is_stopped(local: LocalAthena, run: Run) -> None:
    number = random.randrange(10**9)
    long = ", ".join(f"unnest(sequence(1, 10000)) as t{n}(n{n})" for n in range(4))
    statement = f"select count(*) as q{number} from {long}"
    query_id = start(local, statement, ResultConfiguration={"OutputLocation": OUTPUT})
    athena = local.client("athena")
    with pytest.raises(ClientError, match="has not yet finished"):
        athena.get_query_results(QueryExecutionId=query_id)
    athena.stop_query_execution(QueryExecutionId=query_id)
    status = ended(local, query_id)["Status"]
    assert status["State"] == "CANCELLED"
    engines = (
        "select state from system.runtime.queries"
        f" where query like 'select count(*) as q{number}%'"
    )
    for _ in range(50):
        states = rows(run(engines))
        if states == [["FAILED"]]:
            break
        time.sleep(0.2)
    assert states == [["FAILED"]], "the engine goes on"


def test_pages_of_a_result(local: LocalAthena, run: Run) -> None:
    told = run("select n, 'x' as b from unnest(sequence(1, 2500)) as t(n) order by n")
    athena = local.client("athena")
    query_id = told["QueryExecutionId"]
    pages = [
        [
            [cell["VarCharValue"] for cell in row["Data"]]
            for row in page["ResultSet"]["Rows"]
        ]
        for page in athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=query_id
        )
    ]
    assert [len(page) for page in pages] == [1000, 1000, 501]
    assert pages[0][:2] == [["n", "b"], ["1", "x"]]
    assert pages[1][0] == ["1000", "x"]
    assert pages[2][-1] == ["2500", "x"]
    first = athena.get_query_results(QueryExecutionId=query_id, MaxResults=1)
    assert len(first["ResultSet"]["Rows"]) == 1
    with pytest.raises(ClientError, match="MaxResults is more than"):
        athena.get_query_results(QueryExecutionId=query_id, MaxResults=1001)


def test_the_result_is_left_in_s3(local: LocalAthena, run: Run) -> None:
    told = run("""select 'a "b"' as "x,y", cast(null as varchar) as n""")
    place = told["ResultConfiguration"]["OutputLocation"]
    bucket, _, key = place.removeprefix("s3://").partition("/")
    content = local.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert content.decode() == '"x,y","n"\n"a ""b""",""\n'


def test_values_as_athena_writes_them(run: Run) -> None:
    values = {
        "row(1, 'x')": ("row", "{field0=1, field1=x}"),
        "cast(row(1, array['x']) as row(a int, b array(varchar)))": (
            "row",
            "{a=1, b=[x]}",
        ),
        "map(array['a'], array[1e10])": ("map", "{a=1.0E10}"),
        "X'0A0B'": ("varbinary", "0a 0b"),
        "cast(1.50 as decimal(5, 2))": ("decimal", "1.50"),
        "9007199254740993": ("bigint", "9007199254740993"),
        "true": ("boolean", "true"),
        "date '2026-05-01'": ("date", "2026-05-01"),
        "timestamp '2026-05-01 01:02:03.004'": (
            "timestamp",
            "2026-05-01 01:02:03.004",
        ),
        "timestamp '2026-05-01 01:02:03.004 UTC'": (
            "timestamp with time zone",
            "2026-05-01 01:02:03.004 UTC",
        ),
        "cast(null as integer)": ("integer", None),
        "'é'": ("varchar", "é"),
    }
    listed = ", ".join(f"{value} as c{n}" for n, value in enumerate(values))
    told = run(f"select {listed}")
    kinds = [kind for _, kind in told["Columns"]]
    assert list(zip(kinds, told["Rows"][1], strict=True)) == list(values.values())


def test_queries_are_listed(local: LocalAthena, run: Run) -> None:
    ids = [run(f"select {n}")["QueryExecutionId"] for n in (1, 2)]
    listed = local.client("athena").list_query_executions(MaxResults=2)
    assert listed["QueryExecutionIds"] == ids[::-1]
    assert [query["Query"] for query in local.queries()[-2:]] == [
        "select 1",
        "select 2",
    ]


def test_a_failure_that_is_asked_for(local: LocalAthena, run: Run) -> None:
    local.fail_next("Select 77")
    run("select 7")
    status = local.query("select 77")["Status"]
    assert status["State"] == "FAILED"
    assert "a failure was asked for" in status["StateChangeReason"]
    run("select 77")


def test_a_statement_that_waits_in_the_queue(local: LocalAthena, run: Run) -> None:
    athena = local.client("athena")
    local.hold_next("Select 78")
    query_id = athena.start_query_execution(
        QueryString="select 78",
        ResultConfiguration={"OutputLocation": OUTPUT},
    )["QueryExecutionId"]
    run("select 7")

    def state() -> str:
        told = athena.get_query_execution(QueryExecutionId=query_id)
        return told["QueryExecution"]["Status"]["State"]

    assert state() == "QUEUED"
    local.release()
    while state() in ("QUEUED", "RUNNING"):
        pass
    assert state() == "SUCCEEDED"
    run("select 78")


def test_calls_are_noted_by_who_made_them(local: LocalAthena, run: Run) -> None:
    before = len(local.calls())
    run("select * from rows_of_hive", "drop table if exists nothing")
    found = {(call["caller"], call["action"]) for call in local.calls()[before:]}
    assert {
        ("operator", "athena:StartQueryExecution"),
        ("operator", "athena:GetQueryExecution"),
        ("operator", "athena:GetQueryResults"),
        ("trino", "s3:GetObject"),
        ("athena", "glue:GetTable"),
        ("athena", "s3:PutObject"),
    } <= found
    read = f"arn:aws:s3:::{BUCKET}/hive/"
    assert any(call["resource"].startswith(read) for call in local.calls()[before:])


# Tables of CloudTrail's files


def write_logs(folder: Path) -> None:
    """Write log files of two regions and three days, one record each."""
    for region in ("eu-west-1", "us-east-1"):
        for day in ("01", "02", "03"):
            record = {
                "eventVersion": "1.11",
                "eventTime": f"2026-05-{day}T00:00:00Z",
                "awsRegion": region,
                "userIdentity": {"type": "IAMUser"},
                "requestParameters": {"bucketName": "b", "Key": "k" * int(day)},
                "eventCategory": "Data",
            }
            name = f"AWSLogs/111122223333/CloudTrail/{region}/2026/05/{day}/a.json.gz"
            path = folder / name
            path.parent.mkdir(parents=True)
            path.write_bytes(gzip.compress(json.dumps({"Records": [record]}).encode()))


@pytest.fixture(scope="module")
def stored(
    local: LocalAthena, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, int]:
    """Return the stored log files' keys and bytes."""
    folder = tmp_path_factory.mktemp("logs")
    write_logs(folder)
    return local.load(folder, BUCKET, "trail")


def raw_table(name: str, serde: str, rest: str = "", partitions: str = "") -> str:
    """Return the statement that makes the table of the log files."""
    return (
        f"create external table {name} (eventversion string, eventtime string,"
        " awsregion string, useridentity struct<type: string>,"
        f" requestparameters string, eventcategory string) {partitions}"
        f" row format serde '{serde}'"
        f" stored as inputformat '{INPUT_FORMAT}' outputformat '{OUTPUT_FORMAT}'"
        f" location 's3://{BUCKET}/trail/AWSLogs/111122223333/CloudTrail/' {rest}"
    )


def test_both_serdes(local: LocalAthena, run: Run, stored: dict[str, int]) -> None:
    run(raw_table("json_serde", JSON_SERDE), raw_table("old_serde", CLOUDTRAIL_SERDE))
    query = (
        "select eventversion, useridentity.type, requestparameters, eventcategory,"
        " \"$path\" from {} where eventtime = '2026-05-02T00:00:00Z'"
        " and awsregion = 'eu-west-1'"
    )
    (key,) = [key for key in stored if "eu-west-1/2026/05/02" in key]
    expected = [
        "1.11",
        "IAMUser",
        '{"bucketName":"b","Key":"kk"}',
        "Data",
        f"s3://{BUCKET}/{key}",
    ]
    assert rows(run(query.format("json_serde"))) == [expected]
    expected[3] = None  # a column that CloudTrailSerde does not know
    assert rows(run(query.format("old_serde"))) == [expected]
    for table, serde in (("json_serde", JSON_SERDE), ("old_serde", CLOUDTRAIL_SERDE)):
        entry = local.client("glue").get_table(DatabaseName=DATABASE, Name=table)
        storage = entry["Table"]["StorageDescriptor"]
        assert storage["InputFormat"] == INPUT_FORMAT
        assert storage["SerdeInfo"]["SerializationLibrary"] == serde


def test_the_bytes_of_a_whole_table(run: Run, stored: dict[str, int]) -> None:
    run(raw_table("whole", JSON_SERDE))
    told = run("select count(eventversion) from whole")
    assert rows(told) == [["6"]]
    assert told["Statistics"]["DataScannedInBytes"] == sum(stored.values())


def test_projected_partitions_are_pruned(run: Run, stored: dict[str, int]) -> None:
    place = f"s3://{BUCKET}/trail/AWSLogs/111122223333/CloudTrail"
    projection = f"""tblproperties (
        'projection.enabled' = 'true',
        'projection.region.type' = 'enum',
        'projection.region.values' = 'eu-west-1,us-east-1,nowhere',
        'projection.day.type' = 'date',
        'projection.day.format' = 'yyyy/MM/dd',
        'projection.day.range' = '2026/04/01,2026/05/31',
        'projection.day.interval' = '1',
        'projection.day.interval.unit' = 'DAYS',
        'storage.location.template' = '{place}/${{region}}/${{day}}/'
    )"""
    partitions = "partitioned by (region string, day string)"
    run(raw_table("projected", JSON_SERDE, projection, partitions))
    told = run(
        "select eventtime, region from projected"
        " where region = 'us-east-1' and day >= '2026/05/02' order by eventtime"
    )
    assert rows(told) == [
        ["2026-05-02T00:00:00Z", "us-east-1"],
        ["2026-05-03T00:00:00Z", "us-east-1"],
    ]
    expected = sum(
        size for key, size in stored.items() if "us-east-1" in key and "/01/" not in key
    )
    assert told["Statistics"]["DataScannedInBytes"] == expected


def test_added_partitions(run: Run, stored: dict[str, int]) -> None:
    place = f"s3://{BUCKET}/trail/AWSLogs/111122223333/CloudTrail"
    run(
        raw_table("added", CLOUDTRAIL_SERDE, partitions="partitioned by (day string)"),
        "alter table added add"
        f" partition (day = '1') location '{place}/eu-west-1/2026/05/01/'"
        f" partition (day = '2') location '{place}/eu-west-1/2026/05/02/'",
    )
    told = run("select day, eventversion, eventcategory from added where day = '2'")
    assert rows(told) == [["2", "1.11", None]]
    (size,) = [size for key, size in stored.items() if "eu-west-1/2026/05/02" in key]
    assert told["Statistics"]["DataScannedInBytes"] == size
    run("alter table added drop partition (day = '2')")
    assert rows(run('select day from "added$partitions"')) == [["1"]]


# Views and Iceberg


def test_a_view_has_its_columns_in_glue(local: LocalAthena, run: Run) -> None:
    run(
        "create or replace view a_view as select a, cast(a as decimal(5, 2)) as d,"
        " cast(row(b, null) as row(x varchar, y array(bigint))) as r from rows_of_hive"
    )
    assert columns_in_glue(local, "a_view") == [
        ("a", "int"),
        ("d", "decimal(5,2)"),
        ("r", "struct<x:string,y:array<bigint>>"),
    ]
    assert rows(run("select a, r.x from a_view")) == [["1", "x"]]
    run("create or replace view a_view as select b from rows_of_hive")
    assert columns_in_glue(local, "a_view") == [("b", "varchar(1)")]
    run("drop view a_view")


def test_an_iceberg_table(local: LocalAthena, run: Run, refused: Refused) -> None:
    run(
        "create table ice with (table_type = 'ICEBERG', is_external = false,"
        f" format = 'parquet', location = 's3://{BUCKET}/ice/',"
        " partitioning = array['day(t)'])"
        " as select 1 as a, timestamp '2026-05-01 00:00:00.000000' as t",
        "merge into ice using (values (1, 5), (2, 6)) as new (a, d) on ice.a = new.a"
        " when matched then update set t = ice.t + interval '1' day * new.d"
        " when not matched then insert (a, t)"
        " values (new.a, timestamp '2026-06-01 00:00:00.000000')",
        "insert into ice values (3, timestamp '2026-07-01 00:00:00.000000')",
        "update ice set a = 4 where a = 3",
        "delete from ice where a = 2",
    )
    assert rows(run("select a, date(t) from ice order by a")) == [
        ["1", "2026-05-06"],
        ["4", "2026-07-01"],
    ]
    glue = local.client("glue")
    entry = glue.get_table(DatabaseName=DATABASE, Name="ice")["Table"]
    assert entry["Parameters"]["table_type"] == "ICEBERG"
    run("alter table ice rename to ice_renamed")
    assert "TABLE_NOT_FOUND" in refused("select * from ice")
    assert rows(run("select count(*) from ice_renamed")) == [["2"]]
    run("drop table ice_renamed")
    listed = local.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="ice/")
    assert listed["KeyCount"] == 0, "Athena deletes the files of a dropped one"


def test_files_of_a_dropped_hive_table_stay(local: LocalAthena, run: Run) -> None:
    create = (
        f"create table kept with (external_location = 's3://{BUCKET}/kept/')"
        " as select 1 as a"
    )
    run(create, "drop table kept")
    listed = local.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="kept/")
    assert listed["KeyCount"] > 0


def test_a_table_that_exists_already(run: Run) -> None:
    run("create table if not exists rows_of_hive as select 2 as other")
    assert rows(run("select a from rows_of_hive")) == [["1"]]
    run(
        "create external table if not exists rows_of_hive (other int)"
        f" location 's3://{BUCKET}/t/'",
        "alter table partitioned add if not exists partition (region = 'r', day = '1')",
    )
