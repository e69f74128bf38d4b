"""A stack of the CloudFormation template, in which the image's command runs.

There is no container: what the Dockerfile copies lies in a folder, and the command
that it names runs there, with the environment that the task's container would have.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import hostile
import pytest
from botocore.exceptions import ClientError
from checkouts import KEPT, Checkout
from driver import PROJECT, SAMPLES, Row, Warehouse
from lake import SETTINGS, rows_of, write_athena_profiles
from stacks import Stack
from test_policy import CALLERS, allows

from local_athena.stack import LocalAthena

NAME = "stack"
BUCKET = "stack-logs"
TODAY = datetime.now(timezone.utc).date()
# The last day of the samples.
LAST_DAY = date.fromisoformat(SETTINGS["end_date"])
LIMIT = 10_000_000
DOCKERFILE = PROJECT / "deploy" / "aws" / "Dockerfile"


class Image:
    """What the Dockerfile makes."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        """Copy what it copies; the packages are those of a checkout's.

        Queries are asked for more often than on AWS.
        """
        text = DOCKERFILE.read_text("utf-8")
        for line in re.findall(r"^COPY (.*)$", text, re.MULTILINE):
            *sources, target = line.split()
            for source in sources:
                if (checkout.folder / source).is_dir():
                    shutil.copytree(checkout.folder / source, folder / target)
                else:
                    (folder / target).mkdir(parents=True, exist_ok=True)
                    shutil.copy(checkout.folder / source, folder / target)
        write_athena_profiles(folder, "profiles.example.yml")
        for name in re.findall(r"mkdir -p ([^\\\n]*)", text)[0].split():
            (folder / name).mkdir(parents=True)
        self.folder = folder
        self.python = checkout.folder / ".venv" / "bin" / "python"
        (entry,) = re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)
        assert json.loads(entry) == ["python"]
        (command,) = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
        self.command = json.loads(command)

    def run(
        self, environment: dict[str, str], *command: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, the image's own if none is given."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        done = subprocess.run(
            [self.python, *(command or self.command)],
            cwd=self.folder,
            env={**kept, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done


@pytest.fixture(scope="module")
def image(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Return the image."""
    return Image(checkout, tmp_path_factory.mktemp("image") / "project")


def shifted(text: str) -> str:
    """Return a text with days of the samples as if they had come until today."""

    def later(found: re.Match[str]) -> str:
        day = TODAY - LAST_DAY + date(2026, 5, 1) + timedelta(int(found[2]) - 1)
        return day.strftime(f"%Y{found[1]}%m{found[1]}%d")

    return re.sub(r"2026(?P<sep>[-/]?)05(?P=sep)([0-3][0-9])(?![0-9])", later, text)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the samples, the last of today, and a file of today.

    It holds events of another service that are larger than the limit.
    """
    folder = tmp_path_factory.mktemp("stack_logs") / "logs"
    for file in SAMPLES.rglob("*.json.gz"):
        text = gzip.decompress(file.read_bytes()).decode()
        hostile.write(folder / shifted(str(file.relative_to(SAMPLES))), shifted(text))
    now = f"{TODAY}T00:00:30Z"
    noise = random.Random(7)
    records = [
        hostile.plain_record(eventTime=now, eventID="of-today"),
        *(
            hostile.plain_record(
                eventTime=now,
                eventID=f"large-{number}",
                eventSource="lambda.amazonaws.com",
                eventName="Invoke",
                requestParameters={"payload": noise.randbytes(100_000).hex()},
            )
            for number in range(150)
        ),
    ]
    path = hostile.log_path(SETTINGS["account_ids"][0], "us-east-1", TODAY, 0)
    hostile.write(folder / "AWSLogs" / path, hostile.envelope(records))
    return folder


@pytest.fixture(scope="module")
def stack(local: LocalAthena, logs: Path) -> Iterator[Stack]:
    """Return a stack over the logs, whose queries may scan the least that AWS takes."""
    local.load(logs, BUCKET, "trail")
    yield Stack(
        local.client,
        NAME,
        LogBucket=BUCKET,
        LogPrefix="trail/",
        AccountIds=",".join(SETTINGS["account_ids"]),
        Regions=",".join(SETTINGS["regions"]),
        StartDate=shifted(SETTINGS["start_date"]),
        DatabaseName="stack",
        Layout="partitioned",
        RetentionDays="400",
        BytesLimit=str(LIMIT),
        ScheduleState="DISABLED",
    )


def query(local: LocalAthena, statement: str) -> list[Row]:
    """Return the rows of a query that the stack's workgroup does not limit."""
    return rows_of(local, statement, "stack")


class Runs:
    """What happened in the stack: a run that its limit stopped, and a whole one.

    Attributes:
        environment: of the task's container.
        calls: the actions and resources that the runs asked for.
    """

    def __init__(self, local: LocalAthena, stack: Stack, image: Image) -> None:
        """Run, raise the limit, run again."""
        # The local S3 has no TLS, and the bucket's policy denies all that has none.
        s3, bucket = local.client("s3"), stack.outputs["BucketName"]
        with pytest.raises(ClientError, match="Forbidden|AccessDenied"):
            s3.put_object(Bucket=bucket, Key="a", Body=b"")
        s3.delete_bucket_policy(Bucket=bucket)
        self.environment = {**local.environment, **stack.environment}
        before = len(local.calls())
        self.stopped = image.run(self.environment)
        stack.update(BytesLimit=str(LIMIT * 100))
        self.whole = image.run(self.environment)
        self.calls = {
            (call["action"], call["resource"])
            for call in local.calls()[before:]
            if call["caller"] in CALLERS and not call["action"].startswith("sts:")
        }


