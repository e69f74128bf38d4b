{%- set daily = {
    "where": "is_presigned",
    "grain": {
        "bucket_name": "bucket_name",
        "requester": "requester",
        "signature_version": "signature_version",
        "url_id": cloudtrail_s3.cloudtrail_url_id(),
        "signed_at": cloudtrail_s3.cloudtrail_url_signed_at(),
        "lifetime_seconds": cloudtrail_s3.cloudtrail_url_lifetime(),
        "expires_at": cloudtrail_s3.cloudtrail_url_expires_at(),
        "operation_class": "operation_class",
        "is_successful": "error_code is null",
        "source_ip_address": "source_ip_address",
    },
} %}
{{ config(**cloudtrail_s3.cloudtrail_daily_config(daily)) }}

{{ cloudtrail_s3.cloudtrail_changed_counts(
    ref("fct_s3_requests"), ref("int_s3_changed_partitions"), daily
) }}
