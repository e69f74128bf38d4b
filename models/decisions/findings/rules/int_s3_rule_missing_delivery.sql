{%- set rule = {
    "id": "missing_delivery",
    "title": "Days without any delivery of logs",
    "severity": "medium",
    "rationale": "No S3 record was delivered for these days: nobody"
        ~ " used S3, the trail was off, files are lost, or the days"
        ~ " were never loaded. What happened then is not known.",
    "remedy": "Look whether the trail was stopped and whether the files"
        ~ " are in the log bucket, then load the days with a backfill.",
    "source": "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
        ~ "how-cloudtrail-works.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with days as (

    select * from {{ ref("int_cloudtrail_days") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "event_date": "calendar_date",
        "request_count": "0",
        "first_seen_at": "cast(calendar_date as timestamp)",
        "last_seen_at": "cast(calendar_date as timestamp)",
    }) }}
from days
where not is_delivered
