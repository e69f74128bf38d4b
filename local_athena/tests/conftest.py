"""Fixtures with moto in this process, for the tests that need no Trino."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws


@pytest.fixture(scope="session")
def clients() -> dict[str, Any]:
    """Return clients of boto3, which take long to make."""
    session = boto3.Session(
        aws_access_key_id="job", aws_secret_access_key="job", region_name="us-east-1"
    )
    config = Config(ignore_configured_endpoint_urls=True)
    return {name: session.client(name, config=config) for name in ("glue", "s3")}


@pytest.fixture
def moto() -> Iterator[None]:
    """Have moto answer, as an account that nobody used."""
    with mock_aws():
        yield


@pytest.fixture
def s3(moto: None, clients: dict[str, Any]) -> Any:
    """Return a client of an empty S3."""
    return clients["s3"]


@pytest.fixture
def glue(moto: None, clients: dict[str, Any]) -> Any:
    """Return a client of an empty Glue."""
    return clients["glue"]
