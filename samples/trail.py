"""Records as CloudTrail writes them, and the files that it puts them into.

A chapter (story.py, variety.py, oddities.py) builds records with the functions
below and hands them to `Logs.deliver`, which puts each into the file that
CloudTrail would have written. The names given with a record are the cases that
it stands for; they end up in CASES.md.
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import io
import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Record = dict[str, Any]

SHOP = "111122223333"
DATA = "444455556666"
CHINA = "777788889999"
GOVERNMENT = "888899990000"
STRANGER = "123456789012"

IRELAND = "eu-west-1"
VIRGINIA = "us-east-1"
FRANKFURT = "eu-central-1"
BEIJING = "cn-north-1"
GOVCLOUD = "us-gov-west-1"

FIRST_DAY, LAST_DAY = 1, 16

BROWSERS = [
    "[Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/136.0.0.0 Safari/537.36]",
    "[Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML,"
    " like Gecko) Version/18.4 Safari/605.1.15]",
    "[Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0]",
    "[Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1]",
]
BOTO2 = "Boto/2.49.0 Python/2.7.18 Linux/4.14.336-257.562.amzn2.x86_64"
BOTO3 = (
    "[Boto3/1.34.84 md/Botocore#1.34.84 ua/2.0 os/linux#6.1.82 md/arch#x86_64"
    " lang/python#3.12.3 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.84]"
)
CLI2 = (
    "[aws-cli/2.15.38 Python/3.11.8 Linux/6.1.82 exe/x86_64.amzn.2023"
    " prompt/off command/s3.cp]"
)
JAVA2 = (
    "[aws-sdk-java/2.25.66 Linux/6.1.84-99.169.amzn2023.x86_64"
    " OpenJDK_64-Bit_Server_VM/21.0.3+9-LTS Java/21.0.3 io/sync http/Apache]"
)
JAVA1 = (
    "[aws-sdk-java/1.10.77 Linux/3.14.48-33.39.amzn1.x86_64"
    " Java_HotSpot(TM)_64-Bit_Server_VM/25.71-b15/1.8.0_71]"
)
TERRAFORM = (
    "[APN/1.0 HashiCorp/1.0 Terraform/1.8.2 (+https://www.terraform.io)"
    " terraform-provider-aws/5.46.0"
    " (+https://registry.terraform.io/providers/hashicorp/aws)"
    " aws-sdk-go-v2/1.26.1 os/linux lang/go#1.21.8 md/GOOS#linux md/GOARCH#amd64"
    " api/s3#1.53.1]"
)
CONSOLE = (
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.218"
    " OpenJDK_64-Bit_Server_VM/25.412-b09 java/1.8.0_412 vendor/Oracle_Corporation"
    " cfg/retry-mode/standard]"
)

CIPHERS = {
    "TLSv1": "ECDHE-RSA-AES128-SHA",
    "TLSv1.1": "ECDHE-RSA-AES256-SHA",
    "TLSv1.2": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLSv1.3": "TLS_AES_128_GCM_SHA256",
    "1.3": "TLS_AES_256_GCM_SHA384",
}

DATA_EVENTS = frozenset(
    """
    AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload
    CreateSession DeleteObject DeleteObjectAnnotation DeleteObjectTagging
    DeleteObjects GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes
    GetObjectLegalHold GetObjectLockLegalHold GetObjectLockRetention
    GetObjectRetention GetObjectTagging GetObjectTorrent HeadBucket HeadObject
    InitiateMultipartUpload InitiateReplication ListMultipartUploads
    ListObjectAnnotations ListObjectVersions ListObjects ListParts PostObject
    PreflightRequest Presign PutObject PutObjectAcl PutObjectAnnotation
    PutObjectLegalHold PutObjectLockLegalHold PutObjectLockRetention
    PutObjectRetention PutObjectTagging RenameObject RestoreObject
    SelectObjectContent UpdateObjectEncryption UploadPart UploadPartCopy
    WriteGetObjectResponse
    """.split()
)
NO_OBJECT_ARN = frozenset(
    "DeleteObjects HeadBucket ListMultipartUploads ListObjectVersions"
    " ListObjects PostObject".split()
)
READ_VERBS = ("Describe", "Get", "Head", "List", "Preflight", "Select", "Verify")

# Reseeded by each chapter (see main).
RNG = random.Random()


# --- Small things -----------------------------------------------------------


def digest(text: str) -> str:
    """Capital letters and digits that depend on a text alone."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()


