"""Botocore's models of AWS's services, each read once.

dbt-athena makes a client for nearly every call, and each parses its service's model
anew: half of a run's time on the local Athena.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.loaders import JSONFileLoader

# Those of dbt-athena's clients.
SERVICES = ("athena", "glue", "lakeformation", "s3", "sts")


def remembering() -> Callable[[JSONFileLoader, str], Any]:
    """Return what reads a file as JSONFileLoader.load_file does, but once."""
    read = JSONFileLoader.load_file
    known: dict[str, Any] = {}

    def load_file(self: JSONFileLoader, path: str) -> Any:
        if path not in known:
            known[path] = read(self, path)
        return known[path]

    return load_file


def read_before_forks() -> None:
    """Read them in this process, for all that it forks."""
    JSONFileLoader.load_file = remembering()
    for service in SERVICES:
        boto3.Session(region_name="us-east-1").client(service)
