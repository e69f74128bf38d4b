{%- set daily = {
    "where": "true",
    "grain": {
        "account_id": "account_id",
        "aws_region": "aws_region",
        "bucket_name": "bucket_name",
        "requester": "requester",
        "event_name": "event_name",
        "signature_version": "signature_version",
        "authentication_method": "authentication_method",
        "tls_version": "tls_version",
        "client_name": "client_name",
        "client_version": "client_version",
        "error_code": "error_code",
        "is_acl_required": "is_acl_required",
        "is_secure_transport": "is_secure_transport",
        "is_anonymous": "is_anonymous",
        "is_aws_service": "is_aws_service",
        "is_cross_account": "is_cross_account",
        "event_category": "event_category",
        "operation_class": "operation_class",
        "resource_level": "resource_level",
        "is_denied": "is_denied",
    },
} %}
{{ config(**cloudtrail_s3.cloudtrail_daily_config(daily)) }}

{{ cloudtrail_s3.cloudtrail_changed_counts(
    ref("fct_s3_requests"), ref("int_s3_changed_partitions"), daily
) }}
