"""Every kind of caller, client, operation, service and transport once."""

from __future__ import annotations

import json
from typing import Any

from trail import (
    BEIJING,
    BOTO3,
    BROWSERS,
    CHINA,
    CIPHERS,
    CONSOLE,
    DATA,
    DATA_EVENTS,
    GOVCLOUD,
    GOVERNMENT,
    IRELAND,
    JAVA2,
    NO_OBJECT_ARN,
    READ_VERBS,
    SHOP,
    STRANGER,
    TERRAFORM,
    VIRGINIA,
    Logs,
    Record,
    access_key,
    additional,
    by_service,
    edit,
    iam_user,
    moment,
    principal,
    role,
    s3,
    service,
    service_event,
    two_copies,
    uuid,
    without,
)

# --- Chapter 4: who asked ---------------------------------------------------


def who_asked(logs: Logs) -> None:
    """Every kind of identity, complete and in parts."""
    plain = role("service/cleaner", "run-1")
    no_issuer = edit(plain, sessionContext={"attributes": {"mfaAuthenticated": "true"}})
    empty_issuer = edit(plain, sessionContext={"sessionIssuer": {"arn": ""}})
    federated = {
        "type": "FederatedUser",
        "principalId": f"{SHOP}:alice",
        "arn": f"arn:aws:sts::{SHOP}:federated-user/alice",
        "accountId": SHOP,
        "accessKeyId": access_key("ASIA", "alice"),
    }
    issued = edit(
        federated,
        sessionContext={
            "sessionIssuer": {
                "type": "IAMUser",
                "principalId": principal("AIDA", "token-vendor"),
                "arn": f"arn:aws:iam::{SHOP}:user/token-vendor",
                "accountId": SHOP,
                "userName": "token-vendor",
            }
        },
    )
    center = {
        "type": "IdentityCenterUser",
        "accountId": SHOP,
        "onBehalfOf": {
            "userId": "544894e8-80c1-707f-60e3-3ba6510dfac1",
            "identityStoreArn": f"arn:aws:identitystore::{SHOP}:identitystore/"
            "d-EXAMPLE111",
        },
        "credentialId": "EXAMPLEcredential",
    }
    with_session = edit(
        iam_user("dora"),
        sessionContext={
            "sessionIssuer": {},
            "webIdFederationData": {},
            "attributes": {"mfaAuthenticated": "true"},
            "sourceIdentity": "dora",
        },
        invokedBy="AWS Internal",
    )
    pods = role("eks-pods", "pod-7f9c")
    pods["sessionContext"].update(
        webIdFederationData={
            "federatedProvider": "arn:aws:iam::111122223333:oidc-provider/"
            "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE",
            "attributes": {"sub": "system:serviceaccount:shop:uploader"},
        },
        ec2RoleDelivery="2.0",
    )
    bare = {"type": "AWSAccount", "accountId": STRANGER}
    identities: list[tuple[str, Record | None]] = [
        (
            "Root",
            {
                "type": "Root",
                "principalId": SHOP,
                "arn": f"arn:aws:iam::{SHOP}:root",
                "accountId": SHOP,
                "accessKeyId": access_key("ASIA", "root"),
            },
        ),
        ("IAMUser", iam_user("dora")),
        ("IAMUser with a path in the ARN", iam_user("staff/berlin/emil")),
        ("IAMUser by AWS Internal, empty sessionIssuer", with_session),
        ("AssumedRole", plain),
        ("AssumedRole of another session", role("service/cleaner", "run-2")),
        ("AssumedRole with a slash-free e-mail session", role("staff", "f@x.example")),
        ("AssumedRole without a sessionIssuer", no_issuer),
        ("AssumedRole with an empty sessionIssuer.arn", empty_issuer),
        ("AssumedRole without issuer and ARN", without(no_issuer, "arn")),
        ("AssumedRole by web identity", pods),
        (
            "AssumedRole invoked by a service",
            {**plain, "invokedBy": "lakeformation.amazonaws.com"},
        ),
        (
            "Role",
            {
                "type": "Role",
                "principalId": principal("AROA", "plain-role"),
                "arn": f"arn:aws:iam::{SHOP}:role/plain-role",
                "accountId": SHOP,
            },
        ),
        ("FederatedUser", federated),
        ("FederatedUser with its issuer", issued),
        ("FederatedUser without an ARN", without(federated, "arn")),
        (
            "Directory",
            {
                "type": "Directory",
                "accountId": SHOP,
                "principalId": "d-EXAMPLE111",
                "userName": "gertrud",
            },
        ),
        (
            "AWSAccount, a user of another account",
            {**bare, "principalId": principal("AIDA", "printer")},
        ),
        (
            "AWSAccount, a role's session of another account",
            {**bare, "principalId": principal("AROA", "printer") + ":batch-12"},
        ),
        (
            "AWSAccount, a federated user of another account",
            {**bare, "principalId": f"{STRANGER}:carla"},
        ),
        ("AWSAccount without a principal", bare),
        ("AWSAccount with an empty principal", {**bare, "principalId": ""}),
        ("AWSService", service("logging.s3")),
        (
            "no type, only account and invokedBy",
            {"accountId": SHOP, "invokedBy": "replication.s3.amazonaws.com"},
        ),
        ("IdentityCenterUser, on behalf of a person", center),
        (
            "SAMLUser",
            {
                "type": "SAMLUser",
                "principalId": "EXAMPLEnamequalifier=:hans@harbor.example",
                "userName": "hans@harbor.example",
                "identityProvider": "EXAMPLEnamequalifier=",
            },
        ),
        (
            "WebIdentityUser",
            {
                "type": "WebIdentityUser",
                "principalId": "accounts.google.com:EXAMPLE-client:42",
                "userName": "42",
                "identityProvider": "accounts.google.com",
            },
        ),
        ("Unknown, with an account", {"type": "Unknown", "accountId": SHOP}),
        ("Unknown, with nothing", {"type": "Unknown"}),
        ("Unknown, every field empty", {"type": "", "arn": "", "accountId": ""}),
        ("userIdentity null", None),
    ]
    for number, (case, who) in enumerate(identities):
        record = s3(
            "GetObject",
            who,
            moment(5, 12),
            "harbor-assets",
            f"identities/{number:02d}.png",
            bytes_out=2048,
        )
        invoked = (who or {}).get("invokedBy")
        if invoked:
            record = by_service(record, invoked)
        logs.deliver(record, f"identity: {case}")
    missing = s3("GetObject", None, moment(5, 12), "harbor-assets", "identities/no.png")
    logs.deliver(without(missing, "userIdentity"), "identity: userIdentity missing")

    for error in ("AllAccessDisabled", None):
        caller = s3(
            "HeadObject",
            {**federated, "accountId": DATA, "principalId": f"{DATA}:alice"},
            moment(6, 12),
            "harbor-assets",
            "identities/pair.png",
            account=DATA,
            error=error,
            message="All access to this object has been disabled",
        )
        for record in two_copies(caller):
            logs.deliver(record, "two copies, of a federated user")
    caller = s3(
        "PutBucketPolicy",
        iam_user("ops", DATA),
        moment(6, 12),
        "harbor-assets",
        account=DATA,
        error="AccessDenied",
        parameters={"policy": ""},
    )
    for record in two_copies(caller):
        logs.deliver(record, "AccessDenied across accounts: a management call")


