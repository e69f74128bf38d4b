{{ config(
    materialized="cloudtrail_incremental",
    incremental_strategy="cloudtrail_replace",
    unique_key=["log_file"],
    on_schema_change="append_new_columns",
    table_type=cloudtrail_s3.cloudtrail_table_type(),
    partitioned_by=cloudtrail_s3.cloudtrail_partitioned_by(["log_date"]),
    meta={
        "cloudtrail_replaces": {
            "column": "log_file",
            "listed_in": "int_cloudtrail_files_read",
        },
    },
) }}

{%- do cloudtrail_s3.cloudtrail_check_refresh() %}
{%- do cloudtrail_s3.cloudtrail_check_data_loss() %}
{%- set keeps_stored_rows = cloudtrail_s3.cloudtrail_keeps_rows() %}
{%- set files_read = ref("int_cloudtrail_files_read") %}
{%- set file_days = ref("int_cloudtrail_file_days") %}
{%- set changed_partitions = ref("int_s3_changed_partitions") %}
{%- set is_recounted = "false" %}
{%- set holds_their_rows = "true" %}
{%- if keeps_stored_rows %}
    {%- set is_recounted = cloudtrail_s3.cloudtrail_recounted_files(
        changed_partitions, file_days
    ) %}
    {%- set holds_their_rows = cloudtrail_s3.cloudtrail_recounted_requests(
        changed_partitions, file_days
    ) %}
{%- endif %}

with file_days as (

    select * from {{ file_days }}

),

requests as (

    select
        log_file,
        event_date,
        log_date
    from {{ ref("fct_s3_requests") }}

),

files_read as (

    select
        log_file,
        log_date,
        cast(sum(s3_record_count) as bigint) as s3_record_count,
        cast(sum(unplaceable_count) as bigint) as unplaceable_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from file_days
    group by 1, 2

),

{%- if keeps_stored_rows %}

replaced_files as (

    {{ cloudtrail_s3.cloudtrail_replaced_files(
        files_read, file_days
    ) }}

),

stored as (

    -- a file read now may have won rows over from, or lost them to, others
    select
        log_file,
        log_date,
        s3_record_count,
        unplaceable_count,
        first_event_at,
        last_event_at
    from {{ this }}
    where
        {{ is_recounted }}
        and log_file not in (select log_file from replaced_files)

),

{%- endif %}

files as (

    select * from files_read
    {%- if keeps_stored_rows %}
    union all
    select * from stored
    {%- endif %}

),

counted as (

    select
        log_file,
        count(*) as request_count
    from requests
    where {{ holds_their_rows }}
    group by 1

)

select
    files.log_file,
    {{ cloudtrail_s3.cloudtrail_log_account_id("files.log_file") }}
        as account_id,
    {{ cloudtrail_s3.cloudtrail_log_region("files.log_file") }}
        as aws_region,
    files.s3_record_count,
    coalesce(counted.request_count, 0) as request_count,
    files.s3_record_count
    - files.unplaceable_count
    - coalesce(counted.request_count, 0) as duplicate_count,
    files.unplaceable_count,
    files.first_event_at,
    files.last_event_at,
    files.log_date
from files
left join counted on files.log_file = counted.log_file
