"""What make check-source finds: buckets and tables in moto, no cloud."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import aws
import boto3
import check_source
import pytest
import source_settings
import yaml
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader
from checkouts import Checkout
from driver import PROJECT
from log_folders import span_of
from moto import mock_aws
from moto.server import ThreadedMotoServer
from source_settings import Span
from test_athena_ddl import BASE, GOLDEN, ROOTS

ACCOUNT, OTHER = "111122223333", "444455556666"
BUCKET = "amzn-s3-demo-bucket"
LOGS = "logs/AWSLogs/"
ORGANIZATION = "o-a1b2c3d4e5"
REGION = "eu-west-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}
OPERATION = "dbt run-operation cloudtrail_{} --target athena"
CREATE_ANEW = OPERATION.format("create_table") + " --args '{replace: true}'"
ADD = OPERATION.format("add_partitions")
ONE_ATTEMPT = {"mode": "standard", "total_max_attempts": 1}
PLACES = {
    "plain": LOGS,
    "organization": f"AWSLogs/{ORGANIZATION}/",
    "control_tower": f"{ORGANIZATION}/AWSLogs/{ORGANIZATION}/",
}


class Checked(NamedTuple):
    """What a check ended with and printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """What it printed, on one line."""
        return " ".join(self.out.split())

    @property
    def sentence(self) -> str:
        """The one sentence that says why there is no check."""
        assert self.code == 1
        (line,) = self.err.splitlines()
        assert line.endswith(".")
        assert "Traceback" not in line
        return line


class Cloud:
    """A bucket and a Glue catalog."""

    def __init__(self) -> None:
        """Make an empty bucket and a database."""
        self.s3 = boto3.client("s3", region_name="us-east-1")
        self.glue = boto3.client("glue", region_name=REGION)
        self.new_bucket(BUCKET)
        self.glue.create_database(DatabaseInput={"Name": "cloudtrail_s3"})

    def new_bucket(self, name: str) -> None:
        """Make a bucket."""
        self.s3.create_bucket(Bucket=name)

    def put(self, *folders: str, files: int = 1, bucket: str = BUCKET) -> None:
        """Put files into folders."""
        for folder in folders:
            for number in range(files):
                self.s3.put_object(
                    Bucket=bucket, Key=f"{folder}{number}.json.gz", Body=b""
                )

    def put_days(
        self,
        first: str,
        last: str = "",
        account: str = ACCOUNT,
        region: str = REGION,
        place: str = LOGS,
        **options: Any,
    ) -> None:
        """Put a file into the folder of each day."""
        begin = date.fromisoformat(first)
        days = (date.fromisoformat(last or first) - begin).days + 1
        for number in range(days):
            day = begin + timedelta(number)
            self.put(f"{place}{account}/CloudTrail/{region}/{day:%Y/%m/%d}/", **options)

    def create_table(
        self, layout: str, root: str = "plain", location: str = "", **projection: str
    ) -> None:
        """Make the table that the operation makes, as its tests show it.

        Args:
            layout: and
            root: name the DDL's text.
            location: another one.
            projection: other properties, without `projection.`, `__` for a dot.
        """
        ddl = (GOLDEN / root / f"{layout}_json.sql").read_text("utf-8")
        partitioned = re.search(r"partitioned by \((.*?)\)", ddl, re.DOTALL)
        names = re.findall("`(.*?)`", partitioned[1]) if partitioned else []
        (given,) = re.findall(r"^location '(.*)'", ddl, re.MULTILINE)
        parameters = dict(re.findall(r"^    '(.*?)' = '(.*)'", ddl, re.MULTILINE))
        for name, value in projection.items():
            parameters[f"projection.{name.replace('__', '.')}"] = value
        self.glue.create_table(
            DatabaseName="cloudtrail_s3",
            TableInput={
                "Name": "cloudtrail_events",
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {"Location": location or given},
                "PartitionKeys": [{"Name": name, "Type": "string"} for name in names],
                "Parameters": {"EXTERNAL": "TRUE", **parameters},
            },
        )

    def add_partition(self, location: str, *values: str) -> None:
        """Add a partition."""
        self.glue.create_partition(
            DatabaseName="cloudtrail_s3",
            TableName="cloudtrail_events",
            PartitionInput={
                "Values": values,
                "StorageDescriptor": {"Location": location},
            },
        )

    def add_partitions(self, root: str) -> None:
        """Add those that the operation adds, as its tests show them."""
        ddl = (GOLDEN / root / "add_partitions.sql").read_text("utf-8")
        clauses = re.findall(r"partition \((.*?)\)\s+location '(.*?)'", ddl)
        for values, location in clauses:
            self.add_partition(location, *re.findall("'(.*?)'", values))


