"""What goes on at an invented bookshop, its data team and its partner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from trail import (
    ANONYMOUS,
    BEIJING,
    BOTO2,
    BOTO3,
    BROWSERS,
    CHINA,
    CLI2,
    DATA,
    FIRST_DAY,
    FRANKFURT,
    IRELAND,
    JAVA1,
    JAVA2,
    LAST_DAY,
    RNG,
    SHOP,
    STRANGER,
    VIRGINIA,
    Logs,
    Record,
    access_key,
    additional,
    by_service,
    digest,
    iam_user,
    log_path,
    moment,
    other,
    principal,
    role,
    s3,
    service,
    two_copies,
    uuid,
)

# --- Chapter 1: the days as they are ----------------------------------------

PAGES = {
    "index.html": 18,
    "css/site.css": 12,
    "img/harbor.svg": 9,
    "js/search.js": 7,
    "covers/moby-dick.jpg": 5,
    "covers/der-schimmelreiter.jpg": 3,
    "covers/le-père-goriot.jpg": 2,
    "catalogue/2026-spring.pdf": 2,
    "favicon.ico": 2,
    "robots.txt": 1,
}


def ordinary_days(logs: Logs) -> None:
    """The shop, its data team and its partner on sixteen ordinary days."""
    for day in range(FIRST_DAY, LAST_DAY + 1):
        weekend = datetime(2026, 5, day).weekday() >= 5
        visitors(logs, day, 12 if weekend else 22)
        uploads(logs, day, 6 if weekend else 16)
        nightly_backup(logs, day)
        partner_downloads(logs, day, 2 if weekend else 5)
        old_invoices(logs, day, 1 if weekend else 4)
        data_lake(logs, day, 8 if weekend else 18)
        across_accounts(logs, day)
        log_deliveries(logs, day)
        everything_else(logs, day)
        china(logs, day)


def hours(day: int) -> list[int]:
    """The hours of a day in which the shop's files are written."""
    return [9, 15, 23] if day < LAST_DAY else [9, 15]


def visitors(logs: Logs, day: int, count: int) -> None:
    """Readers of the website, straight from the bucket and through CloudFront."""
    for _ in range(count):
        page = RNG.choices(list(PAGES), list(PAGES.values()))[0]
        size = 900 + 700 * len(page)
        guest = f"198.51.100.{RNG.randrange(1, 200)}"
        if RNG.random() < 0.2:
            guest = f"2001:db8:40::{RNG.randrange(1, 200):x}"
        at = moment(day, RNG.choice(hours(day)))
        direct = s3(
            "GetObject",
            ANONYMOUS,
            at,
            "harbor-website",
            page,
            ip=guest,
            agent=RNG.choice(BROWSERS),
            signature=None,
            tls=RNG.choice(["TLSv1.2", "TLSv1.3", "TLSv1.3"]),
            bytes_out=size,
        )
        logs.deliver(direct, "anonymous, today's form")
        if RNG.random() < 0.4:
            at = moment(day, RNG.choice(hours(day)))
            cached = s3(
                "GetObject",
                service("cloudfront"),
                at,
                "harbor-assets",
                page,
                bytes_out=size,
            )
            cached = by_service(cached, "cloudfront.amazonaws.com")
            logs.deliver(cached, "CloudFront with origin access control")


def uploads(logs: Logs, day: int, count: int) -> None:
    """The shop's servers store manuscripts; each is a session of its own."""
    for number in range(count):
        server = f"i-0{digest(f'server{day}{number}')[:16].lower()}"
        put = number % 3 != 0
        record = s3(
            "PutObject" if put else "GetObject",
            role("service/web-uploader", server),
            moment(day, RNG.choice(hours(day))),
            "harbor-uploads",
            f"manuscripts/2026/05/{day:02d}/{number:04d}.docx",
            ip=f"10.0.{number % 4}.{day}",
            agent=JAVA2,
            bytes_in=20000 + RNG.randrange(90000) if put else 0,
            bytes_out=0 if put else 20000 + RNG.randrange(90000),
            extra={"SSEApplied": "Default_SSE_S3"} if put else None,
        )
        record["vpcEndpointId"] = "vpce-0example11112222"
        record["vpcEndpointAccountId"] = SHOP
        if put:
            record["responseElements"] = {"x-amz-server-side-encryption": "AES256"}
        logs.deliver(record, "role with many session names")


