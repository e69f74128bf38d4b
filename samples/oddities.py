"""What goes wrong with records, deliveries and files, and earlier years."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from trail import (
    ANONYMOUS,
    BROWSERS,
    DATA,
    IRELAND,
    SHOP,
    STRANGER,
    VIRGINIA,
    Logs,
    Record,
    additional,
    aged,
    edit,
    envelope,
    iam_user,
    iso,
    log_name,
    log_path,
    moment,
    role,
    s3,
    two_copies,
    updated,
    uuid,
    without,
    zipped,
)

# --- Chapter 10: delivered twice, late, corrected ---------------------------


def deliveries(logs: Logs) -> None:
    """Duplicates, delays and corrections."""
    courier = role("courier", "van-2")

    def asked(day: int, hour: int, key: str, month: int = 5) -> Record:
        at = moment(day, hour, month)
        return s3("GetObject", courier, at, "harbor-assets", key, bytes_out=512)

    for number in range(3):
        record = asked(8, 15, f"twice/same-file-{number}.txt")
        for _ in range(2):
            logs.deliver(record, "equal to the byte, in one file")
    for number in range(5):
        record = asked(8, 15, f"twice/two-files-{number}.txt")
        logs.deliver(record, "equal to the byte, in two files of a day")
        logs.deliver(
            record,
            "equal to the byte, in two files of a day",
            at=datetime(2026, 5, 8, 16, 5),
        )
    for number in range(4):
        at = datetime(2026, 5, 9, 23, 56, number)
        record = s3("GetObject", courier, at, "harbor-assets", f"twice/night-{number}")
        for folder in (datetime(2026, 5, 9, 23, 55), datetime(2026, 5, 10, 0, 0)):
            logs.deliver(record, "equal to the byte, across midnight", at=folder)
    for number in range(3):
        record = asked(20, 9, f"twice/weeks-{number}.txt", month=4)
        logs.deliver(record, "equal to the byte, three weeks apart")
        logs.deliver(
            record,
            "equal to the byte, three weeks apart",
            at=datetime(2026, 5, 12, 10, 5),
        )

    late = asked(25, 9, "late/alone.txt", month=4)
    late["addendum"] = {"reason": "DELIVERY_DELAY"}
    logs.deliver(late, "DELIVERY_DELAY of eleven days", at=datetime(2026, 5, 6, 10))
    late = asked(5, 9, "late/both.txt")
    logs.deliver(late, "DELIVERY_DELAY after the original")
    late = edit(late, addendum={"reason": "DELIVERY_DELAY", "originalEventID": ""})
    logs.deliver(late, "DELIVERY_DELAY after the original", at=datetime(2026, 5, 7, 10))
    late = asked(5, 9, "late/names-another.txt")
    late["addendum"] = {"reason": "SERVICE_OUTAGE", "originalEventID": uuid()}
    logs.deliver(late, "an addendum of another reason names an original: ignored")

    record = asked(4, 9, "corrected/once.txt")
    logs.deliver(record, "UPDATED_DATA supersedes an original")
    record = updated(record, "errorCode", errorCode="AccessDenied")
    logs.deliver(
        record, "UPDATED_DATA supersedes an original", at=datetime(2026, 5, 6, 16)
    )
    record = asked(4, 9, "corrected/twice.txt")
    logs.deliver(record, "two UPDATED_DATA of one original: the later wins")
    for number, folder in enumerate([datetime(2026, 5, 5, 10), datetime(2026, 5, 8)]):
        again = updated(record, "userAgent", userAgent=f"correction/{number + 1}.0")
        logs.deliver(
            again, "two UPDATED_DATA of one original: the later wins", at=folder
        )
    record = asked(4, 9, "corrected/first.txt")
    again = updated(record, "userAgent", userAgent="correction/1.0")
    logs.deliver(again, "UPDATED_DATA delivered before its original")
    logs.deliver(
        record,
        "UPDATED_DATA delivered before its original",
        at=datetime(2026, 5, 6, 10, 5),
    )
    record = asked(4, 9, "corrected/orphan.txt")
    again = updated(record, "requestParameters")
    logs.deliver(again, "UPDATED_DATA whose original never came")
    caller = s3(
        "GetObject",
        role("lake-ingest", "fix", DATA),
        moment(4, 9),
        "harbor-uploads",
        "corrected/pair.docx",
        account=DATA,
    )
    caller, seen = two_copies(caller)
    again = updated(seen, "userAgent", userAgent="correction/1.0")
    for record in (caller, seen, again):
        logs.deliver(record, "UPDATED_DATA of one of two copies")

    caller = s3(
        "GetObject",
        role("lake-ingest", "slow", DATA),
        moment(9, 23),
        "harbor-uploads",
        "late/pair.docx",
        account=DATA,
    )
    caller, seen = two_copies(caller)
    logs.deliver(seen, "the owner's copy a day before the caller's")
    logs.deliver(
        caller,
        "the owner's copy a day before the caller's",
        at=datetime(2026, 5, 11, 0, 5),
    )
    nameless = s3(
        "GetObject",
        {"type": "AWSAccount", "accountId": STRANGER, "principalId": ""},
        moment(9, 9),
        "harbor-uploads",
        "late/nameless.docx",
        owner=SHOP,
    )
    nameless["sharedEventID"] = uuid()
    for account in (SHOP, DATA):
        half = edit(nameless, eventID=uuid(), recipientAccountId=account)
        logs.deliver(half, "two copies, neither with an ARN")

    record = asked(6, 9, "contradiction.txt")
    logs.deliver(record, "one event id on two days: the log contradicts itself")
    record = edit(record, eventTime=iso(moment(7, 9)))
    logs.deliver(record, "one event id on two days: the log contradicts itself")

    early = s3(
        "GetObject",
        courier,
        datetime(2026, 5, 12, 0, 0, 20),
        "harbor-assets",
        "midnight/early.txt",
    )
    logs.deliver(
        early, "an event of the day after its folder", at=datetime(2026, 5, 11, 23, 55)
    )
    for number in range(3):
        record = asked(13, 23, f"midnight/{number}.txt")
        logs.deliver(record, "an event of the day before its folder")


# --- Chapter 11: odd records ------------------------------------------------

HOSTILE = [
    "'; drop table fct_s3_requests; --",
    "\"quoted\" and 'quoted'",
    "{{ jinja }} {% raw %} {# comment #}",
    "<script>alert('harbor')</script>",
    "back\\slash\\n and C:\\temp",
    "new\nline and\r\nreturn and\ttab",
    "emoji 📚🧜‍♀️ and 𝔊𝔬𝔱𝔥𝔦𝔠",
    "Grüße, 你好, שלום, مرحبا, e\u0301 and \u00e9",
    "percent%20encoded%2Fkey+plus%",
    "  leading and trailing blanks  ",
    "/leading//double///slashes/",
    "$1 ${var} %s %(x)s :name ? @x `tick`",
    "null",
    "a,b;c|d\u0001e\u007f",
    "line\u2028separator\u202eright-to-left",
    '{"Records":[{"eventName":"Fake"}]}',
    ".",
    " ",
    "long/" + "x" * 1019,
]


def odd_records(logs: Logs) -> None:
    """Hostile text, numbers as text, odd times, missing parts."""
    poet = role("poet", "quill")
    for text in HOSTILE:
        record = s3(
            "PutObject",
            iam_user("apps/fuzzer"),
            moment(12, 9),
            "harbor-lab",
            text,
            agent=f"[{text[:60]}]",
            parameters={"x-amz-meta-note": text[:60]},
            bytes_in=1,
        )
        shown = json.dumps(text[:30]).replace("|", "\\|")
        logs.deliver(record, f"hostile text `{shown}`")
    denied = s3(
        "GetObject",
        role("poet", "'; drop table x; --"),
        moment(12, 9),
        "harbor-lab",
        "a.txt",
        error="AccessDenied",
        message="<b>{{ no }}</b> 'quoted' \\ \"denied\"\n",
    )
    logs.deliver(denied, "hostile text in a session name and a message")

    sizes = [
        21838,
        "21838",
        21838.0,
        "21838.0",
        9007199254740993,
        "9007199254740993",
        -1,
        "-5",
        "abc",
        "",
        None,
        0,
    ]
    for size in sizes:
        record = s3(
            "GetObject",
            poet,
            moment(12, 9),
            "harbor-import",
            "sizes.bin",
            bytes_out=size,
        )
        logs.deliver(record, f"bytes `{json.dumps(size)}`")

    read_only: list[Any] = ["False", "true", "TRUE", "", None, "maybe"]
    for value in read_only:
        record = s3("GetObject", poet, moment(12, 9), "harbor-import", "a.txt")
        logs.deliver(edit(record, readOnly=value), f"readOnly `{json.dumps(value)}`")
    record = s3("HeadObject", poet, moment(12, 9), "harbor-import", "a.txt")
    logs.deliver(without(record, "readOnly"), "readOnly absent: from the catalogue")

    # Times. The day of the folder is the twelfth or thirteenth of May.
    folder = datetime(2026, 5, 12, 12, 5)
    times = [
        ("with an offset", "2026-05-12T14:00:00+02:00"),
        ("with an offset that changes the day", "2026-05-11T22:30:00-05:00"),
        ("with an offset of half an hour", "2026-05-12T17:30:00+05:30"),
        ("with a fraction", "2026-05-12T12:00:00.123Z"),
        ("with a fraction of microseconds", "2026-05-12T12:00:00.123456Z"),
        ("with a fraction and an offset", "2026-05-12T14:00:00.5+02:00"),
        ("with a blank instead of T", "2026-05-12 12:00:00"),
        ("with a blank, fraction and Z", "2026-05-12 12:00:00.250Z"),
        ("without a zone", "2026-05-12T12:00:00"),
    ]
    for case, text in times:
        record = s3("GetObject", poet, folder, "harbor-import", f"times/{text}")
        logs.deliver(edit(record, eventTime=text), f"time {case}", at=folder)
    broken: list[tuple[str, Any]] = [
        ("empty", ""),
        ("null", None),
        ("not a time", "yesterday at noon"),
        ("no such day", "2026-02-30T10:00:00Z"),
        ("no such hour", "2026-05-12T27:00:00Z"),
    ]
    for case, text in broken:
        record = s3("GetObject", poet, folder, "harbor-import", "unplaceable.txt")
        record["eventTime"] = text
        logs.deliver(record, f"unplaceable: time {case}", at=folder)
    record = s3("GetObject", poet, folder, "harbor-import", "unplaceable.txt")
    logs.deliver(without(record, "eventTime"), "unplaceable: no eventTime", at=folder)
    record = s3("GetObject", poet, folder, "harbor-import", "unplaceable.txt")
    logs.deliver(without(record, "eventID"), "unplaceable: no id at all")
    record = edit(record, eventID="", sharedEventID=None)
    logs.deliver(record, "unplaceable: ids empty")
    alone = datetime(2026, 5, 13, 12, 5)
    for _ in range(2):
        record = s3("GetObject", poet, alone, "harbor-import", "unplaceable.txt")
        record = without(record, "eventTime")
        logs.deliver(record, "unplaceable: the only records of a file", at=alone)
    record = s3("GetObject", poet, moment(12, 9), "harbor-import", "shared-only.txt")
    record = edit(without(record, "eventID"), sharedEventID=uuid())
    logs.deliver(record, "no eventID, but a sharedEventID")
    record = s3("GetObject", poet, moment(12, 9), "harbor-import", "original-only.txt")
    record["addendum"] = {"reason": "UPDATED_DATA", "originalEventID": uuid()}
    logs.deliver(without(record, "eventID"), "no eventID, but an originalEventID")

    # Where bucket, key and account can stand.
    def asked(key: str = "parts.txt") -> Record:
        return s3("GetObject", poet, moment(13, 9), "harbor-import", key)

    arn = "arn:aws:s3:::harbor-import"
    placed: list[tuple[str, Any, Any]] = [
        ("bucket and key only in requestParameters", [], {}),
        ("resources null", None, {}),
        (
            "bucket entry with an empty name",
            [{"accountId": SHOP, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::"}],
            {},
        ),
        (
            "bucket entry without an account",
            [{"type": "AWS::S3::Bucket", "ARN": arn}],
            {},
        ),
        (
            "bucket and key only in the object's ARN",
            [{"type": "AWS::S3::Object", "ARN": f"{arn}/from/the arn.txt"}],
            None,
        ),
        (
            "bucket in the object's ARN of aws-cn",
            [{"type": "AWS::S3::Object", "ARN": "arn:aws-cn:s3:::harbor-cn/a/b:c"}],
            None,
        ),
        ("bucket only as requestParameters.bucket", [], {"bucket": "harbor-import"}),
        ("neither bucket nor key", [], None),
        ("a key that only an ARNPrefix has", [{"ARNPrefix": f"{arn}/no-key"}], None),
        ("requestParameters empty", [], {"bucketName": "", "key": "", "host": ""}),
    ]
    for case, resources, parameters in placed:
        record = edit(asked(), resources=resources)
        if parameters is None or "bucketName" in parameters:
            record["requestParameters"] = parameters
        elif "bucket" in parameters:
            record["requestParameters"] = {**parameters, "key": "parts.txt"}
        logs.deliver(record, f"where things stand: {case}")
    record = without(asked(), "requestParameters", "resources", "responseElements")
    logs.deliver(record, "where things stand: requestParameters absent")
    record = without(asked(), "recipientAccountId")
    at = datetime(2026, 5, 13, 10)
    logs.deliver(
        record, "no recipientAccountId: the path's account", at=at, account=SHOP
    )
    empty = edit(
        asked(),
        requestParameters={},
        errorCode=None,
        errorMessage=None,
        vpcEndpointId="",
        sharedEventID="",
        apiVersion="",
        requestID="",
        sourceIPAddress="",
    )
    logs.deliver(empty, 'null and `""` in many fields; requestParameters `{}`')
    rare = edit(
        asked(),
        apiVersion="2006-03-01",
        sessionCredentialFromConsole="true",
        serviceEventDetails={"job": "example"},
        edgeDeviceDetails={"type": "snowball", "jobId": "EXAMPLE"},
        responseElements={"x-amz-expiration": "never"},
    )
    logs.deliver(rare, "fields that are rarely there")
    nested = asked()
    nested["requestParameters"].update(
        {"acl": [""], "list": ["a", "b"], "deep": {"a": {"b": [1, None, True, 2.5]}}}
    )
    logs.deliver(nested, "nested values in requestParameters")


# --- Chapter 12: secrets ----------------------------------------------------


def secrets(logs: Logs) -> None:
    """Things in requestParameters that must not reach a table."""
    keeper = role("keeper", "vault")
    found: list[tuple[str, Record]] = [
        (
            "SigV4 in the query",
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20260514/eu-west-1/s3/x",
                "X-Amz-Date": "20260514T090000Z",
                "X-Amz-Expires": "3600",
                "X-Amz-Security-Token": "EXAMPLEtoken1",
                "X-Amz-Signature": "EXAMPLEsignature1",
                "X-Amz-SignedHeaders": "host",
            },
        ),
        (
            "SigV2 in the query",
            {
                "AWSAccessKeyId": "AKIAIOSFODNN7EXAMPLE",
                "Expires": "1780000000",
                "Signature": "EXAMPLEsignature2%3D",
                "x-amz-security-token": "EXAMPLEtoken2",
            },
        ),
        ("in lower case", {"x-amz-signature": "EXAMPLEsignature3"}),
        ("in capitals", {"AUTHORIZATION": "EXAMPLEauthorization4"}),
        (
            "twice, in two cases",
            {"Signature": "EXAMPLEsignature5", "signature": "EXAMPLEsignature6"},
        ),
        (
            "the customer's key",
            {
                "x-amz-server-side-encryption-customer-algorithm": "AES256",
                "x-amz-server-side-encryption-customer-key": "EXAMPLEkey7=",
                "x-amz-server-side-encryption-customer-key-MD5": "EXAMPLEmd5=",
            },
        ),
        (
            "the customer's keys of a copy",
            {
                "X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key": "EXAMPLEkey8",
                "X-AMZ-SERVER-SIDE-ENCRYPTION-CUSTOMER-KEY": "EXAMPLEkey9=",
            },
        ),
        ("with quotes in it", {"Authorization": 'EXAMPLE"10", \\ {} \' %'}),
        ("as an array", {"X-Amz-Signature": ["EXAMPLEsignature11", "EXAMPLE12"]}),
        ("as an object", {"Signature": {"value": "EXAMPLEsignature13"}}),
        ("null and empty", {"Signature": None, "Authorization": ""}),
        (
            "a key that looks like one",
            {"x-amz-meta-signature": "kept", "signatureVersion": "kept"},
        ),
        ("text that looks like a key", {"note": '"Signature":"kept"'}),
    ]
    for number, (case, parameters) in enumerate(found):
        query = "in the query" in case
        record = s3(
            "PutObject" if "customer" in case else "GetObject",
            keeper,
            moment(14, 9),
            "harbor-vault",
            f"secrets/{number:02d}.bin",
            signature="SigV2" if case == "SigV2 in the query" else "SigV4",
            auth="QueryString" if query else "AuthHeader",
            parameters=parameters,
            extra={"SSEApplied": "SSE_C"} if "customer" in case else None,
        )
        logs.deliver(record, f"secret: {case}")


# --- Chapter 13: earlier years ----------------------------------------------


def earlier_years(logs: Logs) -> None:
    """A few folders of earlier years, with the versions of their time."""
    versions = [
        ("1.03", 2015),
        ("1.04", 2016),
        ("1.05", 2018),
        ("1.06", 2019),
        ("1.07", 2020),
        ("1.08", 2021),
        ("1.09", 2023),
        ("1.10", 2024),
        ("1.11", 2025),
    ]
    guest = {
        "type": "AWSAccount",
        "principalId": "",
        "accountId": "ANONYMOUS_PRINCIPAL",
    }
    for version, year in versions:
        at = datetime(year, 11, 28, 23, 2, 5)
        names = ["GetObject", "PutObject", "HeadBucket", "GetBucketAcl"]
        if year == 2015:  # requests on objects are logged since late 2016
            names = ["CreateBucket", "PutBucketPolicy", "ListBuckets", "GetBucketAcl"]
        for number in range(4):
            at += timedelta(seconds=15)
            record = s3(
                names[number],
                role("level1", f"session-{number}"),
                at,
                None if names[number] == "ListBuckets" else "harbor-old-site",
                f"pages/{number}.htm" if names[number].endswith("Object") else None,
                region=VIRGINIA,
                agent="[aws-cli/1.16.19 Python/2.7.10 Darwin/17.7.0 botocore/1.12.9]",
                tls="TLSv1.2",
            )
            if year == 2021 and number == 1:
                record = additional(record, SignatureVersion="SigV2")
            record = aged(record, version)
            if year == 2021:
                record = without(record, "tlsDetails")
            if year == 2019 and number == 0:
                record["requestParameters"]["Host"] = ["old.s3.amazonaws.com"]
                logs.deliver(record, "array-valued Host")
                continue
            if year == 2020 and number == 0:
                record = additional(record, vpcEndpointId="vpce-0example55556666")
                logs.deliver(record, "old record, vpcEndpointId in additionalEventData")
                continue
            if year == 2021:
                logs.deliver(record, "2021: cipher logged, tlsDetails not yet")
                continue
            logs.deliver(record, f"eventVersion {version}")
        for number in range(2 if year in (2018, 2021) else 0):
            record = s3(
                "GetObject",
                guest,
                at,
                "harbor-old-site",
                f"pages/{number}.htm",
                region=VIRGINIA,
                agent=BROWSERS[0],
                signature=None,
                tls="TLSv1.2",
            )
            record = aged(record, version)
            logs.deliver(record, "old record, anonymous in the older spelling")


# --- Chapter 14: files ------------------------------------------------------


def files(logs: Logs) -> None:
    """Everything that can lie in a log bucket beside ordinary files."""
    clerk = role("clerk", "desk")

    def asked(day: int, key: str) -> Record:
        record = s3("GetObject", clerk, moment(day, 9), "harbor-assets", key)
        return additional(record, bytesTransferredOut=99)

    shop = f"AWSLogs/{SHOP}/CloudTrail/{IRELAND}"
    day = datetime(2026, 5, 14, 13, 0)

    several = log_path(SHOP, IRELAND, day, "several")
    batches = [[asked(14, f"several/{n}-{m}") for m in range(2)] for n in range(3)]
    text = "\n".join([*map(envelope, batches), '{"Records":[]}'])
    logs.files[several] = zipped(text + "\n")
    for batch in batches:
        for record in batch:
            logs.note("several envelopes in one file", record["eventID"], several)

    escaped = log_path(SHOP, IRELAND, day, "escaped")
    record = asked(14, "escaped/📚 Grüße.txt")
    logs.files[escaped] = zipped(envelope([record], ascii_only=True))
    logs.note("text written in \\u escapes", record["eventID"], escaped)

    exported = log_path(SHOP, IRELAND, day, "exported").removesuffix(".gz")
    for number in range(3):
        record = asked(14, f"exported/{number}.txt")
        record.update(readOnly="False", responseElements="None", errorCode=None)
        logs.deliver(
            record,
            "`.json` beside `.json.gz`, edited by hand: text False and None",
            path=exported,
        )

    restored = f"{shop}/restored/{log_name(SHOP, IRELAND, day, 'restored')}"
    logs.deliver(asked(14, "restored.txt"), "day in the file's name", path=restored)
    incident = "AWSLogs/incident-4711/CloudTrail/evidence.json"
    record = without(asked(14, "evidence.txt"), "recipientAccountId")
    logs.deliver(record, "no day, account or region in the path", path=incident)

    empty: list[tuple[str, str, bytes]] = [
        ("zero bytes (.json.gz)", "zero.json.gz", b""),
        ("zero bytes (.json)", "zero.json", b""),
        ("gzip of nothing", "nothing.json.gz", zipped("")),
        ("`{}`", "braces.json.gz", zipped("{}")),
        ('`{"Records":[]}`', "no-records.json.gz", zipped('{"Records":[]}')),
    ]
    for case, name, content in empty:
        path = f"{shop}/2026/05/14/{name}"
        logs.files[path] = content
        logs.note(f"no events: {case}", "none", path)
    manifest = f"{shop}/2026/05/14/manifest.json"
    logs.files[manifest] = b'{"copiedBy":"clerk","files":["evidence.json"]}\n'
    logs.note("JSON without Records: ignored with a warning", "none", manifest)

    # Beside the event logs: nothing of this is read.
    trap = s3("GetObject", ANONYMOUS, moment(14, 9), "must-not-be-read", "no")
    digested = f"{SHOP}_CloudTrail-Digest_{IRELAND}_harbor_{IRELAND}_20260514T090000Z"
    beside = [
        f"AWSLogs/{SHOP}/CloudTrail-Digest/{IRELAND}/2026/05/14/{digested}.json.gz",
        f"{shop}/2026/05/14/{digested}.json.gz",
        f"AWSLogs/{SHOP}/Config/{IRELAND}/2026/5/14/ConfigSnapshot/"
        f"{SHOP}_Config_{IRELAND}_ConfigSnapshot_20260514T090000Z_example.json.gz",
    ]
    for kind in ("Insight", "NetworkActivity", "Aggregated"):
        name = log_name(SHOP, IRELAND, day).replace("CloudTrail", f"CloudTrail-{kind}")
        folder = f"AWSLogs/{SHOP}/CloudTrail-{kind}/{IRELAND}/2026/05/14"
        beside.append(f"{folder}/{name}")
    for path in beside:
        logs.files[path] = zipped(envelope([trap]))
        logs.note("not an event log, must not be read", trap["eventID"], path)
    balancer = (
        f"AWSLogs/{SHOP}/elasticloadbalancing/{IRELAND}/2026/05/14/"
        f"{SHOP}_elasticloadbalancing_{IRELAND}_app.harbor_20260514T0905Z.log.gz"
    )
    logs.files[balancer] = zipped("https 2026-05-14T09:00:00Z app/harbor 200\n")
    logs.note("not an event log, must not be read", "none", balancer)
