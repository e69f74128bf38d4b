"""What make does, on a copy of the checkout: its results and its sentences."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dbt_runs
import duckdb
import local_dbt
import pytest
from checkouts import Checkout, record, write_log
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from driver import PROJECT, Warehouse, environment
from sentences import sentence


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one good log file."""
    folder = tmp_path_factory.mktemp("logs")
    write_log(folder / "good.json.gz", record())
    return folder


# What is built


def test_the_documentation_needs_no_demo(checkout: Checkout) -> None:
    """The first page is one without types; it leaves no empty database behind."""
    done = checkout.make("docs")
    assert done.returncode == 0, done.stderr
    page = checkout.folder / "target" / "docs" / "static_index.html"
    assert "fct_s3_sigv2_requesters" in page.read_text("utf-8")
    assert not (checkout.folder / "cloudtrail_s3_demo.duckdb").exists()


def test_the_demo_shows_what_the_samples_hold(checkout: Checkout) -> None:
    first = checkout.make("demo")
    assert first.returncode == 0, first.stderr
    second = checkout.make("demo")
    assert second.returncode == 0, second.stderr
    summaries = [
        done.stdout[done.stdout.index("\nWhat was read") :] for done in (first, second)
    ]
    assert summaries[0] == summaries[1]
    for heading in (
        "What was read",
        "Who still signs with SigV2",
        "Anonymous access",
        "Most read objects",
        "Most written objects",
        "Denied requests",
    ):
        assert f"\n{heading}\n" in summaries[0]
    # As wide as a screen, wherever the checkout is.
    said = first.stdout.replace(str(checkout.folder), "")
    assert max(map(len, said.splitlines())) <= 100
    database = checkout.folder / "cloudtrail_s3_demo.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        ((requests,),) = connection.sql(
            "select sum(request_count) from fct_s3_activity_daily"
        ).fetchall()
        ((tags,),) = connection.sql(
            "select tags from duckdb_databases() where not internal"
        ).fetchall()
    assert f"S3 requests  {requests:,}" in summaries[0]
    report = checkout.folder / "cloudtrail_s3_demo.report.html"
    assert summaries[0].endswith(f"\nReport:   {report}\n")
    assert f"<b>{requests:,}</b> <span>S3 requests</span>" in report.read_text("utf-8")
    # What docs/sharing.md says of the clients that open it.
    assert tags["storage_version"] == "v1.4.0+"
    assert not (checkout.folder / "cloudtrail_s3.duckdb").exists()


def test_paths_start_from_where_make_was_called(
    checkout: Checkout, logs: Path, tmp_path: Path
) -> None:
    shutil.copytree(logs, tmp_path / "my logs")
    done = checkout.make(
        "-C",
        str(checkout.folder),
        "build",
        "CLOUDTRAIL_ROOT=my logs",
        "CLOUDTRAIL_DUCKDB_PATH=mine.duckdb",
        cwd=tmp_path,
        # A user's own settings of dbt do not reach the build.
        env={
            "PWD": str(tmp_path),
            "DBT_PROFILES_DIR": "/nowhere",
            "DBT_TARGET": "production",
            "PYTHONPATH": "/nowhere",
        },
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine.duckdb").is_file()
    # Nothing about SigV2 can be known here, and it must not read as "nobody".
    assert "Requests for objects are unknown" in done.stdout
    assert "put-event-selectors" in done.stdout
    assert "Unknown for requests for objects" in done.stdout
    assert "Nobody" not in done.stdout
    # The database remembers what it was built from.
    other = write_log(tmp_path / "other" / "a.json", record(2)).parent
    said = checkout.refused(
        "build",
        f"CLOUDTRAIL_ROOT={other}",
        f"CLOUDTRAIL_DUCKDB_PATH={tmp_path / 'mine.duckdb'}",
    )
    for part in (str(tmp_path / "my logs"), str(other), "CLOUDTRAIL_DUCKDB_PATH"):
        assert part in said


# What is refused


@pytest.fixture
def database(checkout: Checkout) -> str:
    """Return make's argument for a database that is not there.

    Its path is the same in all tests: for another one dbt parses the project anew.
    """
    path = checkout.folder / "test.duckdb"
    path.unlink(missing_ok=True)
    return f"CLOUDTRAIL_DUCKDB_PATH={path}"


def test_no_root(checkout: Checkout, database: str) -> None:
    assert "CLOUDTRAIL_ROOT" in checkout.refused("build", database)


def test_a_wrong_path(checkout: Checkout, database: str, tmp_path: Path) -> None:
    root = tmp_path / "nowhere"
    said = checkout.refused("build", f"CLOUDTRAIL_ROOT={root}", database)
    assert str(root) in said


def test_an_empty_folder(checkout: Checkout, database: str, tmp_path: Path) -> None:
    root = tmp_path / "empty"
    root.mkdir()
    said = checkout.refused("build", f"CLOUDTRAIL_ROOT={root}", database)
    assert str(root) in said


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"hello"), ("package.json", b'{"name": "a"}')]
)
def test_a_folder_without_logs(
    checkout: Checkout, database: str, tmp_path: Path, name: str, content: bytes
) -> None:
    root = tmp_path / "files"
    root.mkdir()
    (root / name).write_bytes(content)
    said = checkout.refused("build", f"CLOUDTRAIL_ROOT={root}", database)
    assert str(root) in said


