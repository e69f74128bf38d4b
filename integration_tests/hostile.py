"""Hostile and odd log folders, the same for the same seed.

`write_logs` makes a folder that holds what real, old, hand-edited and
malicious logs may hold, without a damaged file. The functions named
`damaged_*` and `ignored_*` make single files that stop a run or are ignored.

Where the rules leave an answer open the generator stays away: two copies of
a request in one file that differ but share an event id, for example.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

Record = dict[str, Any]

ACCOUNTS = ("111122223333", "444455556666", "777788889999")
REGIONS = ("us-east-1", "eu-central-1", "us-gov-west-1")
BUCKETS = ("reports", "logs.example", "photos-2024", "backup")
FIRST_DAY = date(2024, 2, 27)
DAYS = 6
SECRET = "must-never-be-stored"

STRINGS = (
    "'",
    '"',
    "\\",
    "''; drop table fct_s3_requests; --",
    "{{ 7 * 7 }}",
    "{% raw %}{{ ref('x') }}",
    "{# note #}",
    "$$ || $1 ?",
    "%2F+%20%s%",
    "line\nbreak\r\n\ttab",
    " leading and trailing ",
    "null",
    "None",
    "NaN",
    "true",
    "0",
    "..//../a//b/",
    "naïve/ключ/鍵/🦆",
    "e\u0301 and \u202egnp.exe",
    "[brackets]",
    "[*?{a,b}]",
    "a:b:c/d:e",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "nul\u0000 and bell\u0007",
    '{"eventName":"DeleteBucket"}',
    "long" * 500,
)
AGENTS = (
    "[aws-cli/1.16.19 Python/2.7.10 Darwin/17.7.0 botocore/1.12.9]",
    "[aws-cli/2.12.0 Python/3.11.4 Linux/5.10 exe/x86_64 command/s3.cp]",
    "[Boto3/1.26.165 Python/3.10.6 Linux/5.19 Botocore/1.29.165]",
    "Boto3/1.4.5 Python/2.7 Botocore/1.5.70",
    "Botocore/1.5.70 Python/2.7",
    "Boto/2.49.0 Python/2.7.18 Linux/4.14",
    "[aws-sdk-java/1.11.504 Linux/4.14 OpenJDK_64-Bit_Server_VM/25]",
    "[aws-sdk-java/1.11.504 Linux/4.14 cut here",
    "aws-sdk-java/2.25.66 Linux/5.10 Java/17.0.11 http/Apache",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10]",
    "Hadoop 2.8.5-amzn-5, aws-sdk-java/1.11.682 Linux/4.14",
    "ElasticMapReduce/1.0.0 emrfs/s3n {}, aws-sdk-java/1.11.129 Linux/4.9",
    "[APN/1.0 HashiCorp/1.0 Terraform/1.1.2 aws-sdk-go/1.44.157 (go1.19.3)]",
    "aws-sdk-go-v2/1.21.0 os/linux lang/go#1.21",
    "[aws-sdk-rust/1.3.8 os/linux lang/rust/1.77]",
    "aws-sdk-dotnet-45/3.3.110.30 .NET_Runtime/4.0",
    "aws-sdk-dotnet-coreclr/3.7.100 .NET_Core/6.0",
    "aws-sdk-ruby2/2.11.19 ruby/2.5.1",
    "aws-sdk-ruby3/3.114.0 ruby/2.7",
    "aws-sdk-php/3.208.1 OS/Linux/4.14",
    "aws-sdk-nodejs/2.67.0 linux/v8",
    "aws-sdk-js/3.400.0 os/linux",
    "aws-sdk-cpp/1.9.379 Linux/5.4",
    "MinIO (linux; amd64) minio-go/v7.0.24 mc/RELEASE.2022-04-26T18-00-22Z",
    "S3 Browser/11.4.5 (https://s3browser.com)",
    "rclone/v1.63.1",
    "Cyberduck/8.6.0.39818 (Mac OS X/13.4) (x86_64)",
    "s3cmd/2.3.0",
    "JetS3t/0.9.4 (Linux/4.14; amd64; en)",
    "s3fs/1.86 (commit hash 005a684; OpenSSL)",
    "[Amazon CloudFront]",
    "[Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) Chrome/70.0 Safari/537]",
    "AWS Internal",
    "cloudtrail.amazonaws.com",
    "unheard-of/1.0",
    "[]",
    "[",
    "]",
    "agent]",
    "[[twice]]",
)
EVENT_NAMES = (
    ("GetObject",) * 6
    + ("PutObject",) * 4
    + ("HeadObject", "DeleteObject", "DeleteObjects", "CopyObject", "UploadPart")
    + ("ListObjects", "ListObjectVersions", "ListParts", "ListMultipartUploads")
    + ("CreateMultipartUpload", "CompleteMultipartUpload", "UploadPartCopy")
    + ("AbortMultipartUpload", "GetObjectAcl", "PutObjectAcl", "GetObjectTagging")
    + ("PutObjectTagging", "DeleteObjectTagging", "GetObjectRetention")
    + ("PutObjectRetention", "PutObjectLegalHold", "GetObjectLegalHold")
    + ("GetObjectAttributes", "GetObjectTorrent", "RestoreObject", "RenameObject")
    + ("SelectObjectContent", "UpdateObjectEncryption", "PostObject", "Presign")
    + ("PreflightRequest", "WriteGetObjectResponse", "InitiateReplication")
    + ("HeadBucket", "CreateSession", "ListBuckets", "CreateBucket", "DeleteBucket")
    + ("GetBucketAcl", "PutBucketAcl", "GetBucketPolicy", "DeleteBucketPolicy")
    + ("GetBucketPolicyStatus", "PutBucketPublicAccessBlock", "GetBucketCors")
    + ("PutBucketOwnershipControls", "PutBucketLifecycle", "GetBucketLogging")
    + ("GetAccountPublicAccessBlock", "PutAccountPublicAccessBlock")
    + ("DeleteAccountPublicAccessBlock", "DeleteBucketPublicAccessBlock")
    + ("ListAccessPoints", "DeleteBucketWebsite", "PutBucketTagging")
)
UNKNOWN_EVENT_NAMES = (
    "GetObjectHologram",
    "PutObjectHologram",
    "DeleteObjectHologram",
    "HeadHologram",
    "SelectHologram",
    "UploadHologram",
    "UpdateHologram",
    "ListHolograms",
    "PutHologramAcl",
    "GetHologramPolicy",
    "GetHologramPublicAccessBlock",
    "DeleteHologramOwnershipControls",
    "Hologram",
    "hologram'; --",
)
SOURCES = (
    ("s3.amazonaws.com",) * 40
    + ("s3express.amazonaws.com", "s3-outposts.amazonaws.com")
    + ("s3-object-lambda.amazonaws.com", "s3.amazonaws.com.cn")
    + ("s3express.amazonaws.com.cn", "ec2.amazonaws.com", "sts.amazonaws.com")
    + ("s3tables.amazonaws.com", "s3vectors.amazonaws.com", "s3.amazonaws.com.evil")
    + ("xs3.amazonaws.com", "s3xamazonaws.com", "", None)
)
# What any field may hold although it should not.
SWAPPED = (None, "", 5, True, False, [], {}, [1, "a"], {"a": {"b": None}}, "text")

TIMES = (
    "{day}T{clock}Z",
    "{day} {clock}Z",
    "{day}T{clock}",
    "{day} {clock}",
    "{day}T{clock}.5Z",
    "{day}T{clock}.123Z",
    "{day}T{clock}.123456789Z",
    "{day}T{clock}.9999999Z",
    "{day}T{clock}+00:00",
    "{day}T{clock}+02:00",
    "{day}T{clock}-0930",
    "{day}T{clock}.25+05:45",
    "{day}T{clock}+14",
)
NO_TIMES = (
    None,
    "",
    "yesterday",
    "2024-02-30T10:00:00Z",
    "2024-13-01T10:00:00Z",
    "2024-02-28T25:00:00Z",
    "28/Feb/2024:10:00:00 +0000",
    "2024-02-28",
    "infinity",
    "epoch",
    1709114400,
    {"a": 1},
    ["2024-02-28T10:00:00Z"],
)

IDENTITIES: tuple[Any, ...] = (
    *(
        {
            "type": "IAMUser",
            "principalId": f"AIDA{name.upper()}",
            "arn": f"arn:aws:iam::111122223333:user/{name}",
            "accountId": "111122223333",
            "accessKeyId": f"AKIA{name.upper()}EXAMPLE",
            "userName": name,
        }
        for name in ("alice", "bob")
    ),
    *(
        {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE:{session}",
            "arn": f"arn:aws:sts::111122223333:assumed-role/Etl/{session}",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE",
                    "arn": "arn:aws:iam::111122223333:role/path/Etl",
                    "accountId": "111122223333",
                    "userName": "Etl",
                },
                "attributes": {"mfaAuthenticated": "false"},
            },
        }
        for session in ("one", "two")
    ),
    {
        "type": "AssumedRole",
        "principalId": "AROAOTHER:session",
        "arn": "arn:aws-cn:sts::444455556666:assumed-role/Other/session",
        "accountId": "444455556666",
        "sessionContext": {"attributes": {"creationDate": "2024"}},
    },
    {
        "type": "AssumedRole",
        "arn": "arn-without-slash",
        "accountId": "444455556666",
        "sessionContext": {"sessionIssuer": {"arn": ""}},
    },
    {
        "type": "IAMUser",
        "arn": "arn:aws:iam::111122223333:user/by/service",
        "accountId": "111122223333",
        "invokedBy": "AWS Internal",
    },
    {
        "type": "FederatedUser",
        "principalId": "111122223333:alice",
        "accountId": "111122223333",
    },
    {
        "type": "Root",
        "principalId": "111122223333",
        "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:root",
    },
    {"type": "AWSAccount", "principalId": "AROAX:s", "accountId": "777788889999"},
    {"type": "AWSAccount", "principalId": "AIDAX", "accountId": "444455556666"},
    {"type": "AWSAccount", "principalId": "E1EXAMPLE", "accountId": "CloudFront"},
    {"type": "AWSAccount", "principalId": "", "accountId": "444455556666"},
    {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
    {"type": "AWSAccount", "principalId": "", "accountId": "Anonymous"},
    {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
    {"type": "AWSAccount", "principalId": "ANONYMOUS_PRINCIPAL"},
    {
        "type": "Unknown",
        "principalId": "ANONYMOUS_PRINCIPAL",
        "accountId": "111122223333",
    },
    {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"},
    {"accountId": "111122223333", "invokedBy": "lifecycle.s3.amazonaws.com"},
    {"type": "", "invokedBy": "replication.amazonaws.com"},
    {
        "type": "IdentityCenterUser",
        "accountId": "111122223333",
        "onBehalfOf": {"userId": "94482488", "identityStoreArn": "arn:x"},
    },
    {"type": "SAMLUser", "principalId": "saml:with:colons", "userName": "x"},
    {"type": "WebIdentityUser", "userName": "nobody"},
    {"type": "IAMUser", "accountId": "1111-2222-3333", "principalId": "AIDA"},
    {"type": "IAMUser", "accountId": "１１１１２２２２３３３３", "arn": ""},
    {"type": "IAMUser", "accountId": 111122223333, "principalId": 5},
    {
        "type": None,
        "arn": "arn:aws:iam::1:user/'; select 1; --{{ x }}",
        "sessionContext": "text",
        "onBehalfOf": [],
    },
    {"type": "AssumedRole", "sessionContext": {"sessionIssuer": "text"}},
    {},
    None,
    "",
    "text",
    [],
)
# Values of single fields that are put together at random.
IDENTITY_FIELDS: dict[str, tuple[Any, ...]] = {
    "type": ("AssumedRole", "IAMUser", "AWSService", "FederatedUser", "", None, 5),
    "accountId": (*ACCOUNTS, "anonymous", "CloudFront", "11112222333", "", None),
    "principalId": ("AIDA", "AROA:s", "111122223333:a", ":", "a::b", "", None),
    "arn": ("arn:aws:iam::1:user/a", "arn:x:y/R/S", "no slash", "/", "a/", "", None),
    "invokedBy": ("x.amazonaws.com", "AWS Internal", "", None),
    "onBehalfOf": ({"userId": "u"}, {"userId": ""}, {}, None, "text"),
    "sessionContext": (
        {"sessionIssuer": {"arn": "arn:aws:iam::1:role/R"}},
        {"sessionIssuer": {"arn": ""}},
        {"sessionIssuer": [{"arn": "x"}]},
        {"attributes": []},
        None,
    ),
}
RESOURCE_FIELDS: dict[str, tuple[Any, ...]] = {
    "type": ("AWS::S3::Bucket", "AWS::S3::Object", "AWS::S3Express::DirectoryBucket")
    + ("AWS::S3Outposts::Bucket", "AWS::S3Express::Object", "aws::s3::bucket", None),
    "ARN": ("arn:aws:s3:::reports", "arn:aws:s3:::logs/a b/c:d/", "arn:aws:s3:::", "")
    + ("arn:aws-cn:s3:::backup//k", "x:s3:::no/k", "bare", "a:b/c", ":", "/", None)
    + ("arn:aws:s3express:r:1:bucket/b--x-s3", "arn:aws:s3-outposts:r:1:op/bucket/"),
    "accountId": (*ACCOUNTS, "", None),
    "ARNPrefix": ("arn:aws:s3:::prefix/p",),
}

TLS_DETAILS: tuple[Any, ...] = (
    {"tlsVersion": "TLSv1.2", "cipherSuite": "ECDHE-RSA-AES128-GCM-SHA256"},
    {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": "s3.amazonaws.com",
        "keyExchange": "x25519",
    },
    {"tlsVersion": "TLSv1", "cipherSuite": "AES128-SHA"},
    {"tlsVersion": "1.3"},
    {"cipherSuite": "AES128-SHA"},
    {"clientProvidedHostHeader": "plain.example"},
    {},
    None,
    "",
    "text",
)
BYTES: tuple[Any, ...] = (
    0,
    21838,
    "21838",
    "21838.0",
    "0",
    9007199254740993,
    "9007199254740993",
    "9007199254740993.0",
    9223372036854775807,
    "9223372036854775807",
    9223372036854775808,
    123456789012345678901234567890,
    -1,
    "-5",
    "many",
    "1,024",
    "",
    None,
    True,
    [5],
    {"a": 5},
)
# Headers and query strings that decisions read.
GRANTED = ("id=1", 'uri="http://acs.example/all"', "", None, [], {"id": 1}, 5, False)
PUBLIC_ACCESS = (
    {"IgnorePublicAcls": True, "RestrictPublicBuckets": "True"},
    {"IgnorePublicAcls": True, "RestrictPublicBuckets": [True]},
    {"IgnorePublicAcls": 1, "RestrictPublicBuckets": True, "BlockPublicAcls": False},
    {"BlockPublicAcls": True, "BlockPublicPolicy": True},
    *({}, [], None, "IgnorePublicAcls"),
)
ASKED: dict[str, tuple[Any, ...]] = {
    "x-amz-acl": (
        *("public-read", "private", "bucket-owner-full-control", "aws-exec-read"),
        *(
            "Bucket-Owner-Full-Control",
            "bucket-owner-full-control ",
            "'; --",
            "{{ x }}",
        ),
        *("", None, ["public-read"], {"a": "public-read"}, 5, True),
    ),
    "X-AMZ-ACL": ("public-read",),
    "x-amz-grant-read": GRANTED,
    "x-amz-grant-full-control": GRANTED,
    "x-amz-grant-nobody": ("id=1",),
    "X-Amz-Date": (
        *("20240228T100000Z", "20240228T235959Z", "20240229T000000Z") * 2,
        *("20230229T100000Z", "20241301T100000Z", "20240228T240000Z", "yesterday"),
        *("20240228T100060Z", "20240228T100000", "20240228T100000+02", "20240228"),
        *("20240228 100000Z", "20240228T100000Z\n", "20240228T100000Z'; --"),
        *("2024-02-28T10:00:00Z", "２０２４0228T100000Z", "00010101T000000Z"),
        *("99991231T235959Z", "29991231T235959Z", "", None, 20240228, [1], {"a": 1}),
    ),
    "X-Amz-Expires": (
        *("300", "604800", 3600, "0", "0300", "999999999", "1000000000", "-1"),
        *("300.0", 300.0, "3e2", " 300", "300\n", "٣٠٠", "", None, True, ["300"], {}),
    ),
    "Expires": (
        *("1709114400", 1709114400, "0", "9999999999", "10000000000", "-1", "soon"),
        *("1709114400.5", 1709114400.5, " 1709114400", "1709114400\n", "", None, [1]),
    ),
}
NOBODY = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: "
DENIED_KEYS = (
    "a.csv",
    "with an explicit deny in an identity-based policy",
    "because no service control policy allows/BlockPublicAccess",
    '" because no session policy allows the s3:GetObject action',
    'on resource: "nothing"',
    "two\nlines because no VPC endpoint policy",
)
REASONS = (
    "because no identity-based policy allows the s3:GetObject action",
    "because no resource-based policy allows the s3:GetObject action",
    "because no session policy allows the s3:GetObject action",
    "because no permissions boundary allows the s3:GetObject action",
    "because no VPC endpoint policy allows the s3:GetObject action",
    "BECAUSE NO SERVICE CONTROL POLICY ALLOWS THE S3:GETOBJECT ACTION",
    "with an explicit deny in a service control policy: arn:aws:organizations::1:p",
    "with an explicit deny in a resource control policy",
    "with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/x",
    "with an explicit deny in a VPC endpoint policy",
    "with an explicit deny in an unheard-of policy",
    "with an explicit deny",
    "because public access is prevented by the BlockPublicAcls setting",
    "because access is blocked by Block Public Access",
    "",
)
ERROR_MESSAGES = (
    *("Access Denied", "The specified key does not exist.", "", None, {"a": 1}),
    *(
        f'{NOBODY}s3:GetObject on resource: "arn:aws:s3:::reports/{key}" {reason}'
        for key in DENIED_KEYS
        for reason in REASONS
    ),
    *(f"{NOBODY}s3:GetObject {reason}" for reason in REASONS),
    f'{NOBODY}s3:GetObject on resource: "cut off because no session policy',
)
ADDENDA = (
    {"reason": "DELIVERY_DELAY"},
    {"reason": "DELIVERY_DELAY", "originalEventID": "not-an-update"},
    {"reason": "UPDATED_DATA"},
    {"reason": "SERVICE_OUTAGE", "originalRequestID": "x"},
    {"reason": ""},
    {},
    None,
    "UPDATED_DATA",
    [],
)


class Generator:
    """Draws records; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        """Start a stream of records.

        Args:
            seed: what tells one set of records from another.
        """
        self.random = random.Random(seed)

    def maybe(self, share: float) -> bool:
        """Return true in a share of the calls."""
        return self.random.random() < share

    def one(self, values: Sequence[Any]) -> Any:
        """Draw a value, a copy of its own."""
        return copy.deepcopy(self.random.choice(values))

    def id(self) -> str:
        """Return an id that occurs nowhere else."""
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def time(self) -> str:
        """Return an event time in some spelling."""
        day = FIRST_DAY + timedelta(days=self.random.randrange(DAYS))
        near_midnight = ("00:00:00", "23:59:59", "00:01:59", "12:00:00")
        clock = (
            self.one(near_midnight)
            if self.maybe(0.3)
            else (
                f"{self.random.randrange(24):02}:{self.random.randrange(60):02}"
                f":{self.random.randrange(60):02}"
            )
        )
        spelling = self.one(TIMES) if self.maybe(0.3) else TIMES[0]
        return spelling.format(day=day, clock=clock)

    def key(self) -> str:
        """Return an object key."""
        if self.maybe(0.4):
            return self.one(STRINGS)
        return f"2024/file {self.random.randrange(30)}.csv"

    def some(self, fields: dict[str, tuple[Any, ...]]) -> Record:
        """Put an object together from some fields."""
        return {
            field: self.one(values)
            for field, values in fields.items()
            if self.maybe(0.6)
        }

    def parameters(self, bucket: str, key: str, name: str) -> Any:
        """Return requestParameters."""
        if self.maybe(0.05):
            return self.one((None, "", {}, [], "None", 5, [{"bucketName": "x"}]))
        values: Record = {"bucketName": bucket, "Host": f"{bucket}.s3.example"}
        if "Object" in name or "Part" in name or self.maybe(0.2):
            values[self.one(("key", "key", "key", "Key"))] = key
        if self.maybe(0.1):
            values["host"] = [values.pop("Host"), "second.example"]
        if self.maybe(0.2):
            values["versionId"] = self.one(("null", "3/L4kqtJ", "", None, 5))
        if self.maybe(0.1):
            values.update(acl=[""], policy="", nested={"key": "x", "Signature": "ok"})
        if self.maybe(0.1):
            secret = self.one(
                ("X-Amz-Signature", "signature", "X-AMZ-SECURITY-TOKEN")
                + ("Authorization", "x-amz-server-side-encryption-customer-key")
                + ("x-amz-copy-source-server-side-encryption-customer-key",)
            )
            values[secret] = self.one((SECRET, [SECRET], {"a": SECRET}))
            values[f"{secret}-MD5"] = "stays"
            values["X-Amz-Credential"] = "scope/20240227"
        if self.maybe(0.5):
            for field, options in ASKED.items():
                if self.maybe(0.3):
                    values[field] = self.one(options)
        if "PublicAccessBlock" in name:
            values["PublicAccessBlockConfiguration"] = self.one(PUBLIC_ACCESS)
        if self.maybe(0.05):
            # Neither is a header: one is nested, one a text.
            values["nested"] = {"x-amz-acl": "private", "x-amz-grant-read": "id=1"}
            values["text"] = '"x-amz-acl":"private","x-amz-grant-read":"id=1"'
        if self.maybe(0.1):
            values[self.one(STRINGS)] = self.one(STRINGS)
        if self.maybe(0.1):
            values["numbers"] = [1.5, -0.0, 1e300, 123456789012345678901234567890]
        if self.maybe(0.03):
            values["deep"] = json.loads("[" * 300 + "]" * 300)
        if self.maybe(0.1):
            values["bucket"] = "from-bucket"
            del values["bucketName"]
        if self.maybe(0.05):
            values["bucketName"] = self.one(("", None))
        if self.maybe(0.05):
            values.pop("key", None)
        return values

    def resources(self, bucket: str, key: str, owner: str) -> Any:
        """Return the resources list, in either order."""
        partition = self.one(("aws", "aws", "aws-cn", "aws-us-gov"))
        bucket_entry = {
            "accountId": owner,
            "type": "AWS::S3::Bucket",
            "ARN": f"arn:{partition}:s3:::{bucket}",
        }
        object_entry = {
            "type": "AWS::S3::Object",
            "ARN": f"arn:{partition}:s3:::{bucket}/{key}",
        }
        entries = [object_entry, bucket_entry]
        if self.maybe(0.3):
            object_entry["ARNPrefix"] = object_entry.pop("ARN")
        if self.maybe(0.1):
            bucket_entry["accountId"] = self.one(("", None, "not-an-account"))
        if self.maybe(0.1):
            bucket_entry["ARN"] = self.one(
                ("", None, "arn:aws:s3-outposts:us-east-1:1:outpost/op-1/bucket/")
            )
        if self.maybe(0.1):
            bucket_entry["type"] = "AWS::S3Express::DirectoryBucket"
            bucket_entry["ARN"] = f"arn:aws:s3express:us-east-1:1:bucket/{bucket}"
        if self.maybe(0.1):
            entries.insert(
                0, {"type": "AWS::S3::AccessPoint", "ARN": "arn:aws:s3:::ap/x"}
            )
        if self.maybe(0.1):
            entries.insert(0, self.one((None, 5, "text", {}, [])))
        if self.maybe(0.3):
            entries.remove(bucket_entry)
        if self.maybe(0.3):
            entries.reverse()
        if self.maybe(0.15):
            entries = [self.some(RESOURCE_FIELDS) for _ in range(3)]
        return self.one(SWAPPED) if self.maybe(0.03) else entries

    def extra(self) -> Any:
        """Return additionalEventData."""
        if self.maybe(0.05):
            return self.one((None, "", {}, [], "None", 5))
        values: Record = {}
        choices: tuple[tuple[str, float, tuple[Any, ...]], ...] = (
            (
                "SignatureVersion",
                0.8,
                ("SigV4", "SigV4", "SigV2", "SigV2", "Sigv4", "sigv2", "SigV4A", ""),
            ),
            (
                "AuthenticationMethod",
                0.8,
                ("AuthHeader", "AuthHeader", "QueryString", "HtmlForm", "", None),
            ),
            ("CipherSuite", 0.4, ("ECDHE-RSA-AES128-SHA", "", None)),
            ("cipherSuite", 0.1, ("ECDHE-RSA-AES256-SHA",)),
            ("bytesTransferredIn", 0.7, BYTES),
            ("bytesTransferredOut", 0.7, BYTES),
            ("aclRequired", 0.3, ("Yes", "No", "", None)),
            ("SSEApplied", 0.3, ("Default_SSE_S3", "SSE_KMS", "SSE_C", "")),
            ("vpcEndpointId", 0.1, ("vpce-old", "")),
            ("Authorization", 0.05, (SECRET,)),
            ("x-amz-id-2", 0.5, STRINGS),
        )
        for key, share, options in choices:
            if self.maybe(share):
                values[key] = self.one(options)
        return values

    def record(self) -> Record:
        """Draw a record; a quarter of them have a field of a wrong type."""
        name = self.one(UNKNOWN_EVENT_NAMES if self.maybe(0.1) else EVENT_NAMES)
        bucket, key = self.one(BUCKETS), self.key()
        record: Record = {
            "eventVersion": self.one(("1.03", "1.05", "1.08", "1.09", "1.10", "1.11")),
            "userIdentity": self.one(IDENTITIES),
            "eventTime": self.time(),
            "eventSource": self.one(SOURCES),
            "eventName": name,
            "awsRegion": self.one(REGIONS),
            "sourceIPAddress": self.one(("198.51.100.7", "2001:db8::1", "", None)),
            "userAgent": self.one(AGENTS if self.maybe(0.9) else STRINGS),
            "requestParameters": self.parameters(bucket, key, name),
            "responseElements": self.one((None, "None", {"x-amz-version-id": "1"})),
            "additionalEventData": self.extra(),
            "requestID": self.id()[:16],
            "eventID": self.id(),
            "resources": self.resources(bucket, key, self.one(ACCOUNTS)),
            "eventType": self.one(("AwsApiCall",) * 12 + ("AwsServiceEvent", "")),
            "recipientAccountId": self.one(ACCOUNTS),
        }
        choices: tuple[tuple[str, float, tuple[Any, ...]], ...] = (
            ("readOnly", 0.6, (True, False, "True", "false", "FALSE", "maybe", None)),
            ("managementEvent", 0.4, (True, False, "true", "False", "maybe", None)),
            (
                "eventCategory",
                0.4,
                ("Data", "Data", "Management", "NetworkActivity", "Insight", ""),
            ),
            ("errorCode", 0.3, ERROR_CODES),
            ("errorMessage", 0.3, STRINGS + ERROR_MESSAGES),
            ("tlsDetails", 0.6, TLS_DETAILS),
            ("vpcEndpointId", 0.1, ("vpce-new", "", None)),
            ("addendum", 0.2, ADDENDA),
            ("sharedEventID", 0.05, ("", None)),
            ("unheardOf", 0.1, (STRINGS, {"a": [{}]})),
        )
        for field, share, options in choices:
            if self.maybe(share):
                record[field] = self.one(options)
        if self.maybe(0.06):
            record["eventTime"] = self.one(NO_TIMES)
        if self.maybe(0.03):
            record["eventID"] = self.one((None, ""))
        if self.maybe(0.02):
            record["eventName"] = self.one((None, ""))
        if self.maybe(0.2):
            record["userIdentity"] = self.some(IDENTITY_FIELDS)
        self.damage(record)
        return record

    def damage(self, record: Record) -> None:
        """Drop a field or give it a value of a wrong type."""
        fields = [
            field
            for field in record
            if field not in ("eventID", "sharedEventID", "eventTime", "eventName")
        ]
        if self.maybe(0.1):
            del record[self.one(fields)]
        elif self.maybe(0.15):
            record[self.one(fields)] = self.one(SWAPPED)

    def relatives(self, record: Record) -> list[Record]:
        """Draw further copies and companions of a record."""
        if not isinstance(record.get("eventID"), str) or not record["eventID"]:
            return []
        kind = self.random.randrange(7)
        if kind == 0:
            return [copy.deepcopy(record)]
        if kind == 1:
            return self.cross_account_pair(record)
        if kind == 2:
            return self.updates(record)
        if kind == 3:
            return self.deletions(record)
        if kind == 4:
            return [{**copy.deepcopy(record), "addendum": {"reason": "DELIVERY_DELAY"}}]
        if kind == 5 and self.maybe(0.3):
            return [{**copy.deepcopy(record), "eventTime": self.time()}]
        return []

    def cross_account_pair(self, record: Record) -> list[Record]:
        """Make a record the caller's, and return the owner's copies of it."""
        record["sharedEventID"] = self.id()
        record["userIdentity"] = self.one(IDENTITIES[:5])
        record.pop("addendum", None)
        owners = []
        for account in ACCOUNTS[1 : self.random.randrange(2, 4)]:
            owner = copy.deepcopy(record)
            owner["eventID"] = self.id()
            owner["recipientAccountId"] = account
            owner["userIdentity"] = {
                "type": "AWSAccount",
                "principalId": record["userIdentity"]["principalId"],
                "accountId": record["userIdentity"]["accountId"],
            }
            owners.append(owner)
        if self.maybe(0.5):
            record["errorCode"] = "AccessDenied"
            record["resources"] = [
                {"accountId": "", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::x"}
            ]
        return owners

    def updates(self, record: Record) -> list[Record]:
        """Return a chain of records that supersede one another."""
        original, chain = record["eventID"], []
        for number in range(self.random.randrange(1, 4)):
            update = copy.deepcopy(record)
            update["eventID"] = self.id()
            update["addendum"] = {
                "reason": "UPDATED_DATA",
                "updatedFields": "userAgent",
                "originalEventID": original,
            }
            update["userAgent"] = f"updated/{number}"
            if self.maybe(0.3):
                original = update["eventID"]
            chain.append(update)
        return chain

    def deletions(self, record: Record) -> list[Record]:
        """Make a record a DeleteObjects, and return its keys' records."""
        record["eventName"] = "DeleteObjects"
        companions = []
        for number in range(self.random.randrange(1, 4)):
            companion = copy.deepcopy(record)
            companion["eventID"] = self.id()
            companion["eventName"] = "DeleteObject"
            companion["eventType"] = "AwsServiceEvent"
            companion["requestParameters"] = {
                "bucketName": self.one(BUCKETS),
                "key": f"deleted/{number}",
            }
            companion["additionalEventData"] = None
            companions.append(companion)
        return companions


ERROR_CODES = (
    ("AccessDenied", "AccessDenied", "AccessDeniedException", "NoSuchKey", "")
    + ("Client.AccessDenied", "AllAccessDisabled", "UnauthorizedAccess", "accessdenied")
    + ("UnauthorizedOperation", "Forbidden", "ForbiddenX", "SlowDown", None)
)


# ----------------------------------------------------------------- Files


def envelope(records: Sequence[Any]) -> str:
    """Return a file's text as CloudTrail writes it."""
    return json.dumps({"Records": records}, ensure_ascii=False, separators=(",", ":"))


def write(path: Path, data: str | bytes) -> Path:
    """Write a log file, as gzip where its name says so, and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = data.encode() if isinstance(data, str) else data
    if path.name.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    path.write_bytes(content)
    return path


def log_path(
    account: str, region: str, day: date, number: int, suffix: str = ".json.gz"
) -> str:
    """Return a log file's path from the account on, as CloudTrail names it."""
    minute = datetime(day.year, day.month, day.day) + timedelta(minutes=5 * number)
    return (
        f"{account}/CloudTrail/{region}/{day:%Y/%m/%d}/{account}_CloudTrail_{region}"
        f"_{minute:%Y%m%dT%H%MZ}_{number:016}{suffix}"
    )


def odd_text(draw: Generator, records: list[Any]) -> str:
    """Write records as one of the forms that hold envelopes."""
    half = len(records) // 2
    forms = (
        lambda: json.dumps({"Records": records}),
        lambda: json.dumps({"Records": records}, indent=1) + "\n",
        lambda: envelope(records[:half]) + "\n" + envelope(records[half:]) + "\n",
        lambda: envelope(records[:half]) + envelope(records[half:]),
        lambda: "\ufeff" + envelope(records),
        lambda: json.dumps({"note": 1, "Records": records, "Record": [{}]}),
        lambda: envelope(["text", 5, None, [], *records, {}, True]),
        lambda: envelope(records)[:-1] + ',"Records":[{"eventID":"second"}]}',
        lambda: "{}\n" + envelope(records),
    )
    return forms[draw.random.randrange(len(forms))]()


def write_logs(root: Path, seed: int, records: int = 500) -> list[Path]:
    """Write a folder of odd logs.

    Args:
        root: the folder, made if it is not there.
        seed: what tells one folder from another.
        records: how many requests to draw; copies of them come on top.

    Returns:
        The files that a build must read or ignore, siblings not among them.
    """
    draw = Generator(seed)
    files: dict[str, list[Any]] = {}
    for _ in range(records):
        record = draw.record()
        family = [record, *draw.relatives(record)]
        places: set[tuple[str, str]] = set()
        for member in family:
            name = file_for(draw, member)
            place = (name, str(member.get("eventID")))
            if place in places:
                if member != record:
                    continue
                members = files[name]
                members.append(member)
                continue
            places.add(place)
            files.setdefault(name, []).append(member)
    written = []
    for name, members in sorted(files.items()):
        draw.random.shuffle(members)
        data = odd_text(draw, members) if draw.maybe(0.5) else envelope(members)
        written.append(write(root / name, data))
    written += write_eventless(root)
    write_siblings(root, draw)
    return written


def file_for(draw: Generator, record: Record) -> str:
    """Choose the file of a record: near its day, late, loose or organized."""
    late = 30 if draw.maybe(0.05) else draw.random.randrange(-1, 2)
    day = FIRST_DAY + timedelta(days=draw.random.randrange(DAYS) + late)
    try:
        day = date.fromisoformat(record["eventTime"][:10]) + timedelta(days=late)
    except (TypeError, ValueError, KeyError):
        pass
    account = record.get("recipientAccountId")
    if account not in ACCOUNTS:
        account = ACCOUNTS[0]
    region = draw.one(REGIONS[:2])
    number = draw.random.randrange(2)
    path = log_path(account, region, day, number, draw.one((".json.gz", ".json")))
    if draw.maybe(0.1):
        return draw.one(
            (
                "loose.json",
                "loose events.json.gz",
                "it's {{ a }} [folder] */ключ.json.gz",
                f"by day/{day:%Y/%m/%d}/events.json.gz",
                f"export/{path.rsplit('/', 1)[1]}",
                "not a day/2024/13/45/events.json",
            )
        )
    prefix = {
        ACCOUNTS[0]: "AWSLogs/",
        ACCOUNTS[1]: "AWSLogs/o-example111/",
        ACCOUNTS[2]: "o-example222/AWSLogs/o-example222/",
    }[account]
    return prefix + path


EVENTLESS = {
    "zero.json.gz": b"",
    "zero.json": b"",
    "blank.json.gz": b" \n\t",
    "object.json": b"{}",
    "spaced-object.json": b"{ \n}",
    "object.json.gz": b"{}\n{}",
    "no-records.json.gz": b'{"Records":[]}',
    "no-records.json": b'{"Records": []}\n{}',
    "list.json": b"[]",
    "other.json.gz": b'{"digestS3Bucket":"x","logFiles":[]}',
    "records-object.json": b'{"Records":{"eventID":"x"}}',
    "records-null.json": b'{"Records":null}',
    "wrapped.json": b'[{"Records":[{"eventID":"wrapped"}]}]',
}


def write_eventless(root: Path) -> list[Path]:
    """Write files without an event, other JSON among them."""
    folder = root / "AWSLogs" / ACCOUNTS[0] / "CloudTrail" / REGIONS[0]
    written = []
    for number, (name, data) in enumerate(EVENTLESS.items()):
        day = FIRST_DAY + timedelta(days=number % DAYS)
        path = write(folder / f"{day:%Y/%m/%d}" / name, data)
        if not data:
            path.write_bytes(b"")
        written.append(path)
    return written


def plain_record(**fields: Any) -> Record:
    """Return an ordinary GetObject, with other fields where given.

    A field given as `...` is left out.
    """
    record = {
        "eventVersion": "1.09",
        "userIdentity": copy.deepcopy(IDENTITIES[0]),
        "eventTime": "2024-02-28T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": REGIONS[0],
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "[aws-cli/2.12.0 Python/3.11.4]",
        "requestParameters": {"bucketName": "reports", "key": "a/b.csv"},
        "responseElements": None,
        "additionalEventData": {
            "SignatureVersion": "SigV4",
            "AuthenticationMethod": "AuthHeader",
            "CipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
            "bytesTransferredIn": 0,
            "bytesTransferredOut": 100,
        },
        "requestID": "0123456789ABCDEF",
        "eventID": "00000000-0000-4000-8000-000000000000",
        "readOnly": True,
        "resources": [
            {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::reports/a/b.csv"},
            {
                "accountId": ACCOUNTS[0],
                "type": "AWS::S3::Bucket",
                "ARN": "arn:aws:s3:::reports",
            },
        ],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNTS[0],
        "eventCategory": "Data",
        **fields,
    }
    return {field: value for field, value in record.items() if value is not ...}


def write_siblings(root: Path, draw: Generator) -> None:
    """Write what lives beside the logs; each holds an event that must not count."""
    bait = envelope([plain_record(eventID=draw.id())])
    day = f"{FIRST_DAY:%Y/%m/%d}"
    account = root / "AWSLogs" / ACCOUNTS[0]
    for sibling in ("Digest", "Insight", "NetworkActivity", "Aggregated"):
        folder = account / f"CloudTrail-{sibling}" / REGIONS[0] / day
        write(folder / "bait.json.gz", bait)
        write(
            root / "elsewhere" / f"{ACCOUNTS[0]}_CloudTrail-{sibling}_x.json.gz", bait
        )
        write(root / "elsewhere" / f"CloudTrail-{sibling}" / "bait.json", bait)
    write(account / "Config" / REGIONS[0] / day / "bait.json.gz", bait)
    write(account / "elasticloadbalancing" / REGIONS[0] / day / "bait.json", bait)
    write(root / "AWSLogs" / "bait.json", bait)
    write(root / "AWSLogs" / "readme.txt", "not a log")
    write(root / "notes.json.bak", bait)


# ---------------------------------------------------------- Single odd files


def damaged_files() -> dict[str, bytes]:
    """Return names and bytes of files that must stop a run."""
    good = gzip.compress(envelope([plain_record()]).encode(), mtime=0)
    lone = envelope([plain_record(eventID="x")]).replace('"x"', '"\\ud800"')
    return {
        "truncated.json.gz": good[: len(good) // 2],
        "not-gzip.json.gz": envelope([plain_record()]).encode(),
        "invalid-utf8.json": b'{"Records":[{"eventID":"\xff"}]}',
        "latin-1.json": envelope([plain_record(eventID="é")]).encode("latin-1"),
        "utf-16.json": envelope([plain_record()]).encode("utf-16"),
        "cesu-8.json": b'{"Records":[{"eventID":"\xed\xa0\xbd\xed\xb6\x86"}]}',
        "raw-control-character.json": b'{"Records":[{"eventID":"a\x00b"}]}',
        "zeros-behind.json": envelope([plain_record()]).encode() + bytes(3),
        "lone-surrogate-in-a-key.json.gz": gzip.compress(
            b'{"Records":[{"a":{"\\udfff":1}}]}'
        ),
        "second-mark.json": b'{"Records":[]}\xef\xbb\xbf{"Records":[]}',
        "leading-zero.json": b'{"Records":[{"a":01}]}',
        "invalid-utf8-gzip.json.gz": gzip.compress(b'{"Records":[{"a":"\xc3"}]}'),
        "lone-surrogate.json": lone.encode(),
        "half.json": envelope([plain_record()]).encode()[:-20],
        "not-json.json": b"hello",
        "junk-after.json": envelope([plain_record()]).encode() + b" junk",
    }