# --- Chapter 5: with which client -------------------------------------------

# How an empty text is shown in CASES.md.
EMPTY = '""'

AGENTS = [
    "[aws-cli/1.16.19 Python/2.7.10 Darwin/17.7.0 botocore/1.12.9]",
    "[aws-cli/2.12.0 Python/3.11.3 Linux/5.15 exe/x86_64 prompt/off command/s3.cp]",
    BOTO3,
    "Boto/2.49.0 Python/2.7.18 Linux/4.14",
    "[Botocore/1.29.165 Python/3.10.6 Linux/5.15.0]",
    "[aws-sdk-java/1.12.705 Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0.10]",
    JAVA2,
    CONSOLE,
    "Hadoop 2.8.5-amzn-5, aws-sdk-java/1.11.682 Linux/4.14.252",
    "ElasticMapReduce/1.0.0 emrfs/s3n {}, aws-sdk-java/1.11.759 Linux/4.14.173",
    TERRAFORM,
    "[APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io)"
    " terraform-provider-aws/3.76.1 aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)]",
    "aws-sdk-go-v2/1.26.1 os/macos lang/go#1.22.2 md/GOOS#darwin api/s3#1.53.1",
    "[aws-sdk-rust/1.3.8 os/linux lang/rust/1.81.0]",
    "aws-sdk-dotnet-coreclr/3.7.305.28 .NET_Core/8.0.4 OS/Linux",
    "aws-sdk-net/4.0.0.5 ua/2.1 os/windows#10.0 lang/.NET_Core#8.0.4",
    "[aws-sdk-ruby3/3.191.6 ruby/3.2.3 x86_64-linux aws-sdk-s3/1.146.1]",
    "aws-sdk-php/3.305.1 ua/2.0 OS/Linux/5.15 lang/php/8.2.18 GuzzleHttp/7",
    "[aws-sdk-nodejs/2.1692.0 linux/v18.20.2 promise]",
    "[aws-sdk-js/3.556.0 ua/2.0 os/linux#5.15.0 lang/js md/nodejs#20.12.1 api/s3]",
    "aws-sdk-cpp/1.11.309 ua/2.0 md/aws-crt#0.26.6 os/Linux/5.15 lang/c++",
    "MinIO (linux; amd64) minio-go/v7.0.24 mc/RELEASE.2022-05-09T04-08-26Z",
    "S3 Browser/11.4.5 (https://s3browser.com)",
    "rclone/v1.66.0",
    "Cyberduck/8.8.0.41426 (Mac OS X/14.4.1) (aarch64)",
    "s3cmd/2.4.0",
    "JetS3t/0.9.7 (Linux/5.15; amd64; en; JVM 11.0.22)",
    "s3fs/1.94 (commit hash 70a30d6; OpenSSL)",
    "[Amazon CloudFront]",
    *BROWSERS,
    "[curl/8.5.0]",
    "athena.amazonaws.com",
    "AWS Internal",
    "HarborReader/2.0 (internal)",
    "aws-sdk-java",
    "[aws-cli/2.15.38 Python/3.11.8 Linux/6.1.82",
    "aws-cli/2.15.38 (no bracket at the start]",
    "[[aws-cli/2.15.38]]",
    "[]",
    "[ ]",
    "",
    " Boto3/1.34.84 with blanks ",
    "[" + "aws-cli/2.15.38 " + "x" * 1007,
]