@pytest.fixture(scope="module")
def runs(local: LocalAthena, stack: Stack, image: Image) -> Runs:
    """Return what happened in the stack."""
    return Runs(local, stack, image)


def test_the_limit_of_the_workgroup_stops_a_run(runs: Runs) -> None:
    assert runs.stopped.returncode == 1
    assert "Bytes scanned limit was exceeded" in runs.stopped.stderr
    assert "Built in" not in runs.stopped.stdout


def test_the_next_run_builds_everything_and_alerts(runs: Runs) -> None:
    """The samples hold findings of the severity that fails a run."""
    said = runs.whole.stdout
    assert re.search(r"^Built in \d+ s: \d+ checks passed", said, re.MULTILINE)
    assert re.search(r"^Scanned [\d,]+ bytes in \d+ nodes", said, re.MULTILINE)
    assert runs.whole.returncode == 1
    assert re.fullmatch(
        r"\d+ open findings of severity critical \(cloudtrail_fail_on_severity is"
        r" critical\); fct_s3_findings tells what to do\.\n",
        runs.whole.stderr,
    )


COUNTS = (
    "select count(*) as requests, count(distinct request_key) as keys,"
    " sum(bytes_out) as bytes from fct_s3_requests"
)


def test_the_tables_are_those_of_the_logs(
    runs: Runs,
    local: LocalAthena,
    logs: Path,
    new_warehouse: Callable[..., Warehouse],
) -> None:
    warehouse = new_warehouse(logs, **json.loads(shifted(json.dumps(SETTINGS))))
    warehouse.load()
    (expected,) = warehouse.query(COUNTS)
    assert expected["requests"] > 500
    assert query(local, COUNTS) == [expected]
    of_today = "select event_id from fct_s3_requests where event_id = 'of-today'"
    assert query(local, of_today) == [{"event_id": "of-today"}]


def test_all_lies_in_the_bucket_and_results_alone_expire(
    runs: Runs, local: LocalAthena, stack: Stack
) -> None:
    bucket = stack.outputs["BucketName"]
    pages = local.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    # As the lifecycle's rules have it.
    expiring = {key for key in keys if re.match("athena/[0-9a-f]", key)}
    tables = {key for key in keys if key.startswith("athena/tables/")}
    assert tables and expiring
    assert all(key.endswith(".csv") for key in expiring)
    assert keys == tables | expiring
    glue = local.client("glue")
    found = glue.get_table(DatabaseName="stack", Name="fct_s3_findings")["Table"]
    assert found["StorageDescriptor"]["Location"].startswith(
        f"s3://{bucket}/athena/tables/"
    )
    pages = local.client("athena").get_paginator("list_query_executions")
    ids = [page["QueryExecutionIds"] for page in pages.paginate(WorkGroup=NAME)]
    assert sum(map(len, ids)) > 200


def test_the_tasks_role_allows_every_call(runs: Runs, stack: Stack) -> None:
    statements = stack.statements("TaskRole")
    refused = [
        f"{action} on {resource}"
        for action, resource in sorted(runs.calls)
        if not any(allows(statement, action, resource) for statement in statements)
    ]
    assert refused == []
    for statement in statements:
        assert any(allows(statement, *call) for call in runs.calls), statement["Sid"]


def test_the_image_has_other_commands(runs: Runs, image: Image) -> None:
    done = image.run(
        runs.environment,
        *shifted("scripts/backfill.py --start 2026-05-01 --end 2026-05-03").split(),
        *"--dry-run --target athena".split(),
    )
    assert done.returncode == 0, done.stderr
    assert "1 have nothing to load" in done.stdout


def test_a_stale_source_stops_a_run(
    runs: Runs, local: LocalAthena, image: Image
) -> None:
    """After the retention was applied, and before anything is built."""
    before = query(local, COUNTS)
    variables = json.loads(runs.environment["VARS"])
    variables["cloudtrail_end_date"] = shifted("2026-05-10")
    said = image.run({**runs.environment, "VARS": json.dumps(variables)})
    assert said.returncode == 1
    assert "Log days before" in said.stdout
    assert re.match("CloudTrail delivered the newest log|No log file", said.stderr)
    assert query(local, COUNTS) == before


def test_the_tables_outlive_the_stack(
    runs: Runs, local: LocalAthena, stack: Stack
) -> None:
    before, bucket = query(local, COUNTS), stack.outputs["BucketName"]
    stack.delete()
    listed = local.client("s3").list_buckets()["Buckets"]
    assert bucket in [found["Name"] for found in listed]
    assert query(local, COUNTS) == before
    groups = local.client("athena").list_work_groups()["WorkGroups"]
    assert NAME not in [group["Name"] for group in groups]


def test_the_image_lacks_nothing_that_it_names(image: Image) -> None:
    """The checkout's own packages, no right to write but where a run does."""
    text = DOCKERFILE.read_text("utf-8")
    assert (image.folder / "requirements" / "run.txt").is_file()
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
    kept = (PROJECT / ".dockerignore").read_text("utf-8").split("\n")
    for source in re.findall(r"^COPY ([^\s]+)", text, re.MULTILINE):
        assert f"!{source}" in kept, source
