"""What the tables must hold, worked out without SQL.

A plain reading of the project's rules, one small function a rule. Tests
compare the tables that dbt builds with the rows that this module yields, so
nothing here may be taken from a model, a macro or a seed. The seeds are read
for their vocabulary only: which event names are known, which tokens name a
client. What is said of a known event name comes from the rules' text.

Of keys that occur twice in one JSON object the first counts.
"""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import json
import math
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
UNDATED = date(1970, 1, 1)


class DamagedFileError(ValueError):
    """A file that is no gzip or no JSON; its text begins with the path."""


@dataclass(frozen=True)
class Settings:
    """The variables that decide what is read; empty means all."""

    account_ids: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    start_date: date | None = None
    end_date: date | None = None
    excluded_files: tuple[str, ...] = ()
    excluded_buckets: tuple[str, ...] = ()


@dataclass(frozen=True)
class LogFile:
    """A file that *Which files* reads, and what its path says."""

    path: Path
    log_file: str
    load_name: str
    log_date: date
    account_id: str | None
    region: str | None


@dataclass
class Content:
    """The records of one file, and what the file is to the loads table."""

    records: list[dict[str, Any]] = field(default_factory=list)
    status: str = "empty"


# ---------------------------------------------------------------- JSON values


def first_counts(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object in which the first of equal keys counts."""
    members: dict[str, Any] = {}
    for key, value in pairs:
        members.setdefault(key, value)
    return members


def json_values(text: str) -> Iterator[Any]:
    """Yield the JSON values that stand one after the other in a text.

    Raises:
        ValueError: the text is not JSON.
    """
    decoder = json.JSONDecoder(object_pairs_hook=first_counts, parse_float=Decimal)
    position = 0
    blank = re.compile(r"[ \t\r\n]*")
    while True:
        position = blank.match(text, position).end()  # type: ignore[union-attr]
        if position == len(text):
            return
        value, position = decoder.raw_decode(text, position)
        refuse_lone_surrogates(value)
        yield value


def refuse_lone_surrogates(value: Any) -> None:
    """Raise a ValueError where a text cannot be written as UTF-8."""
    json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")


def member(value: Any, *keys: str) -> Any:
    """Return what an object holds under the keys, None where nothing does."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def json_text(value: Any) -> str:
    """Write a JSON value without white space."""

    def plain(part: Any) -> Any:
        if isinstance(part, Decimal):
            return float(part)
        if isinstance(part, dict):
            return {key: plain(item) for key, item in part.items()}
        if isinstance(part, list):
            return [plain(item) for item in part]
        return part

    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def text(value: Any) -> str | None:
    """Return a value as text; `""` and null are null, white space is data.

    An object or array is its JSON; a number that no double holds is as logged.
    """
    if value is None or value == "":
        return None
    if isinstance(value, Decimal) and math.isinf(float(value)):
        return str(value).lower().replace("e+", "e")
    return value if isinstance(value, str) else json_text(value)


def scalar(value: Any) -> str | None:
    """Return a scalar as text; an object or array is none.

    For what is looked up in the two JSON texts, where a field of the record
    itself would show an object as its text.
    """
    return None if isinstance(value, (dict, list)) else text(value)


def first_text(*values: Any) -> str | None:
    """Return the first value that is text."""
    return next((t for t in map(text, values) if t is not None), None)


def first_element(value: Any) -> Any:
    """Return the first element of an array, any other value itself."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def boolean(value: Any) -> bool | None:
    """Read true and false, also as text in any case."""
    return {"true": True, "false": False}.get((text(value) or "").lower())


NUMBER = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)


def integer(value: Any) -> int | None:
    """Read a count of bytes: a number or its text, `21838` or `21838.0`."""
    digits = scalar(value) or ""
    if not NUMBER.fullmatch(digits):
        return None
    number = int(Decimal(digits))
    return number if number < 2**63 else None


# ---------------------------------------------------------------- Which files

SIBLINGS = ("Digest", "Insight", "NetworkActivity", "Aggregated")
SIBLING_FOLDERS = {f"CloudTrail-{name}" for name in SIBLINGS}
FILE_NAME = re.compile(r"(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8})T\d{4}Z_", re.ASCII)
NAME_TIME = re.compile(r"_([1-9]\d{3})(\d\d)(\d\d)T\d{4}Z_", re.ASCII)
FOLDER_DAY = re.compile(r"(?<![^/])([1-9]\d{3})/(\d\d)/(\d\d)(?=/)", re.ASCII)
FOLDER_PLACE = re.compile(r"(?<![^/])(\d{12})/CloudTrail/(?:([a-z0-9-]+)/)?", re.ASCII)


def is_log_file(path: str) -> bool:
    """Tell whether a path from `AWSLogs/` on or below the root is read."""
    *folders, name = path.split("/")
    if not name.endswith((".json", ".json.gz")):
        return False
    if SIBLING_FOLDERS.intersection(folders) or any(
        f"_CloudTrail-{sibling}_" in name for sibling in SIBLINGS
    ):
        return False
    if "AWSLogs" in folders:
        return "CloudTrail" in folders
    return True


def day_of(year: str, month: str, day: str) -> date | None:
    """Return the day, or None where the calendar has no such day."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def log_date(path: str) -> date:
    """Return the folder's day, else the name's, else 1970-01-01."""
    for pattern in (FOLDER_DAY, NAME_TIME):
        days = [day_of(*match.groups()) for match in pattern.finditer(path)]
        days = [day for day in days if day]
        if days:
            return days[-1]  # type: ignore[return-value]
    return UNDATED


def file_place(path: str) -> tuple[str | None, str | None]:
    """Return the account and region of a file's name or path."""
    name = path.rsplit("/", 1)[-1]
    match = FILE_NAME.match(name) or FOLDER_PLACE.search(path)
    return (match[1], match[2]) if match else (None, None)


def log_file_name(path: str, below_root: str) -> str:
    """Return the path from `AWSLogs/` on, else the path below the root."""
    start = path.rfind("/AWSLogs/")
    return path[start + 1 :] if start >= 0 else below_root


def is_excluded(path: str, endings: tuple[str, ...]) -> bool:
    """Tell whether a path ends in one of the given files."""
    return path.endswith(tuple(f"/{ending}" for ending in endings))


def log_files(root: Path, settings: Settings) -> list[LogFile]:
    """List the files to be read below a folder, or the one file given."""
    root = Path(os.path.abspath(root))
    start = settings.start_date or date.min
    end = settings.end_date or datetime.now(timezone.utc).date()
    found = []
    for path in sorted([root] if root.is_file() else root.rglob("*")):
        if not path.is_file():
            continue
        full = path.as_posix()
        below = path.name if path == root else path.relative_to(root).as_posix()
        name = log_file_name(full, below)
        account, region = file_place(name)
        file = LogFile(path, name, below, log_date(name), account, region)
        if (
            is_log_file(name)
            and start <= file.log_date <= end
            and not is_excluded(full, settings.excluded_files)
            and allowed(account, settings.account_ids, unknown=True)
            and allowed(region, settings.regions, unknown=True)
        ):
            found.append(file)
    return found


def allowed(value: str | None, chosen: tuple[str, ...], unknown: bool = False) -> bool:
    """Tell whether a value is among the chosen ones; none chosen means all."""
    return not chosen or value in chosen or (unknown and value is None)


def read_file(path: Path) -> Content:
    """Read every envelope of a file.

    Raises:
        DamagedFileError: the gzip or the JSON is damaged.
    """
    content = Content()
    try:
        data = path.read_bytes()
        if data and path.name.endswith(".gz"):
            data = gzip.decompress(data)
        for value in json_values(data.decode("utf-8-sig")):
            records = member(value, "Records")
            if isinstance(records, list):
                content.records += [r for r in records if isinstance(r, dict)]
                if records:
                    content.status = "loaded"
            elif value != {} and content.status == "empty":
                content.status = "ignored"
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DamagedFileError(f"{path}: {error}") from error
    return content


# ------------------------------------------------------------ Event catalogue

DATA_EVENTS = frozenset(
    """
    AbortMultipartUpload CompleteMultipartUpload CopyObject
    CreateMultipartUpload DeleteObject DeleteObjectTagging DeleteObjects
    GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold
    GetObjectRetention GetObjectTagging GetObjectTorrent HeadObject HeadBucket
    ListObjectVersions ListObjects ListParts ListMultipartUploads PutObject
    PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging
    PutObjectAnnotation GetObjectAnnotation ListObjectAnnotations
    DeleteObjectAnnotation RestoreObject SelectObjectContent
    UpdateObjectEncryption UploadPart UploadPartCopy RenameObject CreateSession
    PostObject PreflightRequest WriteGetObjectResponse Presign
    InitiateReplication
    """.split()
)
_CHANGEABLE = """
    Acl Cors Encryption Lifecycle Logging Notification OwnershipControls Policy
    PublicAccessBlock Replication RequestPayment Tagging Versioning Website
    """.split()
_REMOVABLE = """
    Cors Encryption Lifecycle OwnershipControls Policy PublicAccessBlock
    Replication Tagging Website
    """.split()
MANAGEMENT_EVENTS = frozenset(
    [
        *("CreateBucket", "DeleteBucket", "ListBuckets", "ListAccessPoints"),
        "GetBucketPolicyStatus",
        *(f"GetBucket{setting}" for setting in _CHANGEABLE),
        *(f"PutBucket{setting}" for setting in _CHANGEABLE),
        *(f"DeleteBucket{setting}" for setting in _REMOVABLE),
        *(f"{verb}AccountPublicAccessBlock" for verb in ("Get", "Put", "Delete")),
    ]
)
OBJECT_LISTINGS = frozenset(
    """
    ListObjects ListObjectsV2 ListObjectVersions ListParts
    ListMultipartUploads ListObjectAnnotations
    """.split()
)
PERMISSION = re.compile(r"Acl|Policy|PublicAccessBlock|OwnershipControls")
READ_EVENTS = re.compile(
    r"(Get|Head|Select)Object(Content|Tagging|(Lock)?Retention|(Lock)?LegalHold"
    r"|Attributes|Torrent|Annotation)?|WriteGetObjectResponse"
)
WRITE_EVENTS = re.compile(
    r"(Put|Post|Copy|Restore|Rename|Update)Object(Tagging|(Lock)?Retention"
    r"|(Lock)?LegalHold|Annotation|Encryption)?|UploadPart(Copy)?"
    r"|(Create|Complete|Initiate)MultipartUpload|InitiateReplication"
)
DELETE_EVENTS = re.compile(
    r"DeleteObjects?|DeleteObject[A-Z]\w*|AbortMultipartUpload|DeleteBucket"
)
OTHER_EVENTS = re.compile(r"Presign|Job\w*")
# Besides those that the rule lists: what names no bucket but a grant, an
# access point across regions or of an account, an endpoint or a tag.
ACCOUNT_EVENTS = re.compile(
    r"ListBuckets|ListRegionalBuckets|ListDirectoryBuckets|ListAccessPoints\w*"
    r"|\w*(AccountPublicAccessBlock|StorageLens|Job|AccessGrant|DataAccess"
    r"|MultiRegionAccessPoint|ForObjectLambda|Endpoint|Outposts|TagResource"
    r"|UntagResource|TagsForResource)\w*"
)


@functools.cache
def known_events() -> frozenset[str]:
    """Return the event names that the rules or the catalogue know."""
    names = {"InitiateMultipartUpload", *DATA_EVENTS, *MANAGEMENT_EVENTS}
    catalogue = SEEDS / "cloudtrail_event_catalogue.csv"
    if catalogue.exists():
        with catalogue.open(newline="", encoding="utf-8") as lines:
            names.update(row["event_name"] for row in csv.DictReader(lines))
    return frozenset(names)


@functools.cache
def catalogue_read_only() -> dict[str, bool | None]:
    """Return is_read_only by event name, as the catalogue seed has it."""
    catalogue = SEEDS / "cloudtrail_event_catalogue.csv"
    if not catalogue.exists():
        return {}
    with catalogue.open(newline="", encoding="utf-8") as lines:
        return {
            row["event_name"]: boolean(row["is_read_only"])
            for row in csv.DictReader(lines)
        }


def known_class(name: str) -> str:
    """Return the operation class of a known event name."""
    if PERMISSION.search(name):
        return "permission"
    for operation_class, pattern in (
        ("session", "CreateSession"),
        ("preflight", "PreflightRequest"),
        ("other", OTHER_EVENTS),
        ("list", r"List\w*|HeadBucket"),
        ("read", READ_EVENTS),
        ("write", WRITE_EVENTS),
        ("delete", DELETE_EVENTS),
    ):
        if re.fullmatch(pattern, name):
            return operation_class
    return "configuration"


def unknown_class(name: str, has_key: bool) -> str:
    """Return the operation class of an unknown event name."""
    if PERMISSION.search(name):
        return "permission"
    if name.startswith("List"):
        return "list"
    for operation_class, verbs in (
        ("read", ("Get", "Head", "Select")),
        (
            "write",
            ("Put", "Post", "Copy", "Upload", "Create", "Complete")
            + ("Restore", "Rename", "Update"),
        ),
        ("delete", ("Delete", "Abort")),
    ):
        if name.startswith(verbs):
            return operation_class if has_key else "configuration"
    return "other"


def operation_class(name: str, has_key: bool) -> str:
    """Return what a request did."""
    if name in known_events():
        return known_class(name)
    return unknown_class(name, has_key)


def known_level(name: str) -> str:
    """Return the resource level of a known event name."""
    if ACCOUNT_EVENTS.fullmatch(name):
        return "account"
    if name in ("HeadBucket", "CreateSession"):
        return "bucket"
    if (
        name in DATA_EVENTS
        or name in OBJECT_LISTINGS
        or re.search("MultipartUpload|^UploadPart", name)
        or re.fullmatch(r"[A-Z][a-z]+Object(?!LockConfiguration)\w*", name)
    ):
        return "object"
    return "bucket"


def resource_level(name: str, has_key: bool, has_bucket: bool) -> str:
    """Return what a request was about."""
    if name in known_events():
        return known_level(name)
    if has_key:
        return "object"
    return "bucket" if has_bucket else "account"


def known_category(name: str) -> str:
    """Return the event category of a known event name."""
    is_data = name == "HeadBucket" or known_level(name) == "object"
    return "Data" if is_data or name == "CreateSession" else "Management"


def event_category(record: Row, name: str, has_key: bool) -> str:
    """Return eventCategory, else what else tells it."""
    category = text(record.get("eventCategory"))
    if category:
        return category
    management = boolean(record.get("managementEvent"))
    if management is not None:
        return "Management" if management else "Data"
    if name in known_events():
        return known_category(name)
    return "Data" if has_key else "Management"


READS = ("Get", "Head", "List", "Select")
CHANGES = (
    ("Put", "Post", "Copy", "Upload", "Complete", "Restore", "Rename")
    + ("Update", "Delete", "Abort", "CreateBucket", "CreateMultipartUpload")
    + ("InitiateMultipartUpload",)
)


def is_read_only(record: Row, name: str) -> bool | None:
    """Return readOnly, else what the name says of a known event.

    The rules leave a few names to the catalogue (CreateSession, Presign, ...).
    """
    logged = boolean(record.get("readOnly"))
    if logged is not None or name not in known_events():
        return logged
    if name.startswith(READS):
        return True
    if name.startswith(CHANGES):
        return False
    return catalogue_read_only().get(name)


# -------------------------------------------------------- What is a request

SOURCES = {
    f"{service}.amazonaws.com{suffix}"
    for service in ("s3", "s3express", "s3-outposts", "s3-object-lambda")
    for suffix in ("", ".cn")
}


def is_s3_request(record: Row) -> bool:
    """Tell whether a record is an S3 request."""
    name = text(record.get("eventName")) or ""
    return text(record.get("eventSource")) in SOURCES and event_category(
        record, name, object_key(record) is not None
    ) in ("Data", "Management")


def is_companion(record: Row) -> bool:
    """Tell whether a record is one key of a DeleteObjects."""
    return (
        text(record.get("eventName")) == "DeleteObject"
        and text(record.get("eventType")) == "AwsServiceEvent"
    )


ISO_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)