def which_client(logs: Logs) -> None:
    """Every user agent once; one role uses them all."""
    for number, agent in enumerate(AGENTS):
        record = s3(
            "GetObject",
            role("lab/client-lab", f"probe-{number}"),
            moment(7, 12),
            "harbor-assets",
            f"agents/{number:02d}.txt",
            agent=agent,
            bytes_out=number,
        )
        short = agent if len(agent) <= 40 else agent[:40] + "…"
        logs.deliver(record, f"agent: `{short or EMPTY}`")
    record = s3(
        "GetObject", role("lab/client-lab", "none"), moment(7, 12), "harbor-assets"
    )
    logs.deliver(edit(record, userAgent=None), "agent: null")
    record = without(edit(record, eventID=uuid()), "userAgent")
    logs.deliver(record, "agent: absent")


# --- Chapter 6: what was asked ----------------------------------------------

AUDITED = """
    GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAcl GetBucketCors
    GetBucketEncryption GetBucketLifecycle GetBucketLocation GetBucketLogging
    GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration
    GetBucketNotification GetBucketObjectLockConfiguration
    GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
    GetBucketPublicAccessBlock GetBucketReplication GetBucketRequestPayment
    GetBucketTagging GetBucketVersioning GetBucketWebsite
    GetIntelligentTieringConfiguration GetInventoryConfiguration
    GetMetricsConfiguration GetObjectLockConfiguration
    ListBucketInventoryConfigurations ListBucketMetricsConfigurations HeadBucket
""".split()
NOT_CONFIGURED = {
    "GetBucketPolicy": "NoSuchBucketPolicy",
    "GetBucketReplication": "ReplicationConfigurationNotFoundError",
    "GetBucketWebsite": "NoSuchWebsiteConfiguration",
}
DEPLOYED = """
    CreateBucket CreateBucketMetadataConfiguration DeleteBucketCors
    DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketOwnershipControls
    DeleteBucketPolicy DeleteBucketPublicAccessBlock DeleteBucketReplication
    DeleteBucketTagging DeleteBucketWebsite DeleteInventoryConfiguration
    PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAcl PutBucketCors
    PutBucketEncryption PutBucketLifecycle PutBucketLogging PutBucketNotification
    PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy
    PutBucketPublicAccessBlock PutBucketReplication PutBucketRequestPayment
    PutBucketTagging PutBucketVersioning PutBucketWebsite
    PutIntelligentTieringConfiguration PutInventoryConfiguration
    PutMetricsConfiguration DeleteBucket
""".split()
OF_THE_ACCOUNT = """
    CreateJob DeleteAccountPublicAccessBlock DescribeJob
    GetAccountPublicAccessBlock GetStorageLensConfiguration ListAccessPoints
    ListBuckets ListDirectoryBuckets ListJobs ListStorageLensConfigurations
    PutAccountPublicAccessBlock PutStorageLensConfiguration UpdateJobPriority
""".split()
UNKNOWN_NAMES = [
    ("Acl → permission", "GetObjectLineageAcl", "harbor-lab", "a.txt"),
    ("Policy → permission", "PutBucketLineagePolicy", "harbor-lab", None),
    ("PublicAccessBlock → permission", "GetRegionPublicAccessBlock", None, None),
    ("OwnershipControls → permission", "PutLineageOwnershipControls", None, None),
    ("Get with a key → read", "GetObjectLineage", "harbor-lab", "a.txt"),
    ("Put with a key → write", "PutObjectLineage", "harbor-lab", "a.txt"),
    ("Delete with a key → delete", "DeleteObjectLineage", "harbor-lab", "a.txt"),
    ("Get without a key → configuration", "GetBucketLineage", "harbor-lab", None),
    ("Put without a key → configuration", "PutBucketLineage", "harbor-lab", None),
    ("Delete without a key → configuration", "DeleteBucketLineage", "harbor-lab", None),
    ("Get without a bucket → account", "GetLineageSettings", None, None),
    ("List with a bucket → list", "ListBucketLineages", "harbor-lab", None),
    ("List without a bucket → list", "ListLineages", None, None),
    ("else with a key → other", "FreezeObject", "harbor-lab", "a.txt"),
    ("else with a bucket → other", "FreezeBucket", "harbor-lab", None),
    ("else → other", "FreezeEverything", None, None),
]


