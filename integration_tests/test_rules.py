"""Records written by hand, and what each rule must make of them.

Every case is checked twice: against the reference in `oracle.py`, so that the
reference itself is checked by hand, and against the fact that dbt builds.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import hostile
import oracle
import pytest
from comparison import assert_tables, json_value
from driver import Warehouse

GONE = ...
ARN = "arn:aws:iam::111122223333:user/alice"
ROLE = "arn:aws:iam::111122223333:role/path/Etl"
SESSION = "arn:aws:sts::111122223333:assumed-role/Etl/session"


class Case(NamedTuple):
    """A record's odd fields, and the columns that follow from them."""

    name: str
    fields: dict[str, Any]
    columns: dict[str, Any]


def who(name: str, identity: Any, **columns: Any) -> Case:
    """Return a case of userIdentity."""
    return Case(f"requester: {name}", {"userIdentity": identity}, columns)


def agent(text: Any, **columns: Any) -> Case:
    """Return a case of userAgent."""
    return Case(f"agent: {str(text)[:60]}", {"userAgent": text}, columns)


def extra(name: str, data: Any, **columns: Any) -> Case:
    """Return a case of additionalEventData without tlsDetails."""
    return Case(f"extra: {name}", {"additionalEventData": data}, columns)


def action(
    name: str, operation_class: str, resource_level: str, key: bool = True
) -> Case:
    """Return a case of an event name, with or without an object key."""
    fields: dict[str, Any] = {"eventName": name}
    if not key:
        fields["requestParameters"] = {"bucketName": "reports"}
        fields["resources"] = GONE
    return Case(
        f"action: {name} {'with' if key else 'without'} key",
        fields,
        {"operation_class": operation_class, "resource_level": resource_level},
    )


def category(name: str, event: str, expected: str, **fields: Any) -> Case:
    """Return a case of the event category."""
    return Case(
        f"category: {name}",
        {
            "eventName": event,
            "eventCategory": GONE,
            "managementEvent": GONE,
            **fields,
        },
        {"event_category": expected},
    )


def time(text: str, year: int, *rest: int, milliseconds: int = 0) -> Case:
    """Return a case of eventTime."""
    at = datetime(year, *rest, milliseconds * 1000)
    return Case(
        f"time: {text}",
        {"eventTime": text},
        {"event_at": at, "event_date": at.date()},
    )


def place(name: str, parameters: Any, resources: Any, **columns: Any) -> Case:
    """Return a case of bucket and key."""
    fields = {"requestParameters": parameters, "resources": resources}
    return Case(f"place: {name}", fields, columns)


def entry(kind: str, arn: str, account: str = "111122223333") -> dict[str, str]:
    """Return an entry of `resources`."""
    return {"type": f"AWS::{kind}", "ARN": arn, "accountId": account}


