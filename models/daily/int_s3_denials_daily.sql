{%- set daily = {
    "where": "is_denied",
    "grain": {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "event_name": "event_name",
        "error_code": "error_code",
        "denial_source": cloudtrail_s3.cloudtrail_denial_source(),
        "denial_kind": cloudtrail_s3.cloudtrail_denial_kind(),
    },
} %}
{{ config(**cloudtrail_s3.cloudtrail_daily_config(daily)) }}

{{ cloudtrail_s3.cloudtrail_changed_counts(
    ref("fct_s3_requests"), ref("int_s3_changed_partitions"), daily
) }}
