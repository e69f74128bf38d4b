{%- set rule = {
    "id": "old_tls",
    "title": "A client connects with TLS below 1.2",
    "severity": "high",
    "rationale": "AWS ends TLS 1.0 and 1.1, and a policy with s3:TlsVersion"
        ~ " would deny this client.",
    "remedy": "Update the TLS library, runtime or operating system of the"
        ~ " client, or its minimum version setting.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "example-bucket-policies.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "detail": "tls_version",
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from activity
where
    not is_denied
    and {{ cloudtrail_s3.cloudtrail_is_old_tls("tls_version") }}