def event_at(record: Row) -> datetime | None:
    """Return eventTime as UTC, to the millisecond."""
    value = record.get("eventTime")
    match = ISO_TIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    *clock, fraction, zone = match.groups()
    try:
        local = datetime(*map(int, clock))
    except ValueError:
        return None
    local += timedelta(milliseconds=int((fraction or "0").ljust(3, "0")[:3]))
    offset = zone_offset(zone)
    if not 1000 <= local.year < 3000 or offset is None:
        return None
    return local - offset


def zone_offset(zone: str | None) -> timedelta | None:
    """Return how far a zone (`Z`, `+02`, `+0230`, `-02:30`) is from UTC.

    None where no zone is: more than 14 hours away.
    """
    if zone is None or zone == "Z":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if int(digits[2:]) > 59 or offset > timedelta(hours=14):
        return None
    return -offset if zone[0] == "-" else offset


def addendum_reason(record: Row) -> str | None:
    """Return why CloudTrail delivered the record late or again."""
    return text(member(record, "addendum", "reason"))


def request_key(record: Row) -> str | None:
    """Return the request that a record tells of, None if it has no id."""
    original = None
    if addendum_reason(record) == "UPDATED_DATA":
        original = member(record, "addendum", "originalEventID")
    return first_text(record.get("sharedEventID"), original, record.get("eventID"))