@pytest.fixture(scope="module", autouse=True)
def models_of_aws() -> Iterator[None]:
    """Let botocore read its descriptions of AWS once, not in every session."""
    read = functools.cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Return an empty cloud, and nothing of the user's own settings."""
    for name in ("VARS", "CLOUDTRAIL_ROOT", "ATHENA_SCHEMA", "ATHENA_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        yield Cloud()


Check = Callable[..., Checked]


@pytest.fixture
def check(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Check:
    """Return a function that checks with variables, without `cloudtrail_`."""

    def run(kind: str = "plain", **variables: Any) -> Checked:
        given = {f"cloudtrail_{name}": value for name, value in variables.items()}
        settings = {**BASE, "cloudtrail_end_date": "", **ROOTS[kind], **given}
        monkeypatch.setenv("VARS", json.dumps(settings))
        capsys.readouterr()
        code = check_source.main()
        return Checked(code, *capsys.readouterr())

    return run


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return the list of calls to AWS that will be made."""
    made: list[tuple[str, dict[str, Any]]] = []
    original = BaseClient._make_api_call

    def record(self: BaseClient, name: str, arguments: dict[str, Any]) -> Any:
        made.append((name, arguments))
        return original(self, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    return made


# Nothing hidden


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("layout", ["projected", "partitioned", "unpartitioned"])
def test_what_the_ddl_shows_is_not_hidden(
    cloud: Cloud, check: Check, layout: str, root: str
) -> None:
    cloud.create_table(layout, root)
    accounts = ROOTS[root].get("cloudtrail_account_ids", [ACCOUNT])
    for account in accounts:
        for region in (REGION, "us-east-1"):
            cloud.put_days("2026-04-30", "2026-05-01", account, region, PLACES[root])
    if layout == "partitioned":
        cloud.add_partitions(root)
    done = check(root, layout=layout)
    assert done == (0, done.out, "")
    assert done.out.splitlines() == [
        f"Logs:  s3://{BUCKET}/{PLACES[root]}",
        f"Table: cloudtrail_s3.cloudtrail_events, {layout}",
        f"Found: {len(accounts)} account{'s' * (len(accounts) > 1)}, 2 regions",
        "",
        "Nothing is hidden.",
    ]


def test_siblings_and_other_services_are_no_findings(
    cloud: Cloud, check: Check
) -> None:
    cloud.create_table("projected", region__values=REGION)
    cloud.put_days("2026-05-01")
    own = f"{LOGS}{ACCOUNT}/"
    for name in ("Digest", "Insight", "NetworkActivity", "Aggregated"):
        cloud.put(f"{own}CloudTrail-{name}/us-east-1/2026/05/01/")
    cloud.put(f"{own}Config/us-east-1/2026/5/1/ConfigHistory/")
    cloud.put(f"{own}elasticloadbalancing/us-east-1/2026/05/01/")
    cloud.put(f"{LOGS}{OTHER}/vpcflowlogs/us-east-1/2026/05/01/")
    cloud.put(f"{LOGS}aws-account-id={OTHER}/aws-service=x/", "logs/else/", "o-ther/")
    done = check(regions=[REGION])
    assert done.code == 0, done.out
    assert "note" not in done.out


# What a projection hides


def test_accounts_and_regions_that_a_projection_does_not_list(
    cloud: Cloud, check: Check
) -> None:
    cloud.create_table("projected")
    for region in (REGION, "us-east-1"):
        cloud.put_days("2026-05-01", region=region)
        cloud.put_days("2026-05-03", "2026-05-05", OTHER, region)
    cloud.put_days("2026-05-03", region="ap-south-1")
    cloud.put_days("2026-05-09", region="ap-south-1")
    done = check()
    assert done.code == 1
    assert done.out.splitlines()[3:] == [
        "",
        "Hidden: Accounts that the table's projection does not list",
        f"  {OTHER}/{REGION}, us-east-1: 2026-05-03 to 2026-05-05, 3 days",
        f'  -> Set cloudtrail_account_ids: ["{ACCOUNT}", "{OTHER}"], and create the'
        " table anew:",
        f"       {CREATE_ANEW}",
        "",
        "Hidden: Regions that the table's projection does not list",
        f"  {ACCOUNT}/ap-south-1: 2026-05-03, 2026-05-09, 2 days",
        f'  -> Set cloudtrail_regions: ["us-east-1", "{REGION}", "ap-south-1"], and'
        " create the table anew:",
        f"       {CREATE_ANEW}",
        "",
        "Folders are hidden, see above.",
    ]


def test_a_list_that_the_table_was_not_created_with(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected")
    cloud.put_days("2026-05-01")
    cloud.put_days("2026-05-01", region="us-east-1")
    cloud.put_days("2026-05-03", account=OTHER)
    done = check(account_ids=[ACCOUNT, OTHER])
    assert done.code == 1
    assert f"{OTHER}/{REGION}: 2026-05-03, 1 day" in done.out
    assert "-> Create the table anew:" in done.out


def test_days_before_the_range_of_a_projection(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected", region__values=REGION)
    cloud.put_days("2025-11-29", "2026-05-02")
    done = check(regions=[REGION], start_date="2025-12-31")
    assert done.code == 1
    assert "projection.day.range, 2026/04/30,NOW" in done.out
    assert f"{ACCOUNT}/{REGION}: 2025-12-31 to 2026-04-29, 120 days" in done.out
    assert "-> Create the table anew:" in done.out
    assert (
        "note: Older than cloudtrail_start_date (2025-12-31), not read on purpose:"
        " 2025-11 to 2025-12-30 (1 account, 1 region)."
    ) in done.text
    done = check(regions=[REGION], start_date="")
    assert "2025-11-29 to 2026-04-29, 152 days" in done.out
    assert 'Set cloudtrail_start_date: "2025-11-29", and create' in done.text


def test_days_after_the_range_of_a_projection(cloud: Cloud, check: Check) -> None:
    cloud.create_table(
        "projected", region__values=REGION, day__range="2026/04/30,2026/05/02"
    )
    cloud.put_days("2026-04-30", "2026-05-03")
    done = check(regions=[REGION])
    assert f"{ACCOUNT}/{REGION}: 2026-05-03, 1 day\n" in done.out


def test_days_that_are_not_read_are_notes(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected", region__values=REGION)
    cloud.put_days("2023-01-01")
    cloud.put_days("2026-01-01")
    cloud.put_days("2026-04-28", "2026-05-12")
    # An account that has delivered nothing since.
    cloud.put_days("2024-05-06", account=OTHER)
    done = check(regions=[REGION], end_date="2026-05-10")
    assert done.code == 0, done.out
    assert (
        "note: Older than cloudtrail_start_date (2026-04-30), not read on purpose:"
        " 2023 to 2026-04-29 (2 accounts, 1 region)."
        " note: Later than cloudtrail_end_date (2026-05-10), not read on purpose:"
        " 2026-05-11 to 2026-05-12 (1 account, 1 region)."
    ) in done.text


def test_days_past_the_retention_are_notes(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected", region__values=REGION)
    cloud.put_days("2026-04-20", "2026-05-10")
    kept = {"regions": [REGION], "end_date": "2026-05-10"}
    done = check(start_date="2026-04-20", retention_days=10, **kept)
    assert done.code == 0, done.out
    assert (
        "note: Older than cloudtrail_retention_days (10) keeps, not read on purpose:"
        " 2026-04-20 to 2026-04-29 (1 account, 1 region)."
    ) in done.text
    # One day more is hidden.
    done = check(start_date="2026-04-20", retention_days=11, **kept)
    assert f"{ACCOUNT}/{REGION}: 2026-04-29, 1 day\n" in done.out
    done = check(start_date="2026-05-01", retention_days=20, **kept)
    assert "Older than cloudtrail_start_date (2026-05-01)" in done.text
    assert check(start_date="", retention_days=99999, **kept).code == 1
    assert "a whole number of days" in check(retention_days="all").sentence


def test_what_the_variables_leave_out_is_a_note(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected", account__values=f"{ACCOUNT},{OTHER}")
    for account in (ACCOUNT, OTHER):
        for region in (REGION, "us-east-1"):
            cloud.put_days("2026-05-01", account=account, region=region)
    done = check(regions=[REGION])
    assert done.code == 0, done.out
    assert (
        f"cloudtrail_regions: {ACCOUNT}/us-east-1; {OTHER}/{REGION}, us-east-1."
        in done.text
    )


def test_accounts_and_regions_without_any_folder(cloud: Cloud, check: Check) -> None:
    cloud.create_table(
        "projected",
        account__values=f"{ACCOUNT},{OTHER}",
        region__values=f"us-east-1, {REGION}",
    )
    cloud.put_days("2026-05-01", region="us-east-1")
    done = check(account_ids=[ACCOUNT, OTHER], regions=["us-east-1"])
    assert done.code == 0, done.out
    where = f"warning: No folder in s3://{BUCKET}/{LOGS} for the"
    assert f"{where} account {OTHER}:" in done.text
    # White space is part of a value.
    assert f'{where} region " {REGION}":' in done.text


# What partitions hide


def test_days_without_a_partition(cloud: Cloud, check: Check) -> None:
    cloud.create_table("partitioned")
    cloud.add_partitions("plain")
    cloud.put_days("2026-04-30", "2026-05-04")
    cloud.put_days("2026-04-30", region="us-east-1")
    done = check(layout="partitioned")
    assert done.code == 1
    assert done.out.splitlines()[3:] == [
        "",
        "Hidden: Days without a partition",
        f"  {ACCOUNT}/{REGION}: 2026-05-02 to 2026-05-04, 3 days",
        "  -> Add the partitions:",
        f"       {ADD} --args '{{start: 2026-05-02, end: 2026-05-04}}'",
        "",
        f"note: Partitions without a folder, as of a quiet day: {ACCOUNT}/us-east-1:"
        " 2026-05-01, 1 day.",
        "Folders are hidden, see above.",
    ]


def test_a_second_account_changes_the_partition_columns(
    cloud: Cloud, check: Check
) -> None:
    cloud.create_table("partitioned")
    cloud.add_partitions("plain")
    cloud.put_days("2026-05-01", account=OTHER)
    done = check(layout="partitioned")
    assert "Hidden: Accounts without a partition" in done.out
    assert f'cloudtrail_account_ids: ["{ACCOUNT}", "{OTHER}"], and' in done.text
    assert "create the table anew and add the partitions:" in done.text
    said = check(layout="partitioned", account_ids=[ACCOUNT, OTHER]).sentence
    assert "by region, year, month, day" in said
    assert "account, region, year, month, day" in said


def test_a_third_account_and_a_new_region_need_partitions_only(
    cloud: Cloud, check: Check
) -> None:
    place = PLACES["organization"]
    cloud.create_table("partitioned", "organization")
    cloud.add_partitions("organization")
    for account in (ACCOUNT, OTHER):
        for region in ("us-east-1", REGION):
            cloud.put_days("2026-04-30", "2026-05-01", account, region, place)
    cloud.put_days("2026-05-01", account="123456789012", place=place)
    cloud.put_days("2026-05-02", region="us-west-2", place=place)
    done = check("organization", layout="partitioned")
    assert "Hidden: Accounts without a partition" in done.out
    assert "Hidden: Regions without a partition" in done.out
    assert '"123456789012"], and add the partitions:' in done.text
    assert '"us-west-2"], and add the partitions:' in done.text
    assert "replace" not in done.out
    assert "{start: 2026-05-02, end: 2026-05-02}" in done.out


def test_a_partition_that_reads_another_folder(cloud: Cloud, check: Check) -> None:
    cloud.create_table("partitioned")
    own = f"s3://{BUCKET}/{LOGS}{ACCOUNT}/CloudTrail/{REGION}/"
    cloud.add_partition(f"{own}2026/05/01", REGION, "2026", "05", "01")
    cloud.add_partition(f"{own}2026/05/03/", REGION, "2026", "05", "02")
    cloud.add_partition(f"s3://other/{LOGS}", REGION, "2026", "05", "04")
    cloud.add_partition(f"{own}2026/02/30/", REGION, "2026", "02", "30")
    cloud.put_days("2026-05-01", "2026-05-02")
    done = check(layout="partitioned", regions=[REGION])
    assert f"{ACCOUNT}/{REGION}: 2026-05-02, 1 day" in done.out
    assert "Hidden: Partitions that read another folder than their names say" in (
        done.out
    )
    for day, folder in (("02", f"{own}2026/05/03/"), ("04", f"s3://other/{LOGS}")):
        text = f"region={REGION}, year=2026, month=05, day={day}: {folder}"
        assert text in done.text
    assert "2026-05-01" not in done.out


def test_partitions_come_in_pages(
    cloud: Cloud, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here of one partition; moto gives all at once, Glue a thousand."""
    cloud.create_table("partitioned")
    cloud.add_partitions("plain")
    cloud.put_days("2026-04-30", "2026-05-01")
    cloud.put_days("2026-04-30", "2026-05-01", region="us-east-1")
    original = BaseClient._make_api_call
    pages = []

    def page(self: BaseClient, name: str, arguments: dict[str, Any]) -> Any:
        answer = original(self, name, arguments)
        if name == "GetPartitions":
            assert arguments["ExcludeColumnSchema"]
            number = int(arguments.get("NextToken", 0))
            pages.append(number)
            more = number + 1 < len(answer["Partitions"])
            answer["Partitions"] = answer["Partitions"][number : number + 1]
            answer |= {"NextToken": str(number + 1)} if more else {}
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", page)
    done = check(layout="partitioned")
    assert done.code == 0, done.out
    assert pages == [0, 1, 2, 3]


# What a location hides


def test_an_unpartitioned_table_hides_what_its_location_leaves_out(
    cloud: Cloud, check: Check
) -> None:
    cloud.create_table("unpartitioned")
    cloud.put_days("2020-05-01", "2020-05-02", region="ap-south-1")
    cloud.put_days("2026-05-01", "2026-05-02", OTHER)
    cloud.put(f"{LOGS}{ACCOUNT}/CloudTrail/eu-west-1/tmp/")
    done = check(layout="unpartitioned", start_date="", regions=[])
    assert done.code == 1
    assert "Hidden: Folders outside of the table's location" in done.out
    assert f"{OTHER}/{REGION}: 2026-05-01 to 2026-05-02, 2 days" in done.out
    assert "ap-south-1" not in done.out
    assert "tmp" not in done.out
    assert f'cloudtrail_account_ids: ["{ACCOUNT}", "{OTHER}"], and' in done.text
    # A location of one year hides the others.
    cloud.glue.delete_table(DatabaseName="cloudtrail_s3", Name="cloudtrail_events")
    own = f"s3://{BUCKET}/{LOGS}{OTHER}/CloudTrail/{REGION}"
    cloud.create_table("unpartitioned", location=f"{own}/2026/05/02")
    done = check(layout="unpartitioned", start_date="", regions=[], account_ids=[])
    assert f"{OTHER}/{REGION}: 2026-05-01, 1 day" in done.out
    assert f"{ACCOUNT}/ap-south-1: 2020-05-01 to 2020-05-02, 2 days" in done.out


# Other places than the table's


@pytest.mark.parametrize(
    ("root", "elsewhere", "variables"),
    [
        (
            "organization",
            "AWSLogs/",
            {"cloudtrail_organization_id": ""},
        ),
        (
            "organization",
            "o-0123456789/AWSLogs/o-0123456789/",
            {
                "cloudtrail_root": f"s3://{BUCKET}/o-0123456789",
                "cloudtrail_organization_id": "o-0123456789",
            },
        ),
        (
            "plain",
            f"logs/AWSLogs/{ORGANIZATION}/",
            {"cloudtrail_organization_id": ORGANIZATION},
        ),
        (
            "control_tower",
            f"{ORGANIZATION}/AWSLogs/",
            {"cloudtrail_organization_id": ""},
        ),
    ],
)
def test_logs_in_another_place(
    cloud: Cloud, check: Check, root: str, elsewhere: str, variables: dict[str, str]
) -> None:
    cloud.create_table("projected", root)
    cloud.put_days("2026-05-01", place=PLACES[root])
    cloud.put_days("2026-05-02", account=OTHER, place=elsewhere)
    done = check(root)
    assert done.code == 1
    assert (
        f"Hidden: Logs in s3://{BUCKET}/{elsewhere}, where the table does not read"
        f" {OTHER}/{REGION}: 2026-05-02, 1 day"
    ) in done.text
    listed = ", ".join(f"{name}: {json.dumps(v)}" for name, v in variables.items())
    assert f"To read this place instead, set {listed}, and create" in (
        done.text.replace(f', cloudtrail_account_ids: ["{ACCOUNT}", "{OTHER}"]', "")
    )


def test_a_table_without_partitions_takes_the_place_above_in(
    cloud: Cloud, check: Check
) -> None:
    cloud.create_table("unpartitioned", "organization")
    cloud.put_days("2026-05-01", place=PLACES["organization"])
    cloud.put_days("2026-05-02", place="AWSLogs/")
    done = check("organization", layout="unpartitioned")
    assert '-> Set cloudtrail_organization_id: "", and create' in done.text
    cloud.glue.delete_table(DatabaseName="cloudtrail_s3", Name="cloudtrail_events")
    cloud.create_table("unpartitioned", location=f"s3://{BUCKET}/AWSLogs/")
    done = check("organization", layout="unpartitioned", organization_id="")
    assert done.code == 0, done.out


# Odd folders


def test_folders_that_are_no_days(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected", region__values=REGION)
    own = f"{LOGS}{ACCOUNT}/CloudTrail/"
    odd = [
        f"{own}tmp/",
        f"{own}{REGION}/2026-05-01/",
        f"{own}{REGION}/0026/",
        f"{own}{REGION}/2026/13/",
        f"{own}{REGION}/2026/5/",
        f"{own}{REGION}/2026/04/31/",
        f"{own}{REGION}/2026/04/tmp/",
        f"{own}{REGION}/2026/04/ 1/",
        f"{own}{REGION}/2026/04/٠١/",
        f"{own}{REGION}/2026/05/tmp/",
        f"{LOGS}copy of {ACCOUNT}/CloudTrail/",
    ]
    cloud.put(*odd[:-1], f"{odd[-1]}{REGION}/2026/05/01/")
    cloud.put_days("2026-05-01")
    done = check(regions=[REGION])
    assert done.code == 1
    assert "Hidden: Folders that are not named as CloudTrail names them" in done.out
    named = [line.strip() for line in done.out.splitlines() if line.startswith("  s3:")]
    assert sorted(named) == sorted(f"s3://{BUCKET}/{prefix}" for prefix in odd)


def test_many_odd_folders_stay_readable(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected", region__values=REGION)
    cloud.put_days("2026-05-01")
    own = f"{LOGS}{ACCOUNT}/CloudTrail/"
    cloud.put(*(f"{own}{REGION}/{number:03}/" for number in range(100)))
    done = check(regions=[REGION])
    assert "\n  and 80 more\n" in done.out
    assert len(done.out.splitlines()) < 40


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("2026", ("2026-01-01", "2026-12-31")),
        ("2024/02", ("2024-02-01", "2024-02-29")),
        ("2026/05/01", ("2026-05-01", "2026-05-01")),
        ("2026/02/30", None),
        ("2026/5", None),
        ("2026-05", None),
        ("0000", None),
        ("20260", None),
        ("", None),
    ],
)
def test_which_days_a_path_means(path: str, days: tuple[str, str] | None) -> None:
    assert span_of(path) == (days and Span(*map(date.fromisoformat, days)))


# What it costs


def test_no_listing_looks_into_the_folder_of_a_day(
    cloud: Cloud, check: Check, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    cloud.create_table("partitioned")
    cloud.add_partitions("plain")
    counts = []
    for files in (1, 40):
        cloud.put_days("2026-04-28", "2026-05-03", files=files)
        cloud.put_days("2026-05-01", account=OTHER, files=files)
        calls.clear()
        assert check(layout="partitioned").code == 1
        listings = [
            arguments for name, arguments in calls if name.startswith("ListObjects")
        ]
        assert {name for name, _ in calls} == {
            "GetTable",
            "GetPartitions",
            "ListObjectsV2",
        }
        assert all(arguments["Delimiter"] == "/" for arguments in listings)
        prefixes = [arguments["Prefix"] for arguments in listings]
        assert [p for p in prefixes if re.search(r"/\d{4}/\d\d/\d\d", p)] == []
        counts.append(len(listings))
    assert counts[0] == counts[1]


def test_years_that_are_not_read_are_not_opened(
    cloud: Cloud, check: Check, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    def opened() -> list[str]:
        own = f"{LOGS}{ACCOUNT}/CloudTrail/{REGION}/"
        prefixes = [arguments.get("Prefix", "") for _, arguments in calls]
        return [p.removeprefix(own) for p in prefixes if p.startswith(own)]

    cloud.create_table("projected", region__values=REGION)
    for year in range(2018, 2027):
        for month in range(1, 10):
            cloud.put_days(f"{year}-{month:02}-01")
    calls.clear()
    assert check(regions=[REGION], end_date="2026-07-31").code == 0
    assert sorted(opened()) == ["", "2026/", *(f"2026/0{n}/" for n in range(4, 8))]
    # Nor are those that a table shows with all that is in them.
    cloud.glue.delete_table(DatabaseName="cloudtrail_s3", Name="cloudtrail_events")
    cloud.create_table("unpartitioned")
    calls.clear()
    assert check(layout="unpartitioned", regions=[], start_date="").code == 0
    assert opened() == [""]


def test_a_thousand_days_are_one_line(cloud: Cloud, check: Check) -> None:
    cloud.create_table("partitioned")
    cloud.add_partition(
        f"s3://{BUCKET}/{LOGS}{ACCOUNT}/CloudTrail/{REGION}/2023/01/01/",
        *(REGION, "2023", "01", "01"),
    )
    cloud.put_days("2023-01-01", "2025-09-27")
    done = check(layout="partitioned", regions=[REGION], start_date="2023-01-01")
    assert f"{ACCOUNT}/{REGION}: 2023-01-02 to 2025-09-27, 1,000 days" in done.text
    assert len(done.out.splitlines()) < 15


# Names


@pytest.mark.parametrize(
    ("bucket", "prefix"),
    [
        ("a.bucket.with.dots", ""),
        (BUCKET, 'it\'s a "prefix" \\ + %2F & é 日本/'),
        (BUCKET, "  two  blanks /"),
    ],
)
def test_hostile_names(cloud: Cloud, check: Check, bucket: str, prefix: str) -> None:
    if bucket != BUCKET:
        cloud.new_bucket(bucket)
    place = f"{prefix}AWSLogs/"
    cloud.create_table(
        "unpartitioned", location=f"s3://{bucket}/{place}{ACCOUNT}/CloudTrail/"
    )
    cloud.put_days("2026-05-01", place=place, bucket=bucket)
    root = {"root": f"s3://{bucket}/{prefix}", "regions": []}
    done = check(layout="unpartitioned", **root)
    assert (done.code, done.err) == (0, ""), done.out
    cloud.put_days("2026-05-01", account=OTHER, place=place, bucket=bucket)
    hostile = f"{place}{ACCOUNT}/CloudTrail/{REGION}/a\n\x1b[2J\u202e 'b'\"/"
    outside = f"{place}{OTHER}/CloudTrail/{REGION}/a\n\x1b[2J\u202e 'b'\"/"
    cloud.put(hostile, outside, bucket=bucket)
    done = check(layout="unpartitioned", **root)
    assert f"{OTHER}/{REGION}: 2026-05-01, 1 day" in done.out
    assert "a��[2J� 'b'\"/" in done.out
    assert done.out.count("[2J") == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", done.out)


# Settings


def test_settings_are_those_of_the_build(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDTRAIL_ROOT", "s3://my-bucket//a/AWSLogs/")
    monkeypatch.setenv("ATHENA_SCHEMA", "mine")
    monkeypatch.setenv(
        "VARS", f"{{cloudtrail_start_date: 2026-05-01, cloudtrail_regions: {REGION}}}"
    )
    settings = source_settings.read()
    assert settings[:2] == ("my-bucket", "a/")
    assert settings.place == "a/AWSLogs/"
    assert settings.days.first == date(2026, 5, 1)
    assert settings.accounts == ()
    assert settings.regions == (REGION,)
    assert settings[-3:] == ("projected", "mine", "cloudtrail_events")
    monkeypatch.setenv(
        "VARS", "{cloudtrail_root: 's3://b.c', cloudtrail_source_schema: other}"
    )
    settings = source_settings.read()
    assert settings[:2] == ("b.c", "")
    assert settings.database == "other"


def test_the_default_schema_is_that_of_the_profile() -> None:
    profiles = yaml.safe_load((PROJECT / "profiles.example.yml").read_text("utf-8"))
    schema = profiles["cloudtrail_s3"]["outputs"]["athena"]["schema"]
    assert f"'ATHENA_SCHEMA', '{source_settings.DEFAULT_SCHEMA}'" in schema


@pytest.mark.parametrize(
    ("variables", "parts"),
    [
        ({"root": ""}, ["cloudtrail_root is not set", "CLOUDTRAIL_ROOT"]),
        ({"root": "/var/logs"}, ["/var/logs", "s3://bucket"]),
        ({"root": f"s3://b1/AWSLogs/{ACCOUNT}"}, ["below AWSLogs"]),
        ({"root": "s3://b1/a\nb"}, ["s3://b1/a\N{REPLACEMENT CHARACTER}b", "a $ or"]),
        ({"root": "s3://b1/$a/b"}, ["s3://b1/$a/b", "a $ or a control character"]),
        ({"organization_id": "abc"}, ["cloudtrail_organization_id: abc"]),
        ({"layout": "injected"}, ["cloudtrail_layout: injected"]),
        ({"account_ids": [111122223333, 5]}, ["cloudtrail_account_ids: 5"]),
        ({"account_ids": {"a": 1}}, ["cloudtrail_account_ids must be a list"]),
        ({"regions": "Ireland"}, ["cloudtrail_regions: Ireland"]),
        ({"start_date": "yesterday"}, ["cloudtrail_start_date: yesterday"]),
        ({"start_date": "2026-02-30"}, ["cloudtrail_start_date: 2026-02-30"]),
        ({"end_date": "2026-01-01"}, ["cloudtrail_end_date 2026-01-01 is before"]),
    ],
)
def test_impossible_settings(
    check: Check, variables: dict[str, Any], parts: list[str]
) -> None:
    said = check(**variables).sentence
    assert [part for part in parts if part not in said] == []


def test_another_catalog(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATHENA_DATABASE", "theirs")
    assert "ATHENA_DATABASE is theirs" in check().sentence


# What cannot be checked


def test_nothing_to_compare_with(cloud: Cloud, check: Check) -> None:
    said = check(source_schema="none").sentence
    for part in ("no database none", REGION, "cloudtrail_create_table"):
        assert part in said
    said = check().sentence
    for part in ("no table cloudtrail_s3.cloudtrail_events", "cloudtrail_create_table"):
        assert part in said


def test_another_layout(cloud: Cloud, check: Check) -> None:
    cloud.create_table("projected")
    for layout in ("partitioned", "unpartitioned"):
        said = check(layout=layout).sentence
        for part in ("is projected", f"is {layout}", "replace: true"):
            assert part in said


def test_a_view_is_no_table_over_files(cloud: Cloud, check: Check) -> None:
    cloud.glue.create_table(
        DatabaseName="cloudtrail_s3",
        TableInput={"Name": "cloudtrail_events", "TableType": "VIRTUAL_VIEW"},
    )
    assert "is no table over files" in check().sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account.type", "injected"),
        ("day.format", "yyyy-MM-dd"),
        ("day.interval.unit", "MONTHS"),
        ("day.range", "NOW-3YEARS,NOW"),
        ("day.range", ""),
    ],
)
def test_a_projection_that_the_project_did_not_write(
    cloud: Cloud, check: Check, name: str, value: str
) -> None:
    cloud.create_table("projected", **{name.replace(".", "__"): value})
    said = check().sentence
    for part in (f"projection.{name} is {value or 'not set'}", "replace: true"):
        assert part in said


@pytest.mark.parametrize("layout", ["projected", "unpartitioned"])
def test_a_table_of_another_root(cloud: Cloud, check: Check, layout: str) -> None:
    cloud.create_table(layout)
    said = check(layout=layout, root=f"s3://{BUCKET}/others").sentence
    for part in (f"The table reads s3://{BUCKET}/logs/", "others/AWSLogs/", "replace"):
        assert part in said


def test_no_bucket_and_no_logs(cloud: Cloud, check: Check) -> None:
    own = "/CloudTrail/"
    cloud.create_table("unpartitioned", location="s3://no-bucket/AWSLogs/")
    variables = {"layout": "unpartitioned", "account_ids": []}
    said = check(root="s3://no-bucket", **variables).sentence
    assert "no bucket no-bucket" in said
    cloud.glue.delete_table(DatabaseName="cloudtrail_s3", Name="cloudtrail_events")
    cloud.create_table("unpartitioned", location=f"s3://{BUCKET}/")
    root = {"root": f"s3://{BUCKET}", **variables}
    assert f"s3://{BUCKET}/ holds no folder:" in check(**root).sentence
    cloud.put(*(f"prefix{number}/AWSLogs/{ACCOUNT}{own}" for number in range(7)))
    said = check(**root).sentence
    assert "holds no folder AWSLogs, only prefix0, prefix1" in said
    assert "prefix4, …:" in said
    cloud.put(f"AWSLogs/{ACCOUNT}/Config/eu-west-1/")
    assert "no folder of an account with CloudTrail" in check(**root).sentence


def failing(
    monkeypatch: pytest.MonkeyPatch, operation: str, code: str, message: str
) -> None:
    """Let an operation of AWS fail."""
    original = BaseClient._make_api_call

    def call(self: BaseClient, name: str, arguments: dict[str, Any]) -> Any:
        if name == operation:
            raise ClientError({"Error": {"Code": code, "Message": message}}, name)
        return original(self, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.mark.parametrize(
    ("operation", "code", "parts"),
    [
        ("GetTable", "AccessDeniedException", ["denies", "glue:GetTable"]),
        ("GetPartitions", "AccessDeniedException", ["denies", "glue:GetPartitions"]),
        ("ListObjectsV2", "AccessDenied", ["denies", "s3:ListBucket", BUCKET]),
        ("GetTable", "ExpiredTokenException", ["credentials", "renew"]),
        ("ListObjectsV2", "InvalidAccessKeyId", ["credentials", "renew"]),
        ("ListObjectsV2", "SlowDown", ["SlowDown"]),
    ],
)
def test_what_aws_refuses(
    cloud: Cloud,
    check: Check,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    code: str,
    parts: list[str],
) -> None:
    cloud.create_table("partitioned")
    cloud.put_days("2026-05-01")
    failing(monkeypatch, operation, code, "No.\nNot for you.")
    said = check(layout="partitioned").sentence
    assert [part for part in parts if part not in said] == []


def test_no_database_may_be_looked_up(
    cloud: Cloud, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "GetDatabase", "AccessDeniedException", "No.")
    assert "glue:GetDatabase" in check().sentence


def test_no_credentials(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    said = check().sentence
    assert "no AWS credentials" in said
    assert "AWS_PROFILE" in said
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "nobody" in check().sentence


def test_the_region(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    assert f"of {REGION}:" in check().sentence
    monkeypatch.delenv("AWS_REGION")
    assert "of us-east-2:" in check().sentence
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "AWS_REGION=eu-west-1" in check().sentence
    monkeypatch.setenv("AWS_REGION", "Ireland!")
    assert "AWS_REGION" in check().sentence


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "no url"])
def test_no_endpoint(check: Check, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    # Waiting between the attempts is boto3's own.
    monkeypatch.setattr(
        aws, "Config", lambda **given: Config(**{**given, "retries": ONE_ATTEMPT})
    )
    assert "AWS_ENDPOINT_URL" in check().sentence


# Through make


def test_make_check_source(checkout: Checkout) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            cloud = Cloud()
            cloud.create_table("projected")
            cloud.put_days("2026-05-01", region="us-east-1")
            cloud.put_days("2026-05-01")
        arguments = [
            "check-source",
            f"CLOUDTRAIL_ROOT=s3://{BUCKET}/logs",
            "VARS={cloudtrail_start_date: 2026-04-30}",
        ]
        done = checkout.make(*arguments, env=environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert done.stdout.endswith("Nothing is hidden.\n")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            cloud.put_days("2026-05-01", account=OTHER)
        done = checkout.make(*arguments, env=environment)
        assert done.returncode != 0
        assert f"{OTHER}/{REGION}: 2026-05-01, 1 day" in done.stdout
        assert "Traceback" not in done.stderr
        said = checkout.refused("check-source", env=environment)
        assert "cloudtrail_root is not set" in said
        assert "VARS" in checkout.refused("check-source", "VARS=[1]")
    finally:
        server.stop()