def nightly_backup(logs: Logs, day: int) -> None:
    """A boto2 script of 2017 that still signs with SigV2, over TLS 1.0."""
    backup = iam_user("backup-nightly")
    common: Record = {
        "ip": "203.0.113.25",
        "agent": BOTO2,
        "signature": "SigV2",
        "tls": "TLSv1",
    }
    prefix = {"prefix": f"mysql/2026-05-{day:02d}/", "list-type": "2"}
    listing = s3(
        "ListObjects",
        backup,
        moment(day, 1),
        "harbor-backups",
        bytes_out=231,
        parameters=prefix,
        **common,
    )
    logs.deliver(listing, "SigV2 in the header: boto2")
    for table in "orders customers invoices shipments authors books".split():
        put = s3(
            "PutObject",
            backup,
            moment(day, 1),
            "harbor-backups",
            f"mysql/2026-05-{day:02d}/{table}.sql.gz",
            bytes_in=400000 + RNG.randrange(50000),
            extra={"SSEApplied": "Default_SSE_KMS"},
            **common,
        )
        logs.deliver(put, "SigV2 in the header: boto2")


def partner_downloads(logs: Logs, day: int, count: int) -> None:
    """A printer in Porto opens links that a role of the shop signed with boto3."""
    for number in range(count):
        get = s3(
            "GetObject",
            role("export-signer", f"link-{day:02d}-{number}"),
            moment(day, 15),
            "harbor-partner-exports",
            f"porto/2026-05-{day:02d}/print-order-{number}.pdf",
            region=VIRGINIA,
            ip="192.0.2.77",
            agent=RNG.choice([*BROWSERS, "[curl/8.5.0]", "[Wget/1.21.4]"]),
            signature="SigV2",
            auth="QueryString",
            tls="TLSv1.2",
            bytes_out=100000 + RNG.randrange(400000),
            parameters={
                "AWSAccessKeyId": access_key("ASIA", "export-signer"),
                "Expires": "1780000000",
                "Signature": "EXAMPLEsignature%3D",
            },
        )
        logs.deliver(get, "SigV2 presigned by a role, opened by a stranger's client")
    if day % 3 == 0:
        put = s3(
            "PutObject",
            role("export-signer", f"export-{day:02d}"),
            moment(day, 9),
            "harbor-partner-exports",
            f"porto/2026-05-{day:02d}/print-order-0.pdf",
            region=VIRGINIA,
            agent=BOTO3,
            bytes_in=262144,
        )
        logs.deliver(put, "the signer of presigned SigV2 URLs uses SigV4 in headers")


def old_invoices(logs: Logs, day: int, count: int) -> None:
    """An invoice program of 2016 (Java, SigV2) that grants access by ACL."""
    for number in range(count):
        put = s3(
            "PutObject" if number % 2 == 0 else "GetObject",
            iam_user("invoice-printer"),
            moment(day, 9),
            "harbor-invoices",
            f"2026/{day:02d}/invoice-{number:03d}.pdf",
            region=VIRGINIA,
            ip="203.0.113.40",
            agent=JAVA1,
            signature="SigV2",
            tls="TLSv1.1",
            bytes_in=52000 if number % 2 == 0 else 0,
            bytes_out=0 if number % 2 == 0 else 52000,
            extra={"aclRequired": "Yes"},
        )
        logs.deliver(put, "access that needed an ACL")
    if day % 5 == 1:
        acl = s3(
            "PutObjectAcl",
            iam_user("invoice-printer"),
            moment(day, 9),
            "harbor-invoices",
            f"2026/{day:02d}/invoice-000.pdf",
            region=VIRGINIA,
            ip="203.0.113.40",
            agent=JAVA1,
            signature="SigV2",
            tls="TLSv1.1",
            parameters={"acl": "", "x-amz-acl": "public-read"},
        )
        logs.deliver(acl, "an ACL changed by SigV2")