# ------------------------------------------------------------ Bucket and key

BUCKET_TYPES = {
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Outposts::Bucket",
}
OBJECT_ARN = re.compile(r"arn:aws[a-z-]*:s3:::([^/]+)(?:/(.*))?", re.DOTALL)


def resources(record: Row) -> list[Row]:
    """Return the objects in `resources`."""
    listed = record.get("resources")
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, dict)]


def bucket_of_arn(entry: Row) -> str | None:
    """Return a bucket entry's name: after the last `:`, then the last `/`."""
    arn = text(entry.get("ARN")) or ""
    return text(arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1])


def bucket_entry(record: Row) -> Row | None:
    """Return the first entry of a bucket type that has a name."""
    for entry in resources(record):
        if text(entry.get("type")) in BUCKET_TYPES and bucket_of_arn(entry):
            return entry
    return None


def object_arn(record: Row) -> tuple[str | None, str | None]:
    """Return bucket and key of the first object's ARN."""
    arns = [
        text(entry.get("ARN"))
        for entry in resources(record)
        if text(entry.get("type")) == "AWS::S3::Object"
    ]
    match = OBJECT_ARN.fullmatch(first_text(*arns) or "")
    return (match[1], text(match[2])) if match else (None, None)


def bucket_name(record: Row) -> str | None:
    """Return the bucket: resources, else the parameters."""
    entry = bucket_entry(record)
    parameters = record.get("requestParameters")
    return first_text(
        entry and bucket_of_arn(entry),
        scalar(member(parameters, "bucketName")),
        object_arn(record)[0],
        scalar(member(parameters, "bucket")),
    )