def test_a_damaged_file_is_named_with_the_ways_out(
    checkout: Checkout, database: str, logs: Path, tmp_path: Path
) -> None:
    root = tmp_path / "damaged"
    shutil.copytree(logs, root)
    whole = write_log(root / "bad.json.gz", *[record(n) for n in range(50)])
    whole.write_bytes(whole.read_bytes()[:200])
    said = checkout.refused("build", f"CLOUDTRAIL_ROOT={root}", database)
    assert str(whole) in said
    assert "replace or remove it" in said
    way_out = re.search(r"VARS='(.*)'", said)
    assert way_out
    done = checkout.make(
        "build", f"CLOUDTRAIL_ROOT={root}", database, f"VARS={way_out[1]}"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json.gz", b""),
        ("a.json.gz", b"this is no gzip"),
        ("a.json.gz", gzip.compress(b"{}")[:-9]),
        ("a.json", b'{"Records": [{"eventID": "1"'),
        ("a.json", b'{"Records": [{"eventID": "\\ud800"}]}'),
        ("a.json", b'{"Records": [{"eventID": "\xff"}]}'),
        ("a.json", b'{"Records": ["' + b"x" * 40_000_000 + b'"]}'),
    ],
    ids=["empty", "no gzip", "cut off", "cut JSON", "surrogate", "no UTF-8", "long"],
)
def test_what_duckdb_says_about_a_file_becomes_a_sentence(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(duckdb.Error) as error, duckdb.connect() as connection:
        connection.sql(f"from read_json_objects('{path}')").fetchall()
    said = sentence(str(error.value), "dbt.log")
    assert said.startswith(f"The file {path} ")
    assert f'["{name}"]' in said


def test_variables_that_are_none(checkout: Checkout, database: str, logs: Path) -> None:
    root = f"CLOUDTRAIL_ROOT={logs}"
    assert "VARS" in checkout.refused("build", root, database, "VARS=[1]")
    assert "VARS" in checkout.refused("build", root, database, "VARS={a: ")
    said = checkout.refused(
        "build", root, database, "VARS={cloudtrail_start_date: yesterday}"
    )
    assert "cloudtrail_start_date" in said


def test_a_database_that_cannot_be_written(
    checkout: Checkout, logs: Path, tmp_path: Path
) -> None:
    def said(path: Path) -> str:
        found = checkout.refused(
            "build", f"CLOUDTRAIL_ROOT={logs}", f"CLOUDTRAIL_DUCKDB_PATH={path}"
        )
        assert "CLOUDTRAIL_DUCKDB_PATH" in found
        assert str(path.parent) in found
        return found

    assert "does not exist" in said(tmp_path / "no" / "a.duckdb")
    assert "is not a DuckDB database" in said(tmp_path)
    (tmp_path / "text.duckdb").write_text("hello")
    assert "is not a DuckDB database" in said(tmp_path / "text.duckdb")
    # No user may make a file here, not even root.
    if Path("/proc/self").exists():
        assert "cannot be written" in said(Path("/proc/a.duckdb"))
    if os.geteuid() != 0:
        (tmp_path / "sealed").mkdir(mode=0o555)
        assert "cannot be written" in said(tmp_path / "sealed" / "a.duckdb")


def test_a_database_that_is_in_use(
    checkout: Checkout, logs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "busy.duckdb"
    with duckdb.connect(str(path)):
        said = checkout.refused(
            "build", f"CLOUDTRAIL_ROOT={logs}", f"CLOUDTRAIL_DUCKDB_PATH={path}"
        )
    assert str(path) in said
    assert f"PID {os.getpid()}" in said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Runtime Error in model a (a.sql)\n  IO Error: Could not write file"
            ' "/d/a.duckdb": No space left on device',
            ["disk is full", "CLOUDTRAIL_DUCKDB_PATH"],
        ),
        (
            "Runtime Error in model a (a.sql)\n  Out of Memory Error: could not"
            " allocate block of size 256.0 KiB (1.8 GiB/1.8 GiB used)",
            ["memory_limit"],
        ),
        (
            'Invalid Input Error: "maximum_object_size" of 16777216 bytes exceeded'
            ' while reading file "/l/big.json" (>33554428 bytes).',
            ["/l/big.json", "cloudtrail_excluded_files"],
        ),
        (
            "Compilation Error in model a (models/a.sql)\n  cloudtrail_s3: The root"
            " is\n  wrong\n  \n  > in macro cloudtrail_stop (macros/stop.sql)",
            ["The root is wrong."],
        ),
        (
            "Runtime Error in model a (models/a.sql)\n  Binder Error: no column b\n"
            "  LINE 1: select b",
            ["The build failed: Binder Error: no column b (dbt.log tells more)."],
        ),
        ("", ["dbt.log"]),
    ],
)
def test_sentences_for_what_is_hard_to_cause(text: str, parts: list[str]) -> None:
    said = sentence(text, "dbt.log")
    assert "\n" not in said
    assert said.endswith(".")
    assert [part for part in parts if part not in said] == []


