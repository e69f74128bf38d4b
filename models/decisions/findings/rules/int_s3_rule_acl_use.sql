{%- set rule = {
    "id": "acl_use",
    "title": "Access works only through an ACL",
    "severity": "medium",
    "rationale": "With ACLs disabled (Object Ownership: bucket owner"
        ~ " enforced), which is the default of new buckets, these"
        ~ " requests fail.",
    "remedy": "Put the access into the bucket policy (fct_s3_acl_exit has"
        ~ " a draft), stop sending ACLs, then disable them.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "about-object-ownership.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with acl_use as (

    select * from {{ ref("int_s3_acl_use_daily") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "detail": "acl_use",
        "event_date": "event_date",
        "request_count": "request_count - denied_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from acl_use
where request_count > denied_count
