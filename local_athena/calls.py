"""Notes every API call that the stack receives, by its IAM action.

`calls.jsonl` has a line for each: who called (`job`: dbt and other clients;
`athena`: the emulation on a query's behalf; `trino`: the engine; `operator`: whoever
looks after the stack), the action and the resource. A least-privilege policy is
checked against it.
"""

from __future__ import annotations

import html
import io
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from local_athena import trino_engine
from local_athena.stack import ACCESS_KEY, OPERATOR_ACCESS_KEY

ATHENA_ACCESS_KEY = "athena"
# S3's actions by method, whether a key is named, and a word of the query string;
# the first that fits.
S3_ACTIONS = [
    ("GET", False, "location", "s3:GetBucketLocation"),
    ("GET", False, "uploads", "s3:ListBucketMultipartUploads"),
    ("GET", False, "versions", "s3:ListBucketVersions"),
    ("GET", False, "", "s3:ListBucket"),
    ("HEAD", False, "", "s3:ListBucket"),
    ("PUT", False, "", "s3:CreateBucket"),
    ("DELETE", False, "", "s3:DeleteBucket"),
    ("POST", False, "delete", "s3:DeleteObject"),
    ("GET", True, "uploadId", "s3:ListMultipartUploadParts"),
    ("DELETE", True, "uploadId", "s3:AbortMultipartUpload"),
    ("GET", True, "", "s3:GetObject"),
    ("HEAD", True, "", "s3:GetObject"),
    ("PUT", True, "", "s3:PutObject"),
    ("POST", True, "", "s3:PutObject"),
    ("DELETE", True, "", "s3:DeleteObject"),
]


class Call(NamedTuple):
    """An action on a resource."""

    action: str
    resource: str


def caller(environ: dict[str, Any]) -> str:
    """Return who called, by the access key."""
    match = re.search("Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    key = match.group(1) if match else ""
    known = (trino_engine.ACCESS_KEY, ATHENA_ACCESS_KEY, OPERATOR_ACCESS_KEY)
    return key if key in known else ACCESS_KEY


def service(environ: dict[str, Any]) -> str | None:
    """Return the service that a request is signed for, none if it is not signed."""
    signed = re.search("/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    return signed[1] if signed else None


def s3_calls(environ: dict[str, Any]) -> list[Call]:
    """Return the actions and resources of a request to S3."""
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    place = path.lstrip("/")
    bucket, _, key = place.partition("/")
    if not bucket:
        return [Call("s3:ListAllMyBuckets", "*")]
    resource = f"arn:aws:s3:::{place if key else bucket}"
    query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), True)
    calls = []
    source = environ.get("HTTP_X_AMZ_COPY_SOURCE", "").partition("?")[0].lstrip("/")
    if source:
        source = urllib.parse.unquote(source)
        calls.append(Call("s3:GetObject", f"arn:aws:s3:::{source}"))
    for method, names_key, word, action in S3_ACTIONS:
        if (
            environ["REQUEST_METHOD"] == method
            and bool(key) == names_key
            and (not word or word in query)
        ):
            if word == "delete":
                keys = deleted_keys(environ)
                return [Call(action, f"{resource}/{name}") for name in keys]
            return [*calls, Call(action, resource)]
    return [Call("s3:unknown", resource)]


def deleted_keys(environ: dict[str, Any]) -> list[str]:
    """Return the keys in the body of a request that deletes several objects."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    found = re.findall("<Key>(.*?)</Key>", body.decode("utf-8"), re.DOTALL)
    return [html.unescape(key) for key in found]


class NotedCalls:
    """The application that notes each call before another one answers it."""

    def __init__(self, answering: Callable[..., Iterable[bytes]], file: Path) -> None:
        """Note the calls of an application in a file."""
        self._answering = answering
        self._file: TextIO = file.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], begin: Any) -> Iterable[bytes]:
        """Note a call and have it answered."""
        self._note(environ)
        return self._answering(environ, begin)

    def _note(self, environ: dict[str, Any]) -> None:
        match service(environ):
            case "athena" | "glue" as name:
                action = environ["HTTP_X_AMZ_TARGET"].partition(".")[2]
                calls = [Call(f"{name}:{action}", "*")]
            case "s3":
                calls = s3_calls(environ)
            case "sts":
                calls = [Call("sts:*", "*")]
            case _:
                return
        who = {"caller": caller(environ)}
        lines = [json.dumps({**who, **call._asdict()}) + "\n" for call in calls]
        with self._lock:
            self._file.writelines(lines)
            self._file.flush()
