{{ config(
    materialized="cloudtrail_incremental",
    incremental_strategy="cloudtrail_replace",
    unique_key=[cloudtrail_s3.cloudtrail_load_key()],
    on_schema_change="append_new_columns",
    table_type=cloudtrail_s3.cloudtrail_table_type(),
) }}

{#- Written last: what stands here is in every table. #}
-- depends_on: {{ ref("fct_cloudtrail_log_files") }}
-- depends_on: {{ ref("fct_s3_activity_daily") }}
-- depends_on: {{ ref("int_s3_access_daily") }}
-- depends_on: {{ ref("int_s3_acl_use_daily") }}
-- depends_on: {{ ref("int_s3_denials_daily") }}
-- depends_on: {{ ref("int_s3_owner_copies") }}
-- depends_on: {{ ref("int_s3_presigned_urls_daily") }}
-- depends_on: {{ ref("int_s3_public_access_daily") }}
{%- do cloudtrail_s3.cloudtrail_check_selection() %}
{%- do cloudtrail_s3.cloudtrail_check_refresh() %}
{%- do cloudtrail_s3.cloudtrail_check_written(
    ref("int_cloudtrail_files_read")
) %}

with files_read as (

    select * from {{ ref("int_cloudtrail_files_read") }}

)

select
    log_path as log_file,
    size,
    modified_at,
    listed_at as loaded_at,
    status,
    s3_record_count,
    {{ cloudtrail_s3.cloudtrail_literal(
        tojson(cloudtrail_s3.cloudtrail_settings(), sort_keys=true)
    ) }} as settings,
    log_date
from files_read
{%- if cloudtrail_s3.cloudtrail_writes_all_loads() %}
union all
select
    log_file,
    size,
    modified_at,
    loaded_at,
    status,
    s3_record_count,
    settings,
    log_date
from {{ this }}
where log_date not in (select files_read.log_date from files_read)
{%- endif %}
