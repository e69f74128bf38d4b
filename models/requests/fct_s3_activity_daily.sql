{%- set grain = [
    "account_id",
    "aws_region",
    "bucket_name",
    "requester",
    "event_name",
    "signature_version",
    "authentication_method",
    "tls_version",
    "client_name",
    "client_version",
    "error_code",
    "is_acl_required",
    "is_secure_transport",
    "is_anonymous",
    "is_aws_service",
    "is_cross_account",
    "event_category",
    "operation_class",
    "resource_level",
    "is_denied",
    "event_date",
] %}
{{ config(
    materialized="cloudtrail_incremental",
    incremental_strategy="cloudtrail_replace",
    on_schema_change="append_new_columns",
    table_type=cloudtrail_s3.cloudtrail_table_type(),
    partitioned_by=cloudtrail_s3.cloudtrail_partitioned_by(["event_date"]),
    meta={
        "cloudtrail_grain": grain,
        "cloudtrail_replaces": {
            "column": "event_date",
            "listed_in": "int_s3_changed_partitions",
        },
    },
) }}

{%- set changed_days = cloudtrail_s3.cloudtrail_column_values(
    ref("int_s3_changed_partitions"), "event_date"
) %}
{%- set is_in_scope = "true" %}
{%- if cloudtrail_s3.cloudtrail_keeps_rows() %}
    {%- set is_in_scope = cloudtrail_s3.cloudtrail_days_predicate(
        "event_date", changed_days
    ) %}
{%- endif %}

{{ cloudtrail_s3.cloudtrail_daily_activity(
    ref("fct_s3_requests"), is_in_scope, grain
) }}
