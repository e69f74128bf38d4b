"""DuckDB reads logs in S3 as it reads them on disk, and lists only what it must.

The bucket is moto's, in this process; every request to it is written down.
"""

from __future__ import annotations

import gc
import gzip
import re
import threading
from collections.abc import Callable, Iterator
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

import boto3
import dbt_runs
import hostile
import oracle
import pytest
from checkouts import Checkout, record, write_log
from comparison import assert_tables
from driver import SAMPLES, Run, Warehouse
from hostile import log_path
from moto.server import DomainDispatcherApplication, create_backend_app
from sentences import sentence
from werkzeug.serving import make_server

BUCKET = "amzn-s3-demo-bucket"
ACCOUNT, OTHER = "111122223333", "444455556666"
REGION, ELSEWHERE = "eu-west-1", "us-east-1"
# Of the tests' own machine nothing is to be found.
NOWHERE = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": ELSEWHERE,
}


class Request(NamedTuple):
    """What S3 was asked for."""

    method: str
    key: str
    query: dict[str, list[str]]

    @property
    def listed(self) -> str | None:
        """The prefix whose folders (with `*`) or files (`**`) were listed."""
        if self.method != "GET" or "list-type" not in self.query:
            return None
        ending = "*" if self.query.get("delimiter", [""])[0] else "**"
        return self.query.get("prefix", [""])[0] + ending

    @property
    def is_read(self) -> bool:
        """Whether the content of an object is fetched."""
        return self.method == "GET" and bool(self.key)


class Refusal(NamedTuple):
    """An error that S3 answers with."""

    status: str
    code: str
    message: str
    # The requests that get it.
    refuses: Callable[[Request], bool] = lambda request: True


READS = attrgetter("is_read")


class S3:
    """moto's S3 behind a port, and what it was asked."""

    def __init__(self) -> None:
        """Serve until the process ends."""
        self.requests: list[Request] = []
        self.refusal: Refusal | None = None
        self.before: Callable[[Request], None] = lambda request: None
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=ELSEWHERE,
            aws_access_key_id="tests",
            aws_secret_access_key="tests",
        )

    def _answer(
        self, environ: dict[str, Any], start: Callable[..., Any]
    ) -> list[bytes]:
        # Of the requests only those that dbt signed count.
        if "Credential=testing/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self.moto(environ, start)
        path = unquote(environ["PATH_INFO"].encode("latin-1").decode())
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        _, _, key = path.lstrip("/").partition("/")
        request = Request(environ["REQUEST_METHOD"], key, query)
        self.before(request)
        self.requests.append(request)
        refusal = self.refusal
        if not refusal or not refusal.refuses(request):
            return self.moto(environ, start)
        start(refusal.status, [("Content-Type", "application/xml")])
        if request.method == "HEAD":
            return []
        return [
            f"<Error><Code>{refusal.code}</Code>"
            f"<Message>{refusal.message}</Message></Error>".encode()
        ]

    def put(self, folder: Path, bucket: str = BUCKET, prefix: str = "") -> None:
        """Copy the files of a folder into a bucket."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.put_file(path, prefix + path.relative_to(folder).as_posix())

    def put_file(self, path: Path, key: str) -> None:
        """Copy a file into the bucket."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())

    def empty(self) -> None:
        """Leave a bucket without objects, and forget what was asked."""
        self.client.create_bucket(Bucket=BUCKET)
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        for page in pages:
            for found in page.get("Contents", []):
                self.client.delete_object(Bucket=BUCKET, Key=found["Key"])
        self.requests.clear()
        self.refusal = None
        self.before = lambda request: None

    def listings(self) -> list[str]:
        """Return what was listed, and forget it."""
        listed = [request.listed for request in self.requests]
        self.requests.clear()
        return sorted(prefix for prefix in listed if prefix is not None)

    def objects_read(self) -> list[str]:
        """Return the keys whose content was fetched.

        DuckDB fetches a file twice that is not ten seconds old yet.
        """
        return sorted({request.key for request in self.requests if request.is_read})


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    """Serve S3."""
    made = S3()
    yield made
    made.server.shutdown()