def data_lake(logs: Logs, day: int, count: int) -> None:
    """The data team's lake in Frankfurt, where SigV2 was never accepted."""
    for number in range(count):
        table = RNG.choice(["sales", "sales", "stock", "clicks"])
        key = f"{table}/dt=2026-05-{day:02d}/part-{number:05d}.snappy.parquet"
        if number % 3 == 0:
            record = s3(
                "GetObject",
                {
                    **role("analyst-athena", f"query-{day}-{number}", DATA),
                    "invokedBy": "athena.amazonaws.com",
                },
                moment(day, RNG.choice([3, 15])),
                "harbor-lake-curated",
                key,
                account=DATA,
                owner=DATA,
                region=FRANKFURT,
                bytes_out=1048576 + number,
            )
            record = by_service(record, "athena.amazonaws.com")
            logs.deliver(record, "role used by a service (invokedBy)")
            continue
        name = RNG.choice(["PutObject", "GetObject", "HeadObject", "ListObjects"])
        listing = name == "ListObjects"
        size = 500000 + RNG.randrange(900000)
        record = s3(
            name,
            role("lake-spark", f"emr-step-{number % 5}", DATA),
            moment(day, RNG.choice([3, 15])),
            RNG.choice(["harbor-lake-raw", "harbor-lake-curated"]),
            None if listing else key,
            account=DATA,
            owner=DATA,
            region=FRANKFURT,
            ip=f"10.20.1.{number + 10}",
            agent="[Hadoop 3.3.6-amzn-3, aws-sdk-java/1.12.705 Linux/5.10.214"
            " OpenJDK_64-Bit_Server_VM/17.0.10+8-LTS java/17.0.10]",
            tls="TLSv1.2",
            bytes_in=size if name == "PutObject" else 0,
            bytes_out=size if name == "GetObject" else 0,
            parameters={"prefix": f"{table}/", "delimiter": "/"} if listing else None,
        )
        case = "Hadoop over an embedded SDK"
        logs.deliver(
            record, "ARNPrefix instead of an object's ARN" if listing else case
        )


def across_accounts(logs: Logs, day: int) -> None:
    """The data team reads the shop's uploads, and may not read its finances."""
    for number in range(3):
        caller = s3(
            "GetObject",
            role("lake-ingest", f"ingest-{day}", DATA),
            moment(day, 1),
            "harbor-uploads",
            f"manuscripts/2026/05/{day:02d}/{number:04d}.docx",
            account=DATA,
            ip="198.51.100.201",
            agent=BOTO3,
            bytes_out=30000 + number,
        )
        for record in two_copies(caller):
            logs.deliver(record, "one request across accounts, two copies")
    for number in range(2):
        caller = s3(
            "GetObject",
            role("report-builder", f"nightly-{day}", DATA),
            moment(day, 1),
            "harbor-finance",
            f"ledger/2026-05-{day:02d}-{number}.csv",
            account=DATA,
            ip="198.51.100.202",
            agent=BOTO3,
            bytes_out=243,
            error="AccessDenied",
            message="User: arn:aws:sts::444455556666:assumed-role/report-builder/"
            f"nightly-{day} is not authorized to perform: s3:GetObject on resource"
            " because no resource-based policy allows the s3:GetObject action",
        )
        for record in two_copies(caller):
            logs.deliver(record, "AccessDenied across accounts, two copies")


