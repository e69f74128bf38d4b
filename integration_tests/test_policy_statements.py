"""The drafts in fct_s3_acl_exit are policies that mean what they should, and no more.

How a policy is read stands here once more, from AWS's documentation: `*` and `?` are
wildcards, and of the version 2012-10-17 `${*}`, `${?}` and `${$}` stand for the signs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import hostile
from driver import Row, Warehouse

OWNER, OTHER = hostile.ACCOUNTS[:2]
DAY = "2024-02-28"
FOLDERS = [
    "plain/",
    "it's/",
    '"quoted"/',
    "back\\slash\\/",
    "\\u0041/",
    "tab\tline\nreturn\rend/",
    "\u0001\u001b\u007f\u0085\u2028/",
    "grün 日本 😀 e\u0301/",
    "{{ 1 }}{% raw %}/",
    "${aws:username}/",
    "$/",
    "$${*}/",
    "*/",
    "p?ain/",
    'a"},{"Effect":"Deny/',
    " /",
    "",
]
Token = tuple[str, str]


def tokens(pattern: str) -> list[Token]:
    """Split a pattern of a policy into signs and wildcards."""
    found = re.findall(r"\$\{[*?$]\}|\$\{[^}]*\}|[\s\S]", pattern)
    read: list[Token] = []
    for part in found:
        if re.fullmatch(r"\$\{[*?$]\}", part):
            read.append(("sign", part[2]))
        elif len(part) > 1:
            read.append(("variable", part))
        else:
            read.append(("wildcard" if part in "*?" else "sign", part))
    return read


def matches(pattern: str, text: str) -> bool:
    """Tell whether a policy's pattern means a text."""
    expression = ""
    for kind, part in tokens(pattern):
        assert kind != "variable", f"{pattern} holds the variable {part}"
        if kind == "sign":
            expression += re.escape(part)
        else:
            expression += r"[\s\S]*" if part == "*" else r"[\s\S]"
    return re.fullmatch(expression, text) is not None


def write_uses(root: Path) -> None:
    """Write requests that ACLs let in: each folder, each kind of requester."""
    records = []
    for number, folder in enumerate(FOLDERS):
        records.append(record(f"folder {number}", key=f"{folder}file.txt"))
    identities: dict[str, dict[str, Any]] = {
        "anonymous": {
            "type": "AWSAccount",
            "principalId": "",
            "accountId": "anonymous",
        },
        "other account": {
            "type": "AWSAccount",
            "principalId": "AIDAEXAMPLE",
            "accountId": OTHER,
        },
        "delivery": {"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"},
        "no name": {"type": "AWSService", "invokedBy": "AWS Internal"},
    }
    for name, identity in identities.items():
        records.append(record(name, key="shared/file.txt", userIdentity=identity))
    records.append(record("list", key=None, eventName="ListObjects"))
    path = hostile.log_path(OWNER, "us-east-1", date.fromisoformat(DAY), 1)
    hostile.write(root / "AWSLogs" / path, hostile.envelope(records))


def record(name: str, key: str | None, **fields: Any) -> hostile.Record:
    """Return a request that an ACL let in."""
    asked = {"bucketName": "reports"}
    if key is not None:
        asked["key"] = key
    plain = hostile.plain_record()
    return hostile.plain_record(
        eventID=name,
        requestID=name,
        eventTime=f"{DAY}T10:00:00Z",
        awsRegion="us-east-1",
        requestParameters=asked,
        additionalEventData={**plain["additionalEventData"], "aclRequired": "Yes"},
        resources=[
            {
                "accountId": OWNER,
                "type": "AWS::S3::Bucket",
                "ARN": "arn:aws:s3:::reports",
            }
        ],
        **fields,
    )


def assert_is_statement(text: str) -> dict[str, Any]:
    """Return a statement, which must be one that a bucket policy takes."""
    statement = json.loads(text)
    assert set(statement) - {"Condition"} == {
        "Sid",
        "Effect",
        "Principal",
        "Action",
        "Resource",
    }
    assert re.fullmatch("[A-Za-z0-9]+", statement["Sid"])
    assert statement["Effect"] == "Allow"
    assert re.fullmatch("s3:[A-Za-z]+", statement["Action"])
    principal = statement["Principal"]
    if principal != "*":
        ((kind, name),) = principal.items()
        expected = {
            "AWS": r"arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(root|[a-z-]+/.+)",
            "Service": r"[a-z0-9.-]+\.amazonaws\.com",
        }
        assert re.fullmatch(expected[kind], name)
    return statement


def statements(rows: list[Row]) -> dict[tuple[str, str | None, str], Any]:
    """Return the statements of a table's rows; equal ones are equal texts."""
    texts = [row["policy_statement"] for row in rows if row["policy_statement"]]
    sids = {json.loads(text)["Sid"] for text in texts}
    assert len(sids) == len(set(texts))
    return {
        (row["requester"], row["key_prefix"], row["event_name"]): (
            row["policy_statement"] and assert_is_statement(row["policy_statement"])
        )
        for row in rows
    }


def test_hostile_folders(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A statement is for its folder, whatever the folder is called."""
    write_uses(tmp_path)
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    found = statements(warehouse.rows("fct_s3_acl_exit"))
    by_folder = {
        prefix: statement["Resource"]
        for (requester, prefix, event), statement in found.items()
        if event == "GetObject" and requester.startswith("arn:")
    }
    assert set(by_folder) == {folder or None for folder in FOLDERS}
    for folder, resource in by_folder.items():
        for other in FOLDERS:
            assert matches(resource, f"arn:aws:s3:::reports/{other}x/y.txt") == (
                folder is None or folder == other
            ), (folder, other)


def test_requesters(tmp_path: Path, new_warehouse: Callable[..., Warehouse]) -> None:
    """Each kind of requester is named as a policy names it, or not at all."""
    write_uses(tmp_path)
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    found = statements(warehouse.rows("fct_s3_acl_exit"))
    shared = {
        requester: statement
        for (requester, prefix, _), statement in found.items()
        if prefix == "shared/"
    }
    assert shared["AWS Internal"] is None
    assert shared["anonymous"]["Principal"] == "*"
    assert shared[f"{OTHER}:AIDAEXAMPLE"]["Principal"] == {
        "AWS": f"arn:aws:iam::{OTHER}:root"
    }
    delivery = shared["delivery.logs.amazonaws.com"]
    assert delivery["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert delivery["Condition"] == {"StringEquals": {"aws:SourceAccount": OWNER}}
    assert sum("Condition" in (one or {}) for one in found.values()) == 1
    (listing,) = (s for (_, _, event), s in found.items() if event == "ListObjects")
    assert listing["Action"] == "s3:ListBucket"
    assert listing["Resource"] == "arn:aws:s3:::reports"


def test_samples(samples: Warehouse) -> None:
    """The samples' drafts are statements, too."""
    found = statements(samples.rows("fct_s3_acl_exit"))
    assert any(found.values())
    assert all(row["advice"] for row in samples.rows("fct_s3_denied_access"))
