{%- set rule = {
    "id": "denied_repeatedly",
    "title": "A requester is denied again and again",
    "severity": "low",
    "rationale": "Denied on three days or more: a job that has been broken"
        ~ " for long, or someone who tries.",
    "remedy": "Give the requester the permission it needs or stop the"
        ~ " job; fct_s3_denied_access tells which policy denies.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "troubleshoot-403-errors.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with denials as (

    select * from {{ ref("int_s3_denials_daily") }}

),

repeated as (

    select
        bucket_name,
        requester,
        denial_source
    from denials
    where requester != 'anonymous'
    group by 1, 2, 3
    having count(distinct event_date) >= 3

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "denials.bucket_name",
        "requester": "denials.requester",
        "detail": "denials.denial_source",
        "event_date": "denials.event_date",
        "request_count": "denials.denied_count",
        "first_seen_at": "denials.first_seen_at",
        "last_seen_at": "denials.last_seen_at",
    }) }}
from denials
inner join repeated
    on
        denials.bucket_name is not distinct from repeated.bucket_name
        and denials.requester = repeated.requester
        and denials.denial_source = repeated.denial_source