def log_deliveries(logs: Logs, day: int) -> None:
    """The trail writes its files into a bucket that the trail itself watches."""
    for number, hour in enumerate([1, *hours(day)]):
        key = log_path(SHOP, IRELAND, datetime(2026, 5, day, hour, 45))
        put = s3(
            "PutObject",
            service("cloudtrail"),
            moment(day, hour),
            "harbor-cloudtrail-logs",
            key,
            bytes_in=9000 + number,
            extra={"SSEApplied": "Default_SSE_S3"},
            parameters={"x-amz-acl": "bucket-owner-full-control"},
        )
        put = by_service(put, "cloudtrail.amazonaws.com")
        put["sharedEventID"] = uuid()
        logs.deliver(put, "CloudTrail delivers to the log bucket")


def everything_else(logs: Logs, day: int) -> None:
    """Events of other services, which are no S3 requests."""
    admin = role("aws-reserved/sso.amazonaws.com/Admin", "dora@harbor.example")
    events = [
        ("sts", "AssumeRole", SHOP, IRELAND, 9),
        ("kms", "Decrypt", SHOP, IRELAND, 15),
        ("ec2", "DescribeInstances", SHOP, VIRGINIA, 9),
        ("signin", "ConsoleLogin", SHOP, VIRGINIA, 9),
        ("glue", "GetTable", DATA, FRANKFURT, 3),
        ("s3tables", "GetTable", DATA, FRANKFURT, 15),
        ("s3vectors", "QueryVectors", DATA, FRANKFURT, 15),
    ]
    for source, name, account, region, hour in events:
        at = moment(day, hour)
        record = other(source, name, admin, at, account, region)
        logs.deliver(record, f"not S3: {source}")
    if day % 4 == 0:
        record = other("ec2", "RunInstances", admin, moment(day, 20), DATA, IRELAND)
        logs.deliver(record, "a file without any S3 record")


def china(logs: Logs, day: int) -> None:
    """The shop in Beijing: another partition with ARNs of its own."""
    if day % 3:
        return
    seller = role("storefront", f"node-{day}", CHINA, "aws-cn")
    common: Record = {
        "account": CHINA,
        "owner": CHINA,
        "region": BEIJING,
        "partition": "aws-cn",
        "agent": JAVA2,
        "tls": "TLSv1.2",
    }
    names = {
        "ListBuckets": None,
        "GetObject": "封面/红楼梦.jpg",
        "PutObject": "订单.csv",
    }
    for name, key in names.items():
        bucket = "harbor-beijing" if key else None
        record = s3(name, seller, moment(day, 9), bucket, key, **common)
        logs.deliver(record, "partition aws-cn")


# --- Chapter 2: who signs with SigV2, and with what -------------------------