@pytest.fixture
def s3(server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """Return S3 with an empty bucket, where dbt finds it."""
    server.empty()
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in (NOWHERE | CREDENTIALS).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    return server


NewWarehouse = Callable[..., Warehouse]


@pytest.fixture
def new_s3_warehouse(new_warehouse: NewWarehouse) -> NewWarehouse:
    """Return a function that makes a database for a prefix of the bucket."""

    def make(prefix: str = "", **variables: Any) -> Warehouse:
        return new_warehouse(f"s3://{BUCKET}/{prefix}".rstrip("/"), **variables)

    return make


def load(warehouse: Warehouse, *arguments: str, **variables: Any) -> Run:
    """Run the models on the target that reads S3."""
    return warehouse.load("--target", "duckdb_s3", *arguments, **variables)


def text(*ids: str, **fields: Any) -> str:
    """Return a log file's text with a record for every event id."""
    return hostile.envelope(
        [hostile.plain_record(eventID=name, **fields) for name in ids]
    )


# ------------------------------------------------------------------ The same tables


def test_the_samples(s3: S3, new_s3_warehouse: NewWarehouse) -> None:
    s3.put(SAMPLES)
    s3.requests.clear()
    warehouse = new_s3_warehouse()
    load(warehouse)
    assert_tables(oracle.tables(SAMPLES), warehouse)
    assert len(s3.objects_read()) == sum(
        row["size"] > 0 for row in warehouse.rows("fct_cloudtrail_loads")
    )
    listed = s3.listings()
    assert len(listed) == len(set(listed)), "a folder was listed twice"
    assert not [prefix for prefix in listed if "/Config/" in prefix]


ODD_PATHS = [
    'it\'s "quoted" {{ 7 * 7 }} [a-z]{b} (c)/AWSLogs/a [folder]/events.json.gz',
    "a * in per%20cent+plus #1; drop, umlaut ü and 鍵.json",
    "back\\slash & amp;/AWSLogs/o-x/CloudTrail/k=v/~$.json.gz",
    "one/two/three/four/five/loose.json",
    f"o-abc123/AWSLogs/o-abc123/{log_path(ACCOUNT, REGION, date(2024, 2, 28), 1)}",
    f"AWSLogs/{log_path(OTHER, REGION, date(2024, 2, 29), 2, '.json')}",
    f"AWSLogs/{ACCOUNT}/AWSLogs/{log_path(OTHER, REGION, date(2024, 2, 27), 3)}",
    f"{'AWSLogs/' * 14}{log_path(OTHER, REGION, date(2024, 2, 26), 4)}",
    f"AWSLogs/{ACCOUNT}/CloudTrail/loose.json",
    f"AWSLogs/{ACCOUNT}/CloudTrail/[odd]/2024/x.json",
    "2024/03/01/events.json",
    "events.json",
    ".hidden/events.json.gz",
]


def write_odd_paths(root: Path) -> None:
    """Write an event into each of the files, and what must not be read."""
    for number, path in enumerate(ODD_PATHS):
        hostile.write(root / path, text(f"event {number}"))
    hostile.write(root / "zero.json.gz", "").write_bytes(b"")
    hostile.write_siblings(root, hostile.Generator(1))


def test_odd_names(s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse) -> None:
    write_odd_paths(tmp_path)
    expected = oracle.tables(tmp_path)
    assert len(expected["fct_s3_requests"]) == len(
        [path for path in ODD_PATHS if "a [folder]" not in path]
    )
    prefix = "some 'prefix' [1] %2F ü"
    s3.put(tmp_path, prefix=f"{prefix}/")
    warehouse = new_s3_warehouse(f"{prefix}/")
    load(warehouse)
    assert_tables(expected, warehouse)


def test_keys_that_no_disk_has(s3: S3, new_s3_warehouse: NewWarehouse) -> None:
    read = [
        f"{TRAIL}2024/02/28//a.json",
        "AWSLogs//b.json/CloudTrail/b.json",
        "/AWSLogs/CloudTrail/c.json",
        "d//d.json",
        "d/e/../e.json",
    ]
    for key in read:
        s3.client.put_object(Bucket=BUCKET, Key=key, Body=text(key).encode())
    # What the console makes as folders, and a name that is a folder's too.
    for key in ("AWSLogs/", TRAIL, "folder.json/", f"AWSLogs/{ACCOUNT}"):
        s3.client.put_object(Bucket=BUCKET, Key=key, Body=b"")
    for settings in ({}, {"account_ids": [ACCOUNT], "start_date": "1970-01-01"}):
        warehouse = new_s3_warehouse(**settings)
        load(warehouse)
        rows = warehouse.rows("fct_s3_requests")
        assert sorted(row["event_id"] for row in rows) == sorted(read)


def test_many_folders_are_not_opened_one_by_one(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse
) -> None:
    for number in range(30):
        hostile.write(tmp_path / f"{number:02}/a/{number}.json", text(f"{number}"))
    s3.put(tmp_path)
    warehouse = new_s3_warehouse()
    load(warehouse)
    assert_tables(oracle.tables(tmp_path), warehouse)
    assert s3.listings() == ["*", "**"]


@pytest.mark.parametrize("place", ["", "prefix/AWSLogs/"])
def test_one_object_as_root(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse, place: str
) -> None:
    path = place + log_path(ACCOUNT, REGION, date(2024, 2, 28), 1)
    for name in (path, f"{path}.beside.json"):
        hostile.write(tmp_path / name, text(name))
    s3.put(tmp_path)
    warehouse = new_s3_warehouse(path)
    load(warehouse)
    assert_tables(oracle.tables(tmp_path / path), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 1
    assert s3.listings() == []


# ------------------------------------------------------------------------ Narrowing

DAYS = [
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
]
TRAIL = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"
FOLDERS = ["*", "AWSLogs/*", f"AWSLogs/{ACCOUNT}/*", f"AWSLogs/{OTHER}/*"]


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two accounts' logs and what may lie beside them."""
    root = tmp_path_factory.mktemp("trail")
    for account in (ACCOUNT, OTHER):
        for region in (REGION, ELSEWHERE):
            for number, day in enumerate(DAYS):
                path = f"AWSLogs/{log_path(account, region, day, number)}"
                name = f"{account} {region} {day}"
                hostile.write(root / path, text(name, recipientAccountId=account))
        service = root / "AWSLogs" / account
        for name in ("Config", "vpcflowlogs", "CloudTrail-Digest"):
            hostile.write(service / name / "2024/2/29/x.json.gz", text(name))
    return root


class Narrowed(NamedTuple):
    """Settings, and what is listed with them."""

    settings: oracle.Settings
    listed: list[str]


# What may stand in no list of folders, and still must be read, is in ODD_PATHS.
NARROWED = {
    "nothing": Narrowed(
        oracle.Settings(),
        [
            *FOLDERS,
            f"AWSLogs/{ACCOUNT}/CloudTrail/**",
            f"AWSLogs/{OTHER}/CloudTrail/**",
        ],
    ),
    "account": Narrowed(
        oracle.Settings(account_ids=(ACCOUNT,)),
        [*FOLDERS, f"AWSLogs/{ACCOUNT}/CloudTrail/**"],
    ),
    "account and region": Narrowed(
        oracle.Settings(account_ids=(ACCOUNT,), regions=(REGION,)),
        [*FOLDERS, f"AWSLogs/{ACCOUNT}/CloudTrail/*", f"{TRAIL}**"],
    ),
    "one day": Narrowed(
        oracle.Settings((ACCOUNT,), (REGION,), date(2024, 2, 28), date(2024, 2, 28)),
        [
            *FOLDERS,
            f"AWSLogs/{ACCOUNT}/CloudTrail/*",
            f"{TRAIL}*",
            f"{TRAIL}2024/*",
            f"{TRAIL}2024/02/*",
            f"{TRAIL}2024/02/28/**",
        ],
    ),
    "from a year on": Narrowed(
        oracle.Settings((ACCOUNT,), (REGION,), date(2024, 1, 1)),
        [
            *FOLDERS,
            f"AWSLogs/{ACCOUNT}/CloudTrail/*",
            f"{TRAIL}*",
            f"{TRAIL}2024/**",
        ],
    ),
    "until a day": Narrowed(
        oracle.Settings((ACCOUNT,), (REGION,), None, date(2024, 1, 1)),
        [
            *FOLDERS,
            f"AWSLogs/{ACCOUNT}/CloudTrail/*",
            f"{TRAIL}*",
            f"{TRAIL}2023/**",
            f"{TRAIL}2024/*",
            f"{TRAIL}2024/01/*",
            f"{TRAIL}2024/01/**",
        ],
    ),
}


def variables(settings: oracle.Settings) -> dict[str, Any]:
    """Return the variables that have the oracle's settings."""
    given = {
        "account_ids": list(settings.account_ids),
        "regions": list(settings.regions),
        "start_date": settings.start_date and str(settings.start_date),
        "end_date": settings.end_date and str(settings.end_date),
    }
    return {name: value for name, value in given.items() if value}


@pytest.mark.parametrize("name", NARROWED)
def test_what_the_variables_leave_out_is_not_listed(
    s3: S3, trail: Path, new_s3_warehouse: NewWarehouse, name: str
) -> None:
    settings, listed = NARROWED[name]
    s3.put(trail)
    s3.requests.clear()
    warehouse = new_s3_warehouse(**variables(settings))
    load(warehouse)
    expected = oracle.tables(trail, settings)
    assert expected["fct_s3_requests"]
    assert_tables(expected, warehouse)
    assert len(s3.objects_read()) == len(expected["fct_cloudtrail_loads"])
    assert s3.listings() == sorted(listed)


def test_narrowing_hides_no_file_of_another_layout(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse
) -> None:
    write_odd_paths(tmp_path)
    settings = oracle.Settings(
        (hostile.plain_record()["recipientAccountId"], OTHER),
        (hostile.plain_record()["awsRegion"], REGION),
        date(1970, 1, 1),
        date(2024, 2, 29),
    )
    s3.put(tmp_path)
    warehouse = new_s3_warehouse(**variables(settings))
    load(warehouse)
    expected = oracle.tables(tmp_path, settings)
    assert len(expected["fct_s3_requests"]) > 5
    assert_tables(expected, warehouse)


def test_a_folder_decides_over_the_names_in_it(
    s3: S3, tmp_path: Path, new_warehouse: NewWarehouse, new_s3_warehouse: NewWarehouse
) -> None:
    """Where names contradict folders, a disk shows what S3 does not list."""
    wanted = log_path(ACCOUNT, REGION, date(2024, 2, 28), 1)
    name = wanted.rsplit("/", 1)[1]
    for folder in (
        f"{ACCOUNT}/CloudTrail/{REGION}/2024/02/28",
        f"{OTHER}/CloudTrail/{REGION}/2024/02/28",
        f"{ACCOUNT}/CloudTrail/{ELSEWHERE}/2024/02/28",
        f"{ACCOUNT}/CloudTrail/{REGION}/2024/02/27",
        f"{ACCOUNT}/CloudTrail/{REGION}/2023",
        f"{ACCOUNT}/CloudTrail/{REGION}/2023/12/31/2024/02/28",
        f"{OTHER}/CloudTrail/{REGION}/2024/02/28/AWSLogs/{wanted}",
        f"{ACCOUNT}/Config/{REGION}/CloudTrail/2024/02/28",
    ):
        place = tmp_path / "AWSLogs" / folder
        hostile.write(place / name, text(folder, recipientAccountId=ACCOUNT))
    s3.put(tmp_path)
    given = {
        "account_ids": [ACCOUNT],
        "regions": [REGION],
        "start_date": "2024-02-28",
        "end_date": "2024-02-28",
    }
    on_disk, in_s3 = new_warehouse(tmp_path, **given), new_s3_warehouse(**given)
    on_disk.load()
    load(in_s3)
    for warehouse in (on_disk, in_s3):
        assert [row["event_id"] for row in warehouse.rows("fct_s3_requests")] == [
            f"{ACCOUNT}/CloudTrail/{REGION}/2024/02/28"
        ]
        (loaded,) = warehouse.rows("fct_cloudtrail_loads")
        assert loaded["log_file"] == f"AWSLogs/{wanted}"


# ----------------------------------------------------------------------- Later runs


def test_later_runs_fetch_only_what_is_new(
    s3: S3, trail: Path, tmp_path: Path, new_s3_warehouse: NewWarehouse
) -> None:
    root = tmp_path / "root"
    first = root / "AWSLogs" / log_path(ACCOUNT, REGION, date(2024, 2, 28), 1)
    # More than the size from which a file may need more memory.
    noise = "".join(map(chr, range(0x4E00, 0x9000))) * 2
    hostile.write(first, text("first", errorMessage=noise))
    s3.put(root)
    warehouse = new_s3_warehouse()
    load(warehouse)
    s3.requests.clear()
    load(warehouse)
    assert s3.objects_read() == []
    assert len(s3.listings()) == 4
    second = root / "AWSLogs" / log_path(ACCOUNT, REGION, date(2024, 2, 29), 2)
    hostile.write(second, text("second"))
    s3.put(root)
    s3.requests.clear()
    # Putting the first file anew has changed its time, and so the file.
    load(warehouse)
    assert s3.objects_read() == [
        path.relative_to(root).as_posix() for path in (first, second)
    ]
    assert_tables(oracle.tables(root), warehouse)


def test_a_file_delivered_during_a_run_is_read_by_the_next(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse
) -> None:
    late = tmp_path / "late.json"
    hostile.write(late, text("late"))
    folder = f"{TRAIL}2024/02/28/"
    hostile.write(tmp_path / "root" / folder / "early.json", text("early"))
    s3.put(tmp_path / "root")

    def deliver(request: Request) -> None:
        if request.is_read:
            s3.put_file(late, f"{folder}late.json")

    s3.before = deliver
    warehouse = new_s3_warehouse()
    load(warehouse)
    assert [row["event_id"] for row in warehouse.rows("fct_s3_requests")] == ["early"]
    load(warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 2
    assert len(warehouse.rows("fct_cloudtrail_loads")) == 2


# --------------------------------------------------------------------------- Faults


REFUSALS = {
    "listing": (
        Refusal("403 Forbidden", "AccessDenied", "s3:ListBucket is not allowed"),
        ["AWS denies the logs", "s3:ListBucket is not allowed", "allow"],
    ),
    "reading": (
        Refusal("403 Forbidden", "AccessDenied", "kms:Decrypt is missing", READS),
        ["AWS denies the logs", "kms:Decrypt is missing", "s3:GetObject"],
    ),
    "expired": (
        Refusal("400 Bad Request", "ExpiredToken", "The provided token has expired."),
        ["does not accept the credentials", "token has expired)", "AWS_PROFILE"],
    ),
    "wrong key": (
        Refusal("403 Forbidden", "InvalidAccessKeyId", "The AWS Access Key Id is not"),
        ["does not accept the credentials", "Access Key Id", "AWS_PROFILE"],
    ),
    "archived": (
        Refusal(
            "403 Forbidden",
            "InvalidObjectState",
            "The operation is not valid for the object's storage class",
            READS,
        ),
        ["archived", "restore", "cloudtrail_start_date"],
    ),
    "other": (
        Refusal("400 Bad Request", "Oddity", "This is odd"),
        ["The logs in S3 cannot be read", "This is odd"],
    ),
}


def refused(warehouse: Warehouse, *options: str) -> str:
    """Run the models, which must fail, and return make's sentence for it."""
    before = warehouse.snapshot()
    error = warehouse.refused("--target", "duckdb_s3", *options)
    # The error holds the connection that it came from.
    gc.collect()
    assert warehouse.snapshot() == before
    said = sentence(error, "dbt.log")
    assert said.endswith(".")
    assert not re.search(r"\n|Traceback|^The build failed", said), said
    return said


@pytest.mark.parametrize("name", REFUSALS)
def test_what_s3_refuses_is_one_sentence(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse, name: str
) -> None:
    hostile.write(tmp_path / "a.json.gz", text("a"))
    s3.put(tmp_path)
    s3.refusal, parts = REFUSALS[name]
    said = refused(new_s3_warehouse())
    assert [part for part in parts if part not in said] == []


def test_a_bucket_that_is_not_there(s3: S3, new_warehouse: NewWarehouse) -> None:
    for root, part in (
        ("s3://amzn-s3-demo-other/AWSLogs", "does not exist"),
        ("s3://No_Bucket!/AWSLogs", "No_Bucket!"),
    ):
        said = refused(new_warehouse(root))
        assert part in said and "CLOUDTRAIL_ROOT" in said


def test_a_prefix_without_logs(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse
) -> None:
    for prefix in ("", "AWSLogs", "AWSLogs/x.json.gz"):
        assert "does not exist or holds no file" in refused(new_s3_warehouse(prefix))
    hostile.write(tmp_path / "a.txt", "a")
    hostile.write(tmp_path / "AWSLogs" / ACCOUNT / "Config/a.json", text("a"))
    s3.put(tmp_path)
    assert "holds no CloudTrail log file" in refused(new_s3_warehouse())


def test_credentials_that_are_missing(
    s3: S3, new_s3_warehouse: NewWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "There are no AWS credentials" in refused(new_s3_warehouse())
    monkeypatch.setenv("AWS_PROFILE", "unknown")
    assert "unknown" in refused(new_s3_warehouse())


def test_no_network(
    s3: S3, new_s3_warehouse: NewWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    said = refused(new_s3_warehouse())
    assert "AWS does not answer (http://127.0.0.1:9)" in said
    assert "AWS_ENDPOINT_URL" in said


def test_a_damaged_object_is_named(
    s3: S3, tmp_path: Path, new_s3_warehouse: NewWarehouse
) -> None:
    hostile.write(tmp_path / "good.json", text("a"))
    whole = gzip.compress(text(*map(str, range(50))).encode())
    (tmp_path / "bad.json.gz").write_bytes(whole[:200])
    s3.put(tmp_path)
    warehouse = new_s3_warehouse()
    said = refused(warehouse)
    assert f"s3://{BUCKET}/bad.json.gz" in said
    load(warehouse, excluded_files=["bad.json.gz"])


def test_the_other_target_says_which_to_use(
    s3: S3, new_s3_warehouse: NewWarehouse
) -> None:
    error = new_s3_warehouse().refused()
    assert "cloudtrail_s3: the target duckdb does not read s3://" in error
    assert "--target duckdb_s3" in error


# ----------------------------------------------------------------------------- make


def test_make_reads_s3(s3: S3, checkout: Checkout, tmp_path: Path) -> None:
    write_log(tmp_path / "a.json.gz", record(1), record(2))
    s3.put(tmp_path, prefix="my logs/AWSLogs/o-x/CloudTrail/")
    arguments = [
        "build",
        f"CLOUDTRAIL_ROOT=s3://{BUCKET}/my logs/",
        f"CLOUDTRAIL_DUCKDB_PATH={tmp_path / 'test.duckdb'}",
    ]
    nobody = NOWHERE | {"AWS_ENDPOINT_URL": s3.url}
    done = checkout.make(*arguments, env=nobody | CREDENTIALS)
    assert done.returncode == 0, done.stderr
    assert "S3 requests  2\n" in done.stdout
    said = checkout.refused(*arguments, env=nobody)
    assert said.startswith("There are no AWS credentials")


@pytest.mark.parametrize(
    ("root", "variables", "target"),
    [
        ("logs", "", "duckdb"),
        ("s3://bucket", "", "duckdb_s3"),
        ("logs", "{cloudtrail_root: s3://bucket/logs}", "duckdb_s3"),
        ("s3://bucket", "{cloudtrail_root: logs}", "duckdb"),
    ],
)
def test_make_takes_the_target_that_reads_the_root(
    monkeypatch: pytest.MonkeyPatch, root: str, variables: str, target: str
) -> None:
    monkeypatch.setenv("CLOUDTRAIL_ROOT", root)
    monkeypatch.setenv("VARS", variables)
    assert dbt_runs.settings("build").target == target
