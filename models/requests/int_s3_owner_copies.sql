{%- set columns = [
    "account_id",
    "aws_region",
    "bucket_name",
    "bucket_account_id",
    "operation_class",
    "signature_version",
    "tls_version",
    "is_secure_transport",
    "first_seen_at",
    "last_seen_at",
    "log_file",
    "event_date",
    "log_date",
] %}
{{ config(
    materialized="cloudtrail_incremental",
    incremental_strategy="cloudtrail_replace",
    on_schema_change="append_new_columns",
    table_type=cloudtrail_s3.cloudtrail_table_type(),
    partitioned_by=cloudtrail_s3.cloudtrail_partitioned_by(["log_date"]),
    meta={
        "cloudtrail_grain":
            columns | reject("in", ["first_seen_at", "last_seen_at"]) | list,
        "cloudtrail_replaces": {
            "column": "log_file",
            "listed_in": "int_cloudtrail_files_read",
        },
    },
) }}

{#- After the fact, which empties fct_cloudtrail_loads in a rebuild. #}
-- depends_on: {{ ref("fct_s3_requests") }}
{%- do cloudtrail_s3.cloudtrail_check_refresh() %}
{%- do cloudtrail_s3.cloudtrail_check_data_loss() %}
{%- do cloudtrail_s3.cloudtrail_tell_missing_copies() %}
{%- set files_read = ref("int_cloudtrail_files_read") %}
{%- set file_days = ref("int_cloudtrail_file_days") %}
{%- set changed_partitions = ref("int_s3_changed_partitions") %}
{%- set keeps_stored_rows = cloudtrail_s3.cloudtrail_keeps_rows() %}

with copies_read as (

    select * from {{ ref("int_s3_owner_copies_read") }}

),

{%- if keeps_stored_rows %}

replaced_files as (

    {{ cloudtrail_s3.cloudtrail_replaced_files(
        files_read, file_days
    ) }}

),

{%- endif %}

copies as (

    select
        {{ columns | join(",\n        ") }}
    from copies_read
    {%- if keeps_stored_rows %}
    union all
    select
        {{ columns | join(",\n        ") }}
    from {{ this }}
    where
        {{ cloudtrail_s3.cloudtrail_rewritten_copies(
            changed_partitions, file_days
        ) }}
        and log_file not in (select log_file from replaced_files)
    {%- endif %}

)

select * from copies
