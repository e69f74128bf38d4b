"""API calls are noted by their IAM action."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from local_athena.calls import NotedCalls


def environ(
    request: str, service: str = "s3", key: str = "job", **headers: str
) -> dict[str, Any]:
    """Return what a request such as `GET /bucket/key?list-type=2` hands over."""
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    scope = f"Credential={key}/20260501/us-east-1/{service}/aws4_request"
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode("utf-8").decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host",
        **headers,
    }


@pytest.fixture
def noted(tmp_path: Path) -> Any:
    """Return a function that makes a call and returns what was noted of it."""
    file = tmp_path / "calls.jsonl"

    def make(request: dict[str, Any]) -> list[dict[str, str]]:
        file.unlink(missing_ok=True)
        answer = NotedCalls(lambda environ, begin: [b"answer"], file)(request, None)
        assert list(answer) == [b"answer"]
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]

    return make


@pytest.mark.parametrize(
    ("request_line", "action", "resource"),
    [
        ("GET /bucket?location", "GetBucketLocation", "bucket"),
        ("GET /bucket/?list-type=2&prefix=a", "ListBucket", "bucket"),
        ("GET /bucket?versions", "ListBucketVersions", "bucket"),
        ("GET /bucket?uploads", "ListBucketMultipartUploads", "bucket"),
        ("HEAD /bucket", "ListBucket", "bucket"),
        ("PUT /bucket", "CreateBucket", "bucket"),
        ("DELETE /bucket", "DeleteBucket", "bucket"),
        ("GET /bucket/a/ü", "GetObject", "bucket/a/ü"),
        ("HEAD /bucket/a", "GetObject", "bucket/a"),
        ("PUT /bucket/a?uploadId=1&partNumber=2", "PutObject", "bucket/a"),
        ("POST /bucket/a?uploads", "PutObject", "bucket/a"),
        ("GET /bucket/a?uploadId=1", "ListMultipartUploadParts", "bucket/a"),
        ("DELETE /bucket/a?uploadId=1", "AbortMultipartUpload", "bucket/a"),
        ("DELETE /bucket/a", "DeleteObject", "bucket/a"),
    ],
)
def test_calls_of_s3(noted: Any, request_line: str, action: str, resource: str) -> None:
    assert noted(environ(request_line)) == [
        {
            "caller": "job",
            "action": f"s3:{action}",
            "resource": f"arn:aws:s3:::{resource}",
        }
    ]


def test_a_copy_reads_its_source(noted: Any) -> None:
    call = environ("PUT /bucket/a", HTTP_X_AMZ_COPY_SOURCE="/other/b%20c?versionId=1")
    assert [(line["action"], line["resource"]) for line in noted(call)] == [
        ("s3:GetObject", "arn:aws:s3:::other/b c"),
        ("s3:PutObject", "arn:aws:s3:::bucket/a"),
    ]


def test_objects_that_are_deleted_at_once(noted: Any) -> None:
    body = b"<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object>"
    call = environ("POST /bucket?delete", CONTENT_LENGTH=str(len(body)))
    call["wsgi.input"] = io.BytesIO(body)
    assert [(line["action"], line["resource"]) for line in noted(call)] == [
        ("s3:DeleteObject", "arn:aws:s3:::bucket/a&b"),
        ("s3:DeleteObject", "arn:aws:s3:::bucket/c"),
    ]
    assert call["wsgi.input"].read() == body, "moto reads it too"


@pytest.mark.parametrize(
    ("request_line", "action", "resource"),
    [
        ("GET /", "s3:ListAllMyBuckets", "*"),
        ("PATCH /bucket", "s3:unknown", "arn:aws:s3:::bucket"),
    ],
)
def test_calls_without_a_bucket_or_a_name(
    noted: Any, request_line: str, action: str, resource: str
) -> None:
    (line,) = noted(environ(request_line))
    assert (line["action"], line["resource"]) == (action, resource)


@pytest.mark.parametrize(
    ("target", "action"),
    [
        ("AWSGlue.GetTable", "glue:GetTable"),
        ("AmazonAthena.StartQueryExecution", "athena:StartQueryExecution"),
    ],
)
def test_calls_of_other_services(noted: Any, target: str, action: str) -> None:
    service = action.partition(":")[0]
    (line,) = noted(environ("POST /", service, HTTP_X_AMZ_TARGET=target))
    assert (line["action"], line["resource"]) == (action, "*")


def test_calls_of_sts(noted: Any) -> None:
    (line,) = noted(environ("POST /", "sts"))
    assert line["action"] == "sts:*"


def test_who_called(noted: Any) -> None:
    keys = ["trino", "athena", "job", "AKIAEXAMPLE"]
    found = [noted(environ("GET /bucket", key=key))[0]["caller"] for key in keys]
    assert found == ["trino", "athena", "job", "job"]


def test_a_call_without_a_signature_is_not_noted(noted: Any) -> None:
    call = environ("GET /moto-api/")
    call["HTTP_AUTHORIZATION"] = ""
    assert noted(call) == []
