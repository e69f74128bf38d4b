{%- set rule = {
    "id": "unmonitored_bucket",
    "title": "The data events of a bucket are not logged",
    "severity": "medium",
    "rationale": "Only calls on the bucket itself are seen. Who reads,"
        ~ " writes and deletes its objects, and who would break, is"
        ~ " unknown.",
    "remedy": "Add the bucket to the data event selectors of the trail;"
        ~ " every day without is a day without proof.",
    "source": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
        ~ "enable-cloudtrail-logging-for-s3.html",
} %}
{{ config(materialized="ephemeral", meta={"cloudtrail_rule": rule}) }}

with activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

),

buckets as (

    select * from {{ ref("dim_s3_buckets") }}

),

owner_copies as (

    select * from {{ ref("int_s3_owner_copies") }}

),

own_accounts as (

    -- of another account's buckets nothing else can be expected
    select account_id
    from activity
    where account_id is not null
    union distinct
    select account_id
    from owner_copies

)

select
    {{ cloudtrail_s3.cloudtrail_evidence(rule, {
        "bucket_name": "activity.bucket_name",
        "event_date": "activity.event_date",
        "request_count": "activity.request_count",
        "first_seen_at": "activity.first_seen_at",
        "last_seen_at": "activity.last_seen_at",
    }) }}
from activity
inner join buckets on activity.bucket_name = buckets.bucket_name
inner join own_accounts
    on buckets.bucket_account_id = own_accounts.account_id
where not buckets.is_monitored