def what_was_asked(logs: Logs) -> None:
    """Every operation: an audit, a deployment, a workbench, and unknown names."""
    auditor = role("audit/security-audit", "prowler")
    for name in AUDITED:
        marker = name.removeprefix("Get").removeprefix("Bucket")
        record = s3(
            name,
            auditor,
            moment(6, 9),
            "harbor-website",
            agent=BOTO3,
            bytes_out=400,
            parameters={marker[:1].lower() + marker[1:]: [""]},
        )
        if name in NOT_CONFIGURED:
            record["errorCode"] = NOT_CONFIGURED[name]
            record["errorMessage"] = "The configuration does not exist"
        logs.deliver(record, "the audit reads every configuration of a bucket")
    deployer = role("ci/terraform", "pipeline-88")
    for name in DEPLOYED:
        record = s3(
            name,
            deployer,
            moment(7, 9),
            "harbor-preview-88",
            region=VIRGINIA,
            agent=TERRAFORM,
            bytes_in=300,
            parameters={
                "CreateBucketConfiguration": {"LocationConstraint": "none", "n": [1]}
            },
        )
        logs.deliver(record, "a deployment writes every configuration of a bucket")
    for name in OF_THE_ACCOUNT:
        record = s3(name, auditor, moment(8, 9), agent=BOTO3, bytes_out=500)
        logs.deliver(record, "calls about the account")

    worker = role("lab/workbench", "bench")
    for name in sorted(DATA_EVENTS - {"PreflightRequest", "CreateSession"}):
        level = name in NO_OBJECT_ARN or name == "WriteGetObjectResponse"
        record = s3(
            name,
            worker,
            moment(8, 12),
            "harbor-lab",
            None if level else "bench/object.bin",
            agent=JAVA2,
            bytes_in=0 if name.startswith(READ_VERBS) else 100,
            bytes_out=100 if name.startswith(READ_VERBS) else 0,
        )
        if name == "ListObjects":
            record["requestParameters"]["list-type"] = "2"
        if name == "RenameObject":
            record["eventSource"] = "s3express.amazonaws.com"
        logs.deliver(record, "every operation on objects")

    for case, name, bucket, key in UNKNOWN_NAMES:
        record = s3(name, worker, moment(9, 12), bucket, key, agent=JAVA2)
        record = without(record, "eventCategory", "managementEvent", "readOnly")
        logs.deliver(record, f"unknown name: {case}")
    known = s3("ThawObject", worker, moment(9, 12), "harbor-lab", "a.txt")
    logs.deliver(edit(known, eventCategory="Data"), "unknown name, category logged")

    # What decides between data and management event.
    asked = [
        ("managementEvent false", "HeadObject", {"managementEvent": False}),
        ("managementEvent true", "GetBucketTagging", {"managementEvent": True}),
        ("managementEvent as text, false", "HeadObject", {"managementEvent": "False"}),
        ("managementEvent as text, true", "HeadObject", {"managementEvent": "true"}),
        ("the event catalogue, HeadBucket", "HeadBucket", {}),
        ("the event catalogue, GetObject", "GetObject", {}),
        ("eventCategory empty", "GetBucketTagging", {"eventCategory": ""}),
        ("eventCategory null", "GetObjectTagging", {"eventCategory": None}),
    ]
    for case, name, fields in asked:
        key = "a.txt" if "Object" in name else None
        record = s3(name, worker, moment(9, 12), "harbor-lab", key)
        record = without(record, "eventCategory", "managementEvent")
        logs.deliver(edit(record, **fields), f"category from {case}")
    network = s3("GetObject", worker, moment(9, 12), "harbor-lab", "a.txt")
    network.update(eventCategory="NetworkActivity", eventType="AwsVpceEvent")
    network["errorCode"] = "VpceAccessDenied"
    logs.deliver(network, "NetworkActivity is left out")

    # Errors, encryption, versions, copies.
    errors = [
        "AccessDenied",
        "AccessDeniedException",
        "Client.AccessDenied",
        "AllAccessDisabled",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
        "Forbidden",
        "NoSuchKey",
        "NoSuchBucket",
        "NotModified",
        "PreconditionFailed",
        "InvalidRange",
        "SlowDown",
        "InternalError",
        "",
    ]
    for error in errors:
        record = s3(
            "GetObject",
            iam_user("apps/newsletter"),
            moment(10, 12),
            "harbor-finance",
            "payroll.csv",
            agent=CONSOLE,
            error=error,
            message=f"Because of {error}" if error else "",
        )
        logs.deliver(record, f"error code `{error or EMPTY}`")
    encryptions = "Default_SSE_S3 Default_SSE_KMS SSE_S3 SSE_KMS SSE_C".split()
    for applied in [*encryptions, ""]:
        record = s3(
            "PutObject",
            worker,
            moment(10, 12),
            "harbor-lab",
            "sealed.bin",
            extra={"SSEApplied": applied},
        )
        logs.deliver(record, f"SSEApplied `{applied or EMPTY}`")
    for version in ("3HL4kqtJEXAMPLE", "null", ""):
        record = s3(
            "GetObject",
            worker,
            moment(10, 12),
            "harbor-lab",
            "versions.txt",
            parameters={"versionId": version},
        )
        logs.deliver(record, f"versionId `{version or EMPTY}`")
    for method in ("ConsoleSession", "HtmlForm"):
        record = s3("ListBuckets", worker, moment(10, 12), auth=method)
        logs.deliver(record, "another AuthenticationMethod")
    record = s3(
        "CopyObject",
        worker,
        moment(10, 12),
        "harbor-lab",
        "copied.bin",
        parameters={"x-amz-copy-source": "/harbor-assets/agents/00.txt"},
    )
    logs.deliver(record, "a copy names its source")


