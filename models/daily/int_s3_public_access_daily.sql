{%- set daily = {
    "where": cloudtrail_s3.cloudtrail_sets_public_access(),
    "grain": {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "event_name": "event_name",
        "opened_to": cloudtrail_s3.cloudtrail_opened_to(),
    },
} %}
{{ config(**cloudtrail_s3.cloudtrail_daily_config(daily)) }}

{{ cloudtrail_s3.cloudtrail_changed_counts(
    ref("fct_s3_requests"), ref("int_s3_changed_partitions"), daily
) }}
