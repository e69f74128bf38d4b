{%- set rule = {
    "id": "public_access_block_removed",
    "title": "Block Public Access was removed",
    "severity": "critical",
    "rationale": "From then on a policy or an ACL can make the bucket, or"
        ~ " every bucket of the account, public.",
    "remedy": "Turn Block Public Access on again, for the whole account"
        ~ " where no bucket has to be public.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "access-control-block-public-access.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "detail": "event_name",
        "event_date": "event_date",
        "request_count": "request_count - denied_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from activity
where
    not is_denied
    and error_code is null
    and event_name in (
        'DeletePublicAccessBlock',
        'DeleteBucketPublicAccessBlock',
        'DeleteAccountPublicAccessBlock'
    )