SIGV2_CLIENTS = [
    ("boto2, too old", "warehouse-sync", "Boto/2.38.0 Python/2.7.6 Linux/3.13.0"),
    (
        "AWS CLI v1, too old",
        "jenkins",
        "[aws-cli/1.9.1 Python/2.7.9 Linux/3.16.0 botocore/1.3.1]",
    ),
    (
        "AWS CLI v1, new enough",
        "ops-scripts",
        "[aws-cli/1.29.85 md/Botocore#1.31.85 Python/3.8.18 Linux/5.10"
        " botocore/1.31.85]",
    ),
    (
        "boto3, too old",
        "royalty-report",
        "[Boto3/1.4.0 Python/2.7.12 Linux/4.4.0 Botocore/1.4.92]",
    ),
    (
        "boto3, new enough",
        "cover-resizer",
        "[Boto3/1.26.165 Python/3.10.6 Linux/5.15.0 Botocore/1.29.165]",
    ),
    (
        "boto3 1.4.6 over a Botocore that is too old",
        "isbn-lookup",
        "[Boto3/1.4.6 Python/3.5.2 Linux/4.4.0 Botocore/1.5.70]",
    ),
    ("botocore alone", "mail-archiver", "[Botocore/1.5.71 Python/3.5.2 Linux/4.4.0]"),
    ("AWS SDK for Java 1, too old", "print-spooler", JAVA1),
    (
        "AWS SDK for Java 1, just too old",
        "order-archive",
        "[aws-sdk-java/1.11.200 Linux/4.9.43 OpenJDK_64-Bit_Server_VM/25.141-b16]",
    ),
    (
        "AWS SDK for Java 1, new enough",
        "search-index",
        "[aws-sdk-java/1.11.504 Linux/4.14.77 OpenJDK_64-Bit_Server_VM/25.201-b09]",
    ),
    (
        "AWS SDK for Java inside Hadoop",
        "old-hadoop",
        "Hadoop 2.8.5-amzn-5, aws-sdk-java/1.11.682 Linux/4.14.252",
    ),
    (
        "AWS SDK for .NET, too old",
        "label-printer",
        "aws-sdk-dotnet-45/3.1.5.0 aws-sdk-dotnet-core/3.1.5.1 .NET_Runtime/4.0",
    ),
    (
        "AWS SDK for .NET, new enough",
        "pos-terminal",
        "aws-sdk-dotnet-45/3.3.110.30 aws-sdk-dotnet-core/3.3.106.5 .NET_Runtime/4.0",
    ),
    (
        "AWS SDK for JavaScript 2, too old",
        "newsletter",
        "[aws-sdk-nodejs/2.67.9 linux/v6.11.0]",
    ),
    (
        "AWS SDK for JavaScript 2, new enough",
        "review-widget",
        "[aws-sdk-nodejs/2.1692.0 linux/v18.20.2 promise]",
    ),
    (
        "AWS SDK for PHP 2, too old",
        "blog",
        "aws-sdk-php2/2.7.3 Guzzle/3.9.2 curl/7.35.0 PHP/5.5.9",
    ),
    (
        "AWS SDK for PHP 2, new enough",
        "author-portal",
        "aws-sdk-php2/2.8.31 Guzzle/3.9.3 curl/7.52.1 PHP/5.6.40",
    ),
    (
        "AWS SDK for Ruby 1",
        "ebook-packer",
        "aws-sdk-ruby/1.66.0 ruby/2.1.5 x86_64-linux",
    ),
    (
        "AWS SDK for Ruby 2",
        "gift-cards",
        "[aws-sdk-ruby2/2.11.19 ruby/2.5.1 x86_64-linux resources]",
    ),
    (
        "Tools for PowerShell, too old",
        "windows-backup",
        "AWSPowerShell/3.1.0.0 .NET_Runtime/4.0 .NET_Framework/4.0 OS/6.3",
    ),
    ("JetS3t", "catalogue-export", "JetS3t/0.9.4 (Linux/3.10.0; amd64; en; JVM 1.7)"),
    ("s3cmd", "photo-studio", "s3cmd/1.6.1"),
    ("S3 Browser", "marketing", "S3 Browser/11.4.5 (https://s3browser.com)"),
    ("s3fs", "legacy-mount", "s3fs/1.78 (commit hash unknown; GnuTLS(gcrypt))"),
    ("an unknown client", "harbor-sync", "HarborSync/0.9 (build 77)"),
    ("no agent at all", "black-box", None),
]