def bucket_account_id(record: Row) -> str | None:
    """Return the account of the resources' bucket entry."""
    return text(member(bucket_entry(record), "accountId"))


def object_key(record: Row) -> str | None:
    """Return the key, JSON-decoded and never URL-decoded."""
    parameters = record.get("requestParameters")
    return first_text(
        scalar(member(parameters, "key")),
        scalar(member(parameters, "Key")),
        object_arn(record)[1],
    )


def version_id(record: Row) -> str | None:
    """Return the version as logged, also the text `null`."""
    return scalar(member(record, "requestParameters", "versionId"))


# ------------------------------------------------------------------ Who asked


def identity(record: Row, *keys: str) -> str | None:
    """Return a text of userIdentity."""
    return text(member(record, "userIdentity", *keys))


def has_anonymous_identity(record: Row) -> bool:
    """Tell whether nobody is named, preflights included."""
    account = (identity(record, "accountId") or "").upper()
    principal = identity(record, "principalId")
    return (
        account in ("ANONYMOUS", "ANONYMOUS_PRINCIPAL")
        or principal == "ANONYMOUS_PRINCIPAL"
    )


def is_anonymous(record: Row) -> bool:
    """Tell whether a request was anonymous access."""
    preflight = text(record.get("eventName")) == "PreflightRequest"
    return has_anonymous_identity(record) and not preflight


def requester(record: Row) -> str:
    """Return the stable name of who asked."""
    if has_anonymous_identity(record):
        return "anonymous"
    arn = identity(record, "arn")
    if arn and identity(record, "type") == "AssumedRole":
        arn = text(arn.rsplit("/", 1)[0]) or arn
    account = identity(record, "accountId")
    principal = identity(record, "principalId")
    return (
        identity(record, "sessionContext", "sessionIssuer", "arn")
        or arn
        or identity(record, "invokedBy")
        or identity(record, "onBehalfOf", "userId")
        or account_and_principal(account, principal)
        or account
        or principal
        or "unknown"
    )


def account_and_principal(account: str | None, principal: str | None) -> str | None:
    """Name a requester by its account and the stable part of its id."""
    if account is None or principal is None:
        return None
    if principal.startswith(account):
        return principal
    return f"{account}:{principal.split(':', 1)[0]}"


def is_account_number(value: str | None) -> bool:
    """Tell whether a text is a real account's number."""
    return bool(re.fullmatch(r"[0-9]{12}", value or ""))


def requester_account_id(record: Row) -> str | None:
    """Return the requester's account if it is a real one."""
    account = identity(record, "accountId")
    return account if is_account_number(account) else None


def is_aws_service(record: Row) -> bool:
    """Tell whether an AWS service asked."""
    kind = identity(record, "type")
    return kind == "AWSService" or (
        kind is None and identity(record, "invokedBy") is not None
    )


def is_cross_account(record: Row) -> bool:
    """Tell whether the requester is of another account than the bucket."""
    caller, owner = requester_account_id(record), bucket_account_id(record)
    return bool(caller and is_account_number(owner) and caller != owner)


# --------------------------------------------------------------------- Client


def user_agent(record: Row) -> str | None:
    """Return the agent without S3's brackets."""
    agent = text(record.get("userAgent"))
    if agent and agent.startswith("["):
        agent = agent[1:-1] if agent.endswith("]") else agent[1:]
    return text(agent)


# ------------------------------------------------------ Signature, TLS, bytes


def extra(record: Row, key: str) -> str | None:
    """Return a text of additionalEventData."""
    return scalar(member(record, "additionalEventData", key))


def signature_version(record: Row) -> str | None:
    """Return the signature version in its usual spelling."""
    version = extra(record, "SignatureVersion")
    return {"sigv2": "SigV2", "sigv4": "SigV4"}.get((version or "").lower(), version)


def tls_text(record: Row, tls_key: str, *others: Any) -> str | None:
    """Return a text of tlsDetails, else a scalar of the other places."""
    return first_text(member(record, "tlsDetails", tls_key), *map(scalar, others))


def tls_version(record: Row) -> str | None:
    """Return the TLS version in the form `TLSv1.2`."""
    version = text(member(record, "tlsDetails", "tlsVersion"))
    if version and re.match(r"[0-9]", version):
        return f"TLSv{version}"
    return version


def cipher_suite(record: Row) -> str | None:
    """Return the cipher suite."""
    data = record.get("additionalEventData")
    return tls_text(
        record,
        "cipherSuite",
        member(data, "CipherSuite"),
        member(data, "cipherSuite"),
    )


