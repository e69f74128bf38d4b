"""What cannot work is refused in a sentence, never answered by zero rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import hostile
import pytest
from lake import BUCKET, Lake

from local_athena.stack import LocalAthena

ACCOUNT, REGION = hostile.ACCOUNTS[0], hostile.REGIONS[0]
CREATE = "dbt run-operation cloudtrail_create_table"


@pytest.fixture(scope="module")
def lake(
    local: LocalAthena,
    tmp_path_factory: pytest.TempPathFactory,
    new_lake: Callable[..., Lake],
) -> Lake:
    """Return a database over logs of one day."""
    folder: Path = tmp_path_factory.mktemp("logs")
    path = hostile.log_path(ACCOUNT, REGION, date(2024, 2, 10), 1)
    record = hostile.plain_record(eventTime="2024-02-10T01:00:00Z")
    hostile.write(folder / "AWSLogs" / path, hostile.envelope([record]))
    local.load(folder, BUCKET, "refusals")
    lake = new_lake(
        f"s3://{BUCKET}/refusals",
        account_ids=[ACCOUNT],
        regions=[REGION],
        start_date="2024-02-10",
        end_date="2024-02-11",
    )
    lake.do("seed")
    return lake


def test_no_table(lake: Lake) -> None:
    said = lake.refused("run", "-s", "stg_cloudtrail__events", source_table="not_there")
    assert "`not_there` over the log files is not there" in said and CREATE in said


def test_no_database(lake: Lake) -> None:
    said = lake.refused(
        "run", "-s", "stg_cloudtrail__events", source_schema="no_database"
    )
    assert "`no_database`.`cloudtrail_events`" in said and CREATE in said


def test_another_layout(lake: Lake) -> None:
    lake.make_table()
    said = lake.refused("run", "-s", "stg_cloudtrail__events", layout="partitioned")
    assert "is partitioned by account, region, day" in said
    assert "it is region, year, month, day" in said


def test_no_partitions(lake: Lake) -> None:
    lake.operate("cloudtrail_create_table", "{replace: true}", layout="partitioned")
    said = lake.refused("run", "--fail-fast", layout="partitioned")
    assert "has no partition for 2 of the days" in said
    assert "cloudtrail_add_partitions" in said
    lake.operate("cloudtrail_add_partitions", "{end: 2024-02-10}", layout="partitioned")
    said = lake.refused("run", "--fail-fast", layout="partitioned")
    assert "for 1 of the days 2024-02-10 to 2024-02-11 (2024-02-11)" in said


def test_old_table(lake: Lake, local: LocalAthena) -> None:
    """The table of the S3 guide ends before the columns that tell the TLS version."""
    columns = (
        "eventversion string, useridentity struct<type:string,principalid:string,"
        "arn:string,accountid:string,invokedby:string,accesskeyid:string,"
        "username:string,sessioncontext:struct<attributes:struct<"
        "mfaauthenticated:string,creationdate:string>,sessionissuer:struct<"
        "type:string,principalid:string,arn:string,accountid:string,"
        "username:string>>>, eventtime string, eventsource string,"
        " eventname string, awsregion string, sourceipaddress string,"
        " useragent string, errorcode string, errormessage string,"
        " requestparameters string, responseelements string,"
        " additionaleventdata string, requestid string, eventid string,"
        " resources array<struct<arn:string,accountid:string,type:string>>,"
        " eventtype string, apiversion string, readonly string,"
        " recipientaccountid string, serviceeventdetails string,"
        " sharedeventid string, vpcendpointid string"
    )
    told = local.query(
        f"create external table old_table ({columns})"
        " partitioned by (region string, year string, month string, day string)"
        " row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'"
        " stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'"
        " outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
        f" location 's3://{BUCKET}/refusals/AWSLogs/{ACCOUNT}/CloudTrail/'",
        lake.schema,
    )
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    said = lake.refused(
        "run",
        "-s",
        "stg_cloudtrail__events",
        layout="partitioned",
        source_table="old_table",
    )
    assert "lacks the columns" in said and "tlsdetails" in said and CREATE in said


def test_empty_root(lake: Lake) -> None:
    root = f"s3://{BUCKET}/nothing-here"
    lake.make_table(root=root)
    said = lake.refused("run", "--fail-fast", root=root)
    assert "no S3 request was found on the log days 2024-02-10 to 2024-02-11" in said
    assert "make check-source" in said


def test_no_rows_in_the_window(lake: Lake) -> None:
    """Of a further run a warning: a quiet trail is no error."""
    lake.make_table()
    lake.do("run")
    run = lake.do("run", end_date="2024-02-20", lookback_days=0)
    assert any(
        "no S3 request was found on the log days 2024-02-11 to 2024-02-20" in said
        for said in run.warnings
    )
    assert len(lake.rows("fct_s3_requests")) == 1
