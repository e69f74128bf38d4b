{%- set rule = {
    "id": "anonymous_write",
    "title": "Anyone can write or delete here",
    "severity": "critical",
    "rationale": "A request without credentials changed objects or settings,"
        ~ " so anyone on the internet can.",
    "remedy": "Turn on Block Public Access for the bucket, then take the"
        ~ " grant out of its policy or ACL; look in"
        ~ " fct_s3_anonymous_access for what was changed.",
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
        "detail": "event_name",
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from activity
where
    is_anonymous
    and error_code is null
    and operation_class in ('write', 'delete', 'permission', 'configuration')
    and event_name not like 'Get%'
    and event_name not like 'Head%'
    and event_name not like 'List%'