def host_header(record: Row) -> str | None:
    """Return the host that the client asked for."""
    parameters = record.get("requestParameters")
    return tls_text(
        record,
        "clientProvidedHostHeader",
        first_element(member(parameters, "Host")),
        first_element(member(parameters, "host")),
    )


TLS_DETAILS = ("tlsVersion", "cipherSuite", "clientProvidedHostHeader")
LOGGED_WITH_TLS = ("SignatureVersion", "bytesTransferredIn", "bytesTransferredOut")


def is_secure_transport(record: Row) -> bool | None:
    """Tell whether a request came over TLS; None if the log does not say."""
    if tls_version(record) or cipher_suite(record):
        return True
    would_tell = any(
        text(member(record, "tlsDetails", key)) for key in TLS_DETAILS
    ) or any(extra(record, key) for key in LOGGED_WITH_TLS)
    return False if would_tell and not identity(record, "invokedBy") else None


DENIALS = {
    "AllAccessDisabled",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
    "Forbidden",
}


def is_denied(record: Row) -> bool:
    """Tell whether S3 refused the request for want of permission."""
    code = text(record.get("errorCode")) or ""
    return "AccessDenied" in code or code in DENIALS


SECRETS = {
    "x-amz-signature",
    "signature",
    "x-amz-security-token",
    "authorization",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key",
}


# JSON in a text, and a key that may be spelled with escapes there.
SECRET_IN_TEXT = re.compile(rf'"({"|".join(SECRETS)})\\?"|\\u', re.IGNORECASE)


def logged_json(value: Any) -> str | None:
    """Return a JSON text without its secrets; null and `""` are null.

    A text that holds JSON with a secret goes as a whole.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and SECRET_IN_TEXT.search(value):
        value = "REDACTED"
    if isinstance(value, dict):
        value = {
            key: "REDACTED" if key.lower() in SECRETS else item
            for key, item in value.items()
        }
    return json_text(value)


# ---------------------------------------------------------------- Client seed


@functools.cache
def client_tokens() -> tuple[tuple[int, str, str], ...]:
    """Return (match_rank, token, client name) of the client catalogue."""
    catalogue = SEEDS / "cloudtrail_client_catalogue.csv"
    if not catalogue.exists():
        return ()
    with catalogue.open(newline="", encoding="utf-8") as lines:
        return tuple(
            sorted(
                (
                    int(row["match_rank"]),
                    row["client_token"].lower(),
                    row["client_name"],
                )
                for row in csv.DictReader(lines)
            )
        )


@functools.cache
def client(agent: str | None) -> tuple[str | None, str | None]:
    """Return name and version of the client that decides the fix.

    A browser's `Mozilla/5.0` is no version of the browser.
    """
    for _, token, name in client_tokens():
        match = re.search(
            rf"(?<![a-z0-9_.-]){re.escape(token)}(?![a-z0-9_.-])"
            r"(?:/v?([0-9][^ ,;()\[\]{}]*))?",
            agent or "",
            re.IGNORECASE | re.ASCII,
        )
        if match:
            return name, match[1] if name == token else None
    return None, None


# ------------------------------------------------------- What decisions count


def parameter(row: Row, key: str) -> str | None:
    """Return the text of a request parameter, as the fact keeps it."""
    kept = row["request_parameters"]
    if kept is None:
        return None
    return scalar(member(json.loads(kept, parse_float=Decimal), key))


POLICIES = {
    "identity-based": "identity_policy",
    "resource-based": "bucket_policy",
    "service control": "service_control_policy",
    "resource control": "resource_control_policy",
    "session": "session_policy",
    "permissions boundary": "permissions_boundary",
    "VPC endpoint": "vpc_endpoint_policy",
}
DENIAL = re.compile(
    rf"(explicit deny in an? |because no )({'|'.join(POLICIES)})", re.IGNORECASE
)
PUBLIC = re.compile(
    "block ?public ?(access|acls|policy)|restrictpublicbuckets", re.IGNORECASE
)


def denial(row: Row) -> tuple[str, str | None]:
    """Return which policy denied and how, from what surrounds others' names."""
    said = re.sub(
        r"\AUser: [^ ]+ ", "", row["error_message"] or "", flags=re.IGNORECASE
    )
    before, _, after = said.partition('on resource: "')
    if '"' in after:
        said = before + after[after.rindex('"') + 1 :]
    named = list(DENIAL.finditer(said))
    if named:
        how, policy = named[-1].groups()
        source = {name.lower(): value for name, value in POLICIES.items()}
        return (
            source[policy.lower()],
            "implicit" if how.lower().startswith("because") else "explicit",
        )
    if PUBLIC.search(said):
        source = "block_public_access"
    elif re.search(r"because[\s\S]*blocked upload requests", said, re.IGNORECASE):
        source = "upload_encryption"
    else:
        source = "unknown"
    ended = re.search(r"with an explicit deny\.?\Z", said, re.IGNORECASE)
    return source, "explicit" if ended and source == "unknown" else None


GRANTS = [
    f"x-amz-grant-{right}"
    for right in ("full-control", "read", "read-acp", "write", "write-acp")
]


def canned_acl(row: Row) -> str | None:
    """Return the x-amz-acl header, which may be logged as a list."""
    kept = row["request_parameters"]
    if kept is None:
        return None
    parameters = json.loads(kept, parse_float=Decimal)
    return scalar(first_element(member(parameters, "x-amz-acl")))


def acl_use(row: Row) -> str | None:
    """Return why a request needs ACLs, None if it would do without."""
    if row["is_acl_required"]:
        return "acl_required"
    if row["event_name"] in ("PutObjectAcl", "PutBucketAcl"):
        return "put_acl"
    if (row["operation_class"], row["resource_level"]) != ("write", "object"):
        return None
    canned = canned_acl(row)
    if any(parameter(row, grant) for grant in GRANTS):
        return "acl_header"
    return "acl_header" if canned not in (None, "bucket-owner-full-control") else None


