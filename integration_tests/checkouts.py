"""Copies of the checkout that make runs in, and small logs for them."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from driver import PROJECT

# Of the tests' environment, what make and its scripts may depend on.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")


def tracked_files() -> list[Path]:
    """Return the files of the checkout that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    files = [PROJECT / line for line in listed.stdout.splitlines()]
    return [file for file in files if file.is_file()]


class Checkout:
    """A copy of the files that a clone would have."""

    def __init__(self, folder: Path) -> None:
        """Copy the tracked and the new files.

        Args:
            folder: where to; it must not exist.
        """
        self.folder = folder
        for file in tracked_files():
            copy = folder / file.relative_to(PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)

    def make(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run make; options are those of subprocess.run."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in KEPT or name.startswith("PIP_")
        }
        environment |= options.pop("env", {})
        return subprocess.run(
            ["make", *arguments],
            cwd=options.pop("cwd", self.folder),
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            **options,
        )

    def refused(self, *arguments: str, **options: Any) -> str:
        """Run make, which must fail with one sentence on stderr; return that."""
        done = self.make(*arguments, **options)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        lines = [
            line
            for line in done.stderr.splitlines()
            if not re.match(r"make(\[\d+\])?: ", line)
        ]
        assert len(lines) == 1, done.stderr
        assert re.search(r"\.\)?$", lines[0]), "it is no sentence"
        return lines[0]


def write_log(path: Path, *records: dict[str, Any]) -> Path:
    """Write records as a log file, compressed if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"Records": records}).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def record(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return a record of a management event."""
    return {
        "eventVersion": "1.09",
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "eventTime": "2026-05-01T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetBucketVersioning",
        "eventCategory": "Management",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "[Boto3/1.40.1]",
        "userIdentity": {
            "type": "IAMUser",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/reader",
        },
        "requestParameters": {"bucketName": "a-bucket"},
        **more,
    }
