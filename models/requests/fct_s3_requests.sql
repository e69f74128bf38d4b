{{ config(
    materialized="cloudtrail_incremental",
    incremental_strategy="cloudtrail_replace",
    unique_key=["request_key", "event_date"],
    on_schema_change="append_new_columns",
    table_type=cloudtrail_s3.cloudtrail_table_type(),
    partitioned_by=cloudtrail_s3.cloudtrail_partitioned_by(
        ["event_date", "log_date"]
    ),
    meta={
        "cloudtrail_takes_over": "int_s3_batch",
        "cloudtrail_replaces": {
            "column": "log_file",
            "listed_in": "int_cloudtrail_files_read",
        },
    },
) }}

{#- What else reads the batch does so before it is taken over. #}
-- depends_on: {{ ref("int_s3_owner_copies_read") }}
{%- do cloudtrail_s3.cloudtrail_check_refresh() %}
{%- set files_read = ref("int_cloudtrail_files_read") %}
{%- do cloudtrail_s3.cloudtrail_check_files_read(files_read) %}
{%- do cloudtrail_s3.cloudtrail_check_data_loss() %}
{%- set columns = [
    "request_key",
    "event_id",
    "shared_event_id",
    "request_id",
    "event_at",
    "event_source",
    "event_name",
    "event_category",
    "operation_class",
    "resource_level",
    "event_type",
    "event_version",
    "aws_region",
    "account_id",
    "bucket_name",
    "bucket_account_id",
    "object_key",
    "version_id",
    "requester",
    "requester_type",
    "requester_account_id",
    "user_arn",
    "principal_id",
    "access_key_id",
    "invoked_by",
    "is_anonymous",
    "is_aws_service",
    "is_cross_account",
    "is_companion",
    "source_ip_address",
    "user_agent",
    "client_name",
    "client_version",
    "signature_version",
    "authentication_method",
    "is_presigned",
    "tls_version",
    "cipher_suite",
    "host_header",
    "is_secure_transport",
    "is_acl_required",
    "bytes_in",
    "bytes_out",
    "encryption_applied",
    "error_code",
    "error_message",
    "is_denied",
    "is_read_only",
    "vpc_endpoint_id",
    "request_parameters",
    "additional_event_data",
    "addendum_reason",
    "log_file",
    "event_date",
    "log_date",
] %}
{%- set file_days = ref("int_cloudtrail_file_days") %}
{%- set meets_stored_rows = cloudtrail_s3.cloudtrail_keeps_rows() %}
{%- set beats_stored_row = "true" if not meets_stored_rows else
    "(stored.request_key is null or "
    ~ cloudtrail_s3.cloudtrail_copy_wins("batch", "stored") ~ ")" %}
{%- set changed_partitions = ref("int_s3_changed_partitions") %}
{%- set changed_days = cloudtrail_s3.cloudtrail_column_values(
    changed_partitions, "event_date"
) %}
{%- set is_carried = "false" if not meets_stored_rows else
    cloudtrail_s3.cloudtrail_carried_partitions(changed_partitions) %}

with batch as (

    {{ cloudtrail_s3.cloudtrail_winning_copies(
        ref("int_s3_batch"), columns
    ) }}

),

{%- if meets_stored_rows %}

replaced_files as (

    {{ cloudtrail_s3.cloudtrail_replaced_files(
        files_read, file_days
    ) }}

),

stored as (

    -- the rows of files that this run does not replace
    select
        {{ cloudtrail_s3.cloudtrail_copy_columns()
            | join(",\n        ") }}
    from {{ this }}
    where
        {{ cloudtrail_s3.cloudtrail_days_predicate(
            "event_date", changed_days
        ) }}
        and log_file not in (select log_file from replaced_files)

),

{%- endif %}

requests as (

    select
        batch.{{ columns | join(",\n        batch.") }}
    from batch
    {%- if meets_stored_rows %}
    left join stored
        on
            batch.request_key = stored.request_key
            and batch.event_date = stored.event_date
    {%- endif %}
    where {{ beats_stored_row }}
    {%- if is_carried != "false" %}
    union all
    -- the other rows of partitions that are written anew
    select
        this.{{ columns | join(",\n        this.") }}
    from {{ this }} as this
    left join batch
        on
            this.request_key = batch.request_key
            and this.event_date = batch.event_date
    where
        {{ is_carried }}
        and this.log_file not in (select log_file from replaced_files)
        and (
            batch.request_key is null
            or not {{ cloudtrail_s3.cloudtrail_copy_wins("batch", "this") }}
        )
    {%- endif %}

)

select * from requests