def sets_public_access(row: Row) -> bool:
    """Tell whether a call has set or removed Block Public Access."""
    names = "(Put|Delete)(Bucket|Account)?PublicAccessBlock"
    return row["error_code"] is None and bool(re.fullmatch(names, row["event_name"]))


def opened_to(row: Row) -> str | None:
    """Return what may make data public after such a call, None if nothing may."""
    kept = row["request_parameters"] or ""
    is_on: dict[str, bool] = {}
    if row["event_name"].startswith("Put"):
        if '"PublicAccessBlockConfiguration"' not in kept:
            return None
        settings = member(json.loads(kept), "PublicAccessBlockConfiguration")
        is_on = {
            name: (scalar(member(settings, name)) or "").lower() == "true"
            for name in ("IgnorePublicAcls", "RestrictPublicBuckets")
        }
    ways = {"IgnorePublicAcls": "acls", "RestrictPublicBuckets": "policies"}
    opened = [way for name, way in ways.items() if not is_on.get(name)]
    return " and ".join(opened) or None


def key_prefix(row: Row) -> str | None:
    """Return the key's first folder, with its slash."""
    folder, slash, _ = (row["object_key"] or "").partition("/")
    return folder + slash if slash else None


def signed_at(row: Row) -> datetime | None:
    """Return when a SigV4 URL was signed: `20240229T100000Z`."""
    day = re.fullmatch(
        r"([12]\d{3})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z",
        parameter(row, "X-Amz-Date") or "",
        re.ASCII,
    )
    try:
        return datetime(*map(int, day.groups())) if day else None
    except ValueError:
        return None


def seconds(row: Row, key: str, digits: int) -> int | None:
    """Return a number of seconds that has at most so many digits."""
    value = parameter(row, key) or ""
    is_number = re.fullmatch(r"\d+", value, re.ASCII) and len(value) <= digits
    return int(value) if is_number else None


def expires_at(row: Row) -> datetime | None:
    """Return when a URL ends: SigV4 says for how long, SigV2 until when."""
    start, length = signed_at(row), seconds(row, "X-Amz-Expires", 9)
    if start is None or length is None:
        start, length = datetime(1970, 1, 1), seconds(row, "Expires", 10)
    return None if length is None else start + timedelta(seconds=length)


def url_id(row: Row) -> str:
    """Return the hash of what tells a URL from others."""
    columns = ("access_key_id", "bucket_name", "object_key", "version_id", "event_name")
    parts = [row[column] for column in columns]
    parts += [parameter(row, key) for key in ("X-Amz-Date", "X-Amz-Expires", "Expires")]
    texts = ("-" if part is None else f"{len(part)}:{part}" for part in parts)
    return hashlib.md5("".join(texts).encode()).hexdigest()


# What a count by day has beside columns of the fact.
OF_DAYS: dict[str, Callable[[Row], Any]] = {
    "key_prefix": key_prefix,
    "invoked_by": lambda row: row["invoked_by"] if row["is_aws_service"] else None,
    "acl_use": acl_use,
    "canned_acl": canned_acl,
    "denial_source": lambda row: denial(row)[0],
    "denial_kind": lambda row: denial(row)[1],
    "url_id": url_id,
    "signed_at": signed_at,
    "lifetime_seconds": lambda row: seconds(row, "X-Amz-Expires", 9),
    "expires_at": expires_at,
    "is_successful": lambda row: row["error_code"] is None,
    "is_preflight": lambda row: row["event_name"] == "PreflightRequest",
    "opened_to": opened_to,
}


# ----------------------------------------------------------------- The tables

COLUMNS: dict[str, Callable[[Row], Any]] = {
    "request_key": request_key,
    "event_id": lambda record: text(record.get("eventID")),
    "shared_event_id": lambda record: text(record.get("sharedEventID")),
    "request_id": lambda record: text(record.get("requestID")),
    "event_at": event_at,
    "event_source": lambda record: text(record.get("eventSource")),
    "event_name": lambda record: text(record.get("eventName")) or "unknown",
    "event_type": lambda record: text(record.get("eventType")),
    "event_version": lambda record: text(record.get("eventVersion")),
    "aws_region": lambda record: text(record.get("awsRegion")),
    "account_id": lambda record: text(record.get("recipientAccountId")),
    "bucket_name": bucket_name,
    "bucket_account_id": bucket_account_id,
    "object_key": object_key,
    "version_id": version_id,
    "requester": requester,
    "requester_type": lambda record: identity(record, "type"),
    "requester_account_id": requester_account_id,
    "user_arn": lambda record: identity(record, "arn"),
    "principal_id": lambda record: identity(record, "principalId"),
    "access_key_id": lambda record: identity(record, "accessKeyId"),
    "invoked_by": lambda record: identity(record, "invokedBy"),
    "is_anonymous": is_anonymous,
    "is_aws_service": is_aws_service,
    "is_cross_account": is_cross_account,
    "is_companion": is_companion,
    "source_ip_address": lambda record: text(record.get("sourceIPAddress")),
    "user_agent": user_agent,
    "client_name": lambda record: client(user_agent(record))[0],
    "client_version": lambda record: client(user_agent(record))[1],
    "signature_version": signature_version,
    "authentication_method": lambda record: extra(record, "AuthenticationMethod"),
    "is_presigned": lambda record: (
        extra(record, "AuthenticationMethod") == "QueryString"
    ),
    "tls_version": tls_version,
    "cipher_suite": cipher_suite,
    "host_header": host_header,
    "is_secure_transport": is_secure_transport,
    "is_acl_required": lambda record: extra(record, "aclRequired") == "Yes",
    "bytes_in": lambda record: integer(
        member(record, "additionalEventData", "bytesTransferredIn")
    ),
    "bytes_out": lambda record: integer(
        member(record, "additionalEventData", "bytesTransferredOut")
    ),
    "encryption_applied": lambda record: extra(record, "SSEApplied"),
    "error_code": lambda record: text(record.get("errorCode")),
    "error_message": lambda record: text(record.get("errorMessage")),
    "is_denied": is_denied,
    "vpc_endpoint_id": lambda record: first_text(
        record.get("vpcEndpointId"),
        extra(record, "vpcEndpointId"),
    ),
    "request_parameters": lambda record: logged_json(record.get("requestParameters")),
    "additional_event_data": lambda record: logged_json(
        record.get("additionalEventData")
    ),
    "addendum_reason": addendum_reason,
}