def sigv2_clients(logs: Logs) -> None:
    """Every kind of client that signs with SigV2, each under its own user."""
    for number, (client, name, agent) in enumerate(SIGV2_CLIENTS):
        who = iam_user(f"apps/{name}")
        for copy_number in range(1 + number % 4):
            record = s3(
                "GetObject" if copy_number % 2 else "PutObject",
                who,
                moment(2 + number % 12, 9),
                "harbor-shared",
                f"{name}/{copy_number}.bin",
                region=VIRGINIA if number % 2 else IRELAND,
                agent=agent,
                signature="SigV2",
                tls="TLSv1.2",
                bytes_in=0 if copy_number % 2 else 1024 * (number + 1),
                bytes_out=1024 * (number + 1) if copy_number % 2 else 0,
            )
            logs.deliver(record, f"SigV2 in the header: {client}")

    def presigned(who: Record, key: str, agent: str, **more: Any) -> Record:
        options: Record = {"signature": "SigV2", "auth": "QueryString", **more}
        return s3(
            "GetObject",
            who,
            moment(6, 15),
            "harbor-shared",
            key,
            region=VIRGINIA,
            ip="192.0.2.130",
            agent=agent,
            bytes_out=7000,
            **options,
        )

    signers = [
        ("boto3", role("cover-links", "lambda"), BOTO3),
        ("AWS CLI v1", iam_user("ops-scripts"), "[curl/7.88.1]"),
        ("AWS SDK for .NET 4, beyond 7 days", role("pos-links", "web"), BROWSERS[0]),
        ("AWS SDK for JavaScript 2", role("review-links", "web"), BROWSERS[2]),
        (
            "AWS SDK for PHP, downloaded by an SDK of the same name",
            iam_user("apps/author-portal"),
            "aws-sdk-php/3.305.1 OS/Linux/5.15 lang/php/8.2.18 GuzzleHttp/7",
        ),
    ]
    for signer, who, agent in signers:
        for number in range(3):
            record = presigned(who, f"links/{number}.jpg", agent)
            logs.deliver(record, f"SigV2 presigned: {signer}")

    new = presigned(role("cover-links", "v4"), "links/v4.jpg", BROWSERS[1])
    new = additional(new, SignatureVersion="SigV4")
    logs.deliver(new, "SigV4 presigned")

    both = iam_user("apps/both-ways")
    for number in range(2):
        record = presigned(both, f"both/{number}.txt", BROWSERS[3])
        logs.deliver(record, "one requester, SigV2 in headers and presigned")
        record = presigned(both, f"both/{number}.txt", CLI2, auth="AuthHeader")
        logs.deliver(record, "one requester, SigV2 in headers and presigned")

    tie = iam_user("apps/two-clients")
    for agent in ("Boto/2.49.0", "Boto/2.48.0", "s3cmd/2.0.2", "s3cmd/2.0.2", "x"):
        record = presigned(tie, "tie.txt", agent, auth="AuthHeader")
        logs.deliver(record, "one requester, several SigV2 clients")

    other_spelling = presigned(iam_user("apps/odd"), "odd.txt", "Boto/2.49.0")
    other_spelling = additional(other_spelling, SignatureVersion="sigv2")
    logs.deliver(other_spelling, "SigV2 in another spelling")

    no_bucket = s3(
        "ListBuckets",
        iam_user("backup-nightly"),
        moment(7, 9),
        region=VIRGINIA,
        agent=BOTO2,
        signature="SigV2",
        tls="TLSv1",
    )
    logs.deliver(no_bucket, "SigV2 request without a bucket")

    form = s3(
        "PostObject",
        iam_user("apps/reader-letters"),
        moment(7, 9),
        "harbor-uploads",
        agent=BROWSERS[0],
        signature="SigV2",
        auth="HtmlForm",
        bytes_in=15000,
    )
    logs.deliver(form, "SigV2 in an HTML form (POST)")

    multi = s3(
        "GetObject",
        role("replica-reader", "mrap"),
        moment(7, 9),
        "harbor-uploads",
        "manuscripts/2026/05/01/0001.docx",
        agent=JAVA2,
        signature="SigV4A",
    )
    logs.deliver(multi, "SigV4A")

    unsigned = additional(
        s3("HeadObject", role("web", "x"), moment(7, 9), "harbor-uploads", "a.docx"),
        drop=["SignatureVersion", "AuthenticationMethod"],
    )
    logs.deliver(unsigned, "signature not logged")

    at = datetime(2026, 4, 2, 10, 0, 5)
    for number in range(4):
        at += timedelta(seconds=20)
        intern = s3(
            "PutObject",
            iam_user("intern-2026"),
            at,
            "harbor-shared",
            f"intern/{number}.csv",
            region=VIRGINIA,
            agent="[Boto3/1.4.0 Python/2.7.12 Linux/4.4.0 Botocore/1.4.92]",
            signature="SigV2",
        )
        logs.deliver(intern, "SigV2 requester who went quiet in April")

    outsider = s3(
        "GetObject",
        {
            "type": "AWSAccount",
            "principalId": principal("AIDA", "outsider"),
            "accountId": STRANGER,
        },
        moment(8, 9),
        "harbor-partner-exports",
        "porto/readme.txt",
        region=VIRGINIA,
        agent=BOTO2,
        signature="SigV2",
    )
    logs.deliver(outsider, "SigV2 requester of an account outside")


