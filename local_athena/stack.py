"""Starts, stops and asks the stack."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from local_athena import log_loader, parts

PROJECT = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
# By their key the calls of a job are told from those of whoever looks after the stack.
ACCESS_KEY = "job"
OPERATOR_ACCESS_KEY = "operator"
# Made when it starts, for what queries and tests leave.
RESULTS_BUCKET = "local-athena-results"
# A request to these paths, with a part of a statement as its body, has the next
# statement with that part fail, or wait until all that wait are released.
FAIL_NEXT = "/local-athena/fail-next"
HOLD_NEXT = "/local-athena/hold-next"
RELEASE = "/local-athena/release"


class NotStarted(Exception):
    """The stack did not start; the text tells why."""


def describe(folder: Path) -> dict[str, Any] | None:
    """Return what runs in a folder, none if nothing does."""
    try:
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        os.kill(state["pid"], 0)
        # After a restart of the machine the id may be another process's.
        place = urllib.parse.urlsplit(state["endpoint"])
        socket.create_connection((place.hostname, place.port), timeout=10).close()
    except (OSError, ValueError):
        return None
    return state


def start(folder: Path, stay: bool) -> subprocess.Popen[bytes] | None:
    """Start the stack in a folder and wait until it answers.

    Args:
        folder: where its state, settings and logs go.
        stay: whether it goes on when this process ends.

    Returns:
        its process, none if it ran already.

    Raises:
        NotStarted: a part is missing, or it does not start.
    """
    if describe(folder):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "state.json").unlink(missing_ok=True)
    try:
        parts.java()
        parts.trino_folder()
    except parts.MissingPart as error:
        raise NotStarted(str(error)) from error
    log = folder / "server.log"
    command = [sys.executable, "-m", "local_athena.server", "--folder", str(folder)]
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command if stay else [*command, "--until-input-ends"],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL if stay else subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    while not (folder / "state.json").exists():
        if process.poll() is not None:
            raise not_started(folder)
        time.sleep(0.1)
    return process


def not_started(folder: Path) -> NotStarted:
    """Return what tells that a stack did not start, with the last line of its log."""
    said = (folder / "server.log").read_text("utf-8", "replace").strip()
    last = said.splitlines()[-1] if said else "it tells nothing"
    return NotStarted(f"The stack did not start ({last}); its logs are in {folder}.")


def stop(folder: Path) -> bool:
    """Stop what runs in a folder; tell whether something did."""
    state = describe(folder)
    if state is None:
        return False
    os.kill(state["pid"], signal.SIGTERM)
    for _ in range(300):
        if not is_running(state["pid"]) and not is_running(state["engine_pid"]):
            return True
        time.sleep(0.1)
    for pid in (state["pid"], state["engine_pid"]):
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)
    return True


def is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not status.parent.parent.is_dir()


class LocalAthena:
    """A running stack, seen from a client."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        """Use the stack of a folder."""
        self.folder = folder
        self.endpoint = endpoint

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which AWS's clients and dbt-athena come here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """Return boto3's client of a service."""
        session = boto3.Session(
            aws_access_key_id=OPERATOR_ACCESS_KEY,
            aws_secret_access_key=OPERATOR_ACCESS_KEY,
            region_name=REGION,
        )
        return session.client(service, endpoint_url=self.endpoint)

    def load(self, logs: Path, bucket: str, prefix: str = "") -> dict[str, int]:
        """Store a folder of log files; return their keys and stored bytes."""
        s3 = self.client("s3")
        if bucket not in [found["Name"] for found in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=bucket)
        return log_loader.load(s3, logs, bucket, prefix)

    def query(self, statement: str, database: str = "default") -> dict[str, Any]:
        """Run a statement to its end and return what Athena tells of it.

        `Columns` are the names and types; `Rows` the texts, the labels first.
        """
        athena = self.client("athena")
        query_id = athena.start_query_execution(
            QueryString=statement,
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": f"s3://{RESULTS_BUCKET}/"},
        )["QueryExecutionId"]
        while True:
            told = athena.get_query_execution(QueryExecutionId=query_id)
            execution = told["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
        rows: list[list[str | None]] = []
        columns: list[tuple[str, str]] = []
        if execution["Status"]["State"] == "SUCCEEDED":
            pages = athena.get_paginator("get_query_results").paginate(
                QueryExecutionId=query_id
            )
            for page in pages:
                result = page["ResultSet"]
                described = result["ResultSetMetadata"]["ColumnInfo"]
                columns = [(column["Name"], column["Type"]) for column in described]
                for row in result["Rows"]:
                    rows.append([cell.get("VarCharValue") for cell in row["Data"]])
        return {**execution, "Columns": columns, "Rows": rows}

    def queries(self) -> list[dict[str, Any]]:
        """Return all queries that were run, the oldest first."""
        athena = self.client("athena")
        pages = athena.get_paginator("list_query_executions").paginate()
        ids = [query_id for page in pages for query_id in page["QueryExecutionIds"]]
        told = []
        for at in range(0, len(ids), 50):
            told += athena.batch_get_query_execution(
                QueryExecutionIds=ids[at : at + 50]
            )["QueryExecutions"]
        return told[::-1]

    def calls(self) -> list[dict[str, str]]:
        """Return all API calls that were received, as `calls.py` notes them."""
        text = (self.folder / "calls.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def fail_next(self, part: str) -> None:
        """Have the next statement that holds a text fail."""
        self._wish(FAIL_NEXT, part)

    def hold_next(self, part: str) -> None:
        """Have the next statement that holds a text wait in the queue."""
        self._wish(HOLD_NEXT, part)

    def release(self) -> None:
        """Let all statements go on that wait in the queue."""
        self._wish(RELEASE, "")

    def _wish(self, path: str, part: str) -> None:
        request = urllib.request.Request(
            self.endpoint + path, data=part.encode("utf-8"), method="POST"
        )
        urllib.request.urlopen(request).close()


@contextmanager
def running(folder: Path) -> Iterator[LocalAthena]:
    """Run a stack that ends with this process, whatever ends it.

    Raises:
        NotStarted: a part is missing, or it does not start.
    """
    process = start(folder, stay=False)
    state = describe(folder)
    if state is None:
        raise not_started(folder)
    local = LocalAthena(folder, state["endpoint"])
    local.client("s3").create_bucket(Bucket=RESULTS_BUCKET)
    try:
        yield local
    finally:
        if process is not None:
            stop(folder)
            process.wait()
