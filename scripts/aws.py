"""Connects to AWS, and turns what AWS refuses into one sentence.

Credentials and AWS_ENDPOINT_URL come from where boto3 finds them. The region is
AWS_REGION, as for dbt, else what boto3 finds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config
from local_dbt import Stopped
from sentences import BAD_CREDENTIALS, NO_ANSWER, NO_CREDENTIALS, first_line

# Calls that are under way at the same time.
THREADS = 16

_DENIED = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled"}
_BAD_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NO_ANSWER = (exceptions.HTTPClientError, exceptions.ConnectionError)
_NO_CREDENTIALS = (
    exceptions.ProfileNotFound,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
)


def session() -> boto3.Session:
    """Return a session in the region that is set.

    Raises:
        Stopped: no region is set, or the profile of AWS_PROFILE is unknown.
    """
    with asking("the credentials"):
        made = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if not made.region_name:
        raise Stopped(
            "No AWS region is set: give the one of the Athena table, like"
            " AWS_REGION=eu-west-1."
        )
    return made


def client(made: boto3.Session, service: str) -> Any:
    """Return a client that repeats what fails in passing.

    Raises:
        Stopped: the region or AWS_ENDPOINT_URL is none.
    """
    config = Config(
        connect_timeout=10,
        max_pool_connections=THREADS,
        retries={"mode": "standard", "total_max_attempts": 5},
    )
    with asking(service):
        try:
            return made.client(service, config=config)
        except ValueError as error:
            raise Stopped(
                f"AWS cannot be reached: {first_line(str(error))}; correct"
                " AWS_REGION or AWS_ENDPOINT_URL."
            ) from error


@contextmanager
def asking(what: str, action: str = "") -> Iterator[None]:
    """Turn errors of boto3 into sentences.

    Args:
        what: what AWS is asked for, as it stands behind "AWS denies".
        action: the IAM action that allows it.

    Raises:
        Stopped: AWS refused, or could not be asked.
    """
    try:
        yield
    except exceptions.ClientError as error:
        raise Stopped(_refusal(error, what, action)) from error
    except _NO_CREDENTIALS as error:
        raise Stopped(NO_CREDENTIALS.format(why=first_line(str(error)))) from error
    except _NO_ANSWER as error:
        raise Stopped(NO_ANSWER.format(why=first_line(str(error)))) from error
    except exceptions.BotoCoreError as error:
        raise Stopped(
            f"AWS could not be asked for {what}: {first_line(str(error))}."
        ) from error


def _refusal(error: exceptions.ClientError, what: str, action: str) -> str:
    code = error.response["Error"].get("Code", "")
    said = first_line(error.response["Error"].get("Message") or code)
    if code in _DENIED:
        return f"AWS denies {what} ({said}): allow {action} to these credentials."
    if code in _BAD_CREDENTIALS:
        return BAD_CREDENTIALS.format(why=said)
    return f"AWS does not give {what}: {code}, {said}."
