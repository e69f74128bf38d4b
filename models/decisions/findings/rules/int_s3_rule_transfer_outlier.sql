{%- set rule = {
    "id": "transfer_outlier",
    "title": "Far more is read than usual",
    "severity": "medium",
    "rationale": "The bytes of the day lie far above the median of the weeks"
        ~ " before: a new job, a loop, or someone who takes the data"
        ~ " away.",
    "remedy": "Look in fct_s3_object_access for what was read that day,"
        ~ " and ask its requester.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "cloudtrail-logging.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with transfer as (

    select * from {{ ref("fct_s3_transfer_daily") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "cast(event_date as timestamp)",
        "last_seen_at": "cast(event_date as timestamp)",
    }) }}
from transfer
where is_outlier_out