BUCKET = entry("S3::Bucket", "arn:aws:s3:::reports")
OBJECT = {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::reports/a b/%20:c"}

CASES = [
    # -- times
    time("2024-02-28T10:11:12Z", 2024, 2, 28, 10, 11, 12),
    time("2024-02-28 10:11:12", 2024, 2, 28, 10, 11, 12),
    time("2024-02-28T10:11:12.5Z", 2024, 2, 28, 10, 11, 12, milliseconds=500),
    time("2024-02-28T10:11:12.123456789Z", 2024, 2, 28, 10, 11, 12, milliseconds=123),
    time("2024-02-28T23:59:59.9999Z", 2024, 2, 28, 23, 59, 59, milliseconds=999),
    time("2024-02-28T00:30:00+02:00", 2024, 2, 27, 22, 30, 0),
    time("2024-02-28T23:30:00-0100", 2024, 2, 29, 0, 30, 0),
    time("2024-02-28T10:00:00+05", 2024, 2, 28, 5, 0, 0),
    time("2024-02-28T10:00:00-14:00", 2024, 2, 29, 0, 0, 0),
    time("2024-02-28T10:00:00+13:59", 2024, 2, 27, 20, 1, 0),
    time("1000-01-01T00:00:00Z", 1000, 1, 1, 0, 0, 0),
    time("2999-12-31T23:59:59Z", 2999, 12, 31, 23, 59, 59),
    # -- what is a request, and which
    Case(
        "key: shared id first",
        {"sharedEventID": "shared-1"},
        {"request_key": "shared-1", "shared_event_id": "shared-1"},
    ),
    Case(
        "key: the superseded event",
        {"addendum": {"reason": "UPDATED_DATA", "originalEventID": "older-1"}},
        {"request_key": "older-1", "addendum_reason": "UPDATED_DATA"},
    ),
    Case(
        "key: a late event is itself",
        {
            "eventID": "late-1",
            "addendum": {"reason": "DELIVERY_DELAY", "originalEventID": "older-2"},
        },
        {"request_key": "late-1", "addendum_reason": "DELIVERY_DELAY"},
    ),
    Case(
        "key: empty shared id",
        {"eventID": "event-1", "sharedEventID": ""},
        {"request_key": "event-1", "shared_event_id": None},
    ),
    Case("source: China", {"eventSource": "s3.amazonaws.com.cn"}, {}),
    Case("source: Outposts", {"eventSource": "s3-outposts.amazonaws.com"}, {}),
    Case("source: Lambda", {"eventSource": "s3-object-lambda.amazonaws.com.cn"}, {}),
    Case(
        "companion",
        {"eventName": "DeleteObject", "eventType": "AwsServiceEvent"},
        {"is_companion": True, "operation_class": "delete"},
    ),
    Case(
        "service events stay",
        {"eventName": "DeleteObjects", "eventType": "AwsServiceEvent"},
        {"is_companion": False, "event_type": "AwsServiceEvent"},
    ),
    # -- category
    category("as logged", "GetObject", "Management", eventCategory="Management"),
    category("flag", "GetObject", "Management", managementEvent=True),
    category("flag as text", "PutBucketAcl", "Data", managementEvent="False"),
    category("empty, then flag", "X", "Data", eventCategory="", managementEvent=False),
    category("catalogue: HeadBucket", "HeadBucket", "Data"),
    category("catalogue: CreateSession", "CreateSession", "Data"),
    category("catalogue: CreateBucket", "CreateBucket", "Management"),
    category("unknown with a key", "Frobnicate", "Data"),
    category(
        "unknown without a key",
        "Frobnicate",
        "Management",
        requestParameters=None,
        resources=[BUCKET],
    ),
    # -- class and level
    action("GetObject", "read", "object"),
    action("HeadObject", "read", "object"),
    action("SelectObjectContent", "read", "object"),
    action("GetObjectTagging", "read", "object"),
    action("GetObjectAnnotation", "read", "object"),
    action("WriteGetObjectResponse", "read", "object", key=False),
    action("ListObjects", "list", "object", key=False),
    action("ListParts", "list", "object"),
    action("ListMultipartUploads", "list", "object", key=False),
    action("HeadBucket", "list", "bucket", key=False),
    action("ListBuckets", "list", "account", key=False),
    action("ListAccessPoints", "list", "account", key=False),
    action("PutObject", "write", "object"),
    action("PutObjectRetention", "write", "object"),
    action("PutObjectLockRetention", "write", "object"),
    action("RestoreObject", "write", "object"),
    action("RenameObject", "write", "object"),
    action("UpdateObjectEncryption", "write", "object"),
    action("InitiateReplication", "write", "object"),
    action("InitiateMultipartUpload", "write", "object"),
    action("CompleteMultipartUpload", "write", "object"),
    action("DeleteObjects", "delete", "object", key=False),
    action("DeleteObjectTagging", "delete", "object"),
    action("AbortMultipartUpload", "delete", "object"),
    action("DeleteBucket", "delete", "bucket", key=False),
    action("PutObjectAcl", "permission", "object"),
    action("GetBucketAcl", "permission", "bucket", key=False),
    action("GetBucketPolicyStatus", "permission", "bucket", key=False),
    action("PutBucketOwnershipControls", "permission", "bucket", key=False),
    action("GetAccountPublicAccessBlock", "permission", "account", key=False),
    action("PutBucketCors", "configuration", "bucket", key=False),
    action("DeleteBucketTagging", "configuration", "bucket", key=False),
    action("CreateBucket", "configuration", "bucket", key=False),
    action("GetStorageLensConfiguration", "configuration", "account", key=False),
    action("CreateSession", "session", "bucket", key=False),
    action("PreflightRequest", "preflight", "object"),
    action("Presign", "other", "object"),
    action("GetObjectHologram", "read", "object"),
    action("GetObjectHologram", "configuration", "bucket", key=False),
    action("PutHologram", "write", "object"),
    action("PutHologram", "configuration", "bucket", key=False),
    action("DeleteHologram", "delete", "object"),
    action("DeleteHologram", "configuration", "bucket", key=False),
    action("ListHolograms", "list", "bucket", key=False),
    action("PutHologramAcl", "permission", "object"),
    action("Frobnicate", "other", "object"),
    Case(
        "unknown without bucket",
        {"eventName": "Frobnicate", "requestParameters": None, "resources": None},
        {"operation_class": "other", "resource_level": "account"},
    ),
    # -- bucket and key
    place(
        "resources first",
        {"bucketName": "other", "key": "k"},
        [OBJECT, BUCKET],
        bucket_name="reports",
        bucket_account_id="111122223333",
        object_key="k",
    ),
    place(
        "bucket from the parameters has no account",
        {"bucketName": "other"},
        [OBJECT],
        bucket_name="other",
        bucket_account_id=None,
        object_key="a b/%20:c",
    ),
    place(
        "bucket and key of the object's ARN",
        {},
        [OBJECT],
        bucket_name="reports",
        bucket_account_id=None,
        object_key="a b/%20:c",
    ),
    place(
        "other partitions",
        None,
        [
            {"type": "AWS::S3::Object", "ARN": "arn:aws-us-gov:s3:::gov/k/"},
            entry("S3::Bucket", "arn:aws-cn:s3:::china"),
        ],
        bucket_name="china",
        object_key="k/",
    ),
    place(
        "never the prefix",
        {"bucketName": "reports"},
        [{"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::reports/p"}],
        bucket_name="reports",
        object_key=None,
    ),
    place(
        "directory bucket",
        None,
        [
            entry(
                "S3Express::DirectoryBucket",
                "arn:aws:s3express:us-west-2:111122223333:bucket/b--usw2-az1--x-s3",
                "444455556666",
            )
        ],
        bucket_name="b--usw2-az1--x-s3",
        bucket_account_id="444455556666",
    ),
    place(
        "entry without a name",
        {"bucketName": "outpost", "Key": "K"},
        [entry("S3Outposts::Bucket", "arn:aws:s3-outposts:r:a:outpost/op-1/bucket/")],
        bucket_name="outpost",
        bucket_account_id=None,
        object_key="K",
    ),
    place(
        "the parameter bucket comes last",
        {"bucket": "last", "bucketName": "", "key": "", "Key": "capital"},
        [5, None, entry("S3::AccessPoint", "arn:aws:s3:::ap")],
        bucket_name="last",
        object_key="capital",
    ),
    place(
        "an object's ARN without a key",
        {"bucket": "last"},
        [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::reports"}],
        bucket_name="reports",
        object_key=None,
    ),
    place("nothing", None, None, bucket_name=None, object_key=None, version_id=None),
    place(
        "the version null",
        {"versionId": "null"},
        [],
        version_id="null",
        request_parameters='{"versionId":"null"}',
    ),
    place(
        "hostile key",
        {"bucketName": "reports", "key": " {{ 1 }}'\"\\%2F+🦆\n\u202e; drop -- "},
        [],
        object_key=" {{ 1 }}'\"\\%2F+🦆\n\u202e; drop -- ",
    ),
    Case(
        "resources of a wrong type", {"resources": {"a": 1}}, {"bucket_name": "reports"}
    ),
    Case(
        "cross account",
        {"resources": [entry("S3::Bucket", "arn:aws:s3:::reports", "444455556666")]},
        {"is_cross_account": True, "requester_account_id": "111122223333"},
    ),
    Case(
        "empty owner",
        {"resources": [entry("S3::Bucket", "arn:aws:s3:::reports", "")]},
        {"is_cross_account": False, "bucket_account_id": None},
    ),
    # -- who asked
    who("user", {"type": "IAMUser", "arn": ARN}, requester=ARN, user_arn=ARN),
    who(
        "role",
        {
            "type": "AssumedRole",
            "arn": SESSION,
            "sessionContext": {"sessionIssuer": {"arn": ROLE}},
        },
        requester=ROLE,
        user_arn=SESSION,
    ),
    who(
        "role without issuer",
        {"type": "AssumedRole", "arn": SESSION},
        requester="arn:aws:sts::111122223333:assumed-role/Etl",
    ),
    who(
        "ARN of a slash",
        {"type": "AssumedRole", "arn": "/", "accountId": "111122223333"},
        requester="/",
    ),
    who(
        "role with a line break",
        {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/line\nbreak/S"},
        requester="arn:aws:sts::1:assumed-role/line\nbreak",
    ),
    who(
        "role used by a service",
        {
            "type": "AssumedRole",
            "arn": SESSION,
            "invokedBy": "AWS Internal",
            "sessionContext": {"sessionIssuer": {"arn": ROLE}},
        },
        requester=ROLE,
        invoked_by="AWS Internal",
        is_aws_service=False,
    ),
    who(
        "service",
        {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"},
        requester="cloudtrail.amazonaws.com",
        is_aws_service=True,
    ),
    who(
        "service without a type",
        {"accountId": "111122223333", "invokedBy": "s3.amazonaws.com"},
        requester="s3.amazonaws.com",
        is_aws_service=True,
        requester_account_id="111122223333",
    ),
    who(
        "identity center",
        {"type": "IdentityCenterUser", "accountId": "1", "onBehalfOf": {"userId": "u"}},
        requester="u",
    ),
    who(
        "owner's copy of a role",
        {"type": "AWSAccount", "accountId": "111122223333", "principalId": "AROAX:me"},
        requester="111122223333:AROAX",
    ),
    who(
        "federated user",
        {
            "type": "FederatedUser",
            "accountId": "111122223333",
            "principalId": "111122223333:alice",
        },
        requester="111122223333:alice",
    ),
    who(
        "CloudFront",
        {"type": "AWSAccount", "accountId": "CloudFront", "principalId": ""},
        requester="CloudFront",
        requester_account_id=None,
        is_anonymous=False,
        is_cross_account=False,
    ),
    who("principal", {"principalId": "AIDA:x"}, requester="AIDA:x"),
    who("nobody", {"type": "Unknown", "arn": ""}, requester="unknown", user_arn=None),
    who("missing", GONE, requester="unknown", requester_type=None, is_anonymous=False),
    who("text", "text", requester="unknown", is_aws_service=False),
    who(
        "anonymous today",
        {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
        requester="anonymous",
        is_anonymous=True,
        principal_id=None,
        requester_account_id=None,
    ),
    who(
        "anonymous before",
        {"type": "AWSAccount", "accountId": "Anonymous_Principal"},
        requester="anonymous",
        is_anonymous=True,
    ),
    who(
        "anonymous of the guide",
        {"principalId": "ANONYMOUS_PRINCIPAL", "accountId": "111122223333"},
        requester="anonymous",
        is_anonymous=True,
        principal_id="ANONYMOUS_PRINCIPAL",
    ),
    Case(
        "preflight",
        {
            "eventName": "PreflightRequest",
            "userIdentity": {"type": "AWSAccount", "accountId": "anonymous"},
        },
        {"requester": "anonymous", "is_anonymous": False},
    ),
    # -- clients
    agent("[]", user_agent=None, client_name=None, client_version=None),
    agent("[cut", user_agent="cut"),
    agent("kept]", user_agent="kept]"),
    agent("[[two]]", user_agent="[two]"),
    agent(" white ", user_agent=" white "),
    agent(
        "[aws-cli/1.16.19 Python/2.7.10 Darwin/17.7.0 botocore/1.12.9]",
        client_name="aws-cli",
        client_version="1.16.19",
    ),
    agent(
        "[Boto3/1.26.165 Python/3.10.6 Botocore/1.29.165]",
        client_name="boto3",
        client_version="1.26.165",
    ),
    agent("Boto/2.49.0 Python/2.7", client_name="boto", client_version="2.49.0"),
    agent("Botocore/1.5.70", client_name="botocore", client_version="1.5.70"),
    agent(
        "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10]",
        client_name="s3console",
        client_version="0.4",
    ),
    agent(
        "Hadoop 2.8.5-amzn-5, aws-sdk-java/1.11.682",
        client_name="aws-sdk-java",
        client_version="1.11.682",
    ),
    agent(
        "[APN/1.0 HashiCorp/1.0 Terraform/1.1.2 aws-sdk-go/1.44.157 (go1.19.3)]",
        client_name="aws-sdk-go",
        client_version="1.44.157",
    ),
    agent(
        "aws-sdk-go-v2/1.21.0 os/linux",
        client_name="aws-sdk-go-v2",
        client_version="1.21.0",
    ),
    agent(
        "aws-sdk-dotnet-coreclr/3.7.100 .NET_Core/6.0",
        client_name="aws-sdk-dotnet-coreclr",
        client_version="3.7.100",
    ),
    agent("[Amazon CloudFront]", client_name="amazon cloudfront", client_version=None),
    agent("rclone/v1.63.1", client_name="rclone"),
    agent("S3 Browser/11.4.5 (https://x)", client_name="s3 browser"),
    agent("[Mozilla/5.0 (Macintosh) Chrome/70]", client_name="browser"),
    agent("unheard-of/1.0", client_name=None, client_version=None),
    # -- signature, TLS, bytes
    extra("spelling", {"SignatureVersion": "sigV2"}, signature_version="SigV2"),
    extra("SigV4A", {"SignatureVersion": "SigV4A"}, signature_version="SigV4A"),
    extra("no signature", {"SignatureVersion": ""}, signature_version=None),
    extra(
        "presigned",
        {"AuthenticationMethod": "QueryString"},
        authentication_method="QueryString",
        is_presigned=True,
    ),
    extra(
        "header",
        {"AuthenticationMethod": "AuthHeader"},
        authentication_method="AuthHeader",
        is_presigned=False,
    ),
    extra("acl", {"aclRequired": "Yes"}, is_acl_required=True),
    extra("no acl", {"aclRequired": "No"}, is_acl_required=False),
    extra("kms", {"SSEApplied": "SSE_KMS"}, encryption_applied="SSE_KMS"),
    extra(
        "plain HTTP",
        {"SignatureVersion": "SigV4"},
        is_secure_transport=False,
        tls_version=None,
        cipher_suite=None,
    ),
    extra("bytes alone", {"bytesTransferredOut": 0}, is_secure_transport=False),
    extra("nothing logged", {"x-amz-id-2": "x"}, is_secure_transport=None),
    extra("none", None, is_secure_transport=None, additional_event_data=None),
    extra("empty text", "", is_secure_transport=None, additional_event_data=None),
    extra(
        "text of secrets",
        '{"signature":"s"}',
        additional_event_data='"REDACTED"',
    ),
    extra("text of none", "\u0000", additional_event_data='"\\u0000"'),
    extra("empty object", {}, additional_event_data="{}", signature_version=None),
    extra(
        "cipher in lower case",
        {"cipherSuite": "AES128"},
        is_secure_transport=True,
        cipher_suite="AES128",
    ),
    Case(
        "plain HTTP of a service is not known",
        {
            "additionalEventData": {"SignatureVersion": "SigV4"},
            "userIdentity": {"type": "AWSService", "invokedBy": "x.amazonaws.com"},
        },
        {"is_secure_transport": None},
    ),
    Case(
        "plain HTTP told by the host",
        {
            "additionalEventData": None,
            "tlsDetails": {"clientProvidedHostHeader": "h.example"},
        },
        {"is_secure_transport": False, "host_header": "h.example"},
    ),
    Case(
        "TLS details first",
        {
            "tlsDetails": {
                "tlsVersion": "1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": "first.example",
            },
            "requestParameters": {"Host": "second.example"},
        },
        {
            "tls_version": "TLSv1.3",
            "cipher_suite": "TLS_AES_128_GCM_SHA256",
            "host_header": "first.example",
        },
    ),
    Case(
        "host in an array",
        {"requestParameters": {"host": ["first.example", "second.example"]}},
        {"host_header": "first.example"},
    ),
    Case("old TLS", {"tlsDetails": {"tlsVersion": "TLSv1"}}, {"tls_version": "TLSv1"}),
    *(
        extra(
            f"bytes {logged!r}",
            {"bytesTransferredIn": logged},
            bytes_in=expected,
        )
        for logged, expected in (
            (0, 0),
            (21838, 21838),
            ("21838", 21838),
            ("21838.0", 21838),
            (9007199254740993, 9007199254740993),
            ("9007199254740993.0", 9007199254740993),
            (9223372036854775807, 9223372036854775807),
            (9223372036854775808, None),
            (-1, None),
            ("-1.0", None),
            ("many", None),
            ("", None),
            (True, None),
        )
    ),
    # -- errors, flags, the rest
    *(
        Case(
            f"error {code}",
            {"errorCode": code, "errorMessage": "message"},
            {"error_code": code or None, "is_denied": denied},
        )
        for code, denied in (
            ("AccessDenied", True),
            ("Client.AccessDeniedException", True),
            ("AllAccessDisabled", True),
            ("UnauthorizedAccess", True),
            ("UnauthorizedOperation", True),
            ("Forbidden", True),
            ("NoSuchKey", False),
            ("ForbiddenX", False),
            ("", False),
            (None, False),
        )
    ),
    *(
        Case(
            f"read only {logged!r} of {name}",
            {"readOnly": logged, "eventName": name},
            {"is_read_only": expected},
        )
        for logged, name, expected in (
            (True, "PutObject", True),
            ("False", "GetObject", False),
            ("TRUE", "PutObject", True),
            (None, "GetObject", True),
            (GONE, "PutObject", False),
            ("", "DeleteBucketPolicy", False),
            (GONE, "Frobnicate", None),
        )
    ),
    Case("endpoint", {"vpcEndpointId": "vpce-1"}, {"vpc_endpoint_id": "vpce-1"}),
    extra("old endpoint", {"vpcEndpointId": "vpce-0"}, vpc_endpoint_id="vpce-0"),
    Case(
        "recipient from the file",
        {"recipientAccountId": GONE},
        {"account_id": "111122223333"},
    ),
    Case(
        "recipient as logged",
        {"recipientAccountId": "444455556666"},
        {"account_id": "444455556666"},
    ),
    Case("no name", {"eventName": None}, {"event_name": "unknown"}),
    Case("number as text", {"eventVersion": 5}, {"event_version": "5"}),
    Case("empty is null", {"sourceIPAddress": ""}, {"source_ip_address": None}),
    Case("white space is data", {"errorMessage": " "}, {"error_message": " "}),
    Case(
        "secrets",
        {
            "requestParameters": {
                "bucketName": "reports",
                "X-AMZ-Signature": hostile.SECRET,
                "x-amz-security-token": [hostile.SECRET],
                "X-Amz-Date": "20240228T000000Z",
                "X-Amz-Credential": "AKIA/20240228",
                "x-amz-server-side-encryption-customer-key": {"a": hostile.SECRET},
                "x-amz-server-side-encryption-customer-key-MD5": "md5",
                "x-amz-copy-source-server-side-encryption-customer-key": "s",
                "deep": {"Signature": "stays"},
            },
            "additionalEventData": {"authorization": hostile.SECRET, "Signature": ""},
        },
        {
            "request_parameters": (
                '{"bucketName":"reports","X-AMZ-Signature":"REDACTED",'
                '"x-amz-security-token":"REDACTED","X-Amz-Date":"20240228T000000Z",'
                '"X-Amz-Credential":"AKIA/20240228",'
                '"x-amz-server-side-encryption-customer-key":"REDACTED",'
                '"x-amz-server-side-encryption-customer-key-MD5":"md5",'
                '"x-amz-copy-source-server-side-encryption-customer-key":"REDACTED",'
                '"deep":{"Signature":"stays"}}'
            ),
            "additional_event_data": (
                '{"authorization":"REDACTED","Signature":"REDACTED"}'
            ),
        },
    ),
]

# Records that the fact must not hold.
LEFT_OUT = {
    "network activity": {"eventCategory": "NetworkActivity"},
    "another service": {"eventSource": "s3tables.amazonaws.com"},
    "vectors": {"eventSource": "s3vectors.amazonaws.com"},
    "no source": {"eventSource": None},
    "like a source": {"eventSource": "s3xamazonaws.com"},
}
# Records that only the log file's count of unplaceable records may hold.
UNPLACEABLE = [
    {"eventTime": text}
    for text in (
        *(GONE, None, "", "2024-02-30T00:00:00Z", "2024-02-28", 1709114400),
        *("2024-02-28T24:00:00Z", "2024-02-28T 1:00:00Z", "2024-02-28T10:00:00Z\n"),
        *(
            "2024-02-28T10:00:00+14:01",
            "2024-02-28T10:00:00+24",
            "2024-02-28T10:00:00z",
        ),
        *("0000-02-28T10:00:00Z", "0999-02-28T10:00:00Z", "3000-02-28T10:00:00Z"),
    )
] + [{"eventID": GONE}, {"eventID": ""}, {"eventID": None, "addendum": {}}]


def record(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a case, told by its request id."""
    return hostile.plain_record(
        **{"eventID": f"event {number}", "requestID": f"case {number}", **fields}
    )


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write every case into log files of one day, whatever its event time."""
    root = tmp_path_factory.mktemp("cases")
    day = date(2024, 2, 28)
    cases = [case.fields for case in CASES]
    for number, fields in enumerate((cases, LEFT_OUT.values(), UNPLACEABLE)):
        path = hostile.log_path(hostile.ACCOUNTS[0], hostile.REGIONS[0], day, number)
        records = [record(index, one) for index, one in enumerate(fields)]
        if number == 1:
            records = [{**one, "requestID": "left out"} for one in records]
        hostile.write(root / "AWSLogs" / path, hostile.envelope(records))
    return root


@pytest.fixture(scope="module")
def expected(logs: Path) -> oracle.Tables:
    """Return the reference's tables."""
    return oracle.tables(logs)


@pytest.fixture(scope="module")
def warehouse(logs: Path, new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Return a database with the cases in it."""
    made = new_warehouse(logs)
    made.load()
    return made


def check_cases(facts: list[dict[str, Any]]) -> None:
    """Compare a fact with what the cases say by hand."""
    rows = {row["request_id"]: row for row in facts}
    wrong = [
        f"{case.name}: {column} is {actual!r}, expected {value!r}"
        for number, case in enumerate(CASES)
        for column, value in case.columns.items()
        for actual in [rows.get(f"case {number}", {}).get(column, "no such row")]
        if actual != value
        and not (
            column in oracle.JSON_COLUMNS
            and value is not None
            and json_value(actual) == json_value(value)
        )
    ]
    assert not wrong, "\n".join(wrong)
    assert len(facts) == len(CASES)
    assert "left out" not in rows


def check_unplaceable(files: list[dict[str, Any]]) -> None:
    """Compare the counts of the log files with the cases' numbers."""
    counts = sorted(
        (row["s3_record_count"], row["request_count"], row["unplaceable_count"])
        for row in files
    )
    unplaceable = len(UNPLACEABLE)
    assert counts == [(unplaceable, 0, unplaceable), (len(CASES), len(CASES), 0)]


def test_reference_reads_the_cases(expected: oracle.Tables) -> None:
    """The reference gives what was worked out by hand."""
    check_cases(expected["fct_s3_requests"])
    check_unplaceable(expected["fct_cloudtrail_log_files"])


def test_fact_reads_the_cases(warehouse: Warehouse) -> None:
    """The fact gives what was worked out by hand."""
    check_cases(warehouse.rows("fct_s3_requests"))
    check_unplaceable(warehouse.rows("fct_cloudtrail_log_files"))


def test_no_table_holds_a_secret(warehouse: Warehouse) -> None:
    """Redacted values are in no stored table."""
    stored = warehouse.query(
        "select table_name from information_schema.tables"
        " where table_type = 'BASE TABLE'"
    )
    for table in (row["table_name"] for row in stored):
        assert hostile.SECRET not in str(warehouse.rows(table)), table


TWICE = """{"Records":[{"eventName":"GetObject","eventName":"PutObject",
"eventSource":"s3.amazonaws.com","eventTime":"2024-02-28T10:00:00Z",
"eventID":"first","eventID":"second","awsRegion":"us-east-1",
"requestParameters":{"bucketName":"first","bucketName":"second","key":"k",
"Signature":"SECRET","signature":"SECRET","Signature":"SECRET"},
"additionalEventData":{"Authorization":"SECRET","Authorization":["SECRET"]}}]}
""".replace("SECRET", hostile.SECRET)


def test_first_of_equal_keys_counts(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A repeated key neither hides the first value nor a secret."""
    hostile.write(tmp_path / "twice.json", TWICE)
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)
    (row,) = warehouse.rows("fct_s3_requests")
    assert (row["event_id"], row["bucket_name"]) == ("first", "first")
    assert hostile.SECRET not in str(row)


def test_event_catalogue_says_what_the_rules_say() -> None:
    """Class, level and category of every known event follow from the rules."""
    path = oracle.SEEDS / "cloudtrail_event_catalogue.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        catalogue = {row["event_name"]: row for row in csv.DictReader(lines)}
    assert oracle.DATA_EVENTS | oracle.MANAGEMENT_EVENTS <= set(catalogue)
    wrong = [
        name
        for name, row in catalogue.items()
        if row["operation_class"] != oracle.known_class(name)
        or row["resource_level"] != oracle.known_level(name)
        or row["event_category"] != oracle.known_category(name)
        or (
            name.startswith((*oracle.READS, *oracle.CHANGES))
            and row["is_read_only"] != str(name.startswith(oracle.READS)).lower()
        )
    ]
    assert not wrong