def test_the_sentence_for_a_failed_test_names_it_and_what_to_do() -> None:
    node = SimpleNamespace(
        name="assert_a", description="No row\nis lost.", compiled_path="target/a.sql"
    )
    result = SimpleNamespace(status="fail", node=node, failures=3, message="Got 3")
    run = SimpleNamespace(exception=None, result=SimpleNamespace(results=[result] * 2))
    said = dbt_runs.failure(run, [])
    for part in ("assert_a", "1 more", "3 rows", "No row is lost", "target/a.sql"):
        assert part in said


# What the summary shows


def summary(warehouse: Warehouse) -> str:
    """Return the text that the operation prints, or that it fails with."""
    progress = dbt_runs.Progress()
    printed = []

    def note(event: Any) -> None:
        progress.note(event)
        if event.info.name == "PrintEvent":
            printed.append(event.data.msg)

    project = warehouse.project
    runner = dbtRunner(project.manifest, callbacks=[note])
    command = local_dbt.arguments(
        "run-operation",
        "cloudtrail_summary",
        target_path=project.folder / "target",
        profiles=project.folder,
        logs=project.folder / "logs",
    )
    with environment({"CLOUDTRAIL_DUCKDB_PATH": str(warehouse.path)}):
        try:
            result = runner.invoke(command)
        finally:
            DuckDBConnectionManager.close_all_connections()
            progress.end()
    if result.success:
        return "\n".join(printed)
    return dbt_runs.failure(result, progress.errors)


