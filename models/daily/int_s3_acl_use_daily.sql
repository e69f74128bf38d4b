{%- set acl_use = cloudtrail_s3.cloudtrail_acl_use() %}
{%- set daily = {
    "where": "(" ~ acl_use ~ ") is not null",
    "grain": {
        "bucket_name": "bucket_name",
        "key_prefix": cloudtrail_s3.cloudtrail_key_prefix(),
        "requester": "requester",
        "invoked_by": "case when is_aws_service then invoked_by end",
        "event_name": "event_name",
        "acl_use": acl_use,
        "canned_acl": cloudtrail_s3.cloudtrail_canned_acl(),
        "is_anonymous": "is_anonymous",
        "is_aws_service": "is_aws_service",
        "is_cross_account": "is_cross_account",
    },
} %}
{{ config(**cloudtrail_s3.cloudtrail_daily_config(daily)) }}

{{ cloudtrail_s3.cloudtrail_changed_counts(
    ref("fct_s3_requests"), ref("int_s3_changed_partitions"), daily
) }}
