"""Log files are stored as one record a line, each with its text as written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from local_athena.log_loader import as_lines, load, records, with_texts

FILE = b'{"Records": [{"eventName": "GetObject"}, {"eventName": "PutObject"}]}'
LINES = b'{"eventName":"GetObject"}\n{"eventName":"PutObject"}\n'
BUCKET = "cloudtrail-logs"
FOLDER = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/05/01"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n", []),
        ("{}", []),
        ('{"Records": []}', []),
        ('{"Records": null, "a": [{}]}', []),
        ('{"a": {"Records": [{"b": 1}]}, "Records": [{"c": 1}]}', ['{"c": 1}']),
        ('{"Records":[{"a":1},{"b":2}]}', ['{"a":1}', '{"b":2}']),
        ('{"Records":[1, {"a": 1}, null]}', ['{"a": 1}']),
        ('[{"a": 1}]', []),
        ('{"Records":[{"a":1}]}\n{"Records":[{"b":1}]}', ['{"a":1}', '{"b":1}']),
        ('{"Records":[{"a":\r\n"\\n é \\u00e9",\n"b":1.50}]}', None),
    ],
)
def test_the_records_of_a_file(text: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ['{"a":  "\\n é \\u00e9", "b":1.50}']
    assert list(records(text)) == expected


def test_objects_in_columns_of_texts_become_texts() -> None:
    record = (
        '{"userIdentity": {"a": 1}, "requestParameters": {"b" : 1.50, "B": "\\" , {" },'
        ' "other": [1e2], "readOnly": true, "errorCode": null, "n": 1.50}'
    )
    written = with_texts(record)
    assert json.loads(written) == {
        "userIdentity": {"a": 1},
        "requestParameters": '{"b":1.50,"B":"\\" , {"}',
        "other": "[1e2]",
        "readOnly": True,
        "errorCode": None,
        "n": 1.5,
    }
    assert '"n":1.50' in written


def test_what_was_compressed_stays_so() -> None:
    assert as_lines(FILE) == LINES
    packed = as_lines(gzip.compress(FILE))
    assert gzip.decompress(packed) == LINES
    assert packed == as_lines(gzip.compress(FILE, mtime=1)), "not reproducible"


def test_a_byte_order_mark_is_dropped() -> None:
    assert as_lines(b"\xef\xbb\xbf" + FILE) == LINES


@pytest.fixture(autouse=True)
def bucket(s3: Any) -> None:
    """Make the bucket."""
    s3.create_bucket(Bucket=BUCKET)


def write(folder: Path, name: str, content: bytes) -> None:
    """Write a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_folder_is_stored(tmp_path: Path, s3: Any) -> None:
    write(tmp_path, f"{FOLDER}/a.json", FILE)
    write(tmp_path, f"{FOLDER}/b.json.gz", gzip.compress(FILE))
    write(tmp_path, f"{FOLDER}/empty.json.gz", b"")
    write(tmp_path, f"{FOLDER}/readme.txt", FILE)
    for sibling in ("CloudTrail-Digest", "CloudTrail-Insight", "vpcflowlogs"):
        write(tmp_path, f"{FOLDER}/x.json".replace("CloudTrail", sibling), FILE)
    stored = load(s3, tmp_path, BUCKET, "/a/b/")
    assert sorted(stored) == [
        f"a/b/{FOLDER}/{name}" for name in ("a.json", "b.json.gz", "empty.json.gz")
    ]
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert stored == {entry["Key"]: entry["Size"] for entry in listed}
    content = s3.get_object(Bucket=BUCKET, Key=f"a/b/{FOLDER}/a.json")["Body"].read()
    assert content == LINES


def test_without_a_prefix(tmp_path: Path, s3: Any) -> None:
    write(tmp_path, "a.json", FILE)
    assert list(load(s3, tmp_path, BUCKET, "")) == ["a.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"Records": [',
        b"\xff",
        gzip.compress(FILE)[:-4],
        gzip.compress(FILE)[:20] + b"damage",
    ],
    ids=["json", "end of json", "utf-8", "end of gzip", "gzip"],
)
def test_a_damaged_file_is_not_loaded(tmp_path: Path, s3: Any, content: bytes) -> None:
    write(tmp_path, "a.json.gz", content)
    with pytest.raises(ValueError, match=r"a\.json\.gz cannot be loaded"):
        load(s3, tmp_path, BUCKET, "")
