{{ config(
    materialized="incremental",
    incremental_strategy=cloudtrail_s3.cloudtrail_incremental_strategy(),
    unique_key=["request_key", "event_date"],
    on_schema_change="append_new_columns",
    table_type=cloudtrail_s3.cloudtrail_table_type(),
    partitioned_by=cloudtrail_s3.cloudtrail_partitioned_by(
        ["event_date", "log_date"]
    ),
    meta={
        "cloudtrail_replaces": {
            "column": "log_file",
            "listed_in": "int_cloudtrail_files_read",
        },
    },
) }}

{%- do cloudtrail_s3.cloudtrail_check_refresh() %}
{%- do cloudtrail_s3.cloudtrail_check_files_read(
    ref("int_cloudtrail_files_read")
) %}
{%- do cloudtrail_s3.cloudtrail_forget_loads() %}
{%- set meets_stored_rows = is_incremental()
    and not cloudtrail_s3.cloudtrail_is_rebuild() %}
{%- set beats_stored_row = "true" if not meets_stored_rows else
    "(stored.request_key is null or "
    ~ cloudtrail_s3.cloudtrail_copy_wins("batch", "stored") ~ ")" %}
{%- set changed_days = cloudtrail_s3.cloudtrail_column_values(
    ref("int_s3_changed_days"), "event_date"
) %}

with batch as (

    select
        *,
        row_number() over (
            partition by request_key, event_date
            order by
                {{ cloudtrail_s3.cloudtrail_copy_order() | indent(16) }}
        ) as copy_rank
    from {{ ref("int_s3_batch") }}
    where event_at is not null and request_key is not null

),

{%- if meets_stored_rows %}

stored as (

    -- the rows of files that this run does not replace
    select
        request_key,
        event_date,
        log_date,
        log_file,
        user_arn,
        addendum_reason
    from {{ this }}
    where
        {{ cloudtrail_s3.cloudtrail_days_predicate(
            "event_date", changed_days
        ) }}
        and log_file not in (
            select files_read.log_file
            from {{ ref("int_cloudtrail_files_read") }} as files_read
            where files_read.log_file is not null
        )

),

{%- endif %}

requests as (

    select
        batch.request_key,
        batch.event_id,
        batch.shared_event_id,
        batch.request_id,
        batch.event_at,
        batch.event_source,
        batch.event_name,
        batch.event_category,
        batch.operation_class,
        batch.resource_level,
        batch.event_type,
        batch.event_version,
        batch.aws_region,
        batch.account_id,
        batch.bucket_name,
        batch.bucket_account_id,
        batch.object_key,
        batch.version_id,
        batch.requester,
        batch.requester_type,
        batch.requester_account_id,
        batch.user_arn,
        batch.principal_id,
        batch.access_key_id,
        batch.invoked_by,
        batch.is_anonymous,
        batch.is_aws_service,
        batch.is_cross_account,
        batch.is_companion,
        batch.source_ip_address,
        batch.user_agent,
        batch.client_name,
        batch.client_version,
        batch.signature_version,
        batch.authentication_method,
        batch.is_presigned,
        batch.tls_version,
        batch.cipher_suite,
        batch.host_header,
        batch.is_secure_transport,
        batch.is_acl_required,
        batch.bytes_in,
        batch.bytes_out,
        batch.encryption_applied,
        batch.error_code,
        batch.error_message,
        batch.is_denied,
        batch.is_read_only,
        batch.vpc_endpoint_id,
        batch.request_parameters,
        batch.additional_event_data,
        batch.addendum_reason,
        batch.log_file,
        batch.event_date,
        batch.log_date
    from batch
    {%- if meets_stored_rows %}
    left join stored
        on
            batch.request_key = stored.request_key
            and batch.event_date = stored.event_date
    {%- endif %}
    where
        batch.copy_rank = 1
        and {{ beats_stored_row }}

)

select * from requests
