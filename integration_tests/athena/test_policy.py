"""What the stack received: its calls against the policy, its queries' functions.

Runs last, so that it sees what all other tests of this folder did.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from driver import PROJECT
from lake import BUCKET
from test_athena_sql import documented, functions

from local_athena.stack import RESULTS_BUCKET, LocalAthena

# Athena reads and writes S3 and the catalog with the rights of who asks it.
CALLERS = ("job", "athena", "trino")
# The policy's names for the buckets of the tests.
BUCKETS = {BUCKET: "my-log-bucket", RESULTS_BUCKET: "my-athena-bucket"}
# What AWS needs beyond what the stack can be asked for.
BEYOND = {
    # Uploads of more than a few megabytes, and those that were given up.
    "s3:AbortMultipartUpload",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    # Athena asks where a bucket is before it writes a result.
    "s3:GetBucketLocation",
    # dbt was interrupted.
    "athena:StopQueryExecution",
    # One at a time, where the stack's engine writes several at once.
    "glue:CreatePartition",
    "glue:UpdatePartition",
}


def policy() -> list[dict[str, Any]]:
    """Return the statements of the documentation's policy."""
    text = (PROJECT / "docs" / "athena.md").read_text("utf-8")
    (block,) = re.findall(r"```json\n(\s*{\s*\"Version\".*?)```", text, flags=re.DOTALL)
    return json.loads(block)["Statement"]


def as_documented(resource: str) -> str:
    """Return a bucket's ARN with the documentation's names."""
    for ours, theirs in BUCKETS.items():
        resource = re.sub(
            f"^arn:aws:s3:::{ours}(/|$)", rf"arn:aws:s3:::{theirs}\1", resource
        )
    return resource


def allows(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Tell whether a statement allows a call."""
    return any(fnmatchcase(action, allowed) for allowed in statement["Action"]) and (
        not resource.startswith("arn:")
        or any(fnmatchcase(resource, allowed) for allowed in statement["Resource"])
    )


def test_the_policy_is_enough_and_no_more(local: LocalAthena) -> None:
    """Every call is allowed; every allowed action was called."""
    calls = {
        (call["action"], as_documented(call["resource"]))
        for call in local.calls()
        if call["caller"] in CALLERS and not call["action"].startswith("sts:")
    }
    statements = policy()
    lacking = sorted(
        {
            f"{action} on {resource}"
            for action, resource in calls
            if not any(allows(statement, action, resource) for statement in statements)
        }
    )
    assert lacking == []
    called = {action for action, _ in calls}
    assert {"athena:StartQueryExecution", "glue:BatchCreatePartition"} <= called
    granted = {action for statement in statements for action in statement["Action"]}
    assert granted - called <= BEYOND


def test_every_function_that_ran_is_documented(local: LocalAthena) -> None:
    """Of dbt's own statements too."""
    called = {
        name
        for query in local.queries()
        if query["StatementType"] == "DML" and '"app": "dbt"' in query["Query"]
        for name in functions(query["Query"])
    }
    assert "row_number" in called
    assert called - documented() == set()
