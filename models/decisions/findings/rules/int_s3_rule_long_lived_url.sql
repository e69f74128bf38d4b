{%- set rule = {
    "id": "long_lived_url",
    "title": "A presigned URL is valid for more than seven days",
    "severity": "medium",
    "rationale": "Whoever gets hold of the URL can use it until it ends."
        ~ " SigV4 allows seven days at most, SigV2 has no limit.",
    "remedy": "Sign URLs for minutes or hours, with Signature Version 4;"
        ~ " deactivate the key of the signer to end those given away.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "ShareObjectPreSignedURL.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with urls as (

    select * from {{ ref("int_s3_presigned_urls_daily") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "detail": "cast(cast(expires_at as date) as varchar)",
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from urls
where
    is_successful
    and expires_at > {{ dbt.dateadd("day", 7, "last_seen_at") }}