# --- Chapter 7: other services, other partitions ----------------------------


def relatives(logs: Logs) -> None:
    """Directory buckets, Outposts, Object Lambda, access points, China, GovCloud."""
    trainer = role("ml/trainer", "epoch-1")
    directory = "harbor-features--euw1-az1--x-s3"
    arn = f"arn:aws:s3express:{IRELAND}:{SHOP}:bucket/{directory}"
    express = [
        ("CreateSession", None),
        ("PutObject", "batch/0.npy"),
        ("GetObject", "batch/0.npy"),
        ("ListObjects", None),
        ("RenameObject", "batch/1.npy"),
        ("GetBucketPolicy", None),
        ("ListDirectoryBuckets", None),
    ]
    for day in (3, 10):
        for name, key in express:
            bucket = None if name == "ListDirectoryBuckets" else directory
            record = s3(name, trainer, moment(day, 12), bucket, key, agent=JAVA2)
            record["eventSource"] = "s3express.amazonaws.com"
            if bucket:
                record["resources"] = [
                    {
                        "type": "AWS::S3Express::Object",
                        **({"ARN": f"{arn}/{key}"} if key else {"ARNPrefix": arn}),
                    },
                    {
                        "accountId": SHOP,
                        "type": "AWS::S3Express::DirectoryBucket",
                        "ARN": arn,
                    },
                ]
            about = record["additionalEventData"]
            about["SignatureVersion"] = "Sigv4"
            about["cipherSuite"] = about.pop("CipherSuite")
            about["xAmzId2"] = about.pop("x-amz-id-2")
            logs.deliver(record, "directory bucket (s3express), spelling Sigv4")

    station = f"arn:aws:s3-outposts:{IRELAND}:{SHOP}:outpost/op-01ac5d28a6a232904"
    names = [
        ("an ARN with the name", f"{station}/bucket/harbor-factory"),
        ("an ARN that ends in a slash", f"{station}/bucket/"),
    ]
    for case, arn in names:
        for name in ("PutObject", "GetObject"):
            record = s3(name, trainer, moment(3, 12), bytes_in=10)
            record["eventSource"] = "s3-outposts.amazonaws.com"
            record["requestParameters"] = {
                "bucketName": "harbor-factory",
                "Key": "press/upload.sh",
                "Content-Length": "10",
            }
            record["resources"] = [
                {
                    "accountId": SHOP,
                    "type": "AWS::S3Outposts::Object",
                    "ARN": f"{arn.rstrip('/')}/object/press/upload.sh",
                },
                {"accountId": SHOP, "type": "AWS::S3Outposts::Bucket", "ARN": arn},
            ]
            record["additionalEventData"]["CipherSuite"] = "ecdhe-rsa-aes128-sha"
            logs.deliver(record, f"S3 on Outposts, `Key`, {case}")

    record = s3("GetObject", trainer, moment(3, 12), key="reports/q1.csv")
    record.update(
        eventSource="s3-object-lambda.amazonaws.com",
        resources=[
            {
                "accountId": SHOP,
                "type": "AWS::S3ObjectLambda::AccessPoint",
                "ARN": f"arn:aws:s3-object-lambda:{IRELAND}:{SHOP}:accesspoint/redact",
            }
        ],
    )
    record["requestParameters"]["bucketName"] = "redact-example-1a2b3c--ol-s3"
    logs.deliver(record, "S3 Object Lambda")
    record = s3("WriteGetObjectResponse", role("redact", "fn"), moment(3, 12))
    record["eventSource"] = "s3-object-lambda.amazonaws.com"
    logs.deliver(record, "S3 Object Lambda")

    point = f"arn:aws:s3:{IRELAND}:{SHOP}:accesspoint/editors"
    for name in (point, "editors-example1a2b3c-s3alias"):
        record = s3("GetObject", trainer, moment(3, 12), "harbor-uploads", "a b.docx")
        record["requestParameters"]["bucketName"] = name
        record["resources"].append(
            {"accountId": SHOP, "type": "AWS::S3::AccessPoint", "ARN": point}
        )
        logs.deliver(record, "access point: the bucket stands in resources")

    for source in ("s3", "s3express", "s3-outposts", "s3-object-lambda"):
        record = s3(
            "GetObject",
            role("storefront", "cn", CHINA, "aws-cn"),
            moment(4, 9),
            "harbor-beijing",
            "封面/西游记.jpg",
            account=CHINA,
            owner=CHINA,
            region=BEIJING,
            partition="aws-cn",
        )
        record["eventSource"] = f"{source}.amazonaws.com.cn"
        logs.deliver(record, f"event source {source}.amazonaws.com.cn")
    for name in ("PutObject", "GetBucketAcl"):
        record = s3(
            name,
            role("archive", "loc", GOVERNMENT, "aws-us-gov"),
            moment(4, 9),
            "harbor-gov-library",
            "catalogue.xml" if name == "PutObject" else None,
            account=GOVERNMENT,
            owner=GOVERNMENT,
            region=GOVCLOUD,
            partition="aws-us-gov",
            tls="TLSv1.2",
        )
        logs.deliver(record, "partition aws-us-gov")
    alike = s3("GetObject", trainer, moment(4, 9), "must-not-be-read", "no")
    for source in ("s3tables.amazonaws.com", "s3vectors.amazonaws.com", "s3", ""):
        record = edit(alike, eventSource=source, eventID=uuid())
        logs.deliver(record, "event source that only resembles S3's: left out")


