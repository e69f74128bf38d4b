{%- set rule = {
    "id": "plain_http",
    "title": "A client uses plain HTTP",
    "severity": "high",
    "rationale": "Everyone on the way can read and change what is sent, and"
        ~ " a policy with aws:SecureTransport would deny this client.",
    "remedy": "Change the endpoint of the client from http to https, then"
        ~ " deny aws:SecureTransport = false in the bucket policy.",
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
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from activity
where
    not is_denied
    and is_secure_transport = false
