{%- set rule = {
    "id": "public_access_block_removed",
    "title": "Block Public Access was switched off",
    "severity": "critical",
    "rationale": "From then on a policy or an ACL, as the detail says, can"
        ~ " make the bucket, or every bucket of the account, public.",
    "remedy": "Turn Block Public Access on again, for the whole account"
        ~ " where no bucket has to be public.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "access-control-block-public-access.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with public_access as (

    select * from {{ ref("int_s3_public_access_daily") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "detail": "event_name || ': ' || opened_to",
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from public_access
where opened_to is not null