def request_row(record: Row, file: LogFile) -> Row:
    """Return the fact's row of one S3 record."""
    row = {column: rule(record) for column, rule in COLUMNS.items()}
    name = row["event_name"]
    has_key = row["object_key"] is not None
    has_bucket = row["bucket_name"] is not None
    row["event_category"] = event_category(record, name, has_key)
    row["operation_class"] = operation_class(name, has_key)
    row["resource_level"] = resource_level(name, has_key, has_bucket)
    row["is_read_only"] = is_read_only(record, name)
    row["account_id"] = row["account_id"] or file.account_id
    row["event_date"] = row["event_at"].date() if row["event_at"] else None
    row["log_date"] = file.log_date
    row["log_file"] = file.log_file
    return row


def is_in_scope(row: Row, file: LogFile, settings: Settings) -> bool:
    """Apply the settings that only the record can answer."""
    account = file.account_id or row["account_id"]
    region = file.region or row["aws_region"]
    return (
        row["bucket_name"] not in settings.excluded_buckets
        and allowed(account, settings.account_ids)
        and allowed(region, settings.regions)
    )


def is_placeable(row: Row) -> bool:
    """Tell whether a row has a time and an id."""
    return row["event_at"] is not None and row["request_key"] is not None


def winner(copies: list[Row]) -> Row:
    """Return the copy that stands for a request."""
    content = sorted(copies[0], key=lambda column: (column in JSON_COLUMNS, column))
    columns = ["log_date", "log_file", "event_id", *content]
    copies = sorted(
        copies,
        key=lambda row: [(row[column] is None, row[column]) for column in columns],
    )
    updates = [row for row in copies if row["addendum_reason"] == "UPDATED_DATA"]
    if updates:
        latest = max((row["log_date"], row["log_file"]) for row in updates)
        copies = [
            row for row in updates if (row["log_date"], row["log_file"]) == latest
        ]
    callers = [row for row in copies if row["user_arn"] is not None]
    return (callers or copies)[0]


