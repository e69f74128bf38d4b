{%- set rule = {
    "id": "sigv2_presigned",
    "title": "Presigned URLs are signed with Signature Version 2",
    "severity": "high",
    "rationale": "Whoever holds such a URL loses access when SigV2 is"
        ~ " denied, and its user agent is the downloader, not the"
        ~ " program that must change.",
    "remedy": "Make the program that holds the credentials of this"
        ~ " requester sign its URLs with Signature Version 4, and let"
        ~ " the URLs already given away expire.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "ShareObjectPreSignedURL.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with burn_down as (

    select * from {{ ref("fct_s3_sigv2_burn_down") }}

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "event_date": "event_date",
        "request_count": "request_count",
        "first_seen_at": "first_seen_at",
        "last_seen_at": "last_seen_at",
    }) }}
from burn_down
where signing = 'presigned'
