{%- set rule = {
    "id": "sigv2_header",
    "title": "Requests are signed with Signature Version 2",
    "severity": "high",
    "rationale": "SigV2 is deprecated: regions opened since 2014 refuse it,"
        ~ " and a bucket policy or an account setting that asks for"
        ~ " SigV4 would break this requester.",
    "remedy": "Make the client of this requester sign with Signature"
        ~ " Version 4.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "UsingAWSSDK.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with burn_down as (

    select * from {{ ref("fct_s3_sigv2_burn_down") }}

),

requesters as (

    select * from {{ ref("fct_s3_sigv2_requesters") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "burn_down.bucket_name",
        "requester": "burn_down.requester",
        "remedy": "requesters.remedy",
        "event_date": "burn_down.event_date",
        "request_count": "burn_down.request_count",
        "first_seen_at": "burn_down.first_seen_at",
        "last_seen_at": "burn_down.last_seen_at",
    }) }}
from burn_down
left join requesters on burn_down.requester = requesters.requester
where burn_down.signing != 'presigned'