def grouped(rows: Iterable[Row], *columns: str) -> dict[tuple, list[Row]]:
    """Group rows by the values of columns."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def total(rows: list[Row], column: str) -> int | None:
    """Add up what is logged, at most what a bigint holds; None for nothing."""
    values = [row[column] for row in rows if row[column] is not None]
    return min(sum(values), 2**63 - 1) if values else None


def slice_of(rows: list[Row], columns: str, keep: Callable[[Row], bool]) -> list[Row]:
    """Return some columns of the rows that are kept."""
    return [{c: row[c] for c in columns.split()} for row in rows if keep(row)]


SIGV2_COLUMNS = """
    request_key event_at event_date event_name bucket_name object_key
    request_parameters aws_region source_ip_address user_agent requester
    user_arn access_key_id authentication_method is_presigned client_name
    client_version error_code
    """
OBJECT_COLUMNS = """
    request_key event_at event_date event_source event_name operation_class
    source_ip_address user_agent bucket_name object_key version_id requester
    user_arn error_code is_denied is_anonymous is_companion bytes_in bytes_out
    """
ANONYMOUS_COLUMNS = """
    request_key event_at event_date event_name operation_class
    source_ip_address user_agent bucket_name object_key user_arn principal_id
    error_code is_denied bytes_out
    """
# A count by day: its columns, and the requests that it counts.
DAILY: dict[str, tuple[tuple[str, ...], Callable[[Row], Any]]] = {
    "fct_s3_activity_daily": (
        tuple(
            """
            event_date account_id aws_region bucket_name requester event_name
            signature_version authentication_method tls_version client_name
            client_version error_code is_acl_required is_secure_transport
            is_anonymous is_aws_service is_cross_account event_category
            operation_class resource_level is_denied
            """.split()
        ),
        lambda row: True,
    ),
    "int_s3_access_daily": (
        tuple(
            """
            event_date aws_region bucket_name bucket_account_id requester
            requester_type requester_account_id is_anonymous is_aws_service
            is_preflight source_ip_address
            """.split()
        ),
        lambda row: True,
    ),
    "int_s3_acl_use_daily": (
        tuple(
            """
            event_date bucket_name key_prefix requester invoked_by event_name
            acl_use canned_acl is_anonymous is_aws_service is_cross_account
            """.split()
        ),
        acl_use,
    ),
    "int_s3_denials_daily": (
        tuple(
            """
            event_date bucket_name requester event_name error_code
            denial_source denial_kind
            """.split()
        ),
        lambda row: row["is_denied"],
    ),
    "int_s3_presigned_urls_daily": (
        tuple(
            """
            event_date bucket_name requester signature_version url_id signed_at
            lifetime_seconds expires_at operation_class is_successful
            source_ip_address
            """.split()
        ),
        lambda row: row["is_presigned"],
    ),
    "int_s3_public_access_daily": (
        ("event_date", "bucket_name", "requester", "event_name", "opened_to"),
        sets_public_access,
    ),
}


def sigv2_requesters(requests: list[Row]) -> list[Row]:
    """Return one row per requester that signs with SigV2."""
    sigv2 = [
        row
        for row in requests
        if row["signature_version"] == "SigV2" and not row["is_companion"]
    ]
    return [
        {
            "requester": name,
            "request_count": len(rows),
            "header_request_count": count(rows, "authentication_method", "AuthHeader"),
            "presigned_request_count": count(
                rows, "authentication_method", "QueryString"
            ),
            "bucket_count": len(distinct(rows, "bucket_name")),
            "region_count": len(distinct(rows, "aws_region")),
            "first_seen_at": min(row["event_at"] for row in rows),
            "last_seen_at": max(row["event_at"] for row in rows),
            **main_client(rows),
        }
        for (name,), rows in grouped(sigv2, "requester").items()
    ]


def count(rows: list[Row], column: str, value: Any) -> int:
    """Count the rows with a value."""
    return sum(row[column] == value for row in rows)


def distinct(rows: list[Row], column: str) -> set:
    """Return the known values of a column."""
    return {row[column] for row in rows} - {None}


def main_client(rows: list[Row]) -> Row:
    """Return the known client with most requests, then by name, version."""
    clients = grouped(rows, "client_name", "client_version")
    known = [
        (-len(group), name, version is None, version)
        for (name, version), group in clients.items()
        if name is not None
    ]
    *_, name, _, version = min(known) if known else (None, None, None)
    return {"main_client_name": name, "main_client_version": version}


def counts_by_day(requests: list[Row], table: str) -> list[Row]:
    """Return a table of counts by day; companions count nowhere."""
    columns, is_counted = DAILY[table]
    counted = []
    for row in requests:
        if not row["is_companion"] and is_counted(row):
            own = {name: OF_DAYS[name](row) for name in columns if name in OF_DAYS}
            counted.append({**row, **own})
    return [
        {
            **dict(zip(columns, key, strict=True)),
            "request_count": len(rows),
            "denied_count": count(rows, "is_denied", True),
            "bytes_in": total(rows, "bytes_in"),
            "bytes_out": total(rows, "bytes_out"),
            "first_seen_at": min(row["event_at"] for row in rows),
            "last_seen_at": max(row["event_at"] for row in rows),
        }
        for key, rows in grouped(counted, *columns).items()
    ]


OWNER_COPY_COLUMNS = tuple(
    """
    account_id aws_region bucket_name bucket_account_id operation_class
    signature_version tls_version is_secure_transport log_file event_date
    log_date
    """.split()
)


def owner_copies(records: list[Row]) -> list[Row]:
    """Return what was delivered of data events to others than the caller."""
    delivered = [
        row
        for row in records
        if is_placeable(row)
        and row["event_category"] == "Data"
        and row["bucket_name"] is not None
        and None not in (row["account_id"], row["requester_account_id"])
        and row["account_id"] != row["requester_account_id"]
        and not row["is_anonymous"]
        and not row["is_companion"]
    ]
    return [
        {
            **dict(zip(OWNER_COPY_COLUMNS, key, strict=True)),
            "first_seen_at": min(row["event_at"] for row in rows),
            "last_seen_at": max(row["event_at"] for row in rows),
        }
        for key, rows in grouped(delivered, *OWNER_COPY_COLUMNS).items()
    ]


def files_table(
    records: list[Row], requests: list[Row], places: dict[str, LogFile]
) -> list[Row]:
    """Return one row per file that held an S3 record."""
    kept = grouped(requests, "log_file")
    table = []
    for (name,), rows in grouped(records, "log_file").items():
        times = [row["event_at"] for row in rows if is_placeable(row)]
        request_count = len(kept.get((name,), []))
        table.append(
            {
                "log_file": name,
                "log_date": places[name].log_date,
                "account_id": places[name].account_id,
                "aws_region": places[name].region,
                "s3_record_count": len(rows),
                "request_count": request_count,
                "duplicate_count": len(times) - request_count,
                "unplaceable_count": len(rows) - len(times),
                "first_event_at": min(times, default=None),
                "last_event_at": max(times, default=None),
            }
        )
    return table


def tables(root: Path, settings: Settings | None = None) -> Tables:
    """Return every table that a build of the files below a root must make.

    Args:
        root: a folder, or one file.
        settings: what to read; everything without them.

    Raises:
        DamagedFileError: a file to be read is damaged.
    """
    settings = settings or Settings()
    records, loads, places = [], [], {}
    for file in log_files(root, settings):
        content = read_file(file.path)
        places[file.log_file] = file
        loads.append(
            {
                "log_file": file.load_name,
                "size": file.path.stat().st_size,
                "log_date": file.log_date,
                "status": content.status,
            }
        )
        for record in filter(is_s3_request, content.records):
            row = request_row(record, file)
            if is_in_scope(row, file, settings):
                records.append(row)
    placeable = filter(is_placeable, records)
    requests = [
        winner(copies)
        for copies in grouped(placeable, "request_key", "event_date").values()
    ]
    return {
        "fct_s3_requests": requests,
        "fct_s3_sigv2_requests": slice_of(
            requests,
            SIGV2_COLUMNS,
            lambda row: row["signature_version"] == "SigV2",
        ),
        "fct_s3_object_access": slice_of(
            requests,
            OBJECT_COLUMNS,
            lambda row: (
                row["resource_level"] == "object"
                and row["event_name"] != "PreflightRequest"
            ),
        ),
        "fct_s3_anonymous_access": slice_of(
            requests, ANONYMOUS_COLUMNS, lambda row: row["is_anonymous"]
        ),
        **{table: counts_by_day(requests, table) for table in DAILY},
        "fct_s3_sigv2_requesters": sigv2_requesters(requests),
        "fct_cloudtrail_log_files": files_table(records, requests, places),
        "int_s3_owner_copies": owner_copies(records),
        "fct_cloudtrail_loads": loads,
    }


# What one row of a table is told by.
KEYS = {
    "fct_s3_requests": ("request_key", "event_date"),
    "fct_s3_sigv2_requests": ("request_key", "event_date"),
    "fct_s3_object_access": ("request_key", "event_date"),
    "fct_s3_anonymous_access": ("request_key", "event_date"),
    **{table: columns for table, (columns, _) in DAILY.items()},
    "fct_s3_sigv2_requesters": ("requester",),
    "fct_cloudtrail_log_files": ("log_file",),
    "int_s3_owner_copies": OWNER_COPY_COLUMNS,
    "fct_cloudtrail_loads": ("log_file",),
}
JSON_COLUMNS = ("request_parameters", "additional_event_data")