def principal(kind: str, name: str) -> str:
    """An id such as AROA…: as long as a real one and visibly no real one."""
    return f"{kind}EXAMPLE{digest(name)[:10]}"


def access_key(kind: str, name: str) -> str:
    """An access key id that is visibly no real one."""
    return f"{kind}{digest(name)[:9]}EXAMPLE"


def uuid() -> str:
    """A random event id."""
    text = f"{RNG.getrandbits(128):032x}"
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


def moment(day: int, hour: int, month: int = 5) -> datetime:
    """A second of the five minutes whose events stand in the next hour's file."""
    start = datetime(2026, month, day, hour, 53)
    return start + timedelta(seconds=RNG.randrange(300))


def iso(at: datetime) -> str:
    """The time as CloudTrail writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def edit(record: Record, **fields: Any) -> Record:
    """A copy of a record with top-level fields set."""
    return {**copy.deepcopy(record), **fields}


def without(record: Record, *fields: str) -> Record:
    """A copy of a record that lacks some top-level fields."""
    kept = {name: value for name, value in record.items() if name not in fields}
    return copy.deepcopy(kept)


def additional(record: Record, drop: Iterable[str] = (), **values: Any) -> Record:
    """A copy with changed keys of additionalEventData."""
    changed = copy.deepcopy(record)
    data = changed.get("additionalEventData") or {}
    changed["additionalEventData"] = {
        **{key: value for key, value in data.items() if key not in drop},
        **values,
    }
    return changed


# --- Who asks ---------------------------------------------------------------

ANONYMOUS = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}


def iam_user(name: str, account: str = SHOP) -> Record:
    """An IAM user with a long-lived key."""
    return {
        "type": "IAMUser",
        "principalId": principal("AIDA", name),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": access_key("AKIA", name),
        "userName": name.rsplit("/")[-1],
    }


def role(
    name: str, session: str, account: str = SHOP, partition: str = "aws"
) -> Record:
    """A session of a role; a path in the name stands in the issuer's ARN only."""
    short = name.rsplit("/")[-1]
    return {
        "type": "AssumedRole",
        "principalId": f"{principal('AROA', short)}:{session}",
        "arn": f"arn:{partition}:sts::{account}:assumed-role/{short}/{session}",
        "accountId": account,
        "accessKeyId": access_key("ASIA", name + session),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal("AROA", short),
                "arn": f"arn:{partition}:iam::{account}:role/{name}",
                "accountId": account,
                "userName": short,
            },
            "attributes": {
                "creationDate": "2026-05-01T00:00:00Z",
                "mfaAuthenticated": "false",
            },
        },
    }


def service(name: str) -> Record:
    """An AWS service that asks in its own name."""
    return {"type": "AWSService", "invokedBy": f"{name}.amazonaws.com"}


# --- Records ----------------------------------------------------------------


