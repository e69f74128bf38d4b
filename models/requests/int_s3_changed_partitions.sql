{{ config(
    materialized="cloudtrail_table",
    post_hook="{{ cloudtrail_s3.cloudtrail_forget_rows_of_run() }}",
) }}

{%- set files_to_read = ref("int_cloudtrail_files_to_read") %}
{%- set batch = ref("int_s3_batch") %}
{%- set is_rebuild = cloudtrail_s3.cloudtrail_is_rebuild() %}
{%- set unfinished = [] if is_rebuild else
    cloudtrail_s3.cloudtrail_unfinished_partitions() %}

with file_days as (

    select * from {{ ref("int_cloudtrail_file_days") }}

),

{%- if not is_rebuild %}

stored as (

    -- what the files gave before: a run may take rows away
    {{ cloudtrail_s3.cloudtrail_stored_partitions(
        cloudtrail_s3.cloudtrail_stored("fct_s3_requests"),
        cloudtrail_s3.cloudtrail_column_values(files_to_read, "log_date"),
        ref("int_cloudtrail_file_days"),
        batch
    ) }}

),

{%- endif %}

changed as (

    select
        event_date,
        log_date,
        false as is_carried,
        false as is_emptied
    from file_days
    where event_date is not null
    {%- if not is_rebuild %}
    union all
    select * from stored
    {%- endif %}
    {%- if unfinished %}
    union all
    select
        event_date,
        log_date,
        false as is_carried,
        false as is_emptied
    from (
        values {{ cloudtrail_s3.cloudtrail_partition_literals(unfinished) }}
    ) as unfinished (event_date, log_date)
    {%- endif %}

),

listing as (

    -- of the files, not of the command: each model may be one of its own
    select
        coalesce(
            max(listed_at), {{ cloudtrail_s3.cloudtrail_run_started_at() }}
        ) as listed_at
    from {{ files_to_read }}

)

select
    changed.event_date,
    changed.log_date,
    bool_or(changed.is_carried) as is_carried,
    bool_or(changed.is_emptied) as is_emptied,
    max(listing.listed_at) as listed_at
from changed
cross join listing
group by 1, 2
