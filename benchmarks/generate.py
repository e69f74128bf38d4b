"""Generate CloudTrail log files of any size, the same for the same options.

Every file draws its events from a random generator seeded by the file's number,
so that files can be written by several processes, in any order, with the memory
of one event.  The mix is that of a busy trail with data events:

- roles with thousands of session names, IAM users, services, other accounts;
- object reads and writes, listings, deletions, calls on buckets;
- headers signed with SigV4, old clients that still sign with SigV2, presigned
  URLs of both versions, anonymous requests;
- denied requests, plain HTTP, old TLS, requests that need an ACL;
- events of other services (one in eight);
- events delivered twice, in another file and sometimes in another day's folder.

An event takes 1.63 kB of JSON and 190 bytes gzipped.  Accounts, access keys
and addresses are those that AWS and the RFCs set aside for examples.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from base64 import b32encode, b64encode
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from random import Random

ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
EVENTS_PER_FILE = 500
# At the fastest compression 50 MB, CloudTrail's largest file, of 320 MB of JSON.
LARGE_FILE_EVENTS = 197_000
# Of as many events of ordinary files are delivered again in another one.
COPIES, COPIES_OF = 3, 500
FIRST_DAY = date(2026, 1, 1)

BUCKETS = ("data", "logs", "media", "website")
PREFIXES = (
    "raw/2026/01/",
    "exports/daily/",
    "media/thumbnails/",
    "users/",
    "backup/db/",
    "reports/Q1 2026/",
    "équipe/données/",
    "tmp/_spark/",
)
SUFFIXES = (".parquet", ".json.gz", ".jpg", ".csv", ".html", ".bin")

MODERN_AGENTS = (
    "[aws-sdk-java/2.25.66 Linux/5.10.216-225.855.amzn2.x86_64 "
    "OpenJDK_64-Bit_Server_VM/17.0.11+9-LTS Java/17.0.11 "
    "vendor/Amazon.com_Inc. md/internal io/sync http/Apache cfg/retry-mode/legacy]",
    "[Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#6.1.82 md/arch#x86_64 "
    "lang/python#3.11.8 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.51]",
    "[aws-cli/2.15.30 Python/3.11.8 Linux/6.1.82 exe/x86_64.ubuntu.22 "
    "prompt/off command/s3.cp]",
    "[aws-sdk-go-v2/1.26.1 os/linux lang/go#1.22.2 md/GOOS#linux md/GOARCH#amd64 "
    "api/s3#1.53.1]",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 "
    "Linux/5.10.218-186.862.amzn2int.x86_64 vendor/Oracle_Corporation "
    "cfg/retry-mode/standard]",
    "[Hadoop 3.3.6, aws-sdk-java/1.12.720 Linux/5.10.215 "
    "OpenJDK_64-Bit_Server_VM/25.412-b09 java/1.8.0_412 scala/2.12.15 "
    "vendor/Amazon.com_Inc. cfg/retry-mode/legacy]",
    "[APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) "
    "terraform-provider-aws/5.44.0 aws-sdk-go/1.51.16 (go1.21.8; linux; amd64)]",
    "[aws-sdk-js/3.554.0 ua/2.0 os/linux#5.10.214 lang/js md/nodejs#20.12.1 "
    "api/s3#3.554.0 exec-env/AWS_Lambda_nodejs20.x]",
)
OLD_AGENTS = (
    "[Boto/2.49.0 Python/2.7.18 Linux/4.14.336-253.554.amzn2.x86_64]",
    "[aws-sdk-java/1.11.160 Linux/3.10.0-1160.el7.x86_64 "
    "Java_HotSpot(TM)_64-Bit_Server_VM/25.151-b12 java/1.8.0_151]",
    "[aws-cli/1.11.13 Python/2.7.12 Linux/4.4.0-210-generic botocore/1.4.70]",
    "[aws-sdk-ruby2/2.11.19 ruby/2.3.8 x86_64-linux]",
    "[s3cmd/1.6.1]",
)
BROWSERS = (
    "[Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36]",
    "[Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4.1 Safari/605.1.15]",
    "[curl/8.5.0]",
)

# The members that a presigned URL leaves in requestParameters.
SIGV2_URL = (
    '"AWSAccessKeyId":"AKIAEXAMPLE000000000","Expires":"1767225600",'
    '"Signature":"EXAMPLEsignatureEXAMPLE=",'
)
SIGV4_URL = (
    '"X-Amz-Date":"20260101T000000Z","X-Amz-Expires":"3600",'
    '"X-Amz-Algorithm":"AWS4-HMAC-SHA256","X-Amz-SignedHeaders":"host",'
)

# (event name, read only, share) of calls on objects, on buckets, elsewhere.
OBJECT_CALLS = (
    ("GetObject", True, 55),
    ("PutObject", False, 18),
    ("HeadObject", True, 12),
    ("ListObjects", True, 9),
    ("DeleteObject", False, 3),
    ("UploadPart", False, 2),
    ("CopyObject", False, 1),
)
BUCKET_CALLS = (
    ("GetBucketAcl", True, 30),
    ("GetBucketLocation", True, 25),
    ("ListBuckets", True, 15),
    ("GetBucketPolicyStatus", True, 15),
    ("PutBucketPolicy", False, 5),
    ("GetBucketEncryption", True, 10),
)
OTHER_CALLS = (
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("sts.amazonaws.com", "AssumeRole"),
    ("kms.amazonaws.com", "Decrypt"),
    ("logs.amazonaws.com", "CreateLogStream"),
    ("iam.amazonaws.com", "GetRole"),
)
# Shares of the kinds of events, in per mille.
KINDS = (
    ("role", 310),
    ("user", 210),
    ("service", 70),
    ("cross_account", 40),
    ("presigned", 60),
    ("sigv2", 50),
    ("anonymous", 60),
    ("bucket", 70),
    ("other", 130),
)
TLS = (
    ("TLSv1.3", "TLS_AES_128_GCM_SHA256"),
    ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
)
OLD_TLS = ("TLSv1", "ECDHE-RSA-AES128-SHA")
# Requesters: how many of a kind there are. The first are the busiest, each has one
# client, one TLS version (the last one plain HTTP) and mostly one bucket, and every
# fifth is refused now and then or let in by an ACL.
REQUESTERS = 30


def _cumulated(rows: tuple[tuple, ...]) -> list[int]:
    """Return the running sums of the shares that end each row."""
    return list(accumulate(row[-1] for row in rows))


KIND_NAMES = [kind for kind, _ in KINDS]
KIND_SHARES = _cumulated(KINDS)
OBJECT_SHARES = _cumulated(OBJECT_CALLS)
BUCKET_SHARES = _cumulated(BUCKET_CALLS)


@dataclass(frozen=True)
class Plan:
    """What to write: the options, and with them every file's place and size."""

    out: Path
    events: int
    days: int
    files: int
    first_day: date
    large_file: bool

    def folder_day(self, number: int) -> date:
        """Return the delivery day of a file; days get the same number of files."""
        return self.first_day + timedelta(days=number * self.days // self.files)

    def place(self, number: int) -> tuple[str, str]:
        """Return the account and the region of a file."""
        account = ACCOUNTS[number % len(ACCOUNTS)]
        return account, REGIONS[number // len(ACCOUNTS) % len(REGIONS)]

    def delivered_at(self, number: int) -> datetime:
        """Return the time of delivery: a day's files are spread over the day."""
        day = self.folder_day(number)
        first = -(-(day - self.first_day).days * self.files // self.days)
        in_day = max(1, self.files // self.days)
        minute = (number - first) * 1439 // in_day % 1440
        return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)

    def size(self, number: int) -> int:
        """Return how many records a file holds."""
        if number == self.files:
            return LARGE_FILE_EVENTS
        return self.events * (number + 1) // self.files - (
            self.events * number // self.files
        )

    def path(self, number: int) -> Path:
        """Return where a file goes; the large one lies among the first day's."""
        at = self.delivered_at(number % self.files)
        account, region = self.place(number)
        unique = b32encode(Random(f"name {number}").randbytes(10)).decode()
        return (
            self.out
            / "AWSLogs"
            / account
            / "CloudTrail"
            / region
            / f"{at:%Y/%m/%d}"
            / f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz"
        )

    def rng(self, number: int) -> Random:
        """Return the random numbers that a file's events are drawn from."""
        return Random(f"{self.first_day} {number}")

    def copies(self, number: int) -> int:
        """Return how many of a file's records are copies, the same share in all."""
        share = COPIES * self.events
        before = share * number // (COPIES_OF * self.files)
        return share * (number + 1) // (COPIES_OF * self.files) - before

    def copied_from(self, number: int) -> int | None:
        """Return the file some of whose events are delivered again in this one."""
        before = number - len(ACCOUNTS) * len(REGIONS)
        if number == self.files or before < 0:
            return None
        return before


def _events(plan: Plan, number: int) -> Iterator[str]:
    """Yield a file's own events as JSON text, without end."""
    rng = plan.rng(number)
    account, region = plan.place(number)
    delivered_at = plan.delivered_at(number % plan.files)
    while True:
        yield _event(rng, account, region, delivered_at)


def _records(plan: Plan, number: int) -> Iterator[str]:
    """Yield the records of a file: copies of another file's, then its own."""
    size = plan.size(number)
    copies = 0
    before = plan.copied_from(number)
    if before is not None:
        copies = min(plan.copies(number), size, plan.size(before))
        yield from islice(_events(plan, before), copies)
    yield from islice(_events(plan, number), size - copies)


def _event(rng: Random, account: str, region: str, delivered_at: datetime) -> str:
    """Return one event as JSON text."""
    kind = rng.choices(KIND_NAMES, cum_weights=KIND_SHARES)[0]
    at = delivered_at - timedelta(seconds=rng.randrange(10, 600))
    if kind == "other":
        return _other_event(rng, account, region, at)
    return _s3_event(rng, kind, account, region, at)


def _s3_event(rng: Random, kind: str, account: str, region: str, at: datetime) -> str:
    """Return an event of S3 as JSON text."""
    name, read_only, category = _call(rng, kind)
    version = "SigV4"
    if kind == "sigv2" or (kind == "presigned" and rng.random() < 0.3):
        version = "SigV2"
    number = int(REQUESTERS * rng.random() ** 3)
    store = BUCKETS[(number + (rng.random() < 0.05)) % len(BUCKETS)]
    bucket = f"{store}-{account[:4]}-{region}"
    host = f"{bucket}.s3.{region}.amazonaws.com"
    identity, agent = _identity(rng, kind, account, number)
    parameters, resources = _target(rng, name, category, account, bucket, host)
    if kind == "presigned":
        parameters = (SIGV2_URL if version == "SigV2" else SIGV4_URL) + parameters

    address = f"198.51.100.{rng.randrange(256)}"
    tls, cipher = OLD_TLS if number % 10 == 7 else TLS[number % len(TLS)]
    details = (
        f',"tlsDetails":{{"tlsVersion":"{tls}","cipherSuite":"{cipher}",'
        f'"clientProvidedHostHeader":"{host}"}}'
    )
    if kind == "service":
        address = agent = "cloudtrail.amazonaws.com"
        details = ""
    ciphers = f'"CipherSuite":"{cipher}",'
    if number == REQUESTERS - 1:
        details = ciphers = ""
    signed = f'"SignatureVersion":"{version}",'
    method = "QueryString" if kind == "presigned" else "AuthHeader"
    authenticated = f'"AuthenticationMethod":"{method}",'
    if kind == "anonymous":
        signed = authenticated = ""
    sent = rng.randrange(5_000_000) if name in ("PutObject", "UploadPart") else 0
    received = rng.randrange(5_000_000) if name == "GetObject" else 0
    error = ""
    if number % 5 == 3 and rng.random() < 0.2:
        error = '"errorCode":"AccessDenied","errorMessage":"Access Denied",'
        received = 243
    extra = "" if read_only else '"SSEApplied":"Default_SSE_S3",'
    if number % 5 == 4 and rng.random() < 0.2:
        extra += '"aclRequired":"Yes",'
    shared = ""
    if kind in ("cross_account", "anonymous", "service"):
        shared = f'"sharedEventID":"{_uuid(rng)}",'
    return (
        f'{{"eventVersion":"1.11","userIdentity":{identity},'
        f'"eventTime":"{at:%Y-%m-%dT%H:%M:%SZ}","eventSource":"s3.amazonaws.com",'
        f'"eventName":"{name}","awsRegion":"{region}",'
        f'"sourceIPAddress":"{address}","userAgent":"{agent}",{error}'
        f'"requestParameters":{{{parameters}}},"responseElements":null,'
        f'"additionalEventData":{{{signed}{ciphers}"bytesTransferredIn":{sent},'
        f"{extra}{authenticated}"
        f'"x-amz-id-2":"{b64encode(rng.randbytes(57)).decode()}",'
        f'"bytesTransferredOut":{received}}},'
        f'"requestID":"{b32encode(rng.randbytes(10)).decode()}",'
        f'"eventID":"{_uuid(rng)}","readOnly":{"true" if read_only else "false"},'
        f'{resources}"eventType":"AwsApiCall",'
        f'"managementEvent":{"true" if category == "Management" else "false"},'
        f'"recipientAccountId":"{account}",{shared}"eventCategory":"{category}"'
        f"{details}}}"
    )


def _uuid(rng: Random) -> str:
    """Return a random id in the form of CloudTrail's event ids."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _call(rng: Random, kind: str) -> tuple[str, bool, str]:
    """Return the name of an S3 event, whether it only reads, and its category."""
    if kind in ("presigned", "anonymous"):
        return "GetObject", True, "Data"
    if kind == "service":
        return "PutObject", False, "Data"
    if kind == "bucket":
        name, read_only, _ = rng.choices(BUCKET_CALLS, cum_weights=BUCKET_SHARES)[0]
        return name, read_only, "Management"
    name, read_only, _ = rng.choices(OBJECT_CALLS, cum_weights=OBJECT_SHARES)[0]
    return name, read_only, "Data"


def _target(
    rng: Random, name: str, category: str, account: str, bucket: str, host: str
) -> tuple[str, str]:
    """Return the members of requestParameters and the resources, as JSON text."""
    if name == "ListBuckets":
        return f'"Host":"{host.removeprefix(bucket + ".")}"', ""
    arn = f"arn:aws:s3:::{bucket}"
    parameters = f'"bucketName":"{bucket}","Host":"{host}"'
    owner = f'{{"accountId":"{account}","type":"AWS::S3::Bucket","ARN":"{arn}"}}'
    if category == "Management":
        marker = name.removeprefix("GetBucket").removeprefix("PutBucket").lower()
        return f'{parameters},"{marker}":""', f'"resources":[{owner}],'
    prefix = PREFIXES[rng.randrange(len(PREFIXES))]
    if name == "ListObjects":
        return (
            f'"list-type":"2",{parameters},"encoding-type":"url",'
            f'"prefix":"{prefix}","delimiter":"/"',
            f'"resources":[{{"type":"AWS::S3::Object","ARNPrefix":"{arn}/{prefix}"}},'
            f"{owner}],",
        )
    suffix = SUFFIXES[rng.randrange(len(SUFFIXES))]
    key = f"{prefix}part-{rng.randrange(40_000):05d}{suffix}"
    if name == "PutObject":
        parameters += ',"x-amz-server-side-encryption":"AES256"'
    return (
        f'{parameters},"key":"{key}"',
        f'"resources":[{{"type":"AWS::S3::Object","ARN":"{arn}/{key}"}},{owner}],',
    )


def _identity(rng: Random, kind: str, account: str, number: int) -> tuple[str, str]:
    """Return the userIdentity of an event as JSON text, and its user agent."""
    if kind == "anonymous":
        agent = BROWSERS[rng.randrange(len(BROWSERS))]
        return '{"type":"AWSAccount","principalId":"","accountId":"anonymous"}', agent
    if kind == "service":
        return '{"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"}', ""
    if kind == "cross_account":
        return (
            f'{{"type":"AWSAccount","principalId":"AROAEXAMPLE{number:010d}:batch",'
            '"accountId":"555566667777"}',
            MODERN_AGENTS[number % len(MODERN_AGENTS)],
        )
    if kind == "sigv2":
        agent = OLD_AGENTS[number % len(OLD_AGENTS)]
    elif kind == "presigned":
        agent = BROWSERS[rng.randrange(len(BROWSERS))]
    else:
        agent = MODERN_AGENTS[number % len(MODERN_AGENTS)]
    if kind in ("user", "sigv2"):
        name = f"application-{number:02d}"
        return (
            f'{{"type":"IAMUser","principalId":"AIDAEXAMPLE{number:010d}",'
            f'"arn":"arn:aws:iam::{account}:user/{name}","accountId":"{account}",'
            f'"accessKeyId":"AKIAEXAMPLE{number:09d}","userName":"{name}"}}',
            agent,
        )
    role, session = f"service-role-{number:02d}", f"i-{rng.randrange(5000):017x}"
    return (
        f'{{"type":"AssumedRole","principalId":"AROAEXAMPLE{number:010d}:{session}",'
        f'"arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}",'
        f'"accountId":"{account}","accessKeyId":"ASIAEXAMPLE{number:09d}",'
        f'"sessionContext":{{"sessionIssuer":{{"type":"Role",'
        f'"principalId":"AROAEXAMPLE{number:010d}",'
        f'"arn":"arn:aws:iam::{account}:role/{role}","accountId":"{account}",'
        f'"userName":"{role}"}},"attributes":{{"mfaAuthenticated":"false",'
        f'"creationDate":"2026-01-01T00:00:00Z"}}}}}}',
        agent,
    )


def _other_event(rng: Random, account: str, region: str, at: datetime) -> str:
    """Return an event of a service other than S3 as JSON text."""
    source, name = OTHER_CALLS[rng.randrange(len(OTHER_CALLS))]
    identity, agent = _identity(rng, "role", account, rng.randrange(REQUESTERS))
    return (
        f'{{"eventVersion":"1.11","userIdentity":{identity},'
        f'"eventTime":"{at:%Y-%m-%dT%H:%M:%SZ}","eventSource":"{source}",'
        f'"eventName":"{name}","awsRegion":"{region}",'
        f'"sourceIPAddress":"198.51.100.{rng.randrange(256)}",'
        f'"userAgent":"{agent[1:-1]}",'
        '"requestParameters":{"filterSet":{},"maxResults":1000},'
        '"responseElements":null,'
        f'"requestID":"{_uuid(rng)}","eventID":"{_uuid(rng)}",'
        '"readOnly":true,"eventType":"AwsApiCall","managementEvent":true,'
        f'"recipientAccountId":"{account}","eventCategory":"Management",'
        f'"tlsDetails":{{"tlsVersion":"TLSv1.3",'
        f'"cipherSuite":"TLS_AES_128_GCM_SHA256",'
        f'"clientProvidedHostHeader":"{source}"}}}}'
    )


def write_file(plan: Plan, number: int) -> int:
    """Write one log file and return its size in bytes."""
    path = plan.path(number)
    path.parent.mkdir(parents=True, exist_ok=True)
    level = 1 if number == plan.files else 6
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=level, fileobj=raw, mtime=0) as file,
    ):
        separator = '{"Records":['
        chunk: list[str] = []
        for record in _records(plan, number):
            chunk += (separator, record)
            separator = ","
            if len(chunk) == 2 * EVENTS_PER_FILE:
                file.write("".join(chunk).encode())
                chunk.clear()
        file.write("".join([*chunk, "]}"]).encode())
    return path.stat().st_size


def generate(plan: Plan) -> int:
    """Write all files of a plan, on all cores, and return their size in bytes."""
    numbers = range(plan.files + plan.large_file)
    with ProcessPoolExecutor() as pool:
        # The large file goes first: it takes as long as hundreds of others.
        sizes = pool.map(partial(write_file, plan), reversed(numbers), chunksize=1)
        return sum(sizes)


def _parse(argv: list[str] | None) -> Plan:
    """Read the command line; a number below 1 ends in argparse's error."""

    def positive(text: str) -> int:
        number = int(text)
        if number < 1:
            raise argparse.ArgumentTypeError("must be 1 or more")
        return number

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--events", type=positive, default=200_000)
    parser.add_argument("--days", type=positive, default=10)
    parser.add_argument(
        "--files",
        type=positive,
        help=f"number of files (default: one for {EVENTS_PER_FILE} events)",
    )
    parser.add_argument(
        "--first-day", type=date.fromisoformat, default=FIRST_DAY, metavar="YYYY-MM-DD"
    )
    parser.add_argument(
        "--large-file",
        action="store_true",
        help=f"add one file of {LARGE_FILE_EVENTS:,} events, 50 MB of 320 MB of JSON",
    )
    args = parser.parse_args(argv)
    files = args.files or -(-args.events // EVENTS_PER_FILE)
    if files > args.events:
        parser.error("--files: more files than events")
    return Plan(
        args.out, args.events, args.days, files, args.first_day, args.large_file
    )


def main(argv: list[str] | None = None) -> None:
    """Generate what the command line asks for and print what was written."""
    plan = _parse(argv)
    started = time.perf_counter()
    size = generate(plan)
    seconds = time.perf_counter() - started
    events = plan.events + plan.large_file * LARGE_FILE_EVENTS
    print(
        f"{events:,} events in {plan.files + plan.large_file:,} files, "
        f"{size / 1e6:.1f} MB, {seconds:.1f} s",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