def s3(
    name: str,
    who: Record | None,
    at: datetime,
    bucket: str | None = None,
    key: str | None = None,
    *,
    account: str = SHOP,
    owner: str = SHOP,
    region: str = IRELAND,
    ip: str = "203.0.113.10",
    agent: str | None = CLI2,
    signature: str | None = "SigV4",
    auth: str = "AuthHeader",
    tls: str | None = "TLSv1.3",
    bytes_in: Any = 0,
    bytes_out: Any = 0,
    error: str | None = None,
    message: str | None = None,
    parameters: Record | None = None,
    extra: Record | None = None,
    partition: str = "aws",
) -> Record:
    """A request to Amazon S3 as CloudTrail logs it in 2026.

    No signature leaves out what is not logged for unsigned requests; no TLS
    version means plain HTTP.
    """
    host = f"{bucket}.s3.{region}.amazonaws.com" if bucket else None
    host = host or f"s3.{region}.amazonaws.com"
    asked: Record = {"bucketName": bucket, "Host": host, "key": key}
    asked = {field: value for field, value in asked.items() if value is not None}
    asked.update(parameters or {})

    about: Record = {}
    if signature:
        about["SignatureVersion"] = signature
    if tls:
        about["CipherSuite"] = CIPHERS[tls]
    about["bytesTransferredIn"] = bytes_in
    if signature:
        about["AuthenticationMethod"] = auth
    about["x-amz-id-2"] = f"EXAMPLE{RNG.getrandbits(64):016x}="
    about["bytesTransferredOut"] = bytes_out
    about.update(extra or {})

    resources: list[Record] = []
    if bucket:
        arn = f"arn:{partition}:s3:::{bucket}"
        resources.append({"accountId": owner, "type": "AWS::S3::Bucket", "ARN": arn})
        if key is not None:
            resources.append({"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"})
        elif name in NO_OBJECT_ARN:
            resources.append({"type": "AWS::S3::Object", "ARNPrefix": f"{arn}/"})
        if RNG.random() < 0.5:
            resources.reverse()

    data = name in DATA_EVENTS
    record: Record = {
        "eventVersion": "1.11",
        "userIdentity": copy.deepcopy(who),
        "eventTime": iso(at),
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": ip,
        "userAgent": agent,
        "requestParameters": asked,
        "responseElements": None,
        "additionalEventData": about,
        "requestID": f"{RNG.getrandbits(80):020X}"[:16],
        "eventID": uuid(),
        "readOnly": name.startswith(READ_VERBS),
        "resources": resources,
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "recipientAccountId": account,
        "eventCategory": "Data" if data else "Management",
        "tlsDetails": {"clientProvidedHostHeader": host},
    }
    if error is not None:
        record["errorCode"] = error
        record["errorMessage"] = message or "Access Denied"
    if tls:
        record["tlsDetails"].update(tlsVersion=tls, cipherSuite=CIPHERS[tls])
    return record


def by_service(record: Record, caller: str) -> Record:
    """The same request made by an AWS service: nothing is logged about TLS."""
    changed = without(record, "tlsDetails")
    changed.update(sourceIPAddress=caller, userAgent=caller)
    return additional(changed, drop=["CipherSuite"])


def service_event(record: Record, identity: Record | None) -> Record:
    """A record that S3 writes about what it did itself."""
    changed = without(record, "tlsDetails", "additionalEventData")
    changed.update(eventType="AwsServiceEvent", userIdentity=identity)
    return changed


def other(
    source: str, name: str, who: Record, at: datetime, account: str, region: str
) -> Record:
    """An event of a service that is not Amazon S3."""
    return {
        "eventVersion": "1.11",
        "userIdentity": copy.deepcopy(who),
        "eventTime": iso(at),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "203.0.113.10",
        "userAgent": BOTO3.strip("[]"),
        "requestParameters": {"name": "harbor"},
        "responseElements": None,
        "requestID": uuid(),
        "eventID": uuid(),
        "readOnly": name.startswith(READ_VERBS),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def two_copies(caller: Record) -> tuple[Record, Record]:
    """A request across accounts: the caller's copy and the bucket owner's."""
    caller = edit(caller, sharedEventID=uuid())
    seen = copy.deepcopy(caller)
    seen["eventID"] = uuid()
    seen["recipientAccountId"] = SHOP
    seen["userIdentity"] = {
        "type": "AWSAccount",
        "principalId": caller["userIdentity"]["principalId"],
        "accountId": caller["userIdentity"]["accountId"],
    }
    if "AccessDenied" in caller.get("errorCode", ""):
        for resource in caller["resources"]:
            if "accountId" in resource:
                resource["accountId"] = ""
    return caller, seen


def updated(record: Record, fields: str, **changes: Any) -> Record:
    """The event that corrects a record delivered before."""
    return edit(
        record,
        eventID=uuid(),
        addendum={
            "reason": "UPDATED_DATA",
            "updatedFields": fields,
            "originalRequestID": record["requestID"],
            "originalEventID": record["eventID"],
        },
        **changes,
    )


def aged(record: Record, version: str) -> Record:
    """A record as an older version of CloudTrail would have written it."""
    minor = int(version.split(".")[1])
    lost = []
    if minor < 8:
        lost.append("tlsDetails")
    if minor < 7:
        lost.append("eventCategory")
    if minor < 6:
        lost.append("managementEvent")
    changed = without(record, *lost)
    changed["eventVersion"] = version
    if minor < 6:
        unknown = [
            "SignatureVersion",
            "AuthenticationMethod",
            "CipherSuite",
            "bytesTransferredIn",
            "bytesTransferredOut",
        ]
        changed = additional(changed, drop=unknown)
        changed["requestParameters"].pop("Host", None)
    return changed


# --- Files ------------------------------------------------------------------


def envelope(records: list[Record], ascii_only: bool = False) -> str:
    """The JSON of one log file."""
    return json.dumps(
        {"Records": records}, ensure_ascii=ascii_only, separators=(",", ":")
    )


def zipped(text: str) -> bytes:
    """A gzip that does not tell when or from which file it was made."""
    target = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, target, mtime=0) as out:
        out.write(text.encode())
    return target.getvalue()


