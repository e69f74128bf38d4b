{%- set files_to_read = ref("int_cloudtrail_files_to_read") %}

with file_days as (

    select * from {{ ref("int_cloudtrail_file_days") }}

),

{%- if not cloudtrail_s3.cloudtrail_is_rebuild() %}

stored as (

    -- what the files gave before: a run may take rows away
    select distinct event_date
    from {{ cloudtrail_s3.cloudtrail_stored("fct_s3_requests") }}
    where
        {{ cloudtrail_s3.cloudtrail_days_predicate(
            "log_date",
            cloudtrail_s3.cloudtrail_column_values(files_to_read, "log_date")
        ) }}

),

{%- endif %}

changed as (

    select event_date
    from file_days
    where event_date is not null
    {%- if not cloudtrail_s3.cloudtrail_is_rebuild() %}
    union distinct
    select event_date from stored
    {%- endif %}

)

select distinct event_date from changed
