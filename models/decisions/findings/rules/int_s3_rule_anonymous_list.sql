{%- set rule = {
    "id": "anonymous_list",
    "title": "Anyone can list the bucket",
    "severity": "high",
    "rationale": "A request without credentials got the list of keys. With"
        ~ " it every object that is readable can be found.",
    "remedy": "Remove s3:ListBucket for everyone from the bucket policy,"
        ~ " or the READ grant from its ACL; Block Public Access does"
        ~ " both.",
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
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from activity
where
    is_anonymous
    and error_code is null
    and operation_class = 'list'
    and event_name != 'HeadBucket'