def log_name(account: str, region: str, at: datetime, part: str = "") -> str:
    """The name of a log file; its last letters depend on the rest."""
    stamp = at.strftime("%Y%m%dT%H%MZ")
    seed = hashlib.sha256(f"{account}{region}{stamp}{part}".encode()).digest()
    letters = base64.b64encode(seed, b"Xx").decode()[:16]
    return f"{account}_CloudTrail_{region}_{stamp}_{letters}.json.gz"


def log_path(account: str, region: str, at: datetime, part: str = "") -> str:
    """Where CloudTrail puts the file that it delivers at a time."""
    folder = f"AWSLogs/{account}/CloudTrail/{region}/{at:%Y/%m/%d}"
    return f"{folder}/{log_name(account, region, at, part)}"


class Logs:
    """The files of the trail, and the cases that they contain."""

    def __init__(self) -> None:
        """Start with no file."""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, list[Record]] = {}
        self.chapters: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self.chapter = ""

    def begin(self, chapter: str) -> None:
        """Open a chapter."""
        self.chapter = chapter
        self.chapters[chapter] = {}
        RNG.seed(chapter)

    def note(self, case: str, event_id: str, path: str) -> None:
        """Remember where a case occurs."""
        self.chapters[self.chapter].setdefault(case, []).append((event_id, path))

    def deliver(
        self,
        record: Record,
        *cases: str,
        at: datetime | None = None,
        account: str | None = None,
        path: str | None = None,
    ) -> None:
        """Put a record into the file of its account, region and delivery time.

        The delivery follows the event by two to seven minutes unless `at` says
        when; `path` names the file.
        """
        if at is None and path is None:
            late = datetime.fromisoformat(record["eventTime"].rstrip("Z"))
            late += timedelta(minutes=7)
            at = late.replace(minute=late.minute // 5 * 5, second=0)
        if path is None:
            account = account or record["recipientAccountId"]
            path = log_path(account, record["awsRegion"], at)
        self.batches.setdefault(path, []).append(record)
        for case in cases:
            self.note(case, record.get("eventID") or "none", path)

    def write(self, root: Path) -> None:
        """Write all files below an empty root."""
        contents = dict(self.files)
        for path, records in self.batches.items():
            random.Random(path).shuffle(records)
            if path.endswith(".gz"):
                contents[path] = zipped(envelope(records))
            else:
                text = json.dumps({"Records": records}, ensure_ascii=False, indent=2)
                contents[path] = (text + "\n").encode()
        for path, content in sorted(contents.items()):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def cases(self) -> str:
        """The page that lists the cases, chapter by chapter."""
        lines = [
            "# What the sample logs contain",
            "",
            "Written by generate.py. A case's event id and file are those of its",
            "first record, the file's path that below `logs/AWSLogs/`.",
        ]
        for chapter, cases in self.chapters.items():
            lines += ["", f"## {chapter}", ""]
            lines += ["| case | records | event id | file |", "|---|--:|---|---|"]
            for case, places in cases.items():
                event_id, path = places[0]
                path = path.removeprefix("AWSLogs/")
                lines.append(f"| {case} | {len(places)} | `{event_id}` | `{path}` |")
        return "\n".join(lines) + "\n"
