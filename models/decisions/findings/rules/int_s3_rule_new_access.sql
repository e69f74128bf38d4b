{%- set rule = {
    "id": "new_access",
    "title": "Someone new reaches the bucket",
    "severity": "medium",
    "rationale": "The bucket has a history, and this requester or network is"
        ~ " not in it. A new job looks like this, and a leaked key"
        ~ " too.",
    "remedy": "Ask the owner of the bucket whether the access is meant."
        ~ " If it is, name it in cloudtrail_trusted_principals or"
        ~ " cloudtrail_trusted_networks.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "cloudtrail-logging.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with new_access as (

    select * from {{ ref("fct_s3_new_access") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "case when subject_kind = 'requester' then subject end",
        "detail": "case when subject_kind = 'network' then subject end",
        "event_date": "cast(last_seen_at as date)",
        "request_count": "request_count - denied_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from new_access
where
    not is_trusted
    -- without it old access looks new: data events were just switched on
    and has_data_baseline
    and request_count > denied_count