# --- Chapter 8: what was deleted --------------------------------------------


def deletions(logs: Logs) -> None:
    """DeleteObjects, the records of its keys, and S3's own events."""
    cleaner = role("service/cleaner", "retention")
    identities: list[tuple[str, Record | None]] = [
        ("of the caller's role", cleaner),
        ("of the service", {"accountId": SHOP, "invokedBy": "s3.amazonaws.com"}),
        ("without identity", None),
    ]
    for number, (case, identity) in enumerate(identities):
        record = s3(
            "DeleteObjects",
            cleaner,
            moment(11 + number, 12),
            "harbor-uploads",
            agent=BOTO3,
            bytes_in=310,
            parameters={"delete": ""},
        )
        logs.deliver(record, "DeleteObjects: one record without keys")
        for key in range(4):
            each = s3(
                "DeleteObject",
                cleaner,
                moment(11 + number, 12),
                "harbor-uploads",
                f"drafts/{number}/{key}.docx",
                agent=BOTO3,
            )
            each = service_event(each, identity)
            logs.deliver(each, f"companion record of a deleted key, {case}")
    one = s3("DeleteObject", cleaner, moment(12, 12), "harbor-uploads", "drafts/x.docx")
    logs.deliver(one, "DeleteObject, a request of its own")
    part = s3(
        "AbortMultipartUpload", cleaner, moment(12, 12), "harbor-uploads", "big.zip"
    )
    logs.deliver(part, "AbortMultipartUpload")
    for _ in range(3):
        copied = s3(
            "InitiateReplication",
            None,
            moment(12, 12),
            "harbor-uploads",
            "manuscripts/2026/05/12/0001.docx",
        )
        identity = {"accountId": SHOP, "invokedBy": "s3.amazonaws.com"}
        logs.deliver(service_event(copied, identity), "AwsServiceEvent that stays")