def test_a_log_cannot_change_what_the_summary_looks_like(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    hostile = "a\nWhat was read\x1b[2J\u202e\x07" + "x" * 200
    identity = {"type": "IAMUser", "arn": f"arn:aws:iam::1:user/{hostile}"}
    read = {
        "eventName": "GetObject",
        "eventCategory": "Data",
        "userIdentity": identity,
        "userAgent": f"[{hostile}]",
        "requestParameters": {"bucketName": hostile, "key": hostile},
        "additionalEventData": {
            "SignatureVersion": "SigV2",
            "AuthenticationMethod": "AuthHeader",
        },
    }
    anonymous = {**read, "userIdentity": {"accountId": "anonymous"}}
    denied = {**read, "errorCode": "AccessDenied"}
    write_log(
        tmp_path / "a.json",
        record(1, **read),
        record(2, **anonymous),
        record(3, **denied),
    )
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    text = summary(warehouse)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert text.count("\nWhat was read") == 1
    assert max(map(len, text.splitlines())) <= 100
    assert "a\\nWhat was read" in text


@pytest.mark.parametrize("signed", [False, True])
def test_signatures_that_are_not_logged_are_unknown(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path, signed: bool
) -> None:
    said = {"SignatureVersion": "SigV4"} if signed else {}
    read = {
        "eventName": "GetObject",
        "eventCategory": "Data",
        "requestParameters": {"bucketName": "a-bucket", "key": "a"},
    }
    write_log(
        tmp_path / "a.json",
        record(1, **read),
        record(2, **read, additionalEventData=said),
    )
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    text = summary(warehouse)
    if signed:
        assert "none of the 1 requests that say how they were signed" in text
        assert "1 more do not say it" in text
    else:
        assert "Unknown: no request in these logs says how it was signed." in text
    assert "Requests for objects are unknown" not in text


def test_the_summary_of_tables_that_are_not_there(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    assert "build the tables first" in summary(new_warehouse(tmp_path))


# The environment

# Answers as a Python that bootstrap.sh may find: what `-c` of it would print or
# fail at, how the installation ends, and a copy of itself as the new venv's.
STUB = """#!/bin/sh
case "$*" in
    "-c "*version_info*) echo "{version}" ;;
    "-c "*ensurepip*) exit {without_venv} ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip "*) echo "pip says no"; exit $(cat {pip_exit}) ;;
esac
"""


class Stub:
    """A checkout whose only Python is a script."""

    def __init__(self, folder: Path) -> None:
        """Copy what bootstrap.sh needs, and have no Python.

        Args:
            folder: an empty folder.
        """
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        for name in ("scripts", "requirements"):
            shutil.copytree(PROJECT / name, self.checkout / name)
        shutil.copy(PROJECT / "Makefile", self.checkout)
        self.bin.mkdir()
        for tool in "make sh cmp cat cp mv rm mkdir dirname grep tail cut".split():
            found = shutil.which(tool)
            assert found, tool
            (self.bin / tool).symlink_to(found)
        self.pip_exit = folder / "pip_exit"

    def python(self, version: str, *, venv: bool = True, pip: bool = True) -> None:
        """Put a Python on the path."""
        self.pip_exit.write_text("0" if pip else "1")
        script = self.bin / "python3"
        script.write_text(
            STUB.format(
                version=version, without_venv=0 if venv else 1, pip_exit=self.pip_exit
            )
        )
        script.chmod(0o755)

    def bootstrap(self) -> subprocess.CompletedProcess[str]:
        """Make the environment, as the first line of every target does."""
        return subprocess.run(
            ["sh", "scripts/bootstrap.sh", "run"],
            cwd=self.checkout,
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )

    def refused(self) -> str:
        """Return the one sentence that says why there is no environment."""
        done = self.bootstrap()
        assert done.returncode != 0
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert not (self.checkout / ".venv" / "run.txt").exists()
        return done.stderr


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[Stub]:
    """Return a checkout without Python."""
    return Stub(tmp_path)


def test_without_python(stub: Stub) -> None:
    said = stub.refused()
    assert "python3 was not found" in said
    assert "install python3" in said


@pytest.mark.parametrize("version", ["3.9", "3.14", "2.7"])
def test_with_an_unsuitable_python(stub: Stub, version: str) -> None:
    stub.python(version)
    said = stub.refused()
    assert f"Python {version}" in said
    assert "3.10 to 3.13" in said


def test_without_venv(stub: Stub) -> None:
    stub.python("3.11", venv=False)
    assert "apt install python3.11-venv" in stub.refused()


def test_without_a_network(stub: Stub) -> None:
    stub.python("3.12", pip=False)
    said = stub.refused()
    assert "check the network" in said
    assert "pip says no" in said


def test_an_interrupted_installation_heals(stub: Stub) -> None:
    stub.python("3.12", pip=False)
    stub.refused()
    stub.python("3.12")
    assert "Installing" in stub.bootstrap().stdout
    again = stub.bootstrap()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    with (stub.checkout / "requirements" / "run.txt").open("a") as file:
        file.write("# newer\n")
    assert "Installing" in stub.bootstrap().stdout
    assert stub.bootstrap().stdout == ""


@pytest.mark.fresh
def test_a_fresh_clone_needs_nothing_but_python(tmp_path: Path) -> None:
    """The packages are installed here, as the pins say; CI does so itself."""
    fresh = Checkout(tmp_path / "clone")
    first = fresh.make("demo")
    assert first.returncode == 0, first.stderr
    assert "\nWhat was read\n" in first.stdout
    second = fresh.make("demo")
    assert second.returncode == 0, second.stderr
    assert "Installing" not in second.stdout
