{%- set rule = {
    "id": "root_user",
    "title": "The root user of an account works with S3",
    "severity": "medium",
    "rationale": "The root user can do everything and cannot be limited by"
        ~ " policies of its account. It is not for daily work.",
    "remedy": "Use a role instead, and delete access keys of the root"
        ~ " user.",
    "source": "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        ~ "id_root-user.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

),

requesters as (

    select * from {{ ref("dim_s3_requesters") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "activity.bucket_name",
        "requester": "activity.requester",
        "event_date": "activity.event_date",
        "request_count": "activity.request_count",
        "first_seen_at": "activity.first_seen_at",
        "last_seen_at": "activity.last_seen_at",
    }) }}
from activity
inner join requesters on activity.requester = requesters.requester
where requesters.requester_kind = 'root'