# --- Chapter 9: on which way ------------------------------------------------


def transport(logs: Logs) -> None:
    """TLS versions, plain HTTP, and what was not logged."""
    courier = role("courier", "van-1")

    def asked(**more: Any) -> Record:
        options: Record = {"bytes_out": 10, **more}
        at = moment(11, 9)
        return s3("GetObject", courier, at, "harbor-assets", "tls.txt", **options)

    for version in CIPHERS:
        logs.deliver(asked(tls=version), f"tlsVersion {version}")
    exchange = asked()
    exchange["tlsDetails"]["keyExchange"] = "x25519"
    logs.deliver(exchange, "tlsDetails.keyExchange")
    kiosk = iam_user("kiosk")
    for number in range(12):
        record = s3(
            "GetObject",
            kiosk,
            moment(3 + number, 9),
            "harbor-assets",
            f"kiosk/slide-{number % 3}.png",
            agent="[aws-sdk-nodejs/2.1692.0 linux/v12.22.12 promise]",
            tls=None,
            bytes_out=40000,
        )
        logs.deliver(record, "plain HTTP: tlsDetails with a host alone")

    bare = without(asked(), "tlsDetails")
    logs.deliver(bare, "tlsDetails absent, cipher in additionalEventData")
    lower = additional(bare, drop=["CipherSuite"], cipherSuite=CIPHERS["TLSv1.2"])
    logs.deliver(edit(lower, eventID=uuid()), "cipherSuite in lower case")
    signed = additional(without(asked(), "tlsDetails"), drop=["CipherSuite"])
    logs.deliver(signed, "plain HTTP: signature without cipher, no tlsDetails")
    counted = asked(signature=None)
    counted["additionalEventData"] = {"bytesTransferredOut": 10}
    logs.deliver(
        without(counted, "tlsDetails"), "plain HTTP: only bytes are logged beside"
    )
    silent = without(asked(), "tlsDetails", "additionalEventData")
    logs.deliver(silent, "nothing logged about the transport")
    silent = edit(silent, tlsDetails=None, additionalEventData=None, eventID=uuid())
    logs.deliver(silent, "tlsDetails and additionalEventData null")
    silent = edit(silent, tlsDetails={}, additionalEventData={}, eventID=uuid())
    logs.deliver(silent, "tlsDetails and additionalEventData empty")
    only_version = asked()
    only_version["tlsDetails"] = {"tlsVersion": "TLSv1.2", "cipherSuite": ""}
    only_version = additional(only_version, drop=["CipherSuite"])
    logs.deliver(only_version, "a TLS version without a cipher")

    hosts: list[tuple[str, Any]] = [
        ("Host", "assets.harbor.example"),
        ("host", "lower.harbor.example"),
        ("Host", ["first.harbor.example", "second.harbor.example"]),
        ("host", []),
        ("Host", ""),
    ]
    for field, value in hosts:
        record = without(asked(), "tlsDetails")
        del record["requestParameters"]["Host"]
        record["requestParameters"][field] = value
        logs.deliver(record, f"host header from `{field}`: `{json.dumps(value)}`")
    differs = asked()
    differs["tlsDetails"]["clientProvidedHostHeader"] = "cdn.harbor.example"
    logs.deliver(differs, "host header: tlsDetails first")
    old_place = asked(extra={"vpcEndpointId": "vpce-0example33334444"})
    logs.deliver(old_place, "vpcEndpointId in additionalEventData")
