{%- set rule = {
    "id": "anonymous_read",
    "title": "Anyone can read objects",
    "severity": "medium",
    "rationale": "A request without credentials got an object. For a public"
        ~ " website that is meant, for everything else it is not.",
    "remedy": "If the objects are not meant for everyone, turn on Block"
        ~ " Public Access. If they are, serve them through CloudFront"
        ~ " with an origin access control.",
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
    and operation_class = 'read'
