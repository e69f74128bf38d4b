{%- set daily = {
    "where": "true",
    "grain": {
        "aws_region": "aws_region",
        "bucket_name": "bucket_name",
        "bucket_account_id": "bucket_account_id",
        "requester": "requester",
        "requester_type": "requester_type",
        "requester_account_id": "requester_account_id",
        "is_anonymous": "is_anonymous",
        "is_aws_service": "is_aws_service",
        "is_preflight": "event_name = 'PreflightRequest'",
        "source_ip_address": "source_ip_address",
    },
} %}
{{ config(**cloudtrail_s3.cloudtrail_daily_config(daily)) }}

{{ cloudtrail_s3.cloudtrail_changed_counts(
    ref("fct_s3_requests"), ref("int_s3_changed_partitions"), daily
) }}