# --- Chapter 3: without a name ----------------------------------------------


def without_a_name(logs: Logs) -> None:
    """Anonymous requests: a scanner, the three spellings, and what only looks so."""
    probes = [
        ".env",
        ".git/config",
        "backup.sql",
        "wp-login.php",
        "admin/",
        "../../etc/passwd",
        "id_rsa",
        "index.php?id=1' or '1'='1",
    ]
    for day in (4, 9, 13):
        for bucket in ("harbor-backups", "harbor-finance", "harbor-website"):
            for key in probes:
                record = s3(
                    "GetObject",
                    ANONYMOUS,
                    moment(day, 23),
                    bucket,
                    key,
                    ip="203.0.113.200",
                    agent=RNG.choice(
                        ["[Mozilla/5.0 zgrab/0.x]", "[python-requests/2.31.0]", "[]"]
                    ),
                    signature=None,
                    tls=None if key == ".env" else "TLSv1.2",
                    bytes_out=243,
                    error="NoSuchKey" if bucket == "harbor-website" else "AccessDenied",
                    message="The specified key does not exist."
                    if bucket == "harbor-website"
                    else None,
                )
                logs.deliver(record, "a scanner probes anonymously")
        listing = s3(
            "ListObjects",
            ANONYMOUS,
            moment(day, 23),
            "harbor-website",
            ip="203.0.113.200",
            agent="[python-requests/2.31.0]",
            signature=None,
            bytes_out=4100,
        )
        logs.deliver(listing, "an anonymous listing that succeeds")

    def asked(who: Record, **more: Any) -> Record:
        name = more.pop("name", "GetObject")
        options: Record = {"signature": None, "agent": BROWSERS[0], **more}
        at = moment(5, 9)
        return s3(name, who, at, "harbor-website", "index.html", **options)

    forms = [
        ("accountId ANONYMOUS_PRINCIPAL", {"accountId": "ANONYMOUS_PRINCIPAL"}),
        ("accountId in another case", {"accountId": "Anonymous"}),
        ("principalId ANONYMOUS_PRINCIPAL", {"principalId": "ANONYMOUS_PRINCIPAL"}),
    ]
    for form, fields in forms:
        who = {"type": "AWSAccount", "principalId": "", **fields}
        logs.deliver(asked(who), f"anonymous: {form}")
    put = asked(ANONYMOUS, name="PutObject", bytes_in=77)
    logs.deliver(put, "an anonymous write that succeeds")
    denied = asked(
        {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
        error="AccessDenied",
    )
    logs.deliver(denied, "anonymous, denied, older spelling")

    for error in (None, "Forbidden"):
        record = asked(
            ANONYMOUS,
            name="PreflightRequest",
            error=error,
            parameters={"origin": "https://shop.harbor.example", "method": "GET"},
        )
        logs.deliver(record, "PreflightRequest (CORS) is no access")

    record = asked(ANONYMOUS, agent="[Amazon CloudFront]", ip="203.0.113.91")
    logs.deliver(record, "CloudFront, public origin: anonymous")
    identities: list[Record] = [
        {"type": "AWSAccount", "principalId": "", "accountId": "CloudFront"},
        {
            "type": "AWSAccount",
            "principalId": principal("AIDA", "oai"),
            "accountId": "CloudFront",
            "arn": "arn:aws:iam::cloudfront:user/"
            "CloudFront Origin Access Identity E1EXAMPLE2OAI",
        },
    ]
    for identity in identities:
        record = asked(identity, agent="[Amazon CloudFront]", signature="SigV4")
        logs.deliver(record, "CloudFront with an origin access identity")
