{%- set files_to_read = ref("int_cloudtrail_files_to_read") %}
{%- set batch = ref("int_s3_batch") %}

with file_days as (

    select * from {{ ref("int_cloudtrail_file_days") }}

),

{%- if not cloudtrail_s3.cloudtrail_is_rebuild() %}

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
    {%- if not cloudtrail_s3.cloudtrail_is_rebuild() %}
    union all
    select * from stored
    {%- for event_date, log_date
        in cloudtrail_s3.cloudtrail_unfinished_partitions() %}
    union all
    select
        date '{{ event_date }}' as event_date,
        date '{{ log_date }}' as log_date,
        false as is_carried,
        false as is_emptied
    {%- endfor %}
    {%- endif %}

)

select
    event_date,
    log_date,
    bool_or(is_carried) as is_carried,
    bool_or(is_emptied) as is_emptied,
    -- a rebuild that is not finished is begun anew
    {{ "cast(null as timestamp)" if cloudtrail_s3.cloudtrail_is_rebuild()
        else cloudtrail_s3.cloudtrail_run_started_at() }} as listed_at
from changed
group by 1, 2
